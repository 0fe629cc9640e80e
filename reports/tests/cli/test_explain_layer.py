"""A layer is explained by its own numbers: size, padding, divisor, windows."""

import pytest
from typer.testing import CliRunner

from poolparity.cases.model.pool import Pool
from poolparity.cases.model.rules import Rules
from poolparity.reports.cli import app
from poolparity.reports.port.layer_facts import describe_axes, describe_divisors, draw_windows


def fact(pool, n, **rules):
    return describe_axes(pool, (n,), Rules(**rules))[0]


@pytest.mark.parametrize(
    ("pool", "n", "formula", "padding"),
    [
        (Pool(op="max_pool", kernel=(3,), stride=(2,), padding=((1, 1),)), 8, "floor((8 + 1 + 1 - 3) / 2) + 1 = 4", "1 low, 1 high"),
        (Pool(op="max_pool", kernel=(3,), stride=(2,), padding=((1, 1),), ceil_mode=True), 8, "ceil((8 + 1 + 1 - 3) / 2) + 1 = 5", "1 low, 1 high, and 1 beyond"),
        (Pool(op="max_pool", kernel=(2,), stride=(3,), padding=((1, 1),), ceil_mode=True), 5,
         "ceil((5 + 1 + 1 - 2) / 3) + 1 - 1 = 2: the last window would begin in the padding", "1 low, 1 high"),
        (Pool(op="avg_pool", kernel=(3,), stride=(2,), padding="same"), 8, "ceil(8 / 2) = 4", "0 low, 1 high"),
        (Pool(op="global_avg_pool"), 8, "1, the whole axis", "0 low, 0 high"),
    ],
)  # fmt: skip
def test_the_size_is_a_formula_with_its_numbers(pool, n, formula, padding):
    one = fact(pool, n)
    assert (one.formula, one.padding) == (formula, padding)


@pytest.mark.parametrize(
    ("kernel", "n", "division", "formula"),
    [
        (4, 3, "floor", "floor((3 + 0 + 0 - 4) / 2) + 1 = 0"),
        (4, 3, "trunc_kernel", "trunc((3 + 0 + 0 - 4) / 2) + 1 = 1"),
        (4, 3, "trunc_stride", "trunc((3 + 0 + 0 - 4) / 2 + 1) = 0"),
        (4, 5, "trunc_kernel", "floor((5 + 0 + 0 - 4) / 2) + 1 = 1"),
    ],
)
def test_the_size_under_a_window_that_does_not_fit_is_rounded_as_the_rule_has_it(kernel, n, division, formula):
    one = fact(Pool(op="max_pool", kernel=(kernel,), stride=(2,)), n, size_division=division, size_zero="empty")
    assert one.formula == formula
    assert one.axis.size == len(list(draw_windows(one)))


def test_what_an_average_divides_by_is_told_at_the_border():
    pool = Pool(op="avg_pool", kernel=(3,), stride=(1,), padding=((1, 1),))
    assert describe_divisors([fact(pool, 5)]) == "3"
    assert describe_divisors([fact(pool, 5, include_default="valid")]) == "2 in the first, 3 in the middle, 2 in the last"
    assert describe_divisors(describe_axes(Pool(op="adaptive_avg_pool", output_size=(3, 5)), (7, 3), Rules())) == "3 to 6"


def test_an_average_without_windows_divides_by_nothing():
    assert describe_divisors([fact(Pool(op="avg_pool", kernel=(4,), stride=(1,)), 3, size_zero="empty")]) == ""


def test_windows_are_drawn_and_long_axes_by_their_ends():
    assert list(draw_windows(fact(Pool(op="max_pool", kernel=(3,), stride=(2,), padding=((1, 1),), ceil_mode=True), 4))) == [
        "□ ■ ■ · ·    ",
        "  · ■ ■ ■    ",
        "  · · · ■ □ ▫",
    ]
    assert all("…" in line for line in draw_windows(fact(Pool(op="max_pool", kernel=(3,), stride=(2,)), 99)))


@pytest.mark.needs("torch")
def test_the_command_tells_of_the_layer_s_own_framework(monkeypatch):
    monkeypatch.setattr("poolparity.reports.cli.explain.choose_targets", lambda *_: [])
    process = CliRunner().invoke(app, ["explain", "torch.nn.AvgPool2d(3, stride=2, padding=1)", "--input", "1,2,8,8"])
    assert process.exit_code == 0, process.output
    assert "axes 0 and 1 of 8 cells: size floor((8 + 1 + 1 - 3) / 2) + 1 = 4; padding 1 low, 1 high" in process.output.replace(
        "\n", " "
    ).replace("  ", " ")
    assert "an average divides by 9" in process.output

"""A layer is explained by its own numbers: size, padding, divisor, windows."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.fast.vectorised import outcome
from poolparity.cases.model.case import Case
from poolparity.cases.model.inputs import distinct
from poolparity.cases.model.pool import Pool
from poolparity.cases.model.rules import Rules
from poolparity.reports.cli import app
from poolparity.reports.port.explanation import (
    UNEXPLAINED,
    Explanation,
    explain_everywhere,
    list_explained_targets,
    list_slow_targets,
    merge_same,
)
from poolparity.reports.port.layer_facts import describe_axes, describe_divisors, describe_norm, draw_windows
from poolparity.reports.port.request import LayerText, read_source
from poolparity.reports.port.terminal import describe_slow
from poolparity.reports.rows.ways import DROP_IN
from poolparity.reports.run.plan import plan_calls


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


def test_what_an_average_divides_by_is_reported_at_the_border():
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
def test_the_command_tells_of_the_layer_s_own_framework():
    process = CliRunner().invoke(app, ["explain", "torch.nn.AvgPool2d(3, stride=2, padding=1)", "--input", "1,2,8,8", "--to", "torch"])
    assert process.exit_code == 0, process.output
    assert "axes 0 and 1 of 8 cells: size floor((8 + 1 + 1 - 3) / 2) + 1 = 4; padding 1 low, 1 high" in process.output.replace(
        "\n", " "
    ).replace("  ", " ")
    assert "an average divides by 9" in process.output


@pytest.mark.parametrize(
    ("n", "padding", "misfit"),
    [
        (5, (0, 0), ""),
        (4, (0, 1), "the window spans 5 cells, more than the 4 of the axis; it fits with the padding"),
        (4, (0, 0), "the window spans 5 cells, more than the 4 of the axis; it does not fit"),
        (2, (1, 1), "the window spans 5 cells, more than the 2 of the axis, and than the 4 with the padding; it does not fit"),
    ],
)
def test_a_window_that_is_larger_than_its_axis_is_explanation_to_be(n, padding, misfit):
    pool = Pool(op="max_pool", kernel=(3,), dilation=(2,), stride=(1,), padding=(padding,))
    assert fact(pool, n, size_zero="empty", size_negative="empty").misfit == misfit


def test_the_size_of_a_window_that_does_not_fit_is_the_number_of_its_formula():
    pool = Pool(op="max_pool", kernel=(9,), stride=(3,))
    one = fact(pool, 5, size_negative="empty")
    assert (one.formula, one.axis.size) == ("floor((5 + 0 + 0 - 9) / 3) + 1 = -1", 0)


@pytest.mark.parametrize(
    ("p", "sign", "lines"),
    [
        (None, "signed", ["a norm is the sum of x^2 over a window, to the power 1/2", "it is NaN where the window holds NaN"]),
        (1.0, "signed", ["a norm is the sum of x^1 over a window, to the power 1/1",
                         "a sum may be negative, and so may the norm; it is NaN where the window holds NaN"]),
        (3.0, "signed", ["a norm is the sum of x^3 over a window, to the power 1/3",
                         "negative numbers keep their sign: it is NaN where the sum is negative, and where the window holds NaN"]),
        (3.0, "absolute", ["a norm is the sum of |x|^3 over a window, to the power 1/3", "it is NaN where the window holds NaN"]),
        (2.5, "signed", ["a norm is the sum of x^2.5 over a window, to the power 1/2.5",
                         "a negative number has no power 2.5: it is NaN where the window holds one, or NaN"]),
        (math.inf, "absolute", ["a norm is the largest magnitude in a window; it is NaN where the window holds NaN"]),
    ],
)  # fmt: skip
def test_what_a_norm_computes_and_when_it_is_nan_is_what_the_oracle_does(p, sign, lines):
    pool, rules = Pool(op="lp_pool", kernel=(2,), stride=(2,), p=p), Rules(lp_sign=sign)
    assert list(describe_norm(pool, rules)) == lines
    with np.errstate(all="ignore"):
        x = np.array([[[1, 2, -3, 1, 3, -1, np.nan, 1]]])
        is_nan = np.isnan(outcome(x, pool, rules).output).ravel().tolist()
    text = " ".join(lines)
    sum_negative, holds_negative = "where the sum is negative" in text, "holds one" in text
    assert is_nan == [False, sum_negative or holds_negative, holds_negative, True]


def test_other_poolings_are_no_norms():
    assert list(describe_norm(Pool(op="max_pool", kernel=(2,)), Rules())) == []
    assert list(describe_norm(Pool(op="lp_pool", kernel=(2,), p=2.0), Rules(lp_partial="rescaled")))[-1] == (
        "a window that hangs over the edge is scaled up to a whole one"
    )


def test_targets_of_which_the_same_is_explanation_are_named_together():
    one = Explanation("a", "pool(x)", (), "accepts", (1, 2), windows=("padding",), drawing=("axis",))
    explanations = [one, replace(one, name="b", drawing=()), replace(one, name="c", size=(1, 3)), replace(one, name="d")]
    assert [names for names, _ in merge_same(explanations)] == [["a", "b", "d"], ["c"]]
    assert Explanation.from_json(json.loads(json.dumps(one.as_json()))) == one


CASES = [
    ("torch.nn.AvgPool2d(5)", (1, 4, 3, 3)),
    ("torch.nn.LPPool2d(3, 2)", (1, 4, 6, 6)),
    ("tf.nn.avg_pool2d(x, 5, 5, 'VALID')", (1, 3, 3, 4)),
    ("keras.layers.AveragePooling2D(5)", (1, 3, 3, 4)),
    ("keras.layers.MaxPooling2D(2, data_format='channels_first')", (1, 4, 6, 6)),
    ("onnx.AveragePool(kernel_shape=[5, 5])", (1, 4, 3, 3)),
    ("onnx.MaxPool(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)", (1, 4, 6, 6)),
]


@pytest.mark.needs("torch", "tensorflow", "keras-tensorflow", "keras-jax", "keras-torch", "onnxruntime", "jax")
@pytest.mark.parametrize(("text", "shape"), CASES)
def test_a_run_has_the_outcome_that_is_explained(workers, text, shape):
    entries = find_targets()
    source = read_source(text, shape, "float32", entries)
    others = list_explained_targets(source, "all", entries)
    explanations = {explanation.name: explanation for explanation in explain_everywhere(source, others, workers)}
    assert {"keras-tensorflow", "keras-jax", "keras-torch", "jax+jit", "tensorflow+function", "tensorflow+xla"} <= set(explanations)
    spelling = LayerText(text, "float32", entries).read_layers(shape)[0].spelling
    tensor = distinct(shape, 0, "float32")
    case = Case(id="one", pool=spelling.full_pool, input=tensor, layout=spelling.data_format, spelling=spelling)
    comparison_count = 0
    for target in (source.target, *others):
        [drop_in] = [call for call in plan_calls(case, target.adapter, target.target) if call.name == DROP_IN]
        explanation = explanations[target.name]
        if drop_in.call is None:
            assert explanation.outcome == "unsupported" or explanation.changes or source.written_pool.data_format
        elif not explanation.changes:
            [answer] = workers.run(target, [(drop_in.call, {"x": tensor})])
            assert (answer.outcome, answer.output if answer.output is None else answer.output.shape) == (
                explanation.outcome,
                explanation.size,
            ), target.name
            assert UNEXPLAINED not in explanation.windows
            comparison_count += 1
    assert comparison_count >= 2


@pytest.mark.needs("torch")
@pytest.mark.parametrize(
    ("command", "status"), [(["explain", "--to", "torch"], 0), (["port", "--to", "numpy"], 0), (["port", "--to", "numpy", "--json"], 0)]
)
def test_a_repeated_question_starts_no_framework(command, status, monkeypatch, tmp_path):
    monkeypatch.setattr("poolparity.reports.run.question_cache.cache_path", lambda: tmp_path / "rows.sqlite")
    command = [*command, "torch.nn.MaxPool2d(2)", "--input", "1,2,8,8"]
    first = CliRunner().invoke(app, command)
    monkeypatch.setattr("poolparity.reports.port.workers.Host", None)
    second = CliRunner().invoke(app, command)
    assert first.exit_code == second.exit_code == status, second.output
    assert first.output == second.output
    assert isinstance(CliRunner().invoke(app, [*command, "--no-cache"]).exception, TypeError)
    assert isinstance(CliRunner().invoke(app, [*command, "--dtype", "float64"]).exception, TypeError)


@pytest.mark.needs("torch", "onnxruntime")
def test_layers_that_take_a_second_array_are_explained_each(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    text = "F.max_pool2d(x, 2); nn.MaxUnpool2d(2, 2); torch.nn.FractionalMaxPool2d(2, output_ratio=0.5); nn.Upsample(scale_factor=2)"
    process = CliRunner().invoke(app, ["explain", text, "--input", "1,2,8,8", "--to", "onnxruntime"])
    output = " ".join(process.stdout.split())
    assert process.exit_code == 0
    assert "axis 0 of 8 cells: size (8 - 1) * 2 - 0 + 2 = 16" in output
    assert "indices count the cells of a plane" in output
    assert (
        "onnxruntime 1 x 2 x 16 x 16 onnx.helper.make_node('MaxUnpool', ['x', 'indices'], ['y'], kernel_shape=(2, 2), strides=(2, 2))"
        in output
    )
    assert "indices count the cells of the whole tensor" in output
    assert "begins at floor((i + u) * a) - floor(u * a) with a = (8 - 2) / (4 - 1)" in output
    assert "two runs differ, unless _random_samples states it" in output
    assert "ONNX has no fractional pooling" in output
    assert "axes 0 and 1 of 8 cells: size 8 * 2 = 16: each cell is repeated 2 times" in output
    assert "differs from the definition" not in output


def test_a_fractional_pooling_needs_a_size():
    result = CliRunner().invoke(app, ["explain", "torch.nn.FractionalMaxPool2d(3)"])
    assert "torch.nn.FractionalMaxPool2d lacks its output_size or output_ratio; expected one of them" in str(result.exception)


@pytest.mark.needs("torch")
def test_the_one_window_of_a_fractional_pooling_is_at_the_far_edge():
    text = "torch.nn.FractionalMaxPool2d(3, output_size=(1, 2))"
    output = CliRunner().invoke(app, ["explain", text, "--input", "1,1,7,7", "--to", "torch", "--no-cache"]).stdout
    assert "axis 0 of 7 cells: size 1; its window is at the far edge\n  for u = 0.5:\n  · · · · ■ ■ ■\n" in output


def test_targets_that_take_long_are_explained_only_if_they_are_named_and_are_listed(monkeypatch):
    for module in ("request", "explanation"):
        monkeypatch.setattr(f"poolparity.reports.port.{module}.is_installed", lambda target: True)
    entries = find_targets()
    source = read_source("torch.nn.MaxPool2d(2)", (1, 3, 8, 8), "float32", entries)
    slow = list_slow_targets(source, "all", entries)
    assert {"iree", "tvm", "tensorflow+plain", "torch+compile"} <= set(slow)
    assert not {"torch", "numpy", "keras-jax", "tensorflow+xla"} & set(slow)
    assert list_slow_targets(source, "iree", entries) == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "poolparity.reports.port.explanation.is_installed", lambda target: target.name in ("torch", "tensorflow+plain", "keras-jax")
        )
        assert [target.name for target in list_explained_targets(source, "all", entries)] == ["keras-jax"]
    assert describe_slow(["iree"]) == "not asked, to save time, unless --to names them: iree"


@pytest.mark.needs("torch", "onnxruntime")
def test_a_layer_that_is_written_in_steps_is_explained_by_these_and_elsewhere_by_its_arguments(workers):
    entries = find_targets()
    source = read_source("MaxPool2dSame(3, 2)", (1, 3, 8, 8), "float32", entries)
    own, other = explain_everywhere(source, select_targets(["onnxruntime"], entries), workers)
    assert (own.outcome, own.size, own.windows) == ("accepts", (1, 3, 4, 4), ("padding 0 low, 1 high",))
    assert any("padding 0 low, 1 high" in line for line in own.drawing)
    assert "auto_pad='SAME_UPPER'" in other.line

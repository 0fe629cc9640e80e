"""The work of a case is known before it is done, whatever its sizes."""

from dataclasses import replace

import pytest

from poolparity.cases.judge.pins import check_pins
from poolparity.cases.judge.work import CELL_LIMIT, STEP_LIMIT, Work, check_work, estimate_work
from poolparity.cases.model.case import Case, Due
from poolparity.cases.model.inputs import arange, full
from poolparity.cases.model.pool import LAST, Pool

HUGE = 2**31 - 1


def case(op, shape, extra=None, **stated):
    pool = {name: (value,) if type(value) is int else value for name, value in stated.items()}
    return Case(
        id="a.yaml::one", pool=Pool(op=op, **pool), input=arange(shape, "float32"), due=Due(output_shape=(1,)), extra=extra or {}, line=3
    )


@pytest.mark.parametrize(
    ("made", "steps", "cells"),
    [
        (case("max_pool", (2, 3, 8), kernel=2), 2 * 3 * 4 * 2 + 8 * 2, 2 * 3 * 8),
        (case("max_pool", (1, 1, 8), kernel=3, stride=1, padding=((1, 1),)), 8 * 3 + 8 * 3, 10),
        (case("max_pool", (1, 1, 8), kernel=2, stride=1, padding=((4, 4),)), 15 * 2 + 8 * 2, 16),
        (case("global_avg_pool", (2, 1, 4, 4)), 2 * 16 + 8 * 16, 32),
        (case("adaptive_avg_pool", (1, 1, 8), output_size=5), 5 * 3 + 8 * 3, 8),
        (case("upsample_nearest", (1, 2, 8), kernel=4), 16, 64),
        (case("max_unpool", (1, 2, 8), kernel=4), 16, 64),
        (case("fractional_max_pool", (1, 2, 8), kernel=2, output_size=3), 2 * 6 * 2, 6),
        (case("conv", (1, 2, 8), {"weights": full((4, 2, 3), 1, "float32")}), 4 * 2 * (6 * 3 + 8 * 3), 4 * 8),
        (case("flatten", (1, 2, 8)), 16, 16),
        (case("max_pool", (1, 1, 8), kernel=0), 8, 8),
        (case("conv", (1, 2, 8)), 16, 16),
    ],
)
def test_steps_are_the_cells_of_all_windows_and_the_shifts_of_the_vectorised_oracle(made, steps, cells):
    assert estimate_work(made) == Work(steps, cells)


def test_indices_and_a_gradient_visit_every_window_again():
    plain = case("max_pool", (1, 1, 8), kernel=2)
    both = replace(plain, due=Due(from_oracle=("indices", "gradient")))
    assert estimate_work(both).steps == 3 * estimate_work(plain).steps


def test_the_work_of_several_cases_adds_up_and_their_arrays_do_not():
    assert Work(2, 7) + Work(3, 5) == Work(5, 7)


def test_channels_last_is_read_as_written():
    last = Case(id="a.yaml::one", pool=Pool(op="max_pool", kernel=(2,)), input=arange((1, 8, 3), "float32"), layout=LAST)
    assert estimate_work(last).cells == 24


@pytest.mark.parametrize(
    "made",
    [
        case("avg_pool", (1, 1, 8000), kernel=4000, stride=1),
        case("max_pool", (1, 1, 262144), kernel=100000, stride=1),
        case("max_pool", (1, 131072, 2), kernel=2, stride=1, padding=((131071, 131071),)),
        case("max_pool", (1, 1, 8), kernel=2, stride=1, padding=((HUGE, HUGE),)),
        case("max_pool", (1, 1, 8), kernel=HUGE, stride=1, padding=((HUGE // 2, HUGE // 2),)),
        case("adaptive_avg_pool", (1, 1, 262144), output_size=HUGE),
        case("max_unpool", (1, 262144, 1), kernel=262144),
        case("upsample_nearest", (1, 1, 262144), kernel=262144),
        case("conv", (1, 1, 262144), {"weights": full((262144, 1, 1), 1, "float32")}, kernel=1),
    ],
    ids=lambda made: str(made.pool),
)
def test_a_case_that_is_too_large_is_a_fault_and_no_oracle_is_asked(made):
    faults = list(check_pins(made))
    assert faults
    assert [str(fault) for fault in faults] == [str(fault) for fault in check_work(made)]
    assert all(fault.line == 3 and fault.expected.startswith((f"at most {STEP_LIMIT}", f"at most {CELL_LIMIT}")) for fault in faults)


def test_the_message_says_what_is_too_large():
    [steps] = check_work(case("avg_pool", (1, 1, 8000), kernel=4000, stride=1))
    assert steps.what == f"one visits {4001 * 4000 + 8 * 4000} cells of windows"
    [cells] = check_work(case("max_unpool", (1, 1024, 1), kernel=8192))
    assert cells.what == f"one makes an array of {8 * 2**20} cells"
    assert cells.expected == f"at most {CELL_LIMIT}"


def test_a_huge_window_on_a_small_input_is_no_work():
    made = case("max_pool", (1, 1, 8), kernel=HUGE, padding=((HUGE // 2, HUGE // 2),))
    assert estimate_work(made).steps < 1000

"""How far a run is can be seen on a terminal, and read in a log."""

import io
import re

from rich.console import Console

from poolparity.reports.ledger.item_outcome import FAILED, PASSED
from poolparity.reports.run.progress import Progress

TOTALS = {"torch": 2, "jax+jit": 1200, "idle": 0}


def lines(terminal, every=0.0, totals=TOTALS):
    """What is written while three cases are settled, one of them otherwise than expected."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=120, color_system=None)
    with Progress(console, totals, every) as progress:
        progress.advance("torch", PASSED)
        progress.advance("jax+jit", FAILED)
        progress.advance("torch", PASSED)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_a_log_has_a_line_for_each_target_that_is_done_and_now_and_then_for_the_others():
    output = [re.sub(r"[\d,]+/s", "N/s", line) for line in lines(terminal=False)]
    assert output == [
        "torch: 1 of 2 cases, 0 unexpected, N/s",
        "jax+jit: 0 of 1,200 cases, 0 unexpected, N/s",
        "torch: 1 of 2 cases, 0 unexpected, N/s",
        "jax+jit: 1 of 1,200 cases, 1 unexpected, N/s",
        "torch: 2 cases, 0 unexpected, N/s",
        "jax+jit: 1 of 1,200 cases, 1 unexpected, N/s",
    ]


def test_a_log_has_one_line_for_all_unfinished_targets_where_they_are_many():
    totals = TOTALS | {f"other{number}": 10 for number in range(3)}
    output = [re.sub(r"[\d,]+/s", "N/s", line) for line in lines(terminal=False, totals=totals)]
    assert output == [
        "5 targets: 1 of 1,232 cases, 0 unexpected, N/s",
        "5 targets: 2 of 1,232 cases, 1 unexpected, N/s",
        "torch: 2 cases, 0 unexpected, N/s",
        "jax+jit: 1 of 1,200 cases, 1 unexpected, N/s",
        "other0: 0 of 10 cases, 0 unexpected, N/s",
        "other1: 0 of 10 cases, 0 unexpected, N/s",
        "other2: 0 of 10 cases, 0 unexpected, N/s",
    ]


def test_a_log_is_not_filled_with_lines():
    assert [line.partition(",")[0] for line in lines(terminal=False, every=60.0)] == ["torch: 2 cases"]


def test_a_terminal_has_one_line_for_each_target_that_is_asked_anything():
    output = [re.sub(r"\x1b\[[?0-9]*[a-zA-Z]", "", line) for line in lines(terminal=True)]
    torch, jax = ([line for line in output if name in line][-1] for name in ("torch", "jax+jit"))
    assert re.search(r"torch +\S+ +2 +done +0 unexpected", torch)
    assert re.search(r"jax\+jit +\S* +1 +1,199 left +1 unexpected", jax)
    assert not any("idle" in line for line in output)

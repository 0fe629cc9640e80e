"""Declared gaps are tried for real, each way an adapter refuses has one, and a gap that is none is found."""

import pytest

from poolparity.adapters.parent.launch import Launch
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets, is_installed
from poolparity.adapters.targets.gap_trials import try_gaps
from poolparity.adapters.worker.attempt import NotTried

pytestmark = pytest.mark.process

EVERY = [target for target in select_targets(["*"], find_targets()) if is_installed(target.target)]
TARGETS = list({(target.entry.where, tuple(target.target.environment.items())): target for target in reversed(EVERY)}.values())[::-1]
"""The first target of each adapter and backend, for what is tried says itself in which mode."""
MODES = [target for target in EVERY if target not in TARGETS and any(target.name in gap.targets.split("|") for gap in target.adapter.gaps)]
"""Modes with gaps of their own, which may need packages that others do not have."""

LIAR = """
from poolparity.adapters import Feature, Gap, Target
from poolparity.adapters.frameworks.numpy.adapter import POOL, Oracle

class Liar(Oracle):
    targets = (Target("liar", ("numpy",), ("numpy",)), Target("absent", ("no_such_module",), ()))
    gaps = (
        Gap("max_pool2", "dilation", "it was too much work", f"{{call}}(x, {POOL}(op='{{op}}', kernel=(2, 2), dilation=(2, 2)))"),
        Gap("max_pool2", "kernel", "nobody asked", f"{{call}}(y, {POOL}(op='{{op}}', kernel=(2, 2)))"),
        Gap("max_pool2", "kernel", "nobody asked", f"{{call}}(x, {POOL}s(op='{{op}}', kernel=(2, 2)))"),
        Gap("max_pool2", "kernel", "nobody asked", f"{{call}}(x, {POOL}(op='{{op}}', kernel=(2, 2))"),
        Gap("max_pool1|max_pool3", Feature("kernel", "0"), "a window holds a cell", f"{{call}}(x, {POOL}(op='{{op}}', kernel=(0,) * {{rank}}))"),
        Gap("lp_pool1", "op", "there is none", "{call}s(x)"),
        Gap("lp_pool1", "op", "there is none", "poolparity.cases.oracle.norm(x)"),
    )

ADAPTER = Liar()
"""


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_no_framework_takes_what_is_declared_as_a_gap(target):
    accepted_gaps = [str(attempt) for attempt in try_gaps(target.launch) if attempt.is_refuted]
    assert not accepted_gaps, "\n".join(accepted_gaps)


@pytest.mark.parametrize("target", MODES, ids=[target.name for target in MODES])
def test_no_mode_takes_what_is_declared_as_a_gap_of_its_own(target):
    attempts = try_gaps(target.launch, own=True)
    assert attempts
    accepted_gaps = [str(attempt) for attempt in attempts if attempt.is_refuted]
    assert not accepted_gaps, "\n".join(accepted_gaps)


@pytest.fixture(scope="module")
def liar(tmp_path_factory):
    """How to start the targets of an adapter whose gaps are none."""
    path = tmp_path_factory.mktemp("adapters") / "liar.py"
    path.write_text(LIAR)
    liar_entry = find_targets([path])
    return {
        name: Launch(liar_entry[name].target, liar_entry[name].where, select_targets(["numpy"], liar_entry)[0].launch.python)
        for name in ("liar", "absent")
    }


def test_a_gap_that_the_framework_takes_is_found(liar):
    first = try_gaps(liar["liar"])[0]
    assert first.is_refuted
    assert str(first) == (
        "dilation of max_pool with 2 spatial axes, declared as a gap because it was too much work: "
        "poolparity.cases.oracle.outcome(x, poolparity.cases.pool.Pool(op='max_pool', kernel=(2, 2), dilation=(2, 2))) runs"
    )


def test_code_that_is_wrong_by_itself_proves_nothing(liar):
    _, unknown, misspelt, unfinished, *_ = try_gaps(liar["liar"])
    assert [attempt.error.partition(":")[0] for attempt in (unknown, misspelt, unfinished)] == [NotTried.__name__] * 3
    assert unknown.is_refuted
    assert "NameError: name 'y' is not defined; expected code whose names are all there" in unknown.error


def test_a_gap_is_tried_for_all_that_it_covers(liar):
    attempts = [
        (attempt.op, attempt.rank, attempt.is_refuted) for attempt in try_gaps(liar["liar"]) if str(attempt.gap.feature) == "kernel=0"
    ]
    assert attempts == [("max_pool", 1, False), ("max_pool", 3, False)]


def test_what_a_gap_names_may_be_absent_but_not_the_form_itself(liar):
    *_, form, function = try_gaps(liar["liar"])
    assert (form.is_refuted, function.is_refuted) == (True, False)


def test_a_worker_that_cannot_start_tries_nothing(liar):
    with pytest.raises(
        RuntimeError, match=r"(?s)no gap of absent was tried: .*No module named 'no_such_module'.*expected a worker that runs"
    ):
        try_gaps(liar["absent"])

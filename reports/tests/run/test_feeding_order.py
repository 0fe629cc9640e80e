"""The order in which targets are fed: those that share programs meet in the middle of every window."""

from dataclasses import replace

from poolparity.adapters.targets.find import find_targets
from poolparity.reports.run.feeding_order import WINDOW, backward_targets, order_cases

TARGETS = {name: entry.target for name, entry in find_targets().items()}


def test_flax_and_nnx_share_their_programs_and_go_in_opposite_directions():
    assert len(backward_targets(TARGETS) & {"flax", "flax-nnx"}) == 1
    assert backward_targets({name: TARGETS[name] for name in ("flax", "flax-nnx")}) == {"flax-nnx"}


def test_a_target_alone_and_one_that_keeps_no_programs_go_forwards():
    assert backward_targets({name: TARGETS[name] for name in ("flax-nnx", "torch", "tensorflow", "numpy")}) == frozenset()


def test_cases_that_become_one_program_keep_their_order():
    assert "jax+jit" not in backward_targets(TARGETS)
    several = replace(TARGETS["flax-nnx"], together=2)
    assert backward_targets({"flax": TARGETS["flax"], "flax-nnx": several}) == frozenset()


def test_each_window_is_gone_through_from_its_end():
    numbers = list(range(2 * WINDOW + 3))
    backward = list(order_cases(numbers, backward=True))
    assert sorted(backward) == numbers
    assert backward[:2] == [WINDOW - 1, WINDOW - 2]
    assert backward[WINDOW - 1] == 0
    assert backward[-3:] == [2 * WINDOW + 2, 2 * WINDOW + 1, 2 * WINDOW]
    assert list(order_cases(numbers, backward=False)) == numbers

"""Parts of calls: the steps of an operation, the function that they become in a mode, and the moves of axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .ask import Ask, Form, Target
from .call import Call, Def, Ref, Step, Steps, split_by_array

Move = tuple[int, int]
"""The positions of the channel axis before and after."""


def form_steps(form: Form, ask: Ask, kwargs: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps of a form: a layer is built and called, a function is called, on `x` and the form's further arrays."""
    name, arrays = form.call.format(rank=ask.rank), tuple(map(Ref, ("x", *form.arrays)))
    if form.layer:
        return Step("layer", name, (), kwargs), Step(result_names(ask.results), "layer", arrays)
    return (Step(result_names(ask.results), name, arrays, kwargs),)


def result_names(results: tuple[str, ...]) -> str | tuple[str, ...]:
    """The `result` of a step: one name, or the names that a sequence is unpacked to."""
    return results if len(results) > 1 else results[0]


def as_function(call: Call, target: Target | None) -> Steps:
    """The steps that define a call as a function `f` of `x` in the target's mode; steps that do not need `x` come before it."""
    before, inside = split_by_array(call.steps)
    return (*before, Def("f", inside, call.results), *(target.mode if target else ()))


def in_mode(call: Call, target: Target | None) -> Call:
    """A call that runs in the target's mode, for example compiled."""
    if target is None or not target.mode:
        return call
    results = call.results if target.lists_results else result_names(call.results)
    return replace(call, steps=(*as_function(call, target), Step(results, "f", (Ref("x"),))))


def array_moves(move: Move | None, inward: tuple[str, ...], outward: tuple[str, ...]) -> dict[str, Move]:
    """The moves of a call: of its arrays, and back for its results."""
    return {**dict.fromkeys(inward, move), **dict.fromkeys(outward, move[::-1])} if move else {}


def moved_axes(axes: int, move: Move) -> list[int]:
    """The order of so many axes after a move."""
    order = list(range(axes))
    order.insert(move[1], order.pop(move[0]))
    return order


def reorder_shape(axes: int, move: Move) -> tuple[Step, ...]:
    """The steps that bring `inferred_shape` into the layout of the case."""
    pick = Step("reorder", "operator.itemgetter", tuple(moved_axes(axes, (move[1], move[0]))))
    return pick, Step("inferred_shape", "reorder", (Ref("inferred_shape"),))

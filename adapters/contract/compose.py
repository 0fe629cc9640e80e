"""What calls are put together of: the operation's steps, the function they become in a mode, and the moves of arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .ask import Ask, Form, Target
from .call import Call, Def, Ref, Step, Steps, split_by_array

Move = tuple[int, int]
"""From where to where the channel axis of an array goes."""


def form_steps(form: Form, ask: Ask, kwargs: Mapping[str, Any]) -> tuple[Step, ...]:
    """A layer built and called, or a function called: on `x` and the further arrays of the form."""
    name, arrays = form.call.format(rank=ask.rank), tuple(map(Ref, ("x", *form.arrays)))
    if form.layer:
        return Step("layer", name, (), kwargs), Step(result_names(ask.results), "layer", arrays)
    return (Step(result_names(ask.results), name, arrays, kwargs),)


def result_names(results: tuple[str, ...]) -> str | tuple[str, ...]:
    """What a step's result is called, or how it is unpacked if there are several."""
    return results if len(results) > 1 else results[0]


def as_function(call: Call, target: Target | None) -> Steps:
    """A call as a function `f` of `x` that runs in the target's mode; what needs no `x` is done before."""
    before, inside = split_by_array(call.steps)
    return (*before, Def("f", inside, call.results), *([target.mode] if target and target.mode else []))


def in_mode(call: Call, target: Target | None) -> Call:
    """A call in the target's mode."""
    if target is None or target.mode is None:
        return call
    return replace(call, steps=(*as_function(call, target), Step(result_names(call.results), "f", (Ref("x"),))))


def array_moves(move: Move | None, inward: tuple[str, ...], outward: tuple[str, ...]) -> dict[str, Move]:
    """The moves of arrays that go in and of results, the latter back."""
    return {**dict.fromkeys(inward, move), **dict.fromkeys(outward, move[::-1])} if move else {}


def moved_axes(axes: int, move: Move) -> list[int]:
    """The axes as they stand after a move."""
    found = list(range(axes))
    found.insert(move[1], found.pop(move[0]))
    return found


def reorder_shape(axes: int, move: Move) -> tuple[Step, ...]:
    """The steps that write a shape as the case writes it."""
    pick = Step("reorder", "operator.itemgetter", tuple(moved_axes(axes, (move[1], move[0]))))
    return pick, Step("inferred_shape", "reorder", (Ref("inferred_shape"),))

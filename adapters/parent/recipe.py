"""A recipe: verbs in a framework's own functions, with its pooling among them, as one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..contract import Adapter, Ask, Call, Def, Each, Feature, Ref, Step, Steps, Target, Unsupported, With
from ..contract.compose import Move, array_moves, as_function, in_mode, moved_axes
from ..contract.verbs import Verb, Vocabulary, rename


def arrange(adapter: Adapter, ask: Ask) -> tuple[Ask, Move | None]:
    """The case in the layout that the framework writes arrays in, and the move that brings them there."""
    bare = replace(ask, pool=ask.pool.without("data_format"))
    if adapter.layout in (None, ask.layout):
        return bare, None
    first, last = int(ask.batched), len(ask.shape) - 1
    move = (last, first) if adapter.layout == "channels_first" else (first, last)
    shape = tuple(ask.shape[axis] for axis in moved_axes(len(ask.shape), move))
    return replace(bare, shape=shape, layout=adapter.layout or ask.layout, shapes=dict.fromkeys(ask.shapes, shape)), move


UNBATCHED = Feature("batched", "false")

Plan = Callable[[Ask], Sequence[Verb]]
"""The verbs of a recipe for a case as the framework is asked it."""


def recipe(adapter: Adapter, target: Target, ask: Ask, plan: Plan, *, keeps: bool = True) -> Call:
    """The call of a recipe from `x` to `y`, which `keeps` the axes of the case or not; or `Unsupported`."""
    inner, move = arrange(adapter, ask)
    call = in_mode(Call(steps_of_plan(adapter, inner, plan)), target)
    return replace(
        call, moves=array_moves(move, ("x", *ask.shapes), ("y",) if keeps and not (move and drops_axes(adapter, inner, plan)) else ())
    )


def drops_axes(adapter: Adapter, ask: Ask, plan: Plan) -> bool:
    """Whether a plan is a pooling alone that drops axes, so that its answer has no channel axis to move."""
    if ask.pool.kernel:
        return False
    verbs = plan(ask)
    return len(verbs) == 1 and verbs[0].name == "pool" and not adapter.keeps_axes(replace(ask, pool=verbs[0].args[1]))


def gradient(adapter: Adapter, target: Target, ask: Ask, plan: Plan, *, keeps: bool = True) -> Call:
    """The gradient of the input for a `cotangent` that is written as the output, likewise."""
    inner, move = arrange(adapter, ask)
    steps = (*as_function(Call(steps_of_plan(adapter, inner, plan)), target), *adapter.gradient_steps(inner, target))
    return Call(steps, array_moves(move, ("x", *ask.shapes, *(["cotangent"] if keeps else [])), ("gradient",)), ("gradient",))


def steps_of_plan(adapter: Adapter, ask: Ask, plan: Plan) -> Steps:
    """The steps of a plan; what lacks a batch axis is given one where the framework insists on it, and loses it again."""
    try:
        return steps_of(adapter, ask, plan(ask))
    except Unsupported as unsupported:
        if unsupported.gap.feature != UNBATCHED:
            raise
    names = adapter.vocabulary.names if adapter.vocabulary else {"expand": "numpy.expand_dims", "squeeze": "numpy.squeeze"}
    whole = replace(ask, shape=(1, *ask.shape), batched=True, shapes={name: (1, *shape) for name, shape in ask.shapes.items()})
    inside = steps_of(adapter, whole, plan(whole))
    expand_steps = (Step(name, names["expand"], (Ref(name), 0)) for name in ("x", *ask.shapes))
    return *expand_steps, *inside, Step("y", names["squeeze"], (Ref("y"), 0))


def steps_of(adapter: Adapter, ask: Ask, verbs: Sequence[Verb]) -> Steps:
    """The steps of verbs; a layer that is used again is not built again."""
    if adapter.vocabulary is None:
        return adapter.recipe_steps(ask, verbs)
    steps: list[Step | Def | With | Each] = []
    for verb in verbs:
        for step in write_verb(adapter, adapter.vocabulary, ask, verb):
            if step != next((other for other in reversed(steps) if isinstance(other, Step) and other.result == "layer"), None):
                steps.append(step)
    return tuple(steps)


def write_verb(adapter: Adapter, vocabulary: Vocabulary, ask: Ask, verb: Verb) -> Steps:
    """The steps of a verb; a pooling is spelled as the adapter spells it."""
    if verb.name != "pool":
        return vocabulary.steps(verb)
    x, pool, dtype, *further = verb.args
    call, _ = adapter.translate(replace(ask, pool=pool, dtype=dtype))
    return tuple(
        rename(step, {"x": x.name, "y": verb.result, **dict(zip(ask.shapes, (array.name for array in further), strict=False))})
        for step in call.steps
    )

"""MLX's functions for what recipes do around a pooling."""

from __future__ import annotations

from ...contract import Name, Ref, Step, Steps, Verb, Vocabulary
from ...contract.verbs import index_steps, numpy_like, numpy_pad, numpy_repeat, zeros


def take(verb: Verb, name: str) -> Steps:
    """A call of `take`, whose indices are an array of MLX."""
    x, axis, gather = verb.args
    return (
        *index_steps(gather),
        Step("places", "mlx.core.array", (Ref("places"),)),
        Step(verb.result, name, (x, Ref("places")), {"axis": axis}),
    )


def cast(verb: Verb, name: str) -> Steps:
    """A call of the method that converts an array to another type."""
    x, dtype = verb.args
    return (Step(verb.result, f"{x}.astype", (Name(f"mlx.core.{dtype}"),)),)


VOCABULARY = Vocabulary(
    numpy_like("mlx.core", absolute="mlx.core.abs", cast="mlx.core.array.astype", scatter="mlx.core.put_along_axis").names,
    {"pad": numpy_pad, "take": take, "cast": cast, "zeros": zeros, "repeat": numpy_repeat},
)

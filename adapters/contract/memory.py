"""How the cells of an input lie in memory, as steps that arrange a NumPy array before it becomes the framework's."""

from __future__ import annotations

from collections.abc import Mapping

from .ask import PYTHON, Gap, Target, Unsupported
from .call import Ref, Step

X = Ref("x")
PAIR = "pair"

ARRANGEMENTS: Mapping[str, tuple[Step, ...]] = {
    "transposed": (Step("x", "numpy.asfortranarray", (X,)),),
    "channels_last": (
        Step("x", "numpy.moveaxis", (X, 1, -1)),
        Step("x", "numpy.ascontiguousarray", (X,)),
        Step("x", "numpy.moveaxis", (X, -1, 1)),
    ),
    "strided": (Step(PAIR, "numpy.stack", ([X, X], -1)), Step(("x", "rest"), "numpy.moveaxis", (Ref(PAIR), -1, 0))),
    "offset": (Step(PAIR, "numpy.stack", ([X, X],)), Step(("rest", "x"), "numpy.asarray", (Ref(PAIR),))),
}
"""The steps of each arrangement: axes in reverse order, channels last, every other cell, and the second half of an array."""


def arrangement(name: str, target: Target) -> tuple[Step, ...]:
    """The steps of an arrangement; raises `Unsupported` for a program whose arrays have only one."""
    if target.program != PYTHON:
        raise Unsupported(Gap("*", "memory", f"arrays in {target.program} have their cells in one order", ""))
    return ARRANGEMENTS[name]

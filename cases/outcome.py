"""What an operation comes to, and how arrays are brought into the shape in which it is done."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from .arithmetic import Array, computing, floating
from .pool import LAST, Pool
from .refused import Refused
from .rules import Rules

NOTHING: Mapping[str, Array] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Outcome:
    """All that is due of one operation.

    `indices` say where each maximum was found, None unless the operation is a maximum; `gradient`
    is that of the input, None unless a cotangent of the output was given.
    """

    output: Array
    indices: Array | None = None
    gradient: Array | None = None


@dataclass(frozen=True, eq=False)
class Question:
    """One operation on an input of shape (batch, channels, *spatial), in the type it is computed in.

    The cotangent and extra indices are arranged likewise; samples are (batch, channels, spatial
    axes), and weights (filters, channels of a group, *kernel).
    """

    x: Array
    pool: Pool
    rules: Rules
    cotangent: Array | None = None
    extra: Mapping[str, Array] = field(default_factory=dict)

    def needed(self, name: str) -> Array:
        """A further input that the operation cannot do without."""
        if name not in self.extra:
            raise Refused(f"{self.pool.op} has no {name}; an array was expected")
        return self.extra[name]

    def given(self, shape: tuple[int, ...]) -> Array:
        """The cotangent of an output of this shape, in float64."""
        assert self.cotangent is not None
        if self.cotangent.shape != shape:
            raise Refused(f"the cotangent has shape {self.cotangent.shape}; {shape}, the output's, was expected")
        return self.cotangent.astype("float64")


Operation = Callable[[Question], Outcome]


def carried_out(operation: Operation, x: Array, pool: Pool, rules: Rules, batched: bool,
                cotangent: Array | None, extra: Mapping[str, Array]) -> Outcome:  # fmt: skip
    """Do an operation on arrays as they are written, in the pool's data format and with or without a batch axis."""
    last = pool.data_format == LAST
    check_input(x, pool, rules, batched, cotangent)
    planes = inward(x, batched, last)
    inner = {name: each if name == "weights" else inward(each, batched, last and name == "indices") for name, each in extra.items()}
    seed = None if cotangent is None else inward(cotangent, batched, last)
    if seed is not None and pool.op.startswith("global"):
        seed = seed.reshape(*planes.shape[:2], *(1,) * (planes.ndim - 2)) if seed.size == math.prod(planes.shape[:2]) else seed
    with np.errstate(all="ignore"):
        found = operation(Question(planes.astype(computing(x.dtype, rules)), pool, rules, seed, inner))
        gradient = None if found.gradient is None else outward(found.gradient.astype(x.dtype), batched, last)
    return Outcome(
        outward(dropped(found.output, pool, rules), batched, last),
        None if found.indices is None else outward(dropped(found.indices, pool, rules), batched, last),
        gradient,
    )


def check_input(x: Array, pool: Pool, rules: Rules, batched: bool, cotangent: Array | None) -> None:
    """Refuse an input that the operation, or a rule, has no place for."""
    if x.ndim < 2 + batched and pool.op not in ("flatten", "input"):
        raise Refused(f"the input has shape {x.shape}; {'batch, ' * batched}channels and at least one spatial axis were expected")
    if rules.element_type == "reject":
        raise Refused(f"the input is {x.dtype.name}; another type was expected")
    if rules.empty_input == "reject" and 0 in x.shape[batched:]:
        raise Refused(f"the input has shape {x.shape}; at least one cell was expected")
    if cotangent is not None and not floating(x.dtype):
        raise Refused(f"the input is {x.dtype.name}; a type with fractions was expected for a gradient")


def inward(array: Array, batched: bool, last: bool) -> Array:
    """An array as written, with its batch axis, channels first."""
    array = array if batched else array[None]
    return np.moveaxis(array, -1, 1) if last and array.ndim > 2 else array


def outward(array: Array, batched: bool, last: bool) -> Array:
    """An array as it is to be written."""
    array = np.moveaxis(array, 1, -1) if last and array.ndim > 2 else array
    return array if batched else array[0]


def dropped(array: Array, pool: Pool, rules: Rules) -> Array:
    """What a global pooling gives, without its spatial axes unless they are kept."""
    keeps = rules.keepdims_default == "kept" if pool.keepdims is None else pool.keepdims
    return array if keeps or not pool.op.startswith("global") else array.reshape(array.shape[:2])

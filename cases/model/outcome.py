"""What an operation comes to, and how arrays are brought into the shape in which it is done."""

from __future__ import annotations

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
    axes), and weights (filters, channels of a group, *kernel). `located` asks for indices.
    """

    x: Array
    pool: Pool
    rules: Rules
    cotangent: Array | None = None
    extra: Mapping[str, Array] = field(default_factory=dict)
    located: bool = True

    def needed(self, name: str) -> Array:
        """A further input that the operation cannot do without."""
        if name not in self.extra:
            raise Refused(f"{self.pool.op} has no {name}; an array was expected")
        return self.extra[name]

    def seed(self, shape: tuple[int, ...]) -> Array | None:
        """The cotangent of an output of this shape in float64, None where no gradient is asked for."""
        if self.cotangent is None:
            return None
        if self.cotangent.shape != shape:
            raise Refused(f"the cotangent has shape {self.cotangent.shape}; {shape}, the output's, was expected")
        return self.cotangent.astype("float64")


Operation = Callable[[Question], Outcome]


def carried_out(operation: Operation, x: Array, pool: Pool, rules: Rules, batched: bool,
                cotangent: Array | None, extra: Mapping[str, Array], located: bool) -> Outcome:  # fmt: skip
    """Do an operation on arrays as they are written, in the pool's data format and with or without a batch axis."""
    check_input(x, pool, rules, batched, cotangent)
    last = pool.data_format == LAST
    planes = inward(x, batched, last).astype(computing(x.dtype, rules))
    seed = None if cotangent is None else inward(cotangent, batched, last)
    if seed is not None and drops(pool, rules) and seed.ndim == 2:
        seed = seed.reshape(*seed.shape, *[1] * (planes.ndim - 2))
    inner = {name: each if name == "weights" else inward(each, batched, last and name == "indices") for name, each in extra.items()}
    with np.errstate(all="ignore"):
        found = operation(Question(planes, pool, rules, seed, inner, located))
        gradient = None if found.gradient is None else outward(found.gradient.astype(x.dtype), batched, last)
    shape = planes.shape[:2] if drops(pool, rules) else found.output.shape
    output = outward(found.output.reshape(shape), batched, last)
    return Outcome(output, None if found.indices is None else outward(found.indices.reshape(shape), batched, last), gradient)


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


def drops(pool: Pool, rules: Rules) -> bool:
    """Whether the answer lacks the spatial axes, as that of a global pooling may."""
    keeps = rules.keepdims_default == "kept" if pool.keepdims is None else pool.keepdims
    return pool.op.startswith("global") and not keeps

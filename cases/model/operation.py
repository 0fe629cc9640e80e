"""One operation: its inputs and its result, and how arrays are arranged before and after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from .arithmetic import Array, compute_dtype, is_floating
from .inputs import is_uniform
from .pool import LAST, Pool, Refused
from .rules import Rules

NOTHING: Mapping[str, Array] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Result:
    """What one operation gives.

    `indices` are the positions of the maxima, None unless the operation is a maximum; `gradient`
    is that of the input, None unless a cotangent of the output was given.
    """

    output: Array
    indices: Array | None = None
    gradient: Array | None = None


@dataclass(frozen=True, eq=False)
class Problem:
    """The inputs of one operation; `x` is (batch, channels, *spatial), in the type in which it is computed.

    The cotangent and extra indices are arranged like `x`; samples are (batch, channels, spatial
    axes), weights (filters, channels of a group, *kernel), and a mask (batch, *spatial). `located` asks for indices.
    """

    x: Array
    pool: Pool
    rules: Rules
    cotangent: Array | None = None
    extra: Mapping[str, Array] = field(default_factory=dict)
    located: bool = True

    def require(self, name: str) -> Array:
        """A further input by its name; raises Refused if it is missing."""
        if name not in self.extra:
            raise Refused(f"{self.pool.op} has no {name}; expected an array")
        return self.extra[name]

    def cotangent_for(self, shape: tuple[int, ...]) -> Array | None:
        """The cotangent of an output of this shape in float64, None where no gradient is wanted; raises Refused for another shape."""
        if self.cotangent is None:
            return None
        if self.cotangent.shape != shape:
            raise Refused(f"the cotangent has shape {self.cotangent.shape}; expected {shape}, the shape of the output")
        return self.cotangent.astype("float64")


Operation = Callable[[Problem], Result]


@np.errstate(all="ignore")  # special numbers are what cases are about, and no news to a user
def run_operation(operation: Operation, x: Array, pool: Pool, rules: Rules, batched: bool,
                  cotangent: Array | None, extra: Mapping[str, Array], located: bool) -> Result:  # fmt: skip
    """Do an operation on arrays in the pool's data format, with or without a batch axis, and give its result likewise."""
    check_input(x, pool, rules, batched, cotangent)
    last = pool.data_format == LAST
    planes = to_planes(x, batched, last)
    planes = planes.astype(compute_dtype(x.dtype, rules), copy=not is_uniform(planes))
    shape, last_two = planes.shape, pool.op.startswith("global") and rules.reduced_axes == "last_two"
    leading_axes, ones = shape[: -2 if last_two else 2], (1,) * (planes.ndim - 2)
    drops = drops_spatial_axes(pool, rules)
    if last_two and len(shape) == 3:
        planes = planes[:, None]  # the channels are the first of the axes that are reduced
    if cotangent is not None:
        cotangent = to_planes(cotangent, batched, last)
        if drops and cotangent.ndim == len(leading_axes):
            cotangent = cotangent.reshape(*cotangent.shape, *ones)
        if last_two and cotangent.shape == (*leading_axes, *ones):
            cotangent = cotangent.reshape(*planes.shape[:-2], 1, 1)
    plane_arrays = {
        name: array if name == "weights" else to_planes(array, batched, last and name == "indices") for name, array in extra.items()
    }
    result = operation(Problem(planes, pool, rules, cotangent, plane_arrays, located))
    gradient = None if result.gradient is None else from_planes(result.gradient.astype(x.dtype).reshape(shape), batched, last)
    sizes = leading_axes if drops else (*leading_axes, *ones) if last_two else result.output.shape
    y = result.output.astype(x.dtype) if rules.cast == "float32_inside" and planes.dtype != x.dtype else result.output
    indices = None if result.indices is None else from_planes(result.indices.reshape(sizes), batched, last)
    return Result(from_planes(y.reshape(sizes), batched, last), indices, gradient)


def check_input(x: Array, pool: Pool, rules: Rules, batched: bool, cotangent: Array | None) -> None:
    """Raise Refused for an input that the operation, or a rule, does not take."""
    if x.ndim < 2 + batched and pool.op not in ("flatten", "input"):
        raise Refused(f"the input has shape {x.shape}; expected {'batch, ' * batched}channels and at least one spatial axis")
    if rules.element_type == "reject":
        raise Refused(f"the input is {x.dtype.name}; expected another type")
    if rules.empty_input == "reject" and 0 in x.shape[batched:]:
        raise Refused(f"the input has shape {x.shape}; expected at least one cell")
    if cotangent is not None and not is_floating(x.dtype):
        raise Refused(f"the input is {x.dtype.name}; expected a floating-point type for a gradient")


def to_planes(array: Array, batched: bool, last: bool) -> Array:
    """An array as a case has it, with a batch axis and channels first."""
    array = array if batched else array[None]
    return np.moveaxis(array, -1, 1) if last and array.ndim > 2 else array


def from_planes(array: Array, batched: bool, last: bool) -> Array:
    """An array (batch, channels, ...) as a case has it: channels last where `last`, and no batch axis unless `batched`."""
    array = np.moveaxis(array, 1, -1) if last and array.ndim > 2 else array
    return array if batched else array[0]


def drops_spatial_axes(pool: Pool, rules: Rules) -> bool:
    """Whether the output lacks the spatial axes, as that of a global pooling may."""
    keeps_axes = rules.keepdims_default == "kept" if pool.keepdims is None else pool.keepdims
    return pool.op.startswith("global") and not keeps_axes

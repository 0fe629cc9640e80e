"""Input arrays that a spec names instead of writing out, made only from integer arithmetic.

Each comes with the NumPy expression that makes it, which native code prints. Random bits are raw
PCG64, and no floating-point function shapes them, so the cells are the same on every platform.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

CELL_LIMIT = 1 << 18
"""No array of a case has more cells, apart from a large input."""
LARGE_LIMIT = 1 << 25
"""No large input that counts its cells has more of them: few enough to keep them in memory several times."""
UNIFORM_LIMIT = 1 << 32
"""No large input of one value in all cells takes more bytes where a framework makes it; here it takes one cell."""

PRECISION = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
INTEGERS = ("int8", "uint8", "int16", "int32", "int64")
DTYPES = (*PRECISION, *INTEGERS, "bool")
"""The types of cells; floating ones with their bits of precision."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """An array, and the NumPy expression that makes it."""

    value: Array
    expression: str

    @property
    def dtype(self) -> str:
        """The name of the type of the cells."""
        return self.value.dtype.name

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of all axes, as a tuple of integers."""
        return tuple(self.value.shape)

    @property
    def is_uniform(self) -> bool:
        """Whether all cells are one and the same in memory."""
        return is_uniform(self.value)


class LargeTensor(Tensor):
    """An array of many cells, which is made when its value is used for the first time, so that reading a spec takes no time for it."""

    make: Callable[[], Array]
    sizes: tuple[int, ...]
    dtype_name: str

    def __init__(self, make: Callable[[], Array], expression: str, shape: Sequence[int], dtype: str) -> None:
        vars(self).update(make=make, expression=expression, sizes=tuple(shape), dtype_name=dtype)

    @cached_property
    def value(self) -> Array:
        """The array, which is made once."""
        return self.make()

    @property
    def dtype(self) -> str:
        """The name of the type of the cells."""
        return self.dtype_name

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of all axes, as a tuple of integers."""
        return self.sizes

    @property
    def is_uniform(self) -> bool:
        """Whether all cells are one and the same in memory."""
        return False


def dtype_of(name: str) -> np.dtype[Any]:
    """The NumPy type of this name; raises ImportError for bfloat16 if ml_dtypes is not installed."""
    return np.dtype(importlib.import_module("ml_dtypes").bfloat16 if name == "bfloat16" else name)


@cache
def whole_range(dtype: str) -> tuple[int, int]:
    """The range in which a type holds every integer, both ends included."""
    if dtype in PRECISION:
        return -(1 << PRECISION[dtype]), 1 << PRECISION[dtype]
    return (0, 1) if dtype == "bool" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))


def literal(cells: Any, dtype: str) -> Tensor:
    """The array of nested lists of numbers in a spec."""
    return Tensor(np.array(cells, dtype=dtype_of(dtype)), f"numpy.array({cells_source(cells)}, dtype={dtype_source(dtype)})")


def arange(shape: Sequence[int], dtype: str, start: int = 0) -> Tensor:
    """0, 1, 2, ... in row-major order, counted from `start`."""
    count = math.prod(shape)
    expression = f"numpy.arange({start}, {start + count})" if start else f"numpy.arange({count})"

    def make() -> Tensor:
        return reshape(np.arange(start, start + count), expression, shape, dtype)

    if count <= CELL_LIMIT:
        return make()
    return LargeTensor(lambda: make().value, reshape_expression(expression, shape, dtype), shape, dtype)


def full(shape: Sequence[int], value: float, dtype: str) -> Tensor:
    """An array of this shape with one value in all cells."""
    expression = f"numpy.full({tuple(shape)}, {cells_source(value)}, dtype={dtype_source(dtype)})"
    if math.prod(shape) > CELL_LIMIT:
        return Tensor(np.broadcast_to(np.array(value, dtype_of(dtype)), shape), expression)
    return Tensor(np.full(shape, value, dtype=dtype_of(dtype)), expression)


def is_uniform(array: Array) -> bool:
    """Whether all cells of an array are one and the same in memory."""
    return array.size > 1 and not any(array.strides)


def stored_cells(array: Array) -> Array:
    """An array without the cells that repeat others in memory."""
    return array[(slice(1),) * array.ndim] if is_uniform(array) else array


def distinct(shape: Sequence[int], seed: int, dtype: str, start: int = 0) -> Tensor:
    """A permutation of 0, 1, 2, ..., counted from `start`, so that a shifted window cannot give the right number by chance."""
    count = math.prod(shape)
    order = np.argsort(np.random.PCG64(seed).random_raw(count), kind="stable") + start
    expression = f"numpy.argsort(numpy.random.PCG64({seed}).random_raw({count}), kind='stable')"
    return reshape(order, f"({expression} + {start})" if start else expression, shape, dtype)


def normal(shape: Sequence[int], seed: int, dtype: str) -> Tensor:
    """Nearly normal numbers: each the sum of twelve uniform ones minus six, exact in float64."""
    count = math.prod(shape)
    bits = (np.random.PCG64(seed).random_raw(12 * count) >> np.uint64(32)).reshape(-1, 12)
    cells = bits.sum(axis=1).astype("float64") / 2.0**32 - 6
    expression = (
        f"((numpy.random.PCG64({seed}).random_raw({12 * count}) >> numpy.uint64(32))"
        ".reshape(-1, 12).sum(axis=1).astype('float64') / 2.0**32 - 6)"
    )
    return reshape(cells, expression, shape, dtype)


def reshape(cells: Array, expression: str, shape: Sequence[int], dtype: str) -> Tensor:
    """Cells in a row, as a tensor of this shape and type."""
    return Tensor(cells.astype(dtype_of(dtype)).reshape(shape), reshape_expression(expression, shape, dtype))


def reshape_expression(expression: str, shape: Sequence[int], dtype: str) -> str:
    """The expression of cells in a row, as that of a tensor of this shape and type."""
    return f"{expression}.astype({dtype_source(dtype)}).reshape({tuple(shape)})"


def dtype_source(dtype: str) -> str:
    """A type of cells as Python source."""
    return "ml_dtypes.bfloat16" if dtype == "bfloat16" else repr(dtype)


def cells_source(cells: Any) -> str:
    """Nested lists of numbers as Python source."""
    if isinstance(cells, list):
        return f"[{', '.join(map(cells_source, cells))}]"
    if cells != cells:
        return "numpy.nan"
    if cells in (math.inf, -math.inf):
        return "numpy.inf" if cells > 0 else "-numpy.inf"
    whole = isinstance(cells, float) and cells.is_integer() and abs(cells) < 2**53 and repr(cells) != "-0.0"
    return repr(int(cells) if whole else cells)

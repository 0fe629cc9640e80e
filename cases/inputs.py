"""Arrays that a spec names instead of writing out: made once, from integers alone.

Each comes with the NumPy expression that makes it, which native code prints. Random bits are raw
PCG64, and no floating-point function shapes them, so the cells are the same on every platform.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

CELL_LIMIT = 1 << 18


@dataclass(frozen=True, eq=False)
class Tensor:
    """An array and the NumPy expression that makes it."""

    value: np.ndarray[Any, np.dtype[Any]]
    expression: str

    @property
    def dtype(self) -> str:
        return self.value.dtype.name

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape


def literal(cells: Any, dtype: str) -> Tensor:
    """The array written out in a spec, cell by cell."""
    value = np.array(cells, dtype=dtype)
    return Tensor(value, f"numpy.array({written(value)}, dtype={dtype!r})")


def arange(shape: Sequence[int], dtype: str) -> Tensor:
    """0, 1, 2, ... in row-major order."""
    count = int(np.prod(shape))
    return Tensor(np.arange(count).astype(dtype).reshape(shape), f"numpy.arange({count}).astype({dtype!r}){at(shape)}")


def full(shape: Sequence[int], value: float, dtype: str) -> Tensor:
    """One value everywhere."""
    text = written(np.array(value, dtype=dtype))
    return Tensor(np.full(shape, value, dtype=dtype), f"numpy.full({tuple(shape)}, {text}, dtype={dtype!r})")


def distinct(shape: Sequence[int], seed: int, dtype: str) -> Tensor:
    """A permutation of 0, 1, 2, ...: no shifted window gets the right number by luck."""
    count = int(np.prod(shape))
    order = np.argsort(np.random.PCG64(seed).random_raw(count), kind="stable")
    expression = f"numpy.argsort(numpy.random.PCG64({seed}).random_raw({count}), kind='stable')"
    return Tensor(order.astype(dtype).reshape(shape), f"{expression}.astype({dtype!r}){at(shape)}")


def normal(shape: Sequence[int], seed: int, dtype: str) -> Tensor:
    """Nearly normal numbers: each the sum of twelve uniform ones less six, exact in float64."""
    count = int(np.prod(shape))
    bits = (np.random.PCG64(seed).random_raw(12 * count) >> np.uint64(32)).reshape(-1, 12)
    cells = bits.sum(axis=1).astype("float64") / 2.0**32 - 6
    expression = (
        f"((numpy.random.PCG64({seed}).random_raw({12 * count}) >> numpy.uint64(32))"
        ".reshape(-1, 12).sum(axis=1).astype('float64') / 2.0**32 - 6)"
    )
    return Tensor(cells.astype(dtype).reshape(shape), f"{expression}.astype({dtype!r}){at(shape)}")


def at(shape: Sequence[int]) -> str:
    return f".reshape({tuple(shape)})"


def written(value: np.ndarray[Any, np.dtype[Any]]) -> str:
    """Nested lists whose special numbers are NumPy's, as Python source."""
    if value.ndim:
        return f"[{', '.join(map(written, value))}]"
    cell = value.item()
    if cell != cell:
        return "numpy.nan"
    if cell in (float("inf"), -float("inf")):
        return "numpy.inf" if cell > 0 else "-numpy.inf"
    return repr(int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53 and str(cell) != "-0.0" else cell)

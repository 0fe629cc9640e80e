"""Number types: the type in which a pooling computes, the type in which it sums, and the type of its output."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from .pool import Refused
from .rules import Rules

Array = np.ndarray[Any, np.dtype[Any]]
DType = np.dtype[Any]

FLOAT32, FLOAT64 = np.dtype("float32"), np.dtype("float64")

LEAST: dict[str, DType] = {"at_least_float32": FLOAT32, "at_least_float64": FLOAT64}
PROMOTIONS: dict[str, DType] = {"promote32": FLOAT32, "promote64": FLOAT64}


def round_half_away(value: Fraction) -> int:
    """The nearest integer, away from zero in the middle."""
    nearest = math.floor(abs(value) + Fraction(1, 2))
    return nearest if value > 0 else -nearest


def round_half_up(value: Fraction) -> int:
    """The nearest integer, the greater one in the middle."""
    return math.floor(value + Fraction(1, 2))


ROUNDINGS: dict[str, Callable[[Fraction], int]] = {
    "truncate": math.trunc, "floor": math.floor, "half_even": round, "half_away": round_half_away,
    "half_up": round_half_up,
}  # fmt: skip


def is_floating(dtype: DType) -> bool:
    """Whether a type is a floating-point type; bfloat16 is a void type to NumPy."""
    return dtype.kind in ("f", "V")


def check_fractions(dtype: DType, rules: Rules) -> None:
    """Raise Refused for an average or a norm of integers where the rule refuses them."""
    if not is_floating(dtype) and rules.integer_average == "reject":
        raise Refused(f"the input is {dtype.name}; expected a floating-point type for an average or a norm")


def lowest(dtype: DType) -> Any:
    """The lowest finite value of a type."""
    if is_floating(dtype):
        return np.nextafter(dtype.type(-np.inf), dtype.type(0)).item()
    return False if dtype.kind == "b" else np.iinfo(dtype).min


def compute_dtype(dtype: DType, rules: Rules) -> DType:
    """The type that an input is cast to before anything is computed."""
    if rules.cast in ("float32", "float32_inside") and is_floating(dtype):
        return FLOAT32
    if rules.cast == "bits32" and dtype.itemsize == 8:
        return np.dtype(f"{dtype.kind}4")
    return dtype


def result_dtype(dtype: DType, rules: Rules, exact: bool) -> DType:
    """The type of the output, computed in `dtype`; `exact` marks operations whose output consists of cells of the input."""
    if is_floating(dtype):
        least = LEAST.get(rules.result_dtype, dtype)
        return least if dtype.itemsize < least.itemsize else dtype
    return dtype if exact else PROMOTIONS.get(rules.integer_average, dtype)


def accumulator_dtype(dtype: DType, rules: Rules) -> DType | None:
    """The type in which numbers are summed; None for integers, which are summed exactly."""
    if rules.accumulator == "input":
        return dtype
    if rules.accumulator == "float32":
        return FLOAT32
    return FLOAT64 if is_floating(dtype) else None


def to_accumulator(number: Any, dtype: DType | None) -> Any:
    """A number in the type in which it is summed; a Python integer where that is None."""
    return int(number) if dtype is None else dtype.type(number)


def add_up(numbers: Iterable[Any], dtype: DType | None) -> Any:
    """The sum of numbers in a type, added one after another."""
    return reduce(add, numbers, to_accumulator(0, dtype))


def to_result(value: Any, dtype: DType) -> Any:
    """A value in the type of the output: an integer wraps around, and NaN or an infinity becomes the lowest integer."""
    if is_floating(dtype):
        return dtype.type(value)
    if not math.isfinite(value):
        return lowest(dtype)
    return np.array(int(value) % 2**64).astype(dtype)


def round_fraction(value: Any, dtype: DType, rules: Rules) -> Any:
    """A fraction rounded to an integer by the rule, for an integer type; for other types it stays as it is."""
    if is_floating(dtype) or not math.isfinite(value):
        return value
    return ROUNDINGS[rules.integer_average](Fraction(value))

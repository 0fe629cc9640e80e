"""Integers that depend on the shape of an array: sums, products and quotients of sizes, evaluated, printed and replaced.

A recipe that is valid for every size states its padding and its slices as such formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


class Number:
    """The base of formulas, which are added, multiplied and divided as integers are."""

    def __add__(self, other: Amount) -> Amount:
        return combine("+", self, other)

    def __radd__(self, other: Amount) -> Amount:
        return combine("+", other, self)

    def __sub__(self, other: Amount) -> Amount:
        return combine("-", self, other)

    def __rsub__(self, other: Amount) -> Amount:
        return combine("-", other, self)

    def __mul__(self, other: Amount) -> Amount:
        return combine("*", self, other)

    def __rmul__(self, other: Amount) -> Amount:
        return combine("*", other, self)

    def __floordiv__(self, other: Amount) -> Amount:
        return combine("//", self, other)

    def __rfloordiv__(self, other: Amount) -> Amount:
        return combine("//", other, self)

    def __mod__(self, other: Amount) -> Amount:
        return combine("%", self, other)

    def __neg__(self) -> Amount:
        return combine("*", -1, self)


Amount = int | Number
"""An integer, or a formula of one."""


@dataclass(frozen=True)
class Size(Number):
    """The size of an axis of an array; `function` is the dotted name of what gives the array's shape, empty for its attribute."""

    array: str
    axis: int
    function: str = ""

    def __repr__(self) -> str:
        return f"{self.function}({self.array})[{self.axis}]" if self.function else f"{self.array}.shape[{self.axis}]"


@dataclass(frozen=True)
class Variable(Number):
    """An integer with a name, such as the number of a bin."""

    name: str

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Formula(Number):
    """Two amounts, combined by `+`, `-`, `*`, `//` (rounded down), `%`, 'max' or 'min'."""

    operator: str
    left: Amount
    right: Amount

    def __repr__(self) -> str:
        if self.operator in ("max", "min"):
            return f"{self.operator}({self.left!r}, {self.right!r})"
        if self.operator == "*" and self.left == -1:
            return f"-{enclose(self.right, '*', right=True)}"
        return f"{enclose(self.left, self.operator)} {self.operator} {enclose(self.right, self.operator, right=True)}"


OPERATORS: Mapping[str, Callable[[int, int], int]] = {
    "+": int.__add__, "-": int.__sub__, "*": int.__mul__, "//": int.__floordiv__, "%": int.__mod__, "max": max, "min": min,
}  # fmt: skip
STRENGTH = {"+": 1, "-": 1, "*": 2, "//": 2, "%": 2}


def enclose(term: Amount, operator: str, *, right: bool = False) -> str:
    """A term beside an operator as Python source, in brackets where they are needed."""
    own = STRENGTH.get(term.operator, 3) if isinstance(term, Formula) else 3
    needs = own < STRENGTH[operator] or (right and own == STRENGTH[operator] and operator != "+")
    return f"({term!r})" if needs else repr(term)


def combine(operator: str, left: Amount, right: Amount) -> Amount:
    """Two amounts combined; integers at once, and without terms that change nothing."""
    if isinstance(left, int) and isinstance(right, int):
        return OPERATORS[operator](left, right)
    if operator in ("+", "-") and isinstance(right, int):
        return add_number(left, right if operator == "+" else -right)
    match operator, left, right:
        case ("+", 0, other) | ("*", 1, other) | ("*" | "//", other, 1):
            return other
        case ("*", 0, _) | ("*", _, 0) | ("%", _, 1):
            return 0
        case "-", same, other if same == other:
            return 0
    return Formula(operator, left, right)


def add_number(amount: Amount, number: int) -> Amount:
    """A sum of an amount and a number, which is joined with the number at the end of the amount."""
    if isinstance(amount, Formula) and amount.operator in ("+", "-") and isinstance(amount.right, int):
        number += amount.right if amount.operator == "+" else -amount.right
        amount = amount.left
    if isinstance(amount, int) or not number:
        return amount + number if isinstance(amount, int) else amount
    return Formula("+", amount, number) if number > 0 else Formula("-", amount, -number)


def at_least(amount: Amount, least: int) -> Amount:
    """The amount, or `least` where that is more."""
    return combine("max", amount, least)


def at_most(amount: Amount, most: Amount) -> Amount:
    """The amount, or `most` where that is less."""
    return combine("min", amount, most)


def ceil_div(amount: Amount, divisor: Amount) -> Amount:
    """A quotient, rounded up."""
    return -(-amount // divisor)


def evaluate(amount: Amount, value: Callable[[Size | Variable], int]) -> int:
    """The integer of a formula, from the values of its sizes and variables."""
    match amount:
        case int():
            return amount
        case Size() | Variable():
            return value(amount)
        case Formula(operator, left, right):
            return OPERATORS[operator](evaluate(left, value), evaluate(right, value))
    raise TypeError(f"{amount!r} is no formula; expected an integer, a size, a variable or a combination of them")


def substitute(amount: Amount, value: Callable[[Size | Variable], Amount]) -> Amount:
    """A formula with its sizes and variables replaced."""
    match amount:
        case Size() | Variable():
            return value(amount)
        case Formula(operator, left, right):
            return combine(operator, substitute(left, value), substitute(right, value))
    return amount

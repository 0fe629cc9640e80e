"""Constant expressions in a program's text: literals, and arithmetic on them within limits; nothing is evaluated by Python itself."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

MAX_INTEGER = 1 << 63
MAX_ITEMS = 64
"""Items of a sequence that arithmetic makes."""

NUMBERS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
"""The arithmetic that people write in the arguments of a layer, such as `(3 - 1) // 2`."""


class NotConstant(ValueError):
    """An expression that is neither a literal nor arithmetic on literals."""


def evaluate_constant(node: ast.expr) -> Any:
    """The value of a constant expression; raises `NotConstant` for any other expression, or if the value exceeds the limits."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        pass
    except (RecursionError, MemoryError):
        raise NotConstant("nested too deeply") from None
    try:
        return evaluate_part(node)
    except RecursionError:
        raise NotConstant("nested too deeply") from None


def evaluate_part(node: ast.expr) -> Any:
    """The value of a part of a constant expression."""
    value: Any = NotConstant
    match node:
        case ast.Constant():
            value = node.value
        case ast.Tuple() | ast.List():
            value = (tuple if isinstance(node, ast.Tuple) else list)(map(evaluate_part, node.elts))
        case ast.UnaryOp(op=ast.USub()):
            value = negate(evaluate_part(node.operand))
        case ast.BinOp():
            value = combine(type(node.op), evaluate_part(node.left), evaluate_part(node.right))
        case ast.Call(func=ast.Name(id="tuple" | "list" | "float" as kind), args=[argument], keywords=[]):
            value = convert(kind, evaluate_part(argument))
        case ast.Name(id=name) | ast.Attribute(attr=name) if name.lower() in INFINITY:
            value = math.inf
    return refuse(node) if value is NotConstant else value


def convert(kind: str, value: Any) -> Any:
    """A sequence as a tuple or a list, or a text that spells infinity as a number."""
    if kind != "float":
        return (tuple if kind == "tuple" else list)(value) if isinstance(value, tuple | list) else refuse(value)
    if not isinstance(value, str) or value.lower().lstrip("+-") not in INFINITY:
        return refuse(value)
    return -math.inf if value.startswith("-") else math.inf


INFINITY = ("inf", "infinity")


def negate(value: Any) -> Any:
    """The negative of a number."""
    return -value if is_number(value) else refuse(value)


def combine(op: type[ast.operator], left: Any, right: Any) -> Any:
    """The result of an operation on two numbers, or on a sequence and a number or another sequence."""
    if is_number(left) and is_number(right) and op in NUMBERS:
        try:
            value = NUMBERS[op](left, right)
        except (ArithmeticError, ValueError):
            return refuse(right)
        return value if isinstance(value, float) or abs(value) < MAX_INTEGER else refuse(value)
    if isinstance(right, tuple | list) and isinstance(left, int) and op is ast.Mult:
        left, right = right, left
    if isinstance(left, tuple | list) and type(right) is int and op is ast.Mult and 0 <= right * len(left) <= MAX_ITEMS:
        return left * right
    same = (isinstance(left, tuple) and isinstance(right, tuple)) or (isinstance(left, list) and isinstance(right, list))
    if same and op is ast.Add and len(left) + len(right) <= MAX_ITEMS:
        return left + right
    return refuse(left)


def is_number(value: Any) -> bool:
    """Whether a value is an integer within the limits, or a float; True and False are neither."""
    return type(value) is float or (type(value) is int and abs(value) < MAX_INTEGER)


def refuse(value: Any) -> Any:
    """Raise `NotConstant`."""
    raise NotConstant(type(value).__name__)

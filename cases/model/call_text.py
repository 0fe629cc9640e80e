"""Calls and signatures as text, which is parsed and never evaluated."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from typing import Any

from .constants import NotConstant, evaluate_constant
from .mistake import quote


class BadSpelling(ValueError):
    """A text that is not a literal call of a known layer; `what` says what is wrong and `expected` what would be right."""

    def __init__(self, problem: str, expected: str) -> None:
        super().__init__(f"{problem}; expected {expected}")
        self.what, self.expected = problem, expected


REQUIRED = object()


def parse_signature(text: str) -> tuple[str, dict[str, Any]]:
    """The dotted name and the defaults of `name(a, b=1)`, with `REQUIRED` for an argument without a default."""
    name, _, rest = text.partition("(")
    arguments = ast.parse(f"lambda {rest.removesuffix(')')}: 0", mode="eval").body.args  # type: ignore[attr-defined]
    names = [argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)]
    literals = [ast.literal_eval(default) for default in (*arguments.defaults, *arguments.kw_defaults) if default]
    return name, dict(zip(names, [REQUIRED] * (len(names) - len(literals)) + literals, strict=True))


def signature_text(name: str, signature: Mapping[str, Any]) -> str:
    """A signature as documentation prints it."""
    parts = (key if default is REQUIRED else f"{key}={default!r}" for key, default in signature.items())
    return f"{name}({', '.join(parts)})"


def parse_call(text: str) -> tuple[str, ast.Call]:
    """The dotted name and the syntax tree of a text that consists of a single call; raises BadSpelling for other texts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # doubtful escapes become syntax errors, whatever the Python
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = None
    name = dotted_name(tree.func) if isinstance(tree, ast.Call) else ""
    if not isinstance(tree, ast.Call) or not name:
        raise BadSpelling(f"{quote(text)} is not a call", "a layer with literal arguments, as in keras.layers.MaxPooling1D(2)")
    return name, tree


def dotted_name(node: ast.expr) -> str:
    """The name that attributes of a name spell, as in a.b.c; empty for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def bind_arguments(call: ast.Call, name: str, signature: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name, in the order of a signature; raises BadSpelling where they do not fit it."""
    if len(call.args) > len(signature):
        raise BadSpelling(f"{name} got {len(call.args)} positional arguments", signature_text(name, signature))
    pairs = [*zip(signature, call.args, strict=False), *((word.arg or "**", word.value) for word in call.keywords)]
    arguments: dict[str, Any] = {}
    for key, node in pairs:
        if key not in signature:
            raise BadSpelling(f"{name} has no argument {key}", signature_text(name, signature))
        if key in arguments:
            raise BadSpelling(f"{name} got {key} twice", "each argument once")
        arguments[key] = evaluate_literal(key, node, name)
    return arguments


ARRAY_NAMES = ("input", "inputs", "x", "value", "a", "operand", "input_tensor", "self")
"""What functions call the array that they are called on."""
ARRAY = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.BinOp)
"""Expressions of an array that a function is called on; no argument of a pooling is one of them."""


def without_array(call: ast.Call) -> ast.Call:
    """The call of a function without the array that it is called on."""
    args = call.args[1:] if call.args and isinstance(call.args[0], ARRAY) else call.args
    return ast.Call(call.func, args, [word for word in call.keywords if word.arg not in ARRAY_NAMES])


def evaluate_literal(key: str, node: ast.expr, name: str) -> Any:
    """The value of an argument that is a literal or arithmetic on literals; raises BadSpelling for any other expression."""
    try:
        value = evaluate_constant(node)
    except NotConstant:
        raise BadSpelling(f"{key} of {name} is not a literal", "a number, text, tuple, True, False or None") from None
    try:
        repr(value)
    except ValueError:  # Python reads a hexadecimal integer of any length, but prints at most 4300 digits
        raise BadSpelling(f"{key} of {name} has too many digits", "a number of 64 bits") from None
    return value

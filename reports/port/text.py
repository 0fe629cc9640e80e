"""A layer as people paste it: with what it is assigned to or called on, or by the name that they have imported."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping, Sequence

from ...adapters.targets.find import Found, layers_of
from ...cases.model.call_text import dotted_name
from ...cases.model.layers import Layer

ARRAYS = ("input", "inputs", "x", "value")
ARRAY = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.BinOp)
"""What the array that a function is of is written as, and no argument of a pooling is."""


def bare(text: str, found: Mapping[str, Found], shape: Sequence[int], dtype: str = "float32") -> str:
    """The call of a known layer on an input of a type that a text means; the text itself where it is none, for a message to be about."""
    adapters, known = {each.adapter.framework: each.adapter for each in found.values()}, layers_of(found)
    call = called(text, [adapter.printed_prefix for adapter in adapters.values() if adapter.printed_prefix])
    name = dotted_name(call.func) if call else ""
    if call is None or not name:
        return text
    call = arrayless(call) if name.rpartition(".")[2].islower() else call
    for adapter in adapters.values():
        name, call = adapter.layer_of(name, call)
    ranked = f"{name}{len(shape) - 2}d"
    full = next((each for each in (name, ranked) if each in known), None) or imported(name, known)
    if full in known:
        call = adapters[known[full].framework].plain_arguments(full, call, shape, dtype)
    return ast.unparse(ast.Call(ast.parse(full, mode="eval").body, call.args, call.keywords))


def called(text: str, prefixes: Sequence[str]) -> ast.Call | None:
    """The call in a text that assigns or returns it, lists it, adds it to a model, or calls what it makes; None where there is none."""
    for prefix in prefixes:
        text = re.sub(prefix, "", text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            [statement] = ast.parse(text.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)) else None
    match value:
        case ast.Tuple(elts=[ast.Call() as one]) | ast.Call(func=ast.Attribute(attr="add"), args=[ast.Call() as one]):
            return one
        case ast.Call(func=ast.Call() as maker):
            return maker
    return value if isinstance(value, ast.Call) else None


def arrayless(call: ast.Call) -> ast.Call:
    """The call of a function without the array that it is of."""
    args = call.args[1:] if call.args and isinstance(call.args[0], ARRAY) else call.args
    return ast.Call(call.func, args, [each for each in call.keywords if each.arg not in ARRAYS])


def imported(name: str, known: Mapping[str, Layer]) -> str:
    """The one known layer whose name ends so; the name itself where there are several frameworks' or none."""
    ends = [each for each in known if each.endswith(f".{name}")] if not name.rpartition(".")[2].islower() else []
    owners = {known[each].framework for each in ends}
    return min(ends, key=len) if len(owners) == 1 else name

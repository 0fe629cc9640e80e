"""A layer as people paste it: with what it is assigned to or called on, or by the name that they have imported."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping, Sequence

from ...cases.model.call_text import dotted
from ...cases.model.layers import Layer

FUNCTIONAL = ("torch.nn.functional.", "nn.functional.", "F.")
"""What torch's functions are called by; they take the arguments of its layers after an array."""
MAXIMUM = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
"""The order in which torch's functions of maxima take them, which is not that of its layers."""
ARRAYS = ("input", "inputs", "x", "value")
ARRAY = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.BinOp)
"""What the array that a function is of is written as, and no argument of a pooling is."""
PRINTED = re.compile(r"^\s*\(\w+\): ")
"""What a printed torch module puts before each of its layers."""

BASE = ("name", "trainable", "input_shape", "batch_input_shape")
"""What every layer of Keras may be told, and what says nothing about its answer."""

NODE = ("inputs", "outputs", "name")
"""What a node of ONNX is told besides its attributes."""


def bare(text: str, known: Mapping[str, Layer], shape: Sequence[int], dtype: str = "float32") -> str:
    """The call of a known layer on an input of a type that a text means; the text itself where it is none, for a message to be about."""
    call = called(text)
    name = dotted(call.func) if call else ""
    if call is None or not name:
        return text
    layer, given = layered(name, arrayless(call) if name.rpartition(".")[2].islower() else call)
    ranked = f"{layer}{len(shape) - 2}d"
    full = next((each for each in (layer, ranked) if each in known), None) or imported(layer, known)
    if "Adaptive" in full:
        words = [ast.keyword(each.arg, sized(each.value, shape)) for each in given.keywords]
        given = ast.Call(given.func, [sized(each, shape) for each in given.args], words)
    words = given.keywords
    if full in known and known[full].framework == "keras":
        words = [each for each in words if each.arg not in BASE and not own_type(each, dtype)]
    return ast.unparse(ast.Call(ast.parse(full, mode="eval").body, given.args, words))


def called(text: str) -> ast.Call | None:
    """The call in a text that assigns or returns it, lists it, adds it to a model, or calls what it makes; None where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            [statement] = ast.parse(PRINTED.sub("", text).strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)) else None
    match value:
        case ast.Tuple(elts=[ast.Call() as one]) | ast.Call(func=ast.Attribute(attr="add"), args=[ast.Call() as one]):
            return one
        case ast.Call(func=ast.Call() as maker):
            return maker
    return value if isinstance(value, ast.Call) else None


def own_type(word: ast.keyword, dtype: str) -> bool:
    """Whether a layer is told to compute in the type of its input."""
    return word.arg == "dtype" and isinstance(word.value, ast.Constant) and word.value.value == dtype


def arrayless(call: ast.Call) -> ast.Call:
    """The call of a function without the array that it is of."""
    args = call.args[1:] if call.args and isinstance(call.args[0], ARRAY) else call.args
    return ast.Call(call.func, args, [each for each in call.keywords if each.arg not in ARRAYS])


def layered(name: str, call: ast.Call) -> tuple[str, ast.Call]:
    """The layer of torch that does what one of its functions does, or the node that is made; other calls as they are."""
    match call.args:
        case [ast.Constant(value=str(operator)), *_] if name.endswith("make_node"):
            return f"onnx.{operator}", ast.Call(call.func, [], [each for each in call.keywords if each.arg not in NODE])
    function = next((name.removeprefix(prefix) for prefix in FUNCTIONAL if name.startswith(prefix)), "")
    if not function:
        return name, call
    layer = "".join(part[:1].upper() + part[1:] for part in function.split("_")).replace("Lp", "LP")
    order = MAXIMUM if function.startswith("max_pool") else ()
    placed = [ast.keyword(key, value) for key, value in zip(order, call.args, strict=False)]
    return f"torch.nn.{layer}", ast.Call(call.func, call.args[len(placed) :], [*placed, *call.keywords])


def imported(name: str, known: Mapping[str, Layer]) -> str:
    """The one known layer whose name ends so; the name itself where there are several frameworks' or none."""
    ends = [each for each in known if each.endswith(f".{name}")] if not name.rpartition(".")[2].islower() else []
    owners = {known[each].framework for each in ends}
    return min(ends, key=len) if len(owners) == 1 else name


def sized(value: ast.expr, shape: Sequence[int]) -> ast.expr:
    """An output size with the input's own sizes, channels first, where it says None."""
    if not isinstance(value, (ast.Tuple, ast.List)) or len(value.elts) >= len(shape):
        return value
    sizes = shape[len(shape) - len(value.elts) :]
    kept = [isinstance(each, ast.Constant) and each.value is None for each in value.elts]
    return ast.Tuple([ast.Constant(size) if keep else each for keep, each, size in zip(kept, value.elts, sizes, strict=True)], ast.Load())

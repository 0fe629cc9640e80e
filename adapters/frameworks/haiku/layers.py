"""The pooling layers and functions of Haiku: their signatures, and what windows over trailing axes mean."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from ....cases.model.call_text import BadSpelling
from ....cases.model.constants import NotConstant, evaluate_constant
from ....cases.model.layers import Layer, make_layers, with_aliases
from ....cases.model.pool import FIRST, LAST

MEANS = {"window_shape": "kernel", "strides": "stride", "padding": "padding", "channel_axis": "data_format"}
SIGNATURE = "window_shape, strides, padding, channel_axis=-1"
WORDS = {"data_format": {FIRST: FIRST, LAST: LAST}}
KINDS = {"max_pool": {}, "avg_pool": {"count_include_pad": False}}
"""The operations, and the parameters that each always has."""
ORDER = ("window_shape", "strides", "padding", "channel_axis")
IMAGE = 4
"""The number of axes that is assumed of an input whose shape is not known: a batch of images."""


def make_pooling_layers(names: Mapping[str, str], signature: str) -> dict[str, Layer]:
    """The layers or functions of both operations, which have these names."""
    layers: dict[str, Layer] = {}
    for op, fixed_arguments in KINDS.items():
        table = {f"haiku.{names[op]}({signature})": (op, 0)}
        layers |= make_layers("haiku", LAST, MEANS, table, "one", fixed=fixed_arguments, words=WORDS)
    return with_aliases(layers, "haiku.", "hk.")


LAYERS = make_pooling_layers({"max_pool": "MaxPool", "avg_pool": "AvgPool"}, f"{SIGNATURE}, name=None")
FUNCTIONS = make_pooling_layers({op: op for op in KINDS}, SIGNATURE)


def with_spatial_arguments(name: str, call: ast.Call, shape: Sequence[int | None]) -> ast.Call:
    """A call with windows over the spatial axes alone, in which the place of the channels is a name."""
    arguments = dict(zip(ORDER, call.args, strict=False)) | {word.arg: word.value for word in call.keywords if word.arg}
    axis = read_number(arguments.pop("channel_axis", ast.Constant(-1)))
    ndim = len(shape) or next((len(node.elts) for node in arguments.values() if isinstance(node, ast.Tuple | ast.List)), 0)
    ndim = max(ndim, IMAGE) if not shape else ndim
    place = LAST if axis in (-1, ndim - 1) else FIRST if axis in (1, 1 - ndim) else None
    if place is None:
        raise BadSpelling(f"channel_axis={axis} of {name} is neither the second nor the last axis", "1 or -1")
    inner = {key: spatial_entries(name, key, node, place, ndim) for key, node in arguments.items()}
    return ast.Call(call.func, [], [ast.keyword("channel_axis", ast.Constant(place)), *(ast.keyword(*pair) for pair in inner.items())])


def read_number(node: ast.expr) -> int | None:
    """A number; None for anything else."""
    try:
        value = evaluate_constant(node)
    except NotConstant:
        return None
    return value if type(value) is int else None


def spatial_entries(name: str, key: str, node: ast.expr, place: str, ndim: int) -> ast.expr:
    """The entries for the spatial axes of an argument for the trailing axes; one number stands for each spatial axis."""
    if key not in ("window_shape", "strides"):
        return node
    if not isinstance(node, ast.Tuple | ast.List):
        return ast.Tuple([node] * (ndim - 2), ast.Load())
    entries = [ast.Constant(1)] * (ndim - len(node.elts)) + list(node.elts)
    outer, inner = (
        ((entries[:2], entries[2:]) if place == FIRST else ([entries[0], entries[-1]], entries[1:-1]))
        if len(entries) == ndim
        else (entries, [])
    )
    if any(read_number(entry) != 1 for entry in outer):
        raise BadSpelling(
            f"{key}={ast.unparse(node)} of {name} is for the trailing axes, and reaches over the batch or the channels",
            "one integer, or entries that end with the channels'",
        )
    return ast.Tuple(inner, ast.Load())

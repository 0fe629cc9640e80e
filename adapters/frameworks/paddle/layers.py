"""The layers and functions of Paddle: their signatures, and what the arguments mean."""

from __future__ import annotations

import ast

from ....cases.model.layers import make_layers
from ....cases.model.pool import FIRST, LAST

MEANS = {
    "kernel_size": "kernel", "stride": "stride", "padding": "padding", "ceil_mode": "ceil_mode", "exclusive": "exclusive",
    "divisor_override": "divisor_override", "norm_type": "p", "output_size": "output_size", "data_format": "data_format",
}  # fmt: skip
FORMATS = {1: ("NCL", "NLC"), 2: ("NCHW", "NHWC"), 3: ("NCDHW", "NDHWC")}
"""The letters of channels first and of channels last, by rank."""
WORDS = {"data_format": {letters: place for pair in FORMATS.values() for letters, place in zip(pair, (FIRST, LAST), strict=True)}}
REDUCED = {"axis": "axes", "keepdim": "keepdims", "p": "p"}


def signatures(rank: int) -> dict[str, tuple[str, str]]:
    """The arguments of each layer in so many dimensions, and its operation."""
    letters = f", data_format={FORMATS[rank][0]!r}"
    data_format = letters if rank > 1 else ""
    average = "exclusive=True, ceil_mode=False" if rank == 1 else "ceil_mode=False, exclusive=True, divisor_override=None"
    norm = {"LPPool": (f"norm_type, kernel_size, stride=None, padding=0, ceil_mode=False{letters}, name=None", "lp_pool")}
    return {
        "MaxPool": (f"kernel_size, stride=None, padding=0, return_mask=False, ceil_mode=False{data_format}, name=None", "max_pool"),
        "AvgPool": (f"kernel_size, stride=None, padding=0, {average}{data_format}, name=None", "avg_pool"),
        "AdaptiveMaxPool": ("output_size, return_mask=False, name=None", "adaptive_max_pool"),
        "AdaptiveAvgPool": (f"output_size{data_format}, name=None", "adaptive_avg_pool"),
        "MaxUnPool": (f"kernel_size, stride=None, padding=0{letters}, output_size=None, name=None", "max_unpool"),
        **(norm if rank < 3 else {}),
    }


def list_signatures(name: str) -> dict[str, tuple[str, int]]:
    """The signatures of all layers, or of all functions, with their operations and ranks; `name` has both names and the rank open."""
    return {
        f"{name.format(layer=layer, op=op, rank=rank)}({arguments})": (op, rank)
        for rank in FORMATS for layer, (arguments, op) in signatures(rank).items()
    }  # fmt: skip


LAYERS = make_layers("paddle", FIRST, MEANS, list_signatures("paddle.nn.{layer}{rank}D"), words=WORDS)

FUNCTIONS = {
    **make_layers("paddle", FIRST, MEANS, list_signatures("paddle.nn.functional.{op}{rank}d"), words=WORDS),
    **make_layers("paddle", FIRST, REDUCED, {
        "paddle.mean(axis=None, keepdim=False, name=None)": ("global_avg_pool", 0),
        "paddle.max(axis=None, keepdim=False, name=None)": ("global_max_pool", 0),
        "paddle.amax(axis=None, keepdim=False, name=None)": ("global_max_pool", 0),
        "paddle.linalg.vector_norm(p=2.0, axis=None, keepdim=False, name=None)": ("global_lp_pool", 0),
    }),
    **make_layers("paddle", FIRST, REDUCED, {
        "paddle.sum(axis=None, dtype=None, keepdim=False, name=None)": ("global_avg_pool", 0),
    }, fixed={"divisor_override": 1}),
}  # fmt: skip


def with_sides(name: str, call: ast.Call) -> ast.Call:
    """The call of a layer with a padding that lists both sides of every spatial axis as a pair for each."""
    layer = LAYERS.get(name) or FUNCTIONS.get(name)
    if layer is None or "padding" not in layer.signature:
        return call
    place = list(layer.signature).index("padding")
    args = [pair_sides(arg, layer.rank) if number == place else arg for number, arg in enumerate(call.args)]
    return ast.Call(
        call.func,
        args,
        [ast.keyword(word.arg, pair_sides(word.value, layer.rank) if word.arg == "padding" else word.value) for word in call.keywords],
    )


def pair_sides(node: ast.expr, rank: int) -> ast.expr:
    """A list with two numbers for each of so many axes as one of pairs; other expressions unchanged."""
    if (
        not isinstance(node, ast.List | ast.Tuple)
        or len(node.elts) != 2 * rank
        or any(isinstance(each, ast.List | ast.Tuple) for each in node.elts)
    ):
        return node
    pairs = zip(node.elts[::2], node.elts[1::2], strict=True)
    return ast.Tuple([ast.Tuple([low, high], ast.Load()) for low, high in pairs], ast.Load())

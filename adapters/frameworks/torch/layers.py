"""The layers of PyTorch: their signatures, what the arguments mean, and the other ways in which people write them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from ....cases.model.call_text import BadSpelling, without_array
from ....cases.model.layers import make_layers, with_aliases
from ....cases.model.pool import FIRST
from .einops import layer_of_einops
from .timm import LAYERS as LAYERS_OF_TIMM
from .timm import layer_of_timm

MEANS = {
    "kernel_size": "kernel", "stride": "stride", "padding": "padding", "dilation": "dilation",
    "ceil_mode": "ceil_mode", "count_include_pad": "count_include_pad",
    "divisor_override": "divisor_override", "norm_type": "p", "output_size": "output_size",
}  # fmt: skip

AVERAGE = "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True"
MAXIMUM = "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False"
FRACTIONAL = "kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None"
CONVOLUTION = "in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros'"

SIGNATURES = {
    "torch.nn.MaxPool{rank}d": (MAXIMUM, "max_pool", (1, 2, 3)),
    "torch.nn.AvgPool1d": (AVERAGE, "avg_pool", (1,)),
    "torch.nn.AvgPool{rank}d": (f"{AVERAGE}, divisor_override=None", "avg_pool", (2, 3)),
    "torch.nn.LPPool{rank}d": ("norm_type, kernel_size, stride=None, ceil_mode=False", "lp_pool", (1, 2, 3)),
    "torch.nn.AdaptiveMaxPool{rank}d": ("output_size, return_indices=False", "adaptive_max_pool", (1, 2, 3)),
    "torch.nn.AdaptiveAvgPool{rank}d": ("output_size", "adaptive_avg_pool", (1, 2, 3)),
    "torch.nn.MaxUnpool{rank}d": ("kernel_size, stride=None, padding=0", "max_unpool", (1, 2, 3)),
    "torch.nn.FractionalMaxPool{rank}d": (FRACTIONAL, "fractional_max_pool", (2, 3)),
    "torch.nn.Conv{rank}d": (CONVOLUTION, "conv", (1, 2, 3)),
    "torch.nn.Flatten": ("start_dim=1, end_dim=-1", "flatten", (2,)),
}

TABLE = {f"{name.format(rank=rank)}({arguments})": (op, rank) for name, (arguments, op, ranks) in SIGNATURES.items() for rank in ranks}
LAYERS = with_aliases(make_layers("torch", FIRST, MEANS, TABLE), "torch.nn.", "nn.")

UPSAMPLING = "size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None"
RESIZED = {"size": "output_size", "scale_factor": "factor", "mode": "op"}
ENLARGED = {"size": "output_size", "scale_factor": "factor"}
REDUCED = {"dim": "axes", "axis": "axes", "keepdim": "keepdims", "ord": "p"}
SELECTED = {"output_size": "output_size", "pool_type": "op"}
SELECTIONS = {"op": {"fast": "adaptive_avg_pool", "avg": "adaptive_avg_pool", "max": "adaptive_max_pool"}}
MODES = {"op": {"area": "adaptive_avg_pool", "nearest": "upsample_nearest"}}
"""The modes of an interpolation that average or repeat cells."""

FUNCTIONS = {
    **make_layers("torch", FIRST, REDUCED, {
        "torch.mean(dim, keepdim=False, dtype=None)": ("global_avg_pool", 0),
        "torch.amax(dim, keepdim=False)": ("global_max_pool", 0),
        "torch.linalg.vector_norm(ord=2, dim=None, keepdim=False, dtype=None)": ("global_lp_pool", 0),
    }),
    **make_layers("torch", FIRST, REDUCED, {"torch.sum(dim, keepdim=False, dtype=None)": ("global_avg_pool", 0)}, fixed={"divisor_override": 1}),
    **with_aliases(with_aliases(make_layers("torch", FIRST, RESIZED, {
        f"torch.nn.functional.interpolate({UPSAMPLING}, antialias=False)": ("adaptive_avg_pool", 0),
        f"torch.nn.Upsample({UPSAMPLING})": ("adaptive_avg_pool", 0),
    }, words=MODES), "torch.nn.functional.", "F."), "torch.nn.", "nn."),
    **with_aliases(make_layers("torch", FIRST, ENLARGED, {
        "torch.nn.UpsamplingNearest2d(size=None, scale_factor=None)": ("upsample_nearest", 2),
    }), "torch.nn.", "nn."),
    **make_layers("torch", FIRST, MEANS, {
        f"torch.nn.functional.max_unpool{rank}d(kernel_size, stride=None, padding=0, output_size=None)": ("max_unpool", rank)
        for rank in (1, 2, 3)
    }),
    **make_layers("torch", FIRST, SELECTED, {
        "timm.layers.SelectAdaptivePool2d(output_size=1, pool_type='fast', flatten=False, input_fmt='NCHW')": ("adaptive_avg_pool", 2),
    }, words=SELECTIONS),
    **LAYERS_OF_TIMM,
}  # fmt: skip
"""Functions that pool, beside those that do the same as a layer."""

METHODS = {"mean": "torch.mean", "amax": "torch.amax", "sum": "torch.sum"}
"""Methods of tensors, and the functions that do the same."""

FUNCTIONAL = re.compile(
    r"(?:(?:torch\.)?nn\.functional\.|F\.|(?:torch\.)?(?:ops\.)?aten\.|torch\._C\._nn\.|torch\.|)_?"
    r"((?:(?:adaptive|fractional)_)?(?:max|avg|lp)_(?:un)?pool[123]d)(_with_indices)?(?:\.[a-z_]+)?"
)
"""The names of functions that take an array and then the arguments of a layer: its name, and whether they give indices too."""
REDUCING = re.compile(r"(?:torch\.|(?:torch\.)?(?:ops\.)?aten\.)(mean|amax|sum)(?:\.[a-zA-Z_]+)?")
"""The names of reductions, also those in an exported program."""
MAXIMUM_ORDER = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
"""The order of the arguments of `max_pool` functions, which differs from that of the layers."""
PRINTED = re.compile(r"^\s*\(\w+\): ", re.MULTILINE)
"""What stands before each layer where a module is printed."""
SIZES = re.compile(r"(?:\w+\.)*\w+\.(?:shape|size\(\))\[(2|-[123]):\]")
"""The spatial sizes of an array, as in `x.shape[2:]`, and the first axis of these."""
SIZE = re.compile(r"(?:\w+\.)*\w+\.(?:shape\[(-?\d)\]|size\((-?\d)\)|size\(\)\[(-?\d)\])")
"""One size of an array, as in `x.shape[2]` or `x.size(2)`, and its axis."""
OTHER_NAMES = {"axis": "dim", "keepdims": "keepdim"}
"""Names of the arguments of reductions that torch takes as NumPy does."""


def layer_of_function(name: str, call: ast.Call) -> tuple[str, ast.Call]:
    """The layer that does the same as a function, and its arguments without the array; other calls are returned unchanged."""
    for layer_of in (layer_of_timm, layer_of_einops):
        former_name = name
        name, call = layer_of(name, call)
        if name != former_name:
            return name, call
    if reducing := REDUCING.fullmatch(name):
        words = [ast.keyword(OTHER_NAMES.get(word.arg or "", word.arg), word.value) for word in call.keywords]
        return f"torch.{reducing[1]}", ast.Call(call.func, call.args, words)
    match = FUNCTIONAL.fullmatch(name)
    if not match or ("." not in name.removeprefix("F.") and is_other_function(call)):
        return name, call
    function, indices = match[1], match[2]
    if "unpool" in function and is_resized(call):
        return f"torch.nn.functional.{function}", with_sizes_of_space(call, int(function[-2]))
    call = without_array(without_indices(call) if "unpool" in function else call)
    layer = "".join(part[:1].upper() + part[1:] for part in function.split("_")).replace("Lp", "LP")
    order = MAXIMUM_ORDER if function.startswith("max_pool") else ()
    positional_words = [ast.keyword(key, value) for key, value in zip(order, call.args, strict=False)]
    index_words = [ast.keyword("return_indices", ast.Constant(True))] if indices else []
    words = [word for word in call.keywords if word.arg not in {each.arg for each in index_words}]
    rest = call.args[len(positional_words) :]
    call = ast.Call(call.func, rest, [word for word in (*positional_words, *words, *index_words) if not is_empty_list(word.value)])
    return pooling_of_all(f"torch.nn.{layer}", call)


def without_indices(call: ast.Call) -> ast.Call:
    """A call of an un-pooling without the indices, which follow the array."""
    return ast.Call(call.func, [*call.args[:1], *call.args[2:]], [word for word in call.keywords if word.arg != "indices"])


OUTPUT_SIZE = 5
"""The place of the output's size among the arguments of the function of an un-pooling."""


def is_resized(call: ast.Call) -> bool:
    """Whether the call of an un-pooling states the size of the output, which its layer does not take when it is made."""
    return len(call.args) > OUTPUT_SIZE or any(word.arg == "output_size" for word in call.keywords)


def with_sizes_of_space(call: ast.Call, rank: int) -> ast.Call:
    """A call whose output size, which may be that of all axes, is that of the spatial axes."""

    def cut(node: ast.expr) -> ast.expr:
        whole = isinstance(node, ast.List | ast.Tuple) and len(node.elts) == rank + 2
        return ast.Tuple(node.elts[2:], ast.Load()) if whole and isinstance(node, ast.List | ast.Tuple) else node

    args = [cut(arg) if place == OUTPUT_SIZE else arg for place, arg in enumerate(call.args)]
    return ast.Call(call.func, args, [ast.keyword(word.arg, cut(word.value)) for word in call.keywords])


OTHERS = ("ksize", "strides", "pool_size", "window_shape", "data_format", "exclusive", "return_mask")
"""Arguments that functions of the same names take in other frameworks."""


def is_other_function(call: ast.Call) -> bool:
    """Whether a call of a bare name, or of one that `F` has, has arguments that functions of torch do not have."""
    return any(word.arg in OTHERS for word in call.keywords)


def is_empty_list(node: ast.expr) -> bool:
    """Whether an argument is an empty list, which in an exported program means the default."""
    return isinstance(node, ast.List) and not node.elts


def pooling_of_all(name: str, call: ast.Call) -> tuple[str, ast.Call]:
    """A pooling whose window is the size of its input, as an adaptive pooling to one; others are returned unchanged."""
    match = re.fullmatch(r"torch\.nn\.(Max|Avg)Pool([123])d", name)
    window = next((word.value for word in call.keywords if word.arg == "kernel_size"), call.args[0] if call.args else None)
    if not match or window is None or not is_whole_size(window, int(match[2])):
        return name, call
    others = [word for word in call.keywords if word.arg not in ("kernel_size", "stride", "ceil_mode", "return_indices")]
    if len(call.args) > 2 or any(not is_zero(word.value) for word in others if word.arg != "count_include_pad"):
        return name, call
    return f"torch.nn.Adaptive{match[1]}Pool{match[2]}d", ast.Call(call.func, [ast.Constant(1)], [])


def is_whole_size(node: ast.expr, rank: int) -> bool:
    """Whether an expression is the spatial size of an array: `x.shape[2:]`, or `x.size(2)` and so on for each axis."""
    if isinstance(node, ast.Tuple | ast.List):
        axes = [axis_of_size(part) for part in node.elts]
        return axes in ([*range(2, rank + 2)], [*range(-rank, 0)])
    match = SIZES.fullmatch(ast.unparse(node))
    return match is not None and int(match[1]) in (2, -rank)


def axis_of_size(node: ast.expr) -> int | None:
    """The axis of an expression that is one size of an array; None for other expressions."""
    match = SIZE.fullmatch(ast.unparse(node))
    return int(next(filter(None, match.groups()))) if match else None


def is_zero(node: ast.expr) -> bool:
    """Whether an argument is zero, None or False."""
    return isinstance(node, ast.Constant) and not node.value


def with_known_sizes(call: ast.Call, shape: Sequence[int | None]) -> ast.Call:
    """A call with numbers in place of sizes of the input, such as `x.size(2)`, as far as these are known."""
    inner = KnownSizes(shape)
    keywords = [ast.keyword(word.arg, inner.replace(word.value)) for word in call.keywords]
    return ast.Call(call.func, [inner.replace(argument) for argument in call.args], keywords)


class KnownSizes(ast.NodeTransformer):
    """Puts numbers in place of sizes of an array."""

    def __init__(self, shape: Sequence[int | None]) -> None:
        self.shape = shape

    def replace(self, node: ast.expr) -> ast.expr:
        """The expression with numbers in place of sizes."""
        new_node: ast.expr = self.visit(node)
        return new_node

    def visit(self, node: ast.AST) -> Any:
        """A size as a number, if it is known."""
        axis = axis_of_size(node) if isinstance(node, ast.Subscript | ast.Call) else None
        if axis is None or not -len(self.shape) <= axis < len(self.shape) or self.shape[axis] is None:
            return super().visit(node)
        return ast.Constant(self.shape[axis])


def with_kept_sizes(call: ast.Call, shape: Sequence[int | None]) -> ast.Call:
    """A call whose output sizes contain the input's sizes in place of None."""
    keywords = [ast.keyword(word.arg, with_sizes(word.value, shape)) for word in call.keywords]
    return ast.Call(call.func, [with_sizes(argument, shape) for argument in call.args], keywords)


def with_sizes(value: ast.expr, shape: Sequence[int | None]) -> ast.expr:
    """An output size with the input's sizes, channels first, in place of None."""
    if not isinstance(value, (ast.Tuple, ast.List)) or len(value.elts) >= len(shape):
        return value
    sizes = shape[len(shape) - len(value.elts) :]
    is_none = [isinstance(element, ast.Constant) and element.value is None for element in value.elts]
    if any(keep and size is None for keep, size in zip(is_none, sizes, strict=True)):
        raise BadSpelling(
            f"{ast.unparse(value)} keeps a size of the input that is open", "the shape of the input, as in --input 1,64,56,56"
        )
    return ast.Tuple(
        [ast.Constant(size) if keep else element for keep, element, size in zip(is_none, value.elts, sizes, strict=True)], ast.Load()
    )

"""The layers and functions of Paddle as its documentation describes them: `paddle.nn`, channels first, averages without padding.

Source: https://www.paddlepaddle.org.cn/documentation/docs/en/api/paddle/nn/Overview_en.html
"""

from __future__ import annotations

from ....cases.model.layers import make_layers
from ....cases.model.pool import FIRST, LAST
from ...contract import Adapter

MEANS = {
    "kernel_size": "kernel", "stride": "stride", "padding": "padding", "ceil_mode": "ceil_mode", "exclusive": "exclusive",
    "divisor_override": "divisor_override", "norm_type": "p", "output_size": "output_size", "data_format": "data_format",
}  # fmt: skip
FORMATS = {1: ("NCL", "NLC"), 2: ("NCHW", "NHWC"), 3: ("NCDHW", "NDHWC")}
WORDS = {"data_format": {letters: place for pair in FORMATS.values() for letters, place in zip(pair, (FIRST, LAST), strict=True)}}
RULES = {"ceil_window": "kept", "pad_limit": "none", "empty_max": "lowest"}
"""What the documentation leaves open, as Paddle 3.3.1 answered 24 inputs."""
REDUCED = {"axis": "axes", "keepdim": "keepdims"}


def signatures(rank: int) -> dict[str, tuple[str, str]]:
    """The arguments of each layer in so many dimensions, and its operation."""
    data_format = f", data_format={FORMATS[rank][0]!r}" if rank > 1 else ""
    average = "exclusive=True, ceil_mode=False" if rank == 1 else "ceil_mode=False, exclusive=True, divisor_override=None"
    return {
        "MaxPool": (f"kernel_size, stride=None, padding=0, return_mask=False, ceil_mode=False{data_format}, name=None", "max_pool"),
        "AvgPool": (f"kernel_size, stride=None, padding=0, {average}{data_format}, name=None", "avg_pool"),
        "AdaptiveMaxPool": ("output_size, return_mask=False, name=None", "adaptive_max_pool"),
        "AdaptiveAvgPool": (f"output_size{data_format}, name=None", "adaptive_avg_pool"),
        **(
            {"LPPool": (f"norm_type, kernel_size, stride=None, padding=0, ceil_mode=False{data_format}, name=None", "lp_pool")}
            if rank < 3
            else {}
        ),
    }


def function_name(layer: str, rank: int) -> str:
    """The name of the function that does the same as a layer."""
    words = {"MaxPool": "max_pool", "AvgPool": "avg_pool", "AdaptiveMaxPool": "adaptive_max_pool", "AdaptiveAvgPool": "adaptive_avg_pool"}
    return f"paddle.nn.functional.{words.get(layer, 'lp_pool')}{rank}d"


class Paddle(Adapter):
    """Paddle, which is read and not run."""

    targets = ()
    title = "Paddle"
    layers = make_layers("paddle", FIRST, MEANS, {
        f"paddle.nn.{layer}{rank}D({arguments})": (op, rank) for rank in FORMATS for layer, (arguments, op) in signatures(rank).items()
    }, documented=True, words=WORDS, rules=RULES)  # fmt: skip
    functions = {
        **make_layers("paddle", FIRST, MEANS, {
            f"{function_name(layer, rank)}({arguments})": (op, rank) for rank in FORMATS for layer, (arguments, op) in signatures(rank).items()
        }, documented=True, words=WORDS, rules=RULES),
        **make_layers("paddle", FIRST, REDUCED, {
            "paddle.mean(axis=None, keepdim=False, name=None)": ("global_avg_pool", 0),
            "paddle.max(axis=None, keepdim=False, name=None)": ("global_max_pool", 0),
            "paddle.amax(axis=None, keepdim=False, name=None)": ("global_max_pool", 0),
        }, documented=True),
        **make_layers("paddle", FIRST, REDUCED, {
            "paddle.sum(axis=None, dtype=None, keepdim=False, name=None)": ("global_avg_pool", 0),
        }, documented=True, fixed={"divisor_override": 1}),
    }  # fmt: skip


ADAPTER = Paddle()

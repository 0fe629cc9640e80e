"""PyTorch: the layers of `torch.nn`, channels first, padding in cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import Adapter, Ask, Form, Gap, Target
from ..cases.layers import layers
from ..cases.pool import FIRST

MEANS = {
    "kernel_size": "kernel", "stride": "stride", "padding": "padding", "dilation": "dilation",
    "ceil_mode": "ceil_mode", "count_include_pad": "count_include_pad",
    "divisor_override": "divisor_override", "norm_type": "p", "output_size": "output_size",
}  # fmt: skip

SLIDING = {"kernel": "kernel_size", "stride": "stride", "padding": "padding", "ceil_mode": "ceil_mode"}
AVERAGE = {**SLIDING, "count_include_pad": "count_include_pad"}

MAX = "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False"
AVG = "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True"


class Torch(Adapter):
    targets = (Target("torch", ("torch",), ("torch",), "torch"),)
    unbatched = True
    arrive = "torch.from_numpy"
    leave = ".numpy"
    forms = {
        "max_pool": Form("torch.nn.MaxPool{rank}d", {**SLIDING, "dilation": "dilation"}, layer=True),
        "avg_pool1": Form("torch.nn.AvgPool1d", AVERAGE, layer=True),
        "avg_pool": Form("torch.nn.AvgPool{rank}d", {**AVERAGE, "divisor_override": "divisor_override"}, layer=True),
        "global_max_pool": Form("torch.amax", {"keepdims": "keepdim"}, axes="dim"),
        "global_avg_pool": Form("torch.mean", {"keepdims": "keepdim"}, axes="dim"),
    }
    gaps = (
        Gap("*", "padding=same", "torch's pooling has no padding by name", "torch.nn.MaxPool2d(2, padding='same')(x2)"),
        Gap("*", "padding=uneven", "torch pads both sides of an axis alike", "torch.nn.MaxPool2d(2, padding=((0, 1), (0, 1)))(x2)"),
        Gap("avg_pool*", "dilation", "torch's average pooling has no dilation", "torch.nn.AvgPool2d(2, dilation=2)(x2)"),
        Gap("avg_pool1", "divisor_override", "torch.nn.AvgPool1d has no divisor_override", "torch.nn.AvgPool1d(2, divisor_override=3)(x1)"),
        Gap("*", "data_format=channels_last", "torch's pooling has no data_format, its arrays are channels first",
            "torch.nn.MaxPool2d(2, data_format='channels_last')(x2)"),
    )  # fmt: skip
    layers = layers("torch", FIRST, MEANS, {
        **{f"torch.nn.MaxPool{rank}d({MAX})": ("max_pool", rank) for rank in (1, 2, 3)},
        f"torch.nn.AvgPool1d({AVG})": ("avg_pool", 1),
        **{f"torch.nn.AvgPool{rank}d({AVG}, divisor_override=None)": ("avg_pool", rank) for rank in (2, 3)},
        **{f"torch.nn.AdaptiveMaxPool{rank}d(output_size, return_indices=False)": ("adaptive_max_pool", rank) for rank in (1, 2, 3)},
        **{f"torch.nn.AdaptiveAvgPool{rank}d(output_size)": ("adaptive_avg_pool", rank) for rank in (1, 2, 3)},
    })  # fmt: skip

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        if name != "padding":
            return value
        if isinstance(value, str):
            return 0 if value == "valid" else self.refuse(ask, "padding=same")
        return tuple(low if low == high else self.refuse(ask, "padding=uneven") for low, high in value)

    def parameters(self, scope: Mapping[str, Any]) -> int | None:
        return sum(each.numel() for each in scope["layer"].parameters()) if "layer" in scope else None


ADAPTER = Torch()

"""PyTorch: the layers of `torch.nn`, channels first, padding in cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases.layers import aliased, layers
from ..cases.pool import FIRST, Pads
from . import Adapter, Ask, Form, Gap, Target

MEANS = {
    "kernel_size": "kernel", "stride": "stride", "padding": "padding", "dilation": "dilation",
    "ceil_mode": "ceil_mode", "count_include_pad": "count_include_pad",
    "divisor_override": "divisor_override", "norm_type": "p", "output_size": "output_size",
}  # fmt: skip

WINDOW = {"kernel": "kernel_size", "stride": "stride", "ceil_mode": "ceil_mode"}
MAX = {**WINDOW, "padding": "padding", "dilation": "dilation"}
AVERAGE_1D = {**WINDOW, "padding": "padding", "count_include_pad": "count_include_pad"}
AVERAGE = {**AVERAGE_1D, "divisor_override": "divisor_override"}
LP = {**WINDOW, "p": "norm_type"}

SIGNATURES = {
    **{
        f"torch.nn.MaxPool{rank}d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False)": ("max_pool", rank)
        for rank in (1, 2, 3)
    },
    "torch.nn.AvgPool1d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True)": ("avg_pool", 1),
    **{
        f"torch.nn.AvgPool{rank}d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None)":
        ("avg_pool", rank) for rank in (2, 3)
    },
    **{f"torch.nn.LPPool{rank}d(norm_type, kernel_size, stride=None, ceil_mode=False)": ("lp_pool", rank) for rank in (1, 2, 3)},
    **{f"torch.nn.AdaptiveMaxPool{rank}d(output_size, return_indices=False)": ("adaptive_max_pool", rank) for rank in (1, 2, 3)},
    **{f"torch.nn.AdaptiveAvgPool{rank}d(output_size)": ("adaptive_avg_pool", rank) for rank in (1, 2, 3)},
}  # fmt: skip


class Torch(Adapter):
    targets = (Target("torch", ("torch",), ("torch",), "torch"),)
    unbatched = True
    arrive = "torch.from_numpy"
    leave = ".numpy"
    forms = {
        "max_pool": Form("torch.nn.MaxPool{rank}d", MAX, layer=True, required=("kernel",)),
        "avg_pool1": Form("torch.nn.AvgPool1d", AVERAGE_1D, layer=True, required=("kernel",)),
        "avg_pool": Form("torch.nn.AvgPool{rank}d", AVERAGE, layer=True, required=("kernel",)),
        "lp_pool": Form("torch.nn.LPPool{rank}d", LP, layer=True, required=("p", "kernel")),
        "adaptive_max_pool": Form("torch.nn.AdaptiveMaxPool{rank}d", {"output_size": "output_size"}, layer=True, required=("output_size",)),
        "adaptive_avg_pool": Form("torch.nn.AdaptiveAvgPool{rank}d", {"output_size": "output_size"}, layer=True, required=("output_size",)),
        "global_max_pool": Form("torch.amax", {"keepdims": "keepdim"}, axes="dim"),
        "global_avg_pool": Form("torch.mean", {"keepdims": "keepdim"}, axes="dim"),
        "global_lp_pool": Form("torch.linalg.vector_norm", {"p": "ord", "keepdims": "keepdim"}, axes="dim"),
    }
    gaps = (
        Gap("max_pool*|avg_pool*", "kernel open", "torch's windows have no default size", "{call}()(x)"),
        Gap("lp_pool*", "kernel open", "torch's windows have no default size", "{call}(norm_type=2)(x)"),
        Gap("lp_pool*", "p open", "torch's LP pooling has no default exponent", "{call}(kernel_size=2)(x)"),
        Gap("adaptive*", "output_size open", "torch's adaptive pooling has no default size", "{call}()(x)"),
        Gap("max_pool*|avg_pool*", "padding=same", "torch's pooling has no padding by name", "{call}(2, padding='same')(x)"),
        Gap("max_pool*|avg_pool*", "padding=uneven", "torch pads both sides of an axis alike", "{call}(2, padding=((0, 1),) * {rank})(x)"),
        Gap("lp_pool*", "padding", "torch's LP pooling has no padding", "{call}(2, 2, padding=1)(x)"),
        Gap("avg_pool*", "dilation", "torch's average pooling has no dilation", "{call}(2, dilation=2)(x)"),
        Gap("lp_pool*", "dilation", "torch's LP pooling has no dilation", "{call}(2, 2, dilation=2)(x)"),
        Gap("avg_pool1", "divisor_override", "torch.nn.AvgPool1d has no divisor_override", "{call}(2, divisor_override=3)(x)"),
        Gap("max_pool*|avg_pool*|adaptive*", "data_format=channels_last", "torch's pooling has no data_format: its arrays are channels first",
            "{call}(2, data_format='channels_last')(x)"),
        Gap("lp_pool*", "data_format=channels_last", "torch's pooling has no data_format: its arrays are channels first",
            "{call}(2, 2, data_format='channels_last')(x)"),
    )  # fmt: skip
    layers = aliased(layers("torch", FIRST, MEANS, SIGNATURES), "torch.nn.", "nn.")

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        if name == "padding":
            value = self.cells(value, ask)
        return value[0] if ask.rank == 1 and isinstance(value, tuple) else value

    def cells(self, padding: str | Pads, ask: Ask) -> int | tuple[int, ...]:
        """Padding as the number of cells on both sides of each axis."""
        if padding == "valid":
            return 0
        if isinstance(padding, str):
            self.refuse(ask, "padding=same")
        return tuple(low if low == high else self.refuse(ask, "padding=uneven") for low, high in padding)

    def parameters(self, scope: Mapping[str, Any]) -> int | None:
        return sum(each.numel() for each in scope["layer"].parameters()) if "layer" in scope else None


ADAPTER = Torch()

"""The layers of PyTorch: their signatures, and what the arguments mean."""

from __future__ import annotations

from ....cases.model.layers import make_layers, with_aliases
from ....cases.model.pool import FIRST

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

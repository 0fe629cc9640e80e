"""The layers of MLX as its documentation describes them: `mlx.nn`, channels last; averages count padding.

Source: https://ml-explore.github.io/mlx/build/html/python/nn/layers.html
"""

from __future__ import annotations

from ....cases.model.layers import make_layers
from ....cases.model.pool import LAST
from ...contract import Adapter

MEANS = {"kernel_size": "kernel", "stride": "stride", "padding": "padding"}
SIGNATURE = "kernel_size, stride=None, padding=0"
REDUCED = {"axis": "axes", "keepdims": "keepdims"}


class Mlx(Adapter):
    """MLX, which is read and not run."""

    targets = ()
    title = "MLX"
    layout = LAST
    layers = {
        **make_layers("mlx", LAST, MEANS, {f"mlx.nn.MaxPool{rank}d({SIGNATURE})": ("max_pool", rank) for rank in (1, 2, 3)}, documented=True),
        **make_layers("mlx", LAST, MEANS, {
            f"mlx.nn.AvgPool{rank}d({SIGNATURE})": ("avg_pool", rank) for rank in (1, 2, 3)
        }, documented=True, fixed={"count_include_pad": True}),
    }  # fmt: skip
    functions = {
        **make_layers("mlx", LAST, REDUCED, {
            f"{module}.{name}(axis=None, keepdims=False)": (op, 0)
            for module in ("mlx.core", "mx") for name, op in (("mean", "global_avg_pool"), ("max", "global_max_pool"))
        }, documented=True),
        **make_layers("mlx", LAST, REDUCED, {
            f"{module}.sum(axis=None, keepdims=False)": ("global_avg_pool", 0) for module in ("mlx.core", "mx")
        }, documented=True, fixed={"divisor_override": 1}),
    }  # fmt: skip


ADAPTER = Mlx()

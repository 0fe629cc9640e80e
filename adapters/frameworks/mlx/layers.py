"""The pooling layers and reductions of MLX: their signatures, and what the arguments mean."""

from __future__ import annotations

from ....cases.model.layers import make_layers, with_aliases
from ....cases.model.pool import LAST

MEANS = {"kernel_size": "kernel", "stride": "stride", "padding": "padding"}
SIGNATURE = "kernel_size, stride=None, padding=0"
RANKS = (1, 2, 3)
REDUCED = {"axis": "axes", "keepdims": "keepdims"}
REDUCTIONS = {"mean": "global_avg_pool", "max": "global_max_pool"}

LAYERS = {
    **make_layers("mlx", LAST, MEANS, {f"mlx.nn.MaxPool{rank}d({SIGNATURE})": ("max_pool", rank) for rank in RANKS}),
    **make_layers("mlx", LAST, MEANS, {
        f"mlx.nn.AvgPool{rank}d({SIGNATURE})": ("avg_pool", rank) for rank in RANKS
    }, fixed={"count_include_pad": True}),
}  # fmt: skip

FUNCTIONS = with_aliases({
    **make_layers("mlx", LAST, REDUCED, {
        f"mlx.core.{name}(axis=None, keepdims=False)": (op, 0) for name, op in REDUCTIONS.items()
    }),
    **make_layers("mlx", LAST, REDUCED, {"mlx.core.sum(axis=None, keepdims=False)": ("global_avg_pool", 0)}, fixed={"divisor_override": 1}),
}, "mlx.core.", "mx.")  # fmt: skip

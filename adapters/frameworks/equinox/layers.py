"""The pooling layers of Equinox: their signatures, and what the arguments mean."""

from __future__ import annotations

from ....cases.model.layers import make_layers, with_aliases
from ....cases.model.pool import FIRST

MEANS = {"kernel_size": "kernel", "stride": "stride", "padding": "padding", "use_ceil": "ceil_mode", "target_shape": "output_size"}
SIGNATURE = "kernel_size, stride=1, padding=0, use_ceil=False"
RANKS = (1, 2, 3)

LAYERS = with_aliases({
    **make_layers("equinox", FIRST, MEANS, {f"equinox.nn.MaxPool{rank}d({SIGNATURE})": ("max_pool", rank) for rank in RANKS}, "one"),
    **make_layers("equinox", FIRST, MEANS, {
        f"equinox.nn.AvgPool{rank}d({SIGNATURE})": ("avg_pool", rank) for rank in RANKS
    }, "one", fixed={"count_include_pad": True}),
    **make_layers("equinox", FIRST, MEANS, {
        f"equinox.nn.Adaptive{kind}Pool{rank}d(target_shape)": (f"adaptive_{kind.lower()}_pool", rank)
        for kind in ("Max", "Avg") for rank in RANKS
    }),
}, "equinox.", "eqx.")  # fmt: skip

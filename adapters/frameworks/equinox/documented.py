"""The layers of Equinox as its documentation describes them: `equinox.nn`, channels first without a batch axis; averages count padding.

Source: https://docs.kidger.site/equinox/api/nn/pool/
"""

from __future__ import annotations

from ....cases.model.layers import make_layers, with_aliases
from ....cases.model.pool import FIRST
from ...contract import Adapter

MEANS = {"kernel_size": "kernel", "stride": "stride", "padding": "padding", "use_ceil": "ceil_mode", "target_shape": "output_size"}
SIGNATURE = "kernel_size, stride=1, padding=0, use_ceil=False"
RANKS = (1, 2, 3)
CEILED = {"ceil_window": "kept", "overhang": "counted", "pad_limit": "none"}
"""With `use_ceil` the far padding is extended to a whole window, and counts as padding."""
DISJOINT = {"adaptive_bins": "disjoint"}


class Equinox(Adapter):
    """Equinox, which is read and not run."""

    targets = ()
    title = "Equinox"
    unbatched = True
    layers = with_aliases({
        **make_layers("equinox", FIRST, MEANS, {f"equinox.nn.MaxPool{rank}d({SIGNATURE})": ("max_pool", rank) for rank in RANKS},
                      documented=True, rules=CEILED),
        **make_layers("equinox", FIRST, MEANS, {f"equinox.nn.AvgPool{rank}d({SIGNATURE})": ("avg_pool", rank) for rank in RANKS},
                      documented=True, rules=CEILED, fixed={"count_include_pad": True}),
        **make_layers("equinox", FIRST, MEANS, {
            f"equinox.nn.Adaptive{kind}Pool{rank}d(target_shape)": (f"adaptive_{kind.lower()}_pool", rank)
            for kind in ("Max", "Avg") for rank in RANKS
        }, documented=True, rules=DISJOINT),
    }, "equinox.", "eqx.")  # fmt: skip


ADAPTER = Equinox()

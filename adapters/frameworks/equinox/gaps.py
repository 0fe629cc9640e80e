"""What Equinox does not have."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap
from ..jax.shared import GAPS as SHARED

WINDOWED = "max_pool*|avg_pool*"
FORMAT = "Equinox has no data_format: its arrays are channels first"

GAPS = (
    Gap(WINDOWED, Feature("kernel", OPEN), "Equinox's windows have no default size", "{call}()"),
    Gap(WINDOWED, Feature("padding", "same"), "Equinox's pooling has no padding by name", "{call}(2, padding='SAME')"),
    Gap(WINDOWED, "dilation", "Equinox's pooling has no dilation", "{call}(2, dilation=2)"),
    Gap("avg_pool*", "count_include_pad", "Equinox's averages always count padding", "{call}(2, padding=1, count_include_pad=False)"),
    Gap("avg_pool*", "divisor_override", "Equinox's average pooling has no divisor_override", "{call}(2, divisor_override=3)"),
    Gap(f"{WINDOWED}|adaptive*", Feature("data_format", "channels_last"), FORMAT, "{call}(2, data_format='channels_last')"),
    Gap("conv*", Feature("data_format", "channels_last"), FORMAT,
        "{call}(2, 2, 2, key=jax.random.key(0), data_format='channels_last')"),
    Gap("conv*", Feature("weights", OPEN), "a convolution needs weights", "{call}(kernel_size=(2,) * {rank})(x)"),
    Gap("adaptive*", Feature("output_size", OPEN), "Equinox's adaptive pooling has no default size", "{call}()"),
    Gap("adaptive_max_pool*", "indices", "Equinox's maxima do not say where they were found", "{call}(2, return_indices=True)"),
    Gap("lp_pool*", "op", "Equinox has no LP pooling", "equinox.nn.LPPool{rank}d(2, 2)"),
    *SHARED,
)  # fmt: skip

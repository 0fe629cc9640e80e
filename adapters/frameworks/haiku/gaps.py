"""What Haiku does not have."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap
from ..jax.shared import GAPS as SHARED

WINDOWED = "max_pool*|avg_pool*"
POOLED = "{call}(x, (1, 1) + (2,) * {rank}, (1, 1) + (2,) * {rank}, "
NAMES = "Haiku's padding is VALID or SAME"

GAPS = (
    Gap(WINDOWED, Feature("kernel", OPEN), "Haiku's windows have no default size", "{call}(x, strides=2, padding='VALID')"),
    Gap(WINDOWED, Feature("stride", OPEN), "Haiku's strides have no default", "{call}(x, 2, padding='VALID')"),
    Gap(WINDOWED, Feature("padding", "explicit"), NAMES, POOLED + "((0, 0), (0, 0)) + ((1, 1),) * {rank})"),
    Gap(WINDOWED, Feature("padding", "same_lower"), NAMES, POOLED + "'SAME_LOWER')"),
    Gap(WINDOWED, "dilation", "Haiku's pooling has no dilation", POOLED + "'VALID', dilation=2)"),
    Gap(WINDOWED, "ceil_mode", "Haiku's pooling has no ceil_mode", POOLED + "'VALID', ceil_mode=True)"),
    Gap("avg_pool*", "count_include_pad", "Haiku's averages never count padding", POOLED + "'SAME', count_include_pad=True)"),
    Gap("avg_pool*", "divisor_override", "Haiku's average pooling has no divisor_override", POOLED + "'VALID', divisor_override=3)"),
    Gap("lp_pool*|adaptive*", "op", "Haiku has no such pooling", "haiku.{op}(x, 2, 2, 'VALID')"),
    Gap("conv*", Feature("weights", OPEN), "a convolution needs weights", "haiku.ConvND({rank}, kernel_shape=2)"),
    *SHARED,
)  # fmt: skip

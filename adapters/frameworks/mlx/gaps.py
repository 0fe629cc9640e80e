"""What MLX does not have."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap

WINDOWED = "max_pool*|avg_pool*"
FORMAT = "MLX has no data_format: its arrays are channels last"
BATCH = "MLX's layers need a batch axis"
WEIGHTS = "mlx.core.ones((2,) + (2,) * {rank} + (2,))"

GAPS = (
    Gap("lp_pool*|adaptive*|max_unpool*|fractional*|input*", "op", "MLX has no such layer", "mlx.nn.{op}{rank}d(x, 2)"),
    Gap("global_lp_pool2|global_lp_pool3", "op", "MLX has no norm of vectors over several axes", "mlx.core.linalg.vector_norm(x)"),
    Gap(WINDOWED, Feature("kernel", OPEN), "MLX's windows have no default size", "{call}()"),
    Gap("upsample_nearest*", Feature("kernel", OPEN), "MLX's up-sampling has no default factor", "{call}(mode='nearest')"),
    Gap("upsample_nearest*", "output_size", "MLX up-samples by a factor, not to a size", "{call}(size=12, mode='nearest')"),
    Gap(WINDOWED, Feature("batched", "false"), BATCH, "{call}(2)(x[0])"),
    Gap("upsample_nearest*", Feature("batched", "false"), BATCH, "assert {call}(2)(x[0]).shape == (12,) * {rank} + (2,)"),
    Gap("conv*", Feature("batched", "false"), "MLX's convolution needs a batch axis", f"{{call}}(x[0], {WEIGHTS})"),
    Gap("conv*", Feature("weights", OPEN), "MLX's convolution needs weights", "{call}(x)"),
    Gap("max_pool*", "indices", "MLX's maxima do not say where they were found", "{call}(2, return_indices=True)"),
    Gap("global_max_pool*", "indices", "mlx.core.max does not say where it was found", "{call}(x, return_indices=True)"),
    Gap(WINDOWED, Feature("padding", "same"), "MLX's pooling has no padding by name", "{call}(2, padding='same')"),
    Gap("conv*", Feature("padding", "same"), "MLX's convolution has no padding by name", f"{{call}}(x, {WEIGHTS}, padding='same')"),
    Gap(WINDOWED, Feature("padding", "uneven"), "MLX pads both sides of an axis alike", "{call}(2, padding=((0, 1),) * {rank})(x)"),
    Gap(WINDOWED, "dilation", "MLX's pooling has no dilation", "{call}(2, dilation=2)"),
    Gap(WINDOWED, "ceil_mode", "MLX's pooling has no ceil_mode", "{call}(2, ceil_mode=True)"),
    Gap("avg_pool*", "count_include_pad", "MLX's averages always count padding", "{call}(2, padding=1, count_include_pad=False)"),
    Gap("avg_pool*", "divisor_override", "MLX's average pooling has no divisor_override", "{call}(2, divisor_override=3)"),
    Gap(f"{WINDOWED}|upsample_nearest*", Feature("data_format", "channels_first"), FORMAT, "{call}(2, data_format='channels_first')"),
    Gap("conv*", Feature("data_format", "channels_first"), FORMAT, f"{{call}}(x, {WEIGHTS}, data_format='channels_first')"),
)  # fmt: skip

"""What tinygrad does not have."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap

WINDOWED = "max_pool*|avg_pool*"
WINDOW = "{call}(x, (2,) * {rank}, "
UNPOOLED = "{call}(x, x.cast('int32'), (2,) * {rank}, "
CONVOLVED = "{call}(x, x.ones_like().pad(((0, 1),) + ((0, 0),) * ({rank} + 1)), "
FORMAT = "tinygrad has no data_format: its arrays are channels first"
BATCH = "tinygrad's convolutions and un-poolings have a batch axis always"

GAPS = (
    Gap("lp_pool*|adaptive*|fractional*|input*", "op", "tinygrad has no such pooling", "tinygrad.Tensor.{op}2d"),
    Gap("global_lp_pool*", "op", "tinygrad has no norm", "tinygrad.Tensor.norm"),
    Gap("max_pool1|max_pool3|avg_pool1|avg_pool3", Feature("kernel", OPEN), "tinygrad's default window has two axes",
        "assert {call}(x).shape == (1, 2) + (3,) * {rank}"),
    Gap("max_unpool3", Feature("kernel", OPEN), "tinygrad's default window has two axes",
        "assert {call}(x, x.cast('int32')).shape == (1, 2) + (12,) * {rank}"),
    Gap("upsample_nearest*", Feature("output_size", OPEN), "tinygrad's up-sampling has no default size", "{call}(x, mode='nearest')"),
    Gap("upsample_nearest*", "kernel", "tinygrad up-samples to a size, not by a factor", "{call}(x, scale_factor=2, mode='nearest')"),
    Gap("max_unpool*", Feature("batched", "false"), BATCH,
        "assert {call}(x[0], x[0].cast('int32'), (2,) * {rank}).shape == (2,) + (12,) * {rank}"),
    Gap("conv*", Feature("batched", "false"), BATCH, CONVOLVED.replace("(x,", "(x[0],") + "padding=0)"),
    Gap("max_unpool*", Feature("indices", OPEN), "tinygrad's un-pooling needs indices", "{call}(x, kernel_size=(2,) * {rank})"),
    Gap("conv*", Feature("weights", OPEN), "tinygrad's convolution needs weights", "{call}(x)"),
    Gap("global_max_pool*", "indices", "tinygrad's max does not say where it was found", "{call}(x, axis=(2,), return_indices=True)"),
    Gap(WINDOWED, Feature("padding", "same"), "tinygrad has no padding by name", WINDOW + "padding='same')"),
    Gap("max_unpool*", Feature("padding", "same"), "tinygrad has no padding by name", UNPOOLED + "padding='same')"),
    Gap("conv*", Feature("padding", "same"), "tinygrad has no padding by name", CONVOLVED + "padding='same')"),
    Gap("avg_pool*", "divisor_override", "tinygrad's averages have no divisor_override", WINDOW + "divisor_override=3)"),
    Gap(WINDOWED, Feature("data_format", "channels_last"), FORMAT, WINDOW + "data_format='channels_last')"),
    Gap("max_unpool*", Feature("data_format", "channels_last"), FORMAT, UNPOOLED + "data_format='channels_last')"),
    Gap("upsample_nearest*", Feature("data_format", "channels_last"), FORMAT, "{call}(x, (12,) * {rank}, 'nearest', data_format='channels_last')"),
    Gap("conv*", Feature("data_format", "channels_last"), FORMAT, CONVOLVED + "data_format='channels_last')"),
)  # fmt: skip

"""What Paddle does not have."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap

WINDOWED = "max_pool*|avg_pool*"
LP = "lp_pool1|lp_pool2"
RESIZED = "upsample_nearest2|upsample_nearest3"
SIZELESS = "Paddle's windows have no default size"
BATCH = "Paddle's layers need a batch axis"
CONVOLVED = "{call}(x, paddle.ones((2, 2) + (2,) * {rank})"
UNPOOLED = "{call}(x, paddle.zeros(x.shape, 'int64'), 2"

GAPS = (
    Gap("fractional_max_pool*", "op", "Paddle's fractional pooling takes one random number, and no samples",
        "paddle.nn.FractionalMaxPool{rank}D(3, kernel_size=2, random_samples=x)"),
    Gap("lp_pool3", "op", "Paddle has no LP pooling in three dimensions", "paddle.nn.LPPool3D(2, 2)"),
    Gap("upsample_nearest1", "op", "Paddle's nearest up-sampling is for two and three dimensions",
        "paddle.nn.functional.interpolate(x, scale_factor=2, mode='nearest', data_format='NCW')"),
    Gap("input*", "op", "Paddle has no layer for its input", "paddle.nn.Input(x.shape)"),
    Gap("global_max_pool*", "indices", "paddle.amax does not say where its maxima are", "{call}(x, return_mask=True)"),
    Gap(WINDOWED, Feature("batched", "false"), BATCH, "{call}(2)(x[0])"),
    Gap(LP, Feature("batched", "false"), BATCH, "{call}(2, 2)(x[0])"),
    Gap("adaptive*", Feature("batched", "false"), BATCH, "{call}(2)(x[0])"),
    Gap("conv*", Feature("batched", "false"), "Paddle's convolution needs a batch axis", CONVOLVED.replace("x,", "x[0],") + ")"),
    Gap("max_unpool*", Feature("batched", "false"), "Paddle's un-pooling needs a batch axis", "{call}(x[0], paddle.zeros(x[0].shape, 'int64'), 2)"),
    Gap(RESIZED, Feature("batched", "false"), "Paddle's up-sampling needs a batch axis",
        "assert list({call}(x[0], scale_factor=2, mode='nearest').shape) == [2] + [12] * {rank}"),
    Gap("conv*", Feature("weights", OPEN), "Paddle's convolution needs weights", "{call}(x)"),
    Gap("max_unpool*", Feature("indices", OPEN), "Paddle's un-pooling needs indices", "{call}(x, kernel_size=2)"),
    Gap(WINDOWED, Feature("kernel", OPEN), SIZELESS, "{call}()"),
    Gap(LP, Feature("kernel", OPEN), SIZELESS, "{call}(2)"),
    Gap("max_unpool*", Feature("kernel", OPEN), SIZELESS, "{call}(x, paddle.zeros(x.shape, 'int64'))"),
    Gap(RESIZED, Feature("kernel", OPEN), "Paddle's up-sampling has no default factor", "{call}(x, mode='nearest')"),
    Gap(LP, Feature("p", OPEN), "Paddle's LP pooling has no default exponent", "{call}(kernel_size=2)"),
    Gap("adaptive*", Feature("output_size", OPEN), "Paddle's adaptive pooling has no default size", "{call}()"),
    Gap(f"{WINDOWED}|conv*", Feature("padding", "same_lower"), "Paddle's padding is VALID, SAME or in cells",
        "paddle.nn.functional.{op}{rank}d(x, paddle.ones((2, 2) + (2,) * {rank}) if '{op}' == 'conv' else 2, padding='SAME_LOWER')"),
    Gap(LP, Feature("padding", "same_lower"), "Paddle's padding is VALID, SAME or in cells", "{call}(2, 2, padding='SAME_LOWER')(x)"),
    Gap("max_unpool2|max_unpool3", Feature("padding", "same"), "Paddle's un-pooling has no padding by name", UNPOOLED + ", padding='SAME')"),
    Gap("max_unpool2|max_unpool3", Feature("padding", "uneven"), "Paddle's un-pooling pads both sides of an axis alike",
        UNPOOLED + ", padding=[0, 1] * {rank})"),
    Gap(WINDOWED, "dilation", "Paddle's pooling has no dilation", "{call}(2, dilation=2)"),
    Gap(LP, "dilation", "Paddle's pooling has no dilation", "{call}(2, 2, dilation=2)"),
    Gap("avg_pool1", "divisor_override", "paddle.nn.AvgPool1D has no divisor_override", "{call}(2, divisor_override=3)"),
    Gap("max_pool1|avg_pool1|adaptive_max_pool*|adaptive_avg_pool1", Feature("data_format", "channels_last"),
        "These layers have no data_format: their arrays are channels first", "{call}(2, data_format='NLC')"),
    Gap("max_pool2|max_pool3", Feature("data_format", "channels_last", beside="indices"), "Paddle finds maxima in arrays with channels first only",
        "{call}(2, return_mask=True, data_format={{2: 'NHWC', 3: 'NDHWC'}}[{rank}])(x)"),
    Gap("max_unpool*", Feature("data_format", "channels_last"), "Paddle's un-pooling takes arrays with channels first",
        UNPOOLED + ", data_format={{1: 'NLC', 2: 'NHWC', 3: 'NDHWC'}}[{rank}])"),
)  # fmt: skip

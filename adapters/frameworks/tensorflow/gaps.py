"""What TensorFlow does not have."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap

PLAIN = "tensorflow+plain"
"""The target without oneDNN."""

WINDOWED = "max_pool*|avg_pool*"
POOLED = "tensorflow.nn.pool(x, (2,) * {rank}, '{op}'[:3].upper(), "
LOCATED = "tensorflow.nn.max_pool_with_argmax(x, 2, "
STRIDES = "[1] * ({rank} + 2)"
CONVOLVED = f"{{call}}(x, tensorflow.ones((2,) * {{rank}} + (2, 2)), {STRIDES}, "
FIRST = "data_format=('NCW', 'NCHW', 'NCDHW')[{rank} - 1])"
EXPLICIT = "[[0, 0]] + [[1, 1]] * {rank} + [[0, 0]]"

CONVERTED = "tensorflow.lite.TFLiteConverter.from_concrete_functions([tensorflow.function(lambda x: {}).get_concrete_function(x)], tensorflow.Module()).convert()"

GAPS = (
    Gap("max_pool3|avg_pool3", Feature("op", beside="LiteRT"), "a model for LiteRT has no pooling in 3 dimensions",
        CONVERTED.format("{call}(x, 2, 2, 'VALID')"), "tensorflow+litert"),
    Gap("max_pool2", Feature("indices", beside="LiteRT"), "a model for LiteRT has no maximum that says where it is",
        CONVERTED.format(f"{LOCATED}2, 'VALID')"), "tensorflow+litert"),
    Gap("*", Feature("gradient", beside="LiteRT"), "a model for LiteRT does not differentiate", "ai_edge_litert.interpreter.Interpreter.gradient",
        "tensorflow+litert"),
    Gap("lp_pool*", "op", "tf.nn has no LP pooling", "tensorflow.nn.pool(x, (2,) * {rank}, 'LP')"),
    Gap("global_lp_pool*|adaptive*|max_unpool*", "op", "tf.nn has no such pooling", "tensorflow.nn.{op}{rank}d(x, 2)"),
    Gap("fractional_max_pool*", "op", "tf.nn's fractional pooling takes a seed, and no samples",
        "tensorflow.nn.fractional_max_pool(x, [1.0, 1.5, 1.5, 1.0], samples=x)"),
    Gap("upsample_nearest1|upsample_nearest3", "op", "tf.image resizes in 2 dimensions only",
        "tensorflow.image.resize(x, (12,) * {rank}, 'nearest')"),
    Gap("input*", "op", "TensorFlow itself has no layer for its input", "tensorflow.nn.input((6,) * {rank})"),
    Gap(WINDOWED, Feature("batched", "false"), "tf.nn's pooling needs a batch axis",
        "assert {call}(x[0], 2, 2, 'VALID').shape == (3,) * {rank} + (2,)"),
    Gap("conv*", Feature("batched", "false"), "tf.nn's convolution needs a batch axis", f"assert {CONVOLVED.replace('x,', 'x[0],')}'VALID').shape == (5,) * {{rank}} + (2,)"),
    Gap("conv*", Feature("weights", OPEN), "tf.nn's convolution needs weights", f"{{call}}(x, None, {STRIDES}, 'VALID')"),
    Gap("max_pool1|max_pool3", "indices", "tf.nn says where its maxima are in 2 dimensions only", f"{LOCATED}2, 'VALID')"),
    Gap("max_pool2", Feature("indices", beside="XLA"), "XLA has no maximum that says where it is",
        f"tensorflow.function(lambda x: {LOCATED}2, 'VALID'), jit_compile=True)(x)"),
    Gap("global_avg_pool*", "mask", "tf.reduce_mean takes no mask", "{call}(x, axis=1, mask=x > 0)"),
    Gap("global_max_pool*", "indices", "tf.reduce_max does not say where its maxima are", "{call}(x, axis=1, include_batch_in_index=False)"),
    Gap(WINDOWED, Feature("kernel", OPEN), "tf.nn's windows have no default size", "{call}(x, strides=2, padding='VALID')"),
    Gap(WINDOWED, Feature("stride", OPEN), "tf.nn's strides have no default", "{call}(x, ksize=2, padding='VALID')"),
    Gap("upsample_nearest2", "kernel", "tf.image resizes to a size, not by a factor", "{call}(x, scale=2, method='nearest')"),
    Gap("upsample_nearest2", Feature("output_size", OPEN), "tf.image resizes to a size, not by a factor", "{call}(x, method='nearest')"),
    Gap(WINDOWED, Feature("padding", "same_lower"), "tf.nn's padding is VALID, SAME or, for some, explicit", "{call}(x, 2, 2, 'SAME_LOWER')"),
    Gap("conv*", Feature("padding", "same_lower"), "tf.nn's padding is VALID, SAME or, for some, explicit", f"{CONVOLVED}'SAME_LOWER')"),
    Gap("max_pool3|avg_pool*", Feature("padding", "explicit"), "tf.nn takes explicit padding for maxima in 1 and 2 dimensions only",
        f"{{call}}(x, 2, 2, {EXPLICIT})"),
    Gap("conv1|conv3", Feature("padding", "explicit"), "tf.nn takes explicit padding for convolutions in 2 dimensions only", f"{CONVOLVED}{EXPLICIT})"),
    Gap(WINDOWED, "ceil_mode", "tf.nn's pooling has no ceil_mode", "{call}(x, 2, 2, 'VALID', ceil_mode=True)"),
    Gap("avg_pool*", "count_include_pad", "tf.nn's averages have no count_include_pad", "{call}(x, 2, 2, 'SAME', count_include_pad=True)"),
    Gap("avg_pool*", "divisor_override", "tf.nn's averages have no divisor_override", "{call}(x, 2, 2, 'VALID', divisor_override=3)"),
    Gap(WINDOWED, Feature("stride", beside="dilation"), "tf.nn.pool takes a stride over one or a dilation over one, not both",
        f"{POOLED}strides=(2,) * {{rank}}, dilations=(2,) * {{rank}})"),
    Gap(WINDOWED, Feature("padding", "same", beside="dilation"), "tf.nn.pool dilates without padding only",
        f"{POOLED}padding='SAME', dilations=(2,) * {{rank}})"),
    Gap("max_pool1|max_pool3|avg_pool1|avg_pool3", Feature("padding", "explicit", beside="dilation"), "tf.nn.pool takes explicit padding in 2 dimensions only",
        f"{POOLED}padding={EXPLICIT}, dilations=(2,) * {{rank}})"),
    Gap("max_pool2", Feature("indices", beside="dilation"), "tf.nn.max_pool_with_argmax has no dilation", f"{LOCATED}1, 'VALID', dilations=2)"),
    Gap("max_pool2", Feature("padding", "explicit", beside="indices"), "tf.nn.max_pool_with_argmax takes no explicit padding", f"{LOCATED}2, {EXPLICIT})"),
    Gap("max_pool2|upsample_nearest2", Feature("data_format", "channels_first"), "tf.nn.max_pool_with_argmax and tf.image take arrays with channels last",
        f"{LOCATED}2, 'VALID', data_format='NCHW') if '{{op}}' == 'max_pool' else {{call}}(x, (12, 12), 'nearest', data_format='NCHW')"),
    Gap(WINDOWED, Feature("data_format", "channels_first", beside=PLAIN), "TensorFlow pools arrays with channels first on a processor only with oneDNN",
        f"{{call}}(x, 2, 2, 'VALID', {FIRST}", PLAIN),
    Gap("conv*", Feature("data_format", "channels_first", beside=PLAIN), "TensorFlow convolves arrays with channels first on a processor only with oneDNN",
        f"{{call}}(x, tensorflow.ones((2,) * {{rank}} + (6, 2)), {STRIDES}, 'VALID', {FIRST}", PLAIN),
    Gap("conv3", Feature("dilation", beside=PLAIN), "TensorFlow convolves volumes with holes on a processor only with oneDNN",
        f"{CONVOLVED}'VALID', dilations=[1, 2, 2, 2, 1])", PLAIN),
)  # fmt: skip

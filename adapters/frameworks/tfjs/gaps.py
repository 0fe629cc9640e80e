"""What TensorFlow.js does not have. Its functions ignore arguments that they do not know, so a gap is proved by answers that ignore it."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap

X = "const t = tf.tensor(x.data, x.shape), k = Array({rank}).fill(2), one = Array({rank}).fill(1); "
WINDOWED = "max_pool*|avg_pool*"
PLANES = "max_pool2|avg_pool2|max_pool3|avg_pool3"
LINES = "max_pool1|avg_pool1"
PAIRS = "[[0, 0], ...k.map(() => [1, 1]), [0, 0]]"


def fail_if_ignored(call: str, plain: str) -> str:
    """Code that fails if a call with a further argument gives what the plain call gives."""
    return (
        f"{X}const a = await ({call}).data(), b = await ({plain}).data(); "
        "if (String(a) === String(b)) throw new Error('the argument is ignored');"
    )


GAPS = (
    Gap("lp_pool*|global_lp_pool*|adaptive*|max_unpool*|fractional_max_pool*", "op", "TensorFlow.js has no such pooling",
        f"{X}tf.{{op}}(t, k)"),
    Gap("input*", "op", "the functions of TensorFlow.js have no layer for their input", "tf.input_layer([6])"),
    Gap("upsample_nearest1|upsample_nearest3", "op", "tf.image resizes in 2 dimensions only", f"{X}tf.image.resizeNearestNeighbor(t, Array({{rank}}).fill(12))"),
    Gap("upsample_nearest2", "kernel", "tf.image resizes to a size, not by a factor", f"{X}tf.image.resizeNearestNeighbor(t, {{scale: 2}})"),
    Gap("upsample_nearest2", Feature("output_size", OPEN), "tf.image resizes to a size, not by a factor", f"{X}tf.image.resizeNearestNeighbor(t)"),
    Gap("upsample_nearest2", Feature("data_format", "channels_first"), "tf.image takes arrays with channels last",
        fail_if_ignored("tf.image.resizeNearestNeighbor(t, [4, 4], false, false, 'NCHW')", "tf.image.resizeNearestNeighbor(t, [4, 4])")),
    Gap("max_pool2|avg_pool2|avg_pool3", Feature("kernel", OPEN), "tf's windows have no default size", f"{X}{{call}}(t, undefined, k, 'valid')"),
    Gap(PLANES, Feature("stride", OPEN), "tf's strides have no default", f"{X}{{call}}(t, k, undefined, 'valid')"),
    Gap(LINES, "ceil_mode", "tf.layers has no rounding of sizes",
        fail_if_ignored("{call}({poolSize: 4, strides: 4, ceilMode: true}).apply(t)", "{call}({poolSize: 4, strides: 4}).apply(t)")),
    Gap(LINES, "dilation", "tf.layers has no dilation of windows",
        fail_if_ignored("{call}({poolSize: 2, dilations: 2}).apply(t)", "{call}({poolSize: 2}).apply(t)")),
    Gap(LINES, Feature("padding", "explicit"), "tf.layers pads by name", f"{X}{{call}}({{poolSize: 2, padding: [1, 1]}}).apply(t)"),
    Gap("max_pool3|avg_pool3", Feature("padding", "explicit"), "tf's pooling in 3 dimensions pads by a number or a name", f"{X}{{call}}(t, k, k, {PAIRS})"),
    Gap(WINDOWED, Feature("padding", "same_lower"), "TensorFlow.js has no such padding",
        f"{X}('{{rank}}' === '1') ? {{call}}({{poolSize: 2, padding: 'same_lower'}}).apply(t) : {{call}}(t, k, k, 'same_lower')"),
    Gap("avg_pool*", "count_include_pad", "TensorFlow.js never counts padding",
        fail_if_ignored("('{rank}' === '1') ? {call}({poolSize: 4, strides: 4, padding: 'same', countIncludePad: true}).apply(t) : {call}(t, Array({rank}).fill(4), Array({rank}).fill(4), 'same', undefined, {countIncludePad: true})",
                "('{rank}' === '1') ? {call}({poolSize: 4, strides: 4, padding: 'same'}).apply(t) : {call}(t, Array({rank}).fill(4), Array({rank}).fill(4), 'same')")),
    Gap("avg_pool*", "divisor_override", "TensorFlow.js divides by the number of cells",
        fail_if_ignored("('{rank}' === '1') ? {call}({poolSize: 2, divisorOverride: 3}).apply(t) : {call}(t, k, k, 'valid', undefined, {divisorOverride: 3})",
                "('{rank}' === '1') ? {call}({poolSize: 2}).apply(t) : {call}(t, k, k, 'valid')")),
    Gap("max_pool1", "indices", "tf.layers does not say where its maxima are", f"{X}{{call}}({{poolSize: 2}}).apply(t).indexes.shape"),
    Gap("global_max_pool*", "indices", "tf.max does not say where its maxima are", f"{X}tf.max(t, [1], false).indexes.shape"),
    Gap("max_pool2|max_pool3", Feature("ceil_mode", beside="indices"), "tf.maxPoolWithArgmax has no rounding of sizes",
        fail_if_ignored("tf.maxPoolWithArgmax(t, [4, 4], [4, 4], 'valid', false, 'ceil').result", "tf.maxPoolWithArgmax(t, [4, 4], [4, 4], 'valid').result")),
    Gap("max_pool2|avg_pool2|max_pool3|avg_pool3", Feature("stride", beside="dilation"), "tf.pool takes a stride over one or a dilation over one, not both",
        f"{X}tf.pool(t, k, 'max', 'valid', k, k)"),
    Gap("max_pool3|avg_pool3", "dilation", "tf.pool takes 2 dimensions", f"{X}tf.pool(t, k, 'max', 'valid', k, one)"),
    Gap("max_pool2", Feature("indices", beside="dilation"), "tf.maxPoolWithArgmax has no dilation",
        fail_if_ignored("tf.maxPoolWithArgmax(t, [2, 2], [1, 1], 'valid', false, {dilations: 2}).result", "tf.maxPoolWithArgmax(t, [2, 2], [1, 1], 'valid').result")),
    Gap(WINDOWED, Feature("data_format", "channels_first"), "the pooling of TensorFlow.js takes arrays with channels last",
        fail_if_ignored("('{rank}' === '1') ? {call}({poolSize: 2, dataFormat: 'channelsFirst'}).apply(t) : {call}(t, k, k, 'valid', undefined, 'NCHW')",
                "('{rank}' === '1') ? {call}({poolSize: 2}).apply(t) : {call}(t, k, k, 'valid')")),
    Gap("conv*", Feature("weights", OPEN), "a convolution needs weights", f"{X}tf.conv{{rank}}d(t, undefined, 1, 'valid')"),
    Gap("conv*", Feature("stride", beside="dilation"), "a convolution takes a stride over one or a dilation over one, not both",
        f"{X}tf.conv{{rank}}d(t, tf.ones([...k, 2, 2]), {{rank}} === 1 ? 2 : k, 'valid', 'N' + 'DHW'.slice(3 - {{rank}}) + 'C', {{rank}} === 1 ? 2 : k)"),
    Gap("max_pool2|max_pool3", Feature("batched", "false", "indices"), "tf.maxPoolWithArgmax needs a batch axis",
        "const t = tf.tensor(x.data, x.shape).squeeze([0]); tf.maxPoolWithArgmax({rank} === 3 ? t.squeeze([0]) : t, [2, 2], [2, 2], 'valid')"),
    Gap("conv*", Feature("weights", "groups"), "convolutions of TensorFlow.js have no groups", f"{X}tf.conv{{rank}}d(t, tf.ones([...k, 1, 2]), {{rank}} === 1 ? 1 : one, 'valid')"),
    Gap("conv*", Feature("padding", "same_lower"), "TensorFlow.js has no such padding", f"{X}tf.conv{{rank}}d(t, tf.ones([...k, 2, 2]), {{rank}} === 1 ? 1 : one, 'same_lower')"),
    Gap("conv1|conv3", Feature("padding", "explicit"), "convolutions in 1 and 3 dimensions pad by a number or a name",
        f"{X}tf.conv{{rank}}d(t, tf.ones([...k, 2, 2]), {{rank}} === 1 ? 1 : one, {PAIRS})"),
    Gap("conv*", Feature("data_format", "channels_first"), "convolutions of TensorFlow.js take arrays with channels last",
        f"{X}tf.conv{{rank}}d(t, tf.ones([...k, 2, 2]), {{rank}} === 1 ? 1 : one, 'valid', {{rank}} === 1 ? 'NCW' : {{rank}} === 2 ? 'NCHW' : 'NCDHW')"),
    Gap("flatten*", Feature("batched", "false"), "tf.layers needs a batch axis", "tf.layers.flatten().apply(tf.ones([]))"),
)  # fmt: skip

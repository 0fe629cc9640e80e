"""What Keras does not have."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap

WINDOWED = "max_pool*|avg_pool*"
CONVOLVED = "{call}(2, 2, "
INPUT = "entry = keras.layers.Input(x.shape[1:]); keras.Model(entry, entry)"
NAMED = "Keras pads by 'valid' and 'same' only"
BATCHED = "Keras' layers need a batch axis"

FITTED = "model = keras.Sequential([keras.layers.Flatten()]); model.compile(loss='mse'); model.fit(x, x.reshape(1, -1), verbose=0)"

GAPS = (
    Gap("input*", Feature("op", beside="ONNX Runtime"), "Keras takes no model of an input alone as a part of another model",
        f"{INPUT.replace('; ', '; model = ')}; outer = keras.layers.Input(batch_shape=x.shape, name='x'); keras.Model(outer, model(outer))",
        "keras-tensorflow+onnx|keras-torch+onnx"),
    Gap("*", Feature("gradient", beside="ONNX Runtime"), "an ONNX model that Keras exports does not differentiate",
        "onnxruntime.InferenceSession.gradient", "keras-tensorflow+onnx|keras-torch+onnx"),
    Gap("*", Feature("gradient", beside="numpy as backend"), "Keras does not differentiate on NumPy", FITTED, "keras-numpy"),
    Gap("*", Feature("gradient", beside="openvino as backend"), "Keras does not differentiate on OpenVINO", FITTED, "keras-openvino"),
    Gap("lp_pool*", "op", "Keras has no LP pooling", "keras.layers.LPPooling{rank}D(2)(x)"),
    Gap("global_lp_pool*", "op", "Keras has no LP pooling", "keras.layers.GlobalLPPooling{rank}D()(x)"),
    Gap("max_unpool*", "op", "Keras has no un-pooling from indices", "keras.layers.MaxUnpooling{rank}D(2)(x, x)"),
    Gap("fractional_max_pool*", "op", "Keras has no fractional pooling", "keras.layers.FractionalMaxPooling{rank}D(2, 2)(x)"),
    Gap(f"{WINDOWED}|adaptive*", Feature("batched", "false"), BATCHED,
        "assert {call}(2)(x[0]).shape in {(3,) * {rank} + (2,), (2,) * {rank} + (2,)}"),
    Gap("global*|upsample_nearest*", Feature("batched", "false"), BATCHED, "{call}()(x[0])"),
    Gap("conv*", Feature("batched", "false"), BATCHED, f"{CONVOLVED}use_bias=False)(x[0])"),
    Gap("flatten*", Feature("batched", "false"), BATCHED, "assert {call}()(x[0]).shape == (x[0].size,)"),
    Gap("input*", Feature("batched", "false"), BATCHED, f"{INPUT}(x[0])"),
    Gap("max_pool*", "indices", "Keras does not say where its maxima are", "{call}(2, return_indices=True)(x)"),
    Gap("global_max_pool*", "indices", "Keras does not say where its maxima are", "{call}(return_indices=True)(x)"),
    Gap("adaptive_max_pool*", "indices", "Keras does not say where its maxima are", "{call}(2, return_indices=True)(x)"),
    Gap("global_avg_pool2|global_avg_pool3", "mask", "Keras masks the steps of a line only", "{call}()(x, x[..., 0] > 0)"),
    Gap("conv*", Feature("weights", OPEN), "Keras' convolution needs the number of filters", "{call}(kernel_size=2)(x)"),
    Gap("avg_pool*", Feature("kernel", OPEN), "Keras' averages have no default window", "{call}()(x)"),
    Gap("adaptive*", Feature("output_size", OPEN), "Keras' adaptive pooling has no default size", "{call}()(x)"),
    Gap("upsample_nearest*", "output_size", "Keras samples up by a factor, not to a size", "{call}(output_size=12)(x)"),
    Gap(WINDOWED, Feature("padding", "explicit"), NAMED, "{call}(2, padding=((1, 1),) * {rank})(x)"),
    Gap("conv*", Feature("padding", "explicit"), NAMED, f"{CONVOLVED}padding=((1, 1),) * {{rank}})(x)"),
    Gap(WINDOWED, Feature("padding", "same_lower"), NAMED, "{call}(3, strides=1, padding='same_lower').compute_output_shape(x.shape)"),
    Gap("conv*", Feature("padding", "same_lower"), NAMED, f"{CONVOLVED}padding='same_lower')(x)"),
    Gap(WINDOWED, "dilation", "Keras' pooling has no dilation", "{call}(2, dilation_rate=2)(x)"),
    Gap("conv*", Feature("stride", beside="dilation"), "Keras takes a stride over one or a dilation over one, not both",
        f"{CONVOLVED}strides=2, dilation_rate=2)(x)"),
    Gap(WINDOWED, "ceil_mode", "Keras' pooling has no ceil_mode", "{call}(2, ceil_mode=True)(x)"),
    Gap("avg_pool*", "count_include_pad", "Keras' averages have no count_include_pad", "{call}(2, count_include_pad=True)(x)"),
    Gap("avg_pool*", "divisor_override", "Keras' averages have no divisor_override", "{call}(2, divisor_override=3)(x)"),
    Gap("upsample_nearest1", Feature("data_format", "channels_first"), "keras.layers.UpSampling1D has no data_format",
        "{call}(2, data_format='channels_first')(x)"),
)  # fmt: skip

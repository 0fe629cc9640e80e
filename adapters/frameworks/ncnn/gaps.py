"""What ncnn does not have."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap

WINDOWED = "max_pool*|avg_pool*"
LOADED = """import numpy
def run(parameters):
    net = ncnn.Net()
    assert net.load_param_mem('7767517\\n2 2\\nInput x 0 1 x\\n{call} y 1 1 x y ' + parameters + '\\n') == 0
    net.load_model_mem('')
    extractor = net.create_extractor()
    image = ncnn.Mat(x[0])
    extractor.input('x', image)
    status, y = extractor.extract('y')
    assert status == 0
    return numpy.array(y)
"""
SET_TYPE = LOADED.replace("{call}", "Pooling") + "x = numpy.arange(32).astype('float16').reshape(1, 2, 4, 4)\n"
POOLED = LOADED + "plain = run('0=1 1=2 2=2 5=1')\n"
OTHERS = POOLED + "numbers = {{*range(32)}} - {{*range(9), 11, 12, 13, 14, 15, 16, 18, 21, 22, 23, 28}}\n"
EFFECTIVE = OTHERS + "assert any(not numpy.array_equal(run(f'0=1 1=2 2=2 5=1 {{number}}=3'), plain) for number in numbers)"
"""Finds a parameter, among those that the documentation does not have, that has an effect."""

GAPS = (
    Gap("lp_pool*|global_lp_pool*", "op", "ncnn has no pooling by norms", "ncnn.create_layer('LpPooling').type"),
    Gap("max_unpool*|fractional*", "op", "ncnn has no such layer", "ncnn.create_layer('{op}').type"),
    Gap("upsample_nearest3", "op", "ncnn up-samples along two axes only", "ncnn.create_layer('Interp3D').type"),
    Gap("conv3", "op", "ncnn's three-dimensional convolution takes weights from a file only", "ncnn.create_layer('Convolution3D').dynamic_weight"),
    Gap("*", "dtype", "ncnn's layers read arrays as 32-bit floats, whatever these are",
        SET_TYPE + "assert numpy.array_equal(run('0=0 1=1 5=1'), x[0])"),
    Gap(WINDOWED, Feature("kernel", OPEN), "ncnn's windows have no default size", LOADED + "run('0=0 5=1')"),
    Gap("upsample_nearest1|upsample_nearest2", Feature("kernel", OPEN), "ncnn's up-sampling has no default factor",
        LOADED + "assert run('0=1').shape[-1] > x.shape[-1]"),
    Gap("adaptive*", Feature("output_size", OPEN), "ncnn's adaptive pooling has no default size", LOADED + "assert run('0=0 7=1').size"),
    Gap("conv1|conv2", Feature("weights", OPEN), "a convolution needs weights", LOADED + "run('0=2 1=2 19=1')"),
    Gap("max_pool*|adaptive_max_pool*|global_max_pool*", "indices", "ncnn's maxima do not say where they were found",
        LOADED.replace("y 1 1 x y", "y 1 2 x y indices") + "run('0=0 1=2 2=2 5=1')"),
    Gap(WINDOWED, "dilation", "ncnn's pooling has no dilation", EFFECTIVE),
    Gap("avg_pool*", "divisor_override", "ncnn's averages have no divisor of their own", EFFECTIVE),
    Gap("global_max_pool*|global_avg_pool*", "keepdims", "ncnn's global pooling drops the spatial axes", LOADED + "assert run('0=0 4=1').ndim == x.ndim - 1"),
    Gap("*", Feature("data_format", "channels_last"), "ncnn's arrays are channels first", LOADED + "assert run('0=0 1=2 2=2 5=1').shape[-1] == x.shape[-1]"),
)  # fmt: skip

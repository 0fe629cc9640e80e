"""What people write is read: every spelling of a layer means the same as the layer itself, and what is no pooling is said to be none."""

import re

import numpy as np
import pytest

from poolparity.adapters.targets.find import find_targets
from poolparity.cases.fast.vectorised import outcome
from poolparity.cases.model.call_text import BadSpelling
from poolparity.cases.model.pool import Pool
from poolparity.cases.model.rules import Rules
from poolparity.reports.port.reading import Input, collect_tables, find_readings
from poolparity.reports.port.request import Unportable, read_source, read_sources
from poolparity.reports.port.samples import distinct_sample

FOUND = find_targets()
TABLES = collect_tables(FOUND)
IMAGE = (1, 64, 56, 48)
LINE = (1, 64, 56)


def read(text, shape=(), **more):
    return find_readings(text, TABLES, Input(shape, **more))


def meaning_of(text, shape=(), **more):
    """What one pooling in a text means: its framework, its parameters, and its layout."""
    [reading] = read(text, shape, **more)
    if reading.problem:
        raise reading.problem
    spelling = reading.spelling
    parameters = {name: value for name, value in spelling.full_pool.stated_parameters().items() if name != "data_format"}
    return spelling.layer.framework, spelling.layer.op, parameters, spelling.data_format


SPELLINGS = {
    # torch: layers, functions, methods, exported programs, printed models
    "torch.nn.MaxPool2d(3, 2, 1)": (
        "nn.MaxPool2d(kernel_size=3, stride=2, padding=1)",
        "self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)",
        "self.pool: nn.Module = nn.MaxPool2d(3, 2, 1)",
        "MaxPool2d(3, stride=2, padding=1)",
        "(maxpool): MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)",
        "maxpool: MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)",
        "nn.MaxPool2d((3, 3), (2, 2), (1, 1)),",
        "'pool': nn.MaxPool2d(3, 2, 1),",
        "('pool1', nn.MaxPool2d(kernel_size=3, stride=2, padding=1))",
        "OrderedDict([('conv0', nn.Conv2d(3, 64, 7)), ('pool0', nn.MaxPool2d(kernel_size=3, stride=2, padding=1))])",
        "layers += [nn.MaxPool2d(kernel_size=3, stride=2, padding=1)]",
        "layers.append(nn.MaxPool2d(3, 2, 1))",
        "self.features.add_module('pool0', nn.MaxPool2d(kernel_size=3, stride=2, padding=1))",
        "nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))",
        "x = self.bn(nn.MaxPool2d(3, 2, 1)(x))",
        "F.max_pool2d(x, 3, 2, 1)",
        "F.max_pool2d(F.relu(self.conv1(x)), kernel_size=3, stride=2, padding=1)",
        "x = F.max_pool2d(input=x, kernel_size=3, stride=2, padding=1)",
        "nn.functional.max_pool2d(x, 3, 2, 1)",
        "torch.nn.functional.max_pool2d(x, 3, 2, 1)",
        "torch.max_pool2d(x, 3, 2, 1)",
        "max_pool2d(x, 3, 2, 1)",
        "from torch.nn.functional import max_pool2d as mp\nmp(x, 3, 2, 1)",
        "import torch.nn as tnn\ntnn.MaxPool2d(3, 2, 1)",
        "F.max_pool2d(x, 3, 2, 1).flatten(1)",
        "F.max_pool2d(x, 3, 2, 1).view(x.size(0), -1)",
        "torch.flatten(F.max_pool2d(x, 3, 2, 1), 1)",
        "torch.ops.aten.max_pool2d.default(relu, [3, 3], [2, 2], [1, 1])",
        "aten.max_pool2d(relu, [3, 3], [2, 2], [1, 1])",
        "k = 3\nself.pool = nn.MaxPool2d(k, stride=2, padding=k // 2)",
        "def forward(self, x, k=3):\n    return F.max_pool2d(x, k, 2, (k - 1) // 2)",
        "nn.MaxPool2d(kernel_size=3, stride=2, padding=(3 - 1) // 2)",
        ">>> nn.MaxPool2d(3, 2, 1)",
        "```python\nnn.MaxPool2d(3, 2, 1)\n```",
        "nn.MaxPool2d(kernel_size=(3,) * 2, stride=2, padding=1)  # 112 -> 56",
    ),
    "torch.nn.MaxPool2d(2, return_indices=True)": (
        "F.max_pool2d_with_indices(x, 2)",
        "F.max_pool2d(x, 2, return_indices=True)",
        "pooled, indices = F.max_pool2d(x, kernel_size=2, return_indices=True)",
        "torch.ops.aten.max_pool2d_with_indices.default(x, [2, 2], [])",
        "getitem = torch.ops.aten.max_pool2d_with_indices.default(x, [2, 2], [])[0]",
    ),
    "torch.nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)": (
        "F.avg_pool2d(x, kernel_size=3, stride=1, padding=1, count_include_pad=False)",
        "F.avg_pool2d(x, 3, 1, 1, False, False)",
        "torch._C._nn.avg_pool2d(x, 3, 1, 1, False, False)",
        "aten.avg_pool2d(x, [3, 3], [1, 1], [1, 1], False, False)",
        "self.pool = nn.AvgPool2d(3, stride=1, padding=3 // 2, count_include_pad=False)",
    ),
    "torch.nn.AvgPool1d(4, 4)": ("torch.avg_pool1d(x, 4, 4)", "F.avg_pool1d(x, kernel_size=4, stride=4)"),
    "timm.layers.pool2d_same.MaxPool2dSame(3, 2)": (
        "MaxPool2dSame(kernel_size=3, stride=2)",
        "from timm.layers.pool2d_same import MaxPool2dSame\nself.pool = MaxPool2dSame(3, 2)",
        "max_pool2d_same(x, [3, 3], [2, 2])",
        "create_pool2d('max', 3, 2, padding='same')",
        "timm.layers.create_pool2d(pool_type='max', kernel_size=(3, 3), stride=2, padding='SAME')",
    ),
    "timm.layers.pool2d_same.AvgPool2dSame(2, 2)": (
        "AvgPool2dSame(2, stride=2, ceil_mode=True, count_include_pad=False)",
        "timm.layers.avg_pool2d_same(x, (2, 2), (2, 2))",
        "create_pool2d('avg', 2, padding='same')",
    ),
    "torch.nn.MaxPool2d(3, 1, padding=1)": ("create_pool2d('max', 3, 1, padding='same')", "create_pool2d('max', 3, 1)", "create_pool2d('max', 3, stride=1, padding=1)"),
    "torch.nn.AvgPool2d(2, 2, count_include_pad=False)": ("create_pool2d('avg', 2, count_include_pad=False, padding='valid')",),
    "torch.nn.MaxPool2d(2)": (
        "reduce(x, 'b c (h h2) (w w2) -> b c h w', 'max', h2=2, w2=2)",
        "einops.reduce(x, 'b c (h 2) (w 2) -> b c h w', reduction='max')",
        "nn.Sequential(Reduce('b c (h 2) (w 2) -> b c h w', 'max'), nn.Flatten())",
        "functools.partial(nn.MaxPool2d, 2)",
    ),
    "torch.nn.AvgPool2d((1, 3))": ("reduce(x, 'b c h (w 3) -> b c h w', 'mean')",),
    "torch.amax(x, (2, 3), True)": ("einops.reduce(x, 'b c h w -> b c 1 1', 'max')", "reduce(x, 'b c h w -> b c () ()', 'max')"),
    "torch.nn.LPPool2d(2, 3, stride=2)": ("F.lp_pool2d(x, 2, 3, 2)", "F.lp_pool2d(x, norm_type=2, kernel_size=3, stride=2)"),
    "torch.nn.AdaptiveAvgPool2d(1)": (
        "nn.AdaptiveAvgPool2d((1, 1))",
        "self.avgpool = nn.AdaptiveAvgPool2d(output_size=(1, 1))",
        "(avgpool): AdaptiveAvgPool2d(output_size=(1, 1))",
        "F.adaptive_avg_pool2d(x, 1)",
        "F.adaptive_avg_pool2d(x, (1, 1)).flatten(1)",
        "F.adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1)",
        "F.adaptive_avg_pool2d(x, output_size=1).reshape(x.shape[0], -1)",
        "torch.flatten(nn.functional.adaptive_avg_pool2d(x, (1, 1)), 1)",
        "torch.ops.aten._adaptive_avg_pool2d.default(x, [1, 1])",
        "torch.ops.aten.adaptive_avg_pool2d(x, [1, 1])",
        "F.avg_pool2d(x, x.shape[2:])",
        "F.avg_pool2d(x, x.shape[-2:])",
        "F.avg_pool2d(x, x.size()[2:])",
        "F.avg_pool2d(x, kernel_size=x.size()[2:])",
        "F.avg_pool2d(x, (x.size(2), x.size(3)), stride=1)",
        "F.avg_pool2d(features, kernel_size=(features.shape[-2], features.shape[-1]))",
        "F.interpolate(x, size=(1, 1), mode='area')",
        "self.global_pool = SelectAdaptivePool2d(pool_type='avg', flatten=True)",
    ),
    "torch.nn.Upsample(scale_factor=2)": (
        "F.interpolate(x, scale_factor=2)",
        "nn.functional.interpolate(x, scale_factor=2.0, mode='nearest')",
        "self.up = nn.Upsample(scale_factor=(2, 2), mode='nearest')",
        "nn.UpsamplingNearest2d(scale_factor=2)",
    ),
    "torch.amax(x, (3, 2), True)": ("torch.max(torch.max(x, 3, keepdim=True)[0], 2, keepdim=True)[0]",),
    "paddle.nn.AdaptiveAvgPool2D(1, 'NHWC')": ("F.adaptive_avg_pool2d(x, 1, data_format='NHWC')",),
    "paddle.nn.MaxPool2D(2, stride=2)": ("nn.MaxPool2D(2, stride=2)", "nn.MaxPool2D(kernel_size=2, stride=2)"),
    "paddle.nn.MaxPool2D(3, stride=2, padding=((1, 0), (2, 1)))": (
        "paddle.nn.MaxPool2D(3, stride=2, padding=[1, 0, 2, 1])",
        "paddle.nn.functional.max_pool2d(x, 3, 2, (1, 0, 2, 1))",
    ),
    "torch.nn.MaxUnpool2d(2, stride=2)": ("F.max_unpool2d(x, indices, 2)", "F.max_unpool2d(x, indices=indices, kernel_size=(2, 2), stride=2)"),
    "torch.nn.AdaptiveMaxPool2d((7, 5))": ("F.adaptive_max_pool2d(x, (7, 5))", "nn.AdaptiveMaxPool2d(output_size=[7, 5])"),
    "torch.mean(x, (2, 3))": (
        "reduce(x, 'b c h w -> b c', 'mean')",
        "self.pool = Reduce('b c h w -> b c', 'mean')",
        "x.mean([2, 3])",
        "x.mean((2, 3))",
        "x.mean(dim=(2, 3))",
        "x.mean(dim=[-1, -2])",
        "x.mean((-2, -1), keepdim=False)",
        "x = self.features(x).mean([2, 3])",
        "torch.mean(x, dim=[2, 3])",
        "torch.mean(x, [-2, -1])",
        "torch.mean(x, axis=(2, 3))",
        "torch.ops.aten.mean.dim(x, [2, 3])",
        "x.mean(3).mean(2)",
        "x.mean(dim=-1).mean(dim=-1)",
        "x.mean(2).mean(2)",
        "x.flatten(2).mean(-1)",
        "x.flatten(start_dim=2).mean(dim=2)",
        "torch.flatten(x, 2).mean(-1)",
        "x.view(x.size(0), x.size(1), -1).mean(dim=2)",
        "x.reshape(b, c, -1).mean(-1)",
        "last_hidden_state.mean([-2, -1])",
    ),
    "torch.mean(x, (2, 3), keepdim=True)": (
        "x.mean((2, 3), keepdim=True)",
        "x.mean([2, 3], True)",
        "x.mean(dim=(-2, -1), keepdim=True)",
        "x.mean(2, keepdim=True).mean(3, keepdim=True)",
        "torch.ops.aten.mean.dim(x, [-1, -2], True)",
    ),
    "torch.amax(x, (2, 3))": ("x.amax((2, 3))", "x.amax(dim=(-1, -2))", "torch.amax(x, dim=(2, 3))", "aten.amax(x, [2, 3])", "x.amax(3).amax(2)"),
    "torch.amax(x, (3, 2))": ("x.flatten(2).max(-1).values", "x.max(dim=3)[0].max(dim=2)[0]"),
    "torch.sum(x, (2, 3))": ("x.sum([2, 3])", "x.sum(dim=(2, 3))", "torch.ops.aten.sum.dim_IntList(x, [2, 3])"),
    # Keras and TensorFlow
    "keras.layers.MaxPooling2D(3, strides=2, padding='same')": (
        "layers.MaxPooling2D(3, strides=2, padding='same')",
        "MaxPooling2D(pool_size=(3, 3), strides=(2, 2), padding='same', name='block1_pool')(x)",
        "x = layers.MaxPool2D((3, 3), 2, padding='same')(x)",
        "tf.keras.layers.MaxPool2D(3, 2, 'same')",
        "model.add(MaxPooling2D(3, strides=2, padding='same', input_shape=(56, 56, 3)))",
        "keras.Sequential([layers.Conv2D(8, 3), layers.MaxPooling2D(3, strides=2, padding='same'), layers.Flatten()])",
        "from tensorflow.keras import layers as L\nL.MaxPooling2D(3, strides=2, padding='same')",
        "from keras.layers import MaxPooling2D\nx = MaxPooling2D(3, strides=2, padding='same')(x)",
        "keras.layers.MaxPooling2D(3, strides=2, border_mode='same')",
        "keras.layers.TimeDistributed(keras.layers.MaxPooling2D(3, strides=2, padding='same'))",
        "keras.ops.max_pool(x, 3, strides=2, padding='same')",
        "ops.max_pool(x, (3, 3), 2, 'same')",
        "keras.backend.pool2d(x, (3, 3), (2, 2), padding='same')",
        "K.pool2d(x, (3, 3), strides=(2, 2), padding='same', pool_mode='max')",
    ),
    "keras.layers.AveragePooling2D((2, 2))": (
        "keras.layers.AvgPool2D(2)",
        "keras.ops.average_pool(x, 2)",
        "tf.keras.backend.pool2d(x, (2, 2), (2, 2), pool_mode='avg')",
        "layers.AveragePooling2D(2, strides=2)",
    ),
    "keras.layers.GlobalAveragePooling2D()": (
        "x = layers.GlobalAveragePooling2D(name='avg_pool')(x)",
        "GlobalAveragePooling2D()(x)",
        "keras.layers.GlobalAvgPool2D()",
        "keras.ops.mean(x, axis=(1, 2))",
        "ops.mean(x, axis=[1, 2])",
        "keras.ops.mean(x, (-3, -2))",
        "K.mean(x, axis=[1, 2])",
        "layers.Lambda(lambda t: K.mean(t, axis=[1, 2]))(x)",
    ),
    "keras.layers.GlobalMaxPooling2D(keepdims=True)": ("keras.ops.max(x, axis=(1, 2), keepdims=True)", "keras.ops.amax(x, (1, 2), True)"),
    "tf.nn.max_pool2d(x, 2, 2, 'SAME')": (
        "tf.nn.max_pool2d(x, ksize=2, strides=2, padding='SAME')",
        "tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')",
        "tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')",
        "tf.nn.max_pool(value=x, ksize=2, strides=2, padding='SAME')",
        "tf.nn.max_pool_with_argmax(x, 2, 2, 'SAME')",
        "tf.nn.pool(x, [2, 2], 'MAX', strides=[2, 2], padding='SAME')",
        "tf.compat.v1.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')",
        "tf.compat.v1.layers.max_pooling2d(x, 2, 2, padding='same')",
        "tf.layers.max_pooling2d(inputs=x, pool_size=[2, 2], strides=2, padding='same')",
        "slim.max_pool2d(net, [2, 2], padding='SAME', scope='pool1')",
    ),
    "tf.nn.avg_pool2d(x, 3, 1, 'VALID')": (
        "tf.nn.pool(x, (3, 3), 'AVG')",
        "tf.nn.avg_pool(x, 3, 1, 'VALID')",
        "tf.layers.average_pooling2d(x, 3, 1)",
        "slim.avg_pool2d(net, [3, 3], stride=1)",
    ),
    "tf.reduce_mean(x, [1, 2])": (
        "tf.reduce_mean(x, axis=[1, 2])",
        "tf.math.reduce_mean(x, (1, 2))",
        "tf.reduce_mean(input_tensor=x, axis=[1, 2], name='global_pool')",
        "tf.compat.v1.reduce_mean(x, reduction_indices=[1, 2])",
        "tf.reduce_mean(x, [1, 2], keep_dims=False, name='pool5')",
        "layers.Lambda(lambda x: tf.reduce_mean(x, axis=[1, 2]))",
    ),
    "tf.reduce_max(x, [1, 2], keepdims=True)": ("tf.math.reduce_max(x, axis=(1, 2), keepdims=True)",),
    "tf.reduce_mean(x, [2, 3])": ("tf.math.reduce_mean(x, axis=[2, 3])",),
    # JAX and Flax
    "flax.linen.max_pool(x, (2, 2), strides=(2, 2))": (
        "nn.max_pool(x, (2, 2), strides=(2, 2))",
        "x = nn.max_pool(x, window_shape=(2, 2), strides=(2, 2), padding='VALID')",
        "linen.max_pool(x, (2, 2), (2, 2))",
        "import flax.linen as fnn\nfnn.max_pool(x, (2,) * 2, strides=(2, 2))",
        "nn.pool(x, -jnp.inf, lax.max, (2, 2), (2, 2), 'VALID')",
        "nn.Sequential([nn.Conv(32, (3, 3)), nn.relu, partial(f), lambda x: nn.max_pool(x, (2, 2), (2, 2))])",
    ),
    "flax.nnx.avg_pool(x, (2, 2), (2, 2))": ("nnx.avg_pool(x, window_shape=(2, 2), strides=(2, 2))",),
    "jax.lax.reduce_window(x, -jax.numpy.inf, jax.lax.max, (1, 3, 3, 1), (1, 2, 2, 1), 'SAME')": (
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 2, 2, 1), 'SAME')",
        "jax.lax.reduce_window(x, -np.inf, jax.lax.max, (1, 3, 3, 1), window_strides=(1, 2, 2, 1), padding='SAME')",
        ("jax.lax.reduce_window(operand=x, init_value=float('-inf'), computation=jax.lax.max, window_dimensions=(1, 3, 3, 1), "
        "window_strides=(1, 2, 2, 1), padding='SAME')"),
        "lax.reduce_window(x, jnp.finfo(x.dtype).min, lax.max, (1, 3, 3, 1), (1, 2, 2, 1), 'SAME')",
        ("jax.lax.reduce_window(x, init_value=-numpy.inf, computation=jax.lax.max, window_dimensions=(1, 3, 3, 1), "
        "window_strides=(1, 2, 2, 1), padding='SAME')"),
    ),
    "jax.lax.reduce_window(x, 0, jax.lax.add, (1, 1, 2, 2), (1, 1, 2, 2), 'VALID') / 4": (
        "lax.reduce_window(x, 0., lax.add, (1, 1, 2, 2), (1, 1, 2, 2), 'VALID') / 4.0",
        "sums = lax.reduce_window(x, 0.0, lax.add, (1, 1, 2, 2), (1, 1, 2, 2), 'VALID')\ny = sums / (2 * 2)",
        ("sums = jax.lax.reduce_window(x, init_value=0, computation=jax.lax.add, window_dimensions=(1, 1, 2, 2), "
        "window_strides=(1, 1, 2, 2), padding='VALID')\ny = jax.numpy.divide(sums, 4)"),
    ),
    "jax.numpy.mean(x, (1, 2))": (
        "jnp.mean(x, axis=(1, 2))",
        "x.mean(axis=(1, 2))",
        "x.mean((1, 2))",
        "import jax.numpy as np\nnp.mean(x, axis=(1, 2))",
        "jnp.mean(x, axis=(-3, -2))",
    ),
    "jax.numpy.max(x, (1, 2), keepdims=True)": (
        "jnp.max(x, axis=(1, 2), keepdims=True)",
        "x.max(axis=(1, 2), keepdims=True)",
        "jnp.amax(x, axis=(1, 2), keepdims=True)",
    ),
    "jax.numpy.sum(x, (1, 2))": ("jnp.sum(x, axis=(1, 2))", "x.sum(axis=(1, 2))", "jax.lax.reduce_sum(x, (1, 2))"),
    # ONNX
    "onnx.MaxPool(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])": (
        "onnx.helper.make_node('MaxPool', ['x'], ['y'], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])",
        "helper.make_node('MaxPool', inputs=['x'], outputs=['y'], name='pool', kernel_shape=(3, 3), strides=(2, 2), pads=(1, 1, 1, 1))",
        "make_node('MaxPool', ['x'], ['y'], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], auto_pad='NOTSET')",
        "node = oh.make_node('MaxPool', ['x'], ['y', 'i'], kernel_shape=[3] * 2, strides=[2, 2], pads=[1] * 4)",
        "op.MaxPool(x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])",
        "opset18.MaxPool(x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])",
    ),
    "onnx.GlobalAveragePool()": ("onnx.helper.make_node('GlobalAveragePool', ['x'], ['y'])", "op.GlobalAveragePool(x)"),
    "onnx.ReduceMean(axes=[2, 3])": (
        "onnx.helper.make_node('ReduceMean', ['x'], ['y'], axes=[2, 3], keepdims=1)",
        "onnx.helper.make_node('ReduceMean', ['x'], ['y'], axes=[-1, -2])",
        "op.ReduceMean(x, [2, 3])",
        ("axes = onnx.helper.make_tensor('axes', onnx.TensorProto.INT64, (2,), (2, 3))\n"
        "node = onnx.helper.make_node('ReduceMean', ['x', 'axes'], ['y'], keepdims=1)"),
        ("a = numpy.array([2, 3], 'int64')\nb = onnx.numpy_helper.from_array(a, 'axes')\n"
        "node = onnx.helper.make_node('ReduceMean', ['x', 'axes'], ['y'])"),
    ),
    "onnx.ReduceMax(axes=[2, 3], keepdims=0)": ("onnx.helper.make_node('ReduceMax', ['x'], ['y'], axes=[2, 3], keepdims=0)",),
    # frameworks that are read and not run
    "haiku.MaxPool(window_shape=(3, 3, 1), strides=(2, 2, 1), padding='SAME')": (
        "hk.MaxPool(window_shape=(3, 3, 1), strides=(2, 2, 1), padding='SAME')",
        "hk.MaxPool(3, 2, 'SAME')",
        "hk.max_pool(x, window_shape=(1, 3, 3, 1), strides=(1, 2, 2, 1), padding='SAME')",
        "hk.max_pool(x, 3, 2, 'SAME')",
    ),
    "haiku.AvgPool(2, 2, 'VALID')": ("hk.avg_pool(x, window_shape=2, strides=2, padding='VALID')",),
    "equinox.nn.MaxPool2d(2, 2)": ("eqx.nn.MaxPool2d(kernel_size=2, stride=2)", "import equinox.nn as enn\nenn.MaxPool2d(2, 2)"),
    "equinox.nn.AdaptiveAvgPool2d(1)": ("eqx.nn.AdaptiveAvgPool2d((1, 1))",),
    "paddle.nn.AvgPool2D(3, 2, 1)": (
        "paddle.nn.AvgPool2D(kernel_size=3, stride=2, padding=1, exclusive=True)",
        "paddle.nn.functional.avg_pool2d(x, 3, 2, 1)",
        "from paddle import nn\nnn.AvgPool2D(3, 2, 1)",
    ),
    "paddle.nn.AdaptiveAvgPool2D(1)": ("paddle.nn.functional.adaptive_avg_pool2d(x, 1)",),
    "mlx.nn.MaxPool2d(2, 2)": ("import mlx.nn as nn\nnn.MaxPool2d(kernel_size=2, stride=2)",),
}  # fmt: skip
PAIRS = [(text, canonical) for canonical, texts in SPELLINGS.items() for text in texts]
DEFAULTS = {"stride", "padding", "dilation", "ceil_mode", "count_include_pad", "keepdims", "divisor_override"}
"""Parameters that some spellings of a pooling state, and others leave to a default of the same effect."""
NEED_AXES = 6
"""Spellings with one number for all axes of a function that serves inputs with any number of axes."""


def shape_for(canonical):
    """An input that the layer takes."""
    return LINE if "Pool1d" in canonical else IMAGE


@pytest.mark.parametrize(("text", "canonical"), PAIRS)
def test_a_spelling_means_what_the_layer_means(text, canonical):
    shape = shape_for(canonical)
    (framework, op, parameters, layout), expected = meaning_of(text, shape), meaning_of(canonical, shape)
    assert (framework, op, layout) == (expected[0], expected[1], expected[3])
    both = parameters.keys() & expected[2]
    assert {name: parameters[name] for name in both} == {name: expected[2][name] for name in both}
    assert parameters.keys() ^ expected[2].keys() <= DEFAULTS


def test_the_input_is_needed_only_where_one_number_stands_for_all_axes():
    needy = []
    for text, canonical in PAIRS:
        try:
            assert meaning_of(text) == meaning_of(text, shape_for(canonical))
        except BadSpelling as bad:
            needy.append(str(bad))
    assert len(needy) == NEED_AXES
    assert all("has no meaning" in text and text.endswith("expected one integer for each spatial axis") for text in needy)


def test_no_spelling_is_listed_twice():
    assert len(PAIRS) == len(set(PAIRS))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())", ["max_pool", "adaptive_avg_pool"]),
        ("x = F.max_pool2d(x, 2)\nx = self.conv(x)\nx = F.avg_pool2d(x, 2)\nreturn x.mean([2, 3])", ["max_pool", "avg_pool", "global_avg_pool"]),
        ("F.avg_pool2d(F.max_pool2d(x, 2), 3)", ["max_pool", "avg_pool"]),
        (("Sequential(\n  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n  (1): MaxPool2d(kernel_size=2, stride=2)\n"
         "  (2): AvgPool2d(kernel_size=2, stride=2, padding=0)\n)"), ["max_pool", "avg_pool"]),
        (("class Net(nn.Module):\n    def __init__(self):\n        self.a = nn.MaxPool2d(2)\n    def forward(self, x):\n"
         "        return F.adaptive_avg_pool2d(self.a(x), 1)"), ["max_pool", "adaptive_avg_pool"]),
        ("torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)", ["global_avg_pool", "global_max_pool"]),
        ("0.5 * (F.adaptive_avg_pool2d(x, 1) + F.adaptive_max_pool2d(x, 1))", ["adaptive_avg_pool", "adaptive_max_pool"]),
        ("gap = x.mean(dim=(2, 3)); loss = gap.mean(); z = y.mean(1)", ["global_avg_pool"]),
        ("x = layers.MaxPooling2D(2)(x)\n# this line is { no python\nx = layers.GlobalAveragePooling2D()(x)", ["max_pool", "global_avg_pool"]),
    ],
)  # fmt: skip
def test_every_pooling_of_a_text_is_found_in_its_order(text, kinds):
    assert [reading.spelling.layer.op for reading in read(text)] == kinds


def test_an_average_without_padding_is_a_sum_over_the_windows_of_ones():
    text = """
sums = jax.lax.reduce_window(x, 0., jax.lax.add, (1, 3, 3, 1), (1, 1, 1, 1), 'SAME')
ones = jax.numpy.ones_like(x)
cells = jax.lax.reduce_window(ones, 0., jax.lax.add, (1, 3, 3, 1), (1, 1, 1, 1), 'SAME')
y = jax.numpy.divide(sums, cells)
"""
    _, op, parameters, _ = meaning_of(text)
    assert (op, parameters) == ("avg_pool", {"kernel": (3, 3), "stride": (1, 1), "padding": "same", "count_include_pad": False})


def test_an_unbatched_reduction_over_windows_is_recognised_by_its_windows():
    assert meaning_of("lax.reduce_window(x, -jnp.inf, lax.max, (2, 2, 1), (2, 2, 1), 'VALID')")[2]["kernel"] == (2, 2)
    assert meaning_of("lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2), (1, 2, 2), 'VALID')")[3] == "channels_first"


def test_sizes_of_the_input_are_numbers_where_it_is_known():
    assert meaning_of("F.avg_pool2d(x, x.size(2))", (1, 3, 7, 7))[2]["kernel"] == (7, 7)
    assert meaning_of("nn.AdaptiveAvgPool2d((None, 7))", (1, 3, 8, 9))[2]["output_size"] == (8, 7)


def test_the_framework_of_a_method_can_be_chosen():
    assert meaning_of("x.mean((2, 3))", framework="jax")[0] == "jax"


def test_a_single_axis_is_a_pooling_of_an_input_with_three():
    assert meaning_of("x.mean(dim=1)", (1, 196, 768)) == ("torch", "global_avg_pool", {"keepdims": False}, "channels_last")


def test_calls_around_a_pooling_are_named():
    [reading] = read("torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)")
    assert reading.around == ("flatten",)
    [reading] = read("F.adaptive_avg_pool2d(x, 1).flatten(1)")
    assert reading.around == ("flatten",)


def test_what_is_done_to_each_cell_around_a_pooling_is_named():
    [reading] = read("F.avg_pool2d(x.clamp(min=eps).pow(p), (x.size(-2), x.size(-1))).pow(1. / p)")
    assert reading.around == ("clamp", "pow", "pow")


def test_the_number_of_axes_is_asked_for_where_it_decides():
    with pytest.raises(Unportable, match="a reduction over axis 1 alone is a pooling only if the input has three axes"):
        read_source("pooled = hidden_state.mean(dim=1)", None, "float32", FOUND)
    with pytest.raises(Unportable, match="a reduction over axis 1 of an input with 4 axes is no pooling"):
        read_source("pooled = hidden_state.mean(dim=1)", [1, 3, 8, 8], "float32", FOUND)


def test_padding_before_a_pooling_is_named():
    [reading] = read("x = layers.ZeroPadding2D(1)(x)\nx = layers.MaxPooling2D(3, strides=2)(x)")
    assert reading.around == ("ZeroPadding2D",)


def test_a_comprehension_over_constants_is_written_out():
    readings = read("nn.ModuleList([nn.MaxPool2d(kernel_size=k, stride=1, padding=k // 2) for k in (5, 9, 13)])")
    assert [reading.spelling.full_pool.kernel for reading in readings] == [(5, 5), (9, 9), (13, 13)]
    assert readings[1].text == "nn.MaxPool2d(kernel_size=9, stride=1, padding=9 // 2)"


def test_arguments_without_effect_are_left_out():
    assert meaning_of("keras.layers.MaxPool2D(2, name='p', trainable=False, input_shape=(8, 9, 3), dtype='float32')")[1] == "max_pool"
    with pytest.raises(BadSpelling, match="has no argument dtype"):
        meaning_of("keras.layers.MaxPool2D(2, dtype='float16')")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nn.MaxPool2d(3, stride=s)", "argument stride: s is a variable; give a number"),
        ("nn.MaxPool2d(kernel_size, 2)", "argument kernel_size: kernel_size is a variable; give a number"),
        ("F.max_pool2d(x, self.k)", "argument kernel_size: self.k is a variable; give a number"),
        ("nn.AvgPool2d(3, padding=cfg.pad // 2)", "argument padding: cfg.pad // 2 contains the variable cfg.pad; give a number or a name"),
        ("nn.MaxPool2d(3, ceil_mode=ceil)", "argument ceil_mode: ceil is a variable; give True or False"),
        ("keras.layers.MaxPool2D(2, data_format=fmt)", "argument data_format: fmt is a variable; give its value"),
        ("F.avg_pool2d(x, x.size(2))", "argument kernel_size: x.size(2) contains the variable x; give a number"),
        ("x.mean(axes)", "argument axis: axes is a variable; give numbers"),
        ("nn.MaxPool2d(*args)", "argument kernel_size: *args contains the variable args; give a number"),
        ("nn.MaxPool2d(**kw)", "argument **: kw is a variable; give its value"),
        ("x.mean(1)", "a reduction over axis 1 alone is a pooling only if the input has three axes; expected the shape of the input"),
        ("y = self.pool(x)", "what 'self.pool' is, is not in the text; expected the line that makes it, such as self.pool = torch.nn.MaxPool2d(2)"),
        ("nn.MaxPool2d(3, 2, padding=autopad(3))", "argument padding: autopad(3) is what a function gives; give a number or a name"),
        ("MaxPool2dSame(3)", "timm.layers.pool2d_same.MaxPool2dSame lacks its stride; expected timm.layers.pool2d_same.MaxPool2dSame(kernel_size, stride, padding=0, dilation=1, ceil_mode=False)"),
        ("create_pool2d(kind, 2)", "pool_type=kind of create_pool2d; expected 'max' or 'avg'"),
        ("create_pool2d('max', k)", "the padding of create_pool2d follows from its kernel_size and stride, which are not in the text; expected numbers"),
        ("reduce(x, 'b c h w -> b c', 'prod')", "a reduction by 'prod' is no pooling; expected 'max' or 'mean' or 'sum'"),
        ("reduce(x, 'b c (h p) w -> b c h w', 'max')", "the size of p in the pattern is not in the text; expected a number, as in p=2"),
        ("reduce(x, 'b (h 2) (w 2) c -> b h w c', 'max')", "the pattern 'b (h 2) (w 2) c -> b h w c' pools the axes [1, 2], and torch those behind the first two; expected 'b c (h 2) (w 2) -> b c h w'"),
        ("reduce(x, 'b c (2 h) w -> b c h w', 'max')", "the pattern 'b c (2 h) w -> b c h w' is no pooling; expected one that reduces spatial axes, or the second part of each"),
        ("loss.mean()", "a reduction over all axes is no pooling; expected the spatial axes, such as (2, 3)"),
        ("torch.mean(x, (1, 2, 3, 4))", ("a reduction over axes 1, 2, 3, 4 is no pooling; expected exactly the spatial axes: "
         "all but the first two, or all but the first and the last")),
        ("onnx.helper.make_node('ReduceMean', ['x', 'axes'], ['y'])",
         "the axes of ReduceMean are the input 'axes', whose value is not in the text; expected axes=[2, 3]"),
        ("lax.reduce_window(x, 0., lax.max, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID')",
         "jax.lax.reduce_window starts with 0.0, which takes part in the result; expected -jax.numpy.inf"),
        ("lax.reduce_window(x, 1., lax.mul, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID')",
         "jax.lax.reduce_window reduces by lax.mul; expected jax.lax.max or jax.lax.add"),
        ("lax.reduce_window(x, -jnp.inf, lax.max, (2, 2, 2, 2), (1, 1, 1, 1), 'VALID')",
         "window_dimensions=(2, 2, 2, 2) of jax.lax.reduce_window pool over the batch or the channels; expected 1 for these axes"),
        ("F.interpolate(x, scale_factor=2, mode='bilinear')", "mode='bilinear' of F.interpolate is no pooling; expected 'area' or 'nearest'"),
        ("F.interpolate(x, scale_factor=[2, 2], mode='area')",
         "scale_factor=[2, 2] of F.interpolate states no size; expected a size, which windows follow from"),
        ("nn.Upsample(scale_factor=[1.5, 2])", "scale_factor=[1.5, 2] has no meaning for nn.Upsample; expected a whole number, or one for each spatial axis"),
        ("hk.avg_pool(x, (2, 2), 2, 'SAME')", ("window_shape=(2, 2) of hk.avg_pool is for the trailing axes, and reaches over the batch or "
         "the channels; expected one integer, or entries that end with the channels'")),
        ("x.foo(2)", "'x.foo' is not a known layer; expected a pooling layer or function, or a mean, maximum or sum over exactly the spatial axes"),
        ("torch.nn.AvgPool(2)", "'torch.nn.AvgPool' is not a known layer; expected one of torch.nn.AvgPool1d, torch.nn.AvgPool2d, torch.nn.AvgPool3d"),
        ("nn.Softmax(2)", "'nn.Softmax' is not a known layer; expected a pooling layer or function, or a mean, maximum or sum over exactly the spatial axes"),
        ("nn.MaxPool2d(3", "'nn.MaxPool2d(3' is not a call; expected a layer with literal arguments, as in keras.layers.MaxPooling1D(2)"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_what_to_write(text, message):
    with pytest.raises(BadSpelling) as error_info:
        meaning_of(text)
    assert str(error_info.value) == message


@pytest.mark.parametrize(
    "text", ["", "1 + 1", "nn.MaxPool2d", "x = 1; y = 2", "(" * 9999, "f()()()", "\0", "x.mean" + ".mean" * 3000, "[" * 3000]
)
def test_a_text_without_a_call_is_refused(text):
    with pytest.raises((BadSpelling, RecursionError)):
        read(text)


def test_a_text_has_a_limited_number_of_poolings():
    with pytest.raises(BadSpelling, match="51 poolings in one text; expected at most 50"):
        read("nn.MaxPool2d(2)\n" * 51)


def test_nothing_is_evaluated(tmp_path):
    target = tmp_path / "made"
    with pytest.raises(BadSpelling):
        read(f"open({str(target)!r}, 'w')")
    read(f"nn.MaxPool2d(2)\nopen({str(target)!r}, 'w')")
    assert not target.exists()


def test_an_integer_of_more_digits_than_python_prints_is_refused():
    with pytest.raises(BadSpelling, match="a number has too many digits; expected a number of 64 bits"):
        read(f"torch.nn.MaxPool2d(0x{'f' * 4400})")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("AdaptiveAvgMaxPool2d(1)", "AdaptiveAvgMaxPool2d is made of parts; write them out, as in 0.5 * (F.adaptive_avg_pool2d(x, 1)"),
        ("self.head = GeM(p=3)", "GeM is made of parts; write them out, as in x.clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3)"),
    ],
)
def test_a_layer_that_is_made_of_several_poolings_or_steps_is_to_be_written_out(text, advice):
    with pytest.raises(Unportable, match=re.escape(advice)):
        read_source(text, (1, 3, 8, 8), "float32", FOUND)


def test_a_loop_over_constants_is_written_out():
    text = "for k in (5, 9, 13):\n    self.pools.append(nn.MaxPool2d(kernel_size=k, stride=1, padding=k // 2))"
    sources = read_sources(text, (1, 3, 32, 32), "float32", FOUND)
    assert [(source.pool.kernel, source.pool.padding) for source in sources] == [
        ((5, 5), ((2, 2), (2, 2))), ((9, 9), ((4, 4), (4, 4))), ((13, 13), ((6, 6), (6, 6))),
    ]  # fmt: skip


def test_a_function_whose_arguments_are_bound_is_read():
    source = read_source("pool = partial(nnx.avg_pool, window_shape=(2, 2), strides=(2, 2))", (1, 8, 8, 3), "float32", FOUND)
    assert (source.framework, source.pool.kernel, source.pool.stride) == ("flax_nnx", (2, 2), (2, 2))


@pytest.mark.needs("torch")
@pytest.mark.parametrize("shape", [(2, 3, 8, 9), (1, 2, 11, 7)])
@pytest.mark.parametrize(("kind", "include"), [("max", {}), ("avg", {"count_include_pad": True})])
def test_layers_of_timm_run_as_padding_and_a_pooling_and_give_what_same_padding_means(workers, kind, include, shape):
    source = read_source(f"create_pool2d({kind!r}, 3, 2, padding='same')", shape, "float32", FOUND)
    assert source.notes == (source_note(kind),)
    sample = distinct_sample(shape, "float32")
    [answer] = source.run_samples(workers, [sample])
    pool = Pool(op=f"{kind}_pool", kernel=(3, 3), stride=(2, 2), padding="same", **include)
    np.testing.assert_allclose(answer.output, outcome(sample.tensor.value, pool, Rules(), batched=True).output, rtol=1e-6)


def source_note(kind):
    """What is assumed of a layer of timm."""
    filling = {"max": "-inf", "avg": "zeros, which averages count"}[kind]
    return f"as timm defines it: torch pools the input after it is padded as TensorFlow's SAME does, by {filling}"

"""A layer is read as people paste it, and what is no layer is left for a message to be about."""

import ast

import pytest

from poolparity.adapters.targets.find import find_targets
from poolparity.reports.port.request import find_call

FOUND = find_targets()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("pool2d = nn.MaxPool2d(3)", "nn.MaxPool2d(3)"),
        ("self.pool: Any = nn.MaxPool2d(3)", "nn.MaxPool2d(3)"),
        ("keras.layers.AveragePooling2D(pool_size = (32, 32))(x)", "keras.layers.AveragePooling2D(pool_size=(32, 32))"),
        ("x = MaxPooling2D(2)(conv1)", "keras.layers.MaxPooling2D(2)"),
        ("keras.layers.MaxPool2D(2, name='p', trainable=False, input_shape=(8, 9, 3))", "keras.layers.MaxPool2D(2)"),
        ("keras.layers.MaxPool2D(dtype='float32', pool_size=2)", "keras.layers.MaxPool2D(pool_size=2)"),
        ("keras.layers.MaxPool2D(2, dtype='float16')", "keras.layers.MaxPool2D(2, dtype='float16')"),
        ("MaxPool2d(3)", "nn.MaxPool2d(3)"),
        ("tf.nn.max_pool2d(x, 2, 2, 'SAME')", "tf.nn.max_pool2d(2, 2, 'SAME')"),
        ("tf.nn.max_pool2d(input=x, ksize=2, strides=2, padding='SAME')", "tf.nn.max_pool2d(ksize=2, strides=2, padding='SAME')"),
        ("F.max_pool2d(x, 2, 2, 0, 1, True)", "torch.nn.MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=True)"),
        ("torch.nn.functional.lp_pool1d(x, 2, kernel_size=3)", "torch.nn.LPPool1d(2, kernel_size=3)"),
        ("nn.AdaptiveAvgPool2d((None, 7))", "nn.AdaptiveAvgPool2d((8, 7))"),
        ("nn.AdaptiveAvgPool2d(output_size=[8, None])", "nn.AdaptiveAvgPool2d(output_size=(8, 9))"),
        ("nn.AdaptiveAvgPool2d(output_size=7)", "nn.AdaptiveAvgPool2d(output_size=7)"),
        ("F.avg_pool2d(F.relu(self.conv(x)), 2)", "torch.nn.AvgPool2d(2)"),
        ("tf.nn.avg_pool2d(features[0], 2, 2, 'SAME')", "tf.nn.avg_pool2d(2, 2, 'SAME')"),
        ("return F.avg_pool2d(x + y, 2)", "torch.nn.AvgPool2d(2)"),
        ("nn.MaxPool2d(3, 2),", "nn.MaxPool2d(3, 2)"),
        ("  (pool): MaxPool2d(kernel_size=3)", "nn.MaxPool2d(kernel_size=3)"),
        ("(0): MaxPool2d(kernel_size=3)", "nn.MaxPool2d(kernel_size=3)"),
        ("model.add(layers.MaxPooling2D(2))", "keras.layers.MaxPooling2D(2)"),
        ("tf.nn.max_pool(value=x, ksize=2, strides=2, padding='SAME')", "tf.nn.max_pool2d(ksize=2, strides=2, padding='SAME')"),
        ("onnx.helper.make_node('MaxPool', ['x'], ['y'], kernel_shape=(2, 2))", "onnx.MaxPool(kernel_shape=(2, 2))"),
        ("make_node('MaxPool', inputs=['x'], outputs=['y'], kernel_shape=[2, 2])", "onnx.MaxPool(kernel_shape=[2, 2])"),
        ("nn.avg_pool(x, window_shape=(2, 2), strides=(2, 2))", "nn.avg_pool(window_shape=(2, 2), strides=(2, 2))"),
    ],
)
def test_the_call_of_a_layer_is_found_in_what_people_paste(text, meant):
    assert ast.unparse(find_call(text, FOUND, (1, 3, 8, 9))) == meant


@pytest.mark.parametrize(
    "text", ["", "1 + 1", "nn.MaxPool2d(3", "nn.MaxPool2d", "x = 1; y = 2", "(" * 9999, "__import__('os').abort()", "f()()()", "\0"]
)
def test_a_text_without_a_call_has_none(text):
    assert find_call(text, FOUND, (1, 3, 8, 9)) is None

"""The lines to paste are Python, stand alone, and take the form of the framework."""

import ast

import pytest

from poolparity.adapters import Ask
from poolparity.adapters.contract import Call, LayerClass, Ref, Step
from poolparity.adapters.frameworks.keras.adapter import ADAPTER as KERAS
from poolparity.adapters.frameworks.onnxruntime.adapter import ADAPTER as ONNX
from poolparity.adapters.frameworks.torch.adapter import ADAPTER as TORCH
from poolparity.adapters.parent.snippet import FORMS, snippet
from poolparity.cases.model.pool import LAST, Pool

TWO = Pool(op="max_pool", kernel=(2, 2), stride=(2, 2))


def target_of(adapter, name):
    return next(target for target in adapter.targets if target.name == name)


def test_lines_have_neither_input_nor_environment():
    call = KERAS.call(Ask(TWO, (1, 8, 8, 3), "float32", LAST))
    assert snippet(KERAS, target_of(KERAS, "keras-jax"), call) == (
        "import keras\n\nlayer = keras.layers.MaxPooling2D(pool_size=(2, 2), strides=(2, 2))\ny = layer(x)"
    )


def test_a_type_that_is_not_the_default_is_kept():
    call = KERAS.call(Ask(TWO, (1, 8, 8, 3), "float16", LAST))
    assert "dtype='float16'" in snippet(KERAS, target_of(KERAS, "keras-jax"), call)


def test_a_layer_is_made_once():
    assert snippet(TORCH, TORCH.targets[0], TORCH.call(Ask(TWO, (1, 3, 8, 8), "float32")), "layer") == (
        "import torch\n\n"
        "class Pool(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.layer = torch.nn.MaxPool2d(kernel_size=(2, 2), stride=(2, 2))\n"
        "\n"
        "    def forward(self, x):\n"
        "        return self.layer(x)"
    )


def test_a_name_that_is_assigned_again_is_not_made_once():
    steps = (
        Step("layer", "torch.nn.ReLU"),
        Step("places", "torch.Tensor", ([1],)),
        Step("y", "layer", (Ref("x"),)),
        Step("y", "torch.add", (Ref("y"), Ref("places"))),
        Step("places", "torch.Tensor", ([2],)),
        Step("y", "torch.add", (Ref("y"), Ref("places"))),
    )
    text = snippet(TORCH, TORCH.targets[0], Call(steps), "layer")
    assert "self.layer = torch.nn.ReLU()" in text
    assert "self.places" not in text
    assert TORCH.layer_class == LayerClass("torch.nn.Module", "forward")


def test_a_mode_is_left_out():
    compiled_target = target_of(TORCH, "torch+compile")
    ask = Ask(TWO, (1, 3, 8, 8), "float32")
    assert snippet(TORCH, compiled_target, TORCH.call(ask, compiled_target)) == snippet(TORCH, TORCH.targets[0], TORCH.call(ask))


def test_nodes_are_a_list_with_their_constants():
    call = ONNX.call(Ask(Pool(op="global_avg_pool", keepdims=False), (1, 3, 8, 8), "float32"))
    assert snippet(ONNX, ONNX.targets[0], call, "function") == (
        "import onnx\n\n"
        "def pool():\n"
        "    axes = onnx.helper.make_tensor('axes', onnx.TensorProto.INT64, (2,), (2, 3))\n"
        "    node = onnx.helper.make_node('ReduceMean', ['x', 'axes'], ['y'], keepdims=0)\n"
        "    return ([node], [axes])"
    )


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_python(form):
    for adapter in (TORCH, KERAS, ONNX):
        call = adapter.call(Ask(TWO, (1, 8, 8, 8), "float32", adapter.layout))
        ast.parse(snippet(adapter, adapter.targets[0], call, form))

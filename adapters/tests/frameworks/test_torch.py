"""What torch is asked, and refused, by its own page."""

from dataclasses import replace

import pytest

from poolparity.adapters import Ask, Unsupported
from poolparity.adapters.frameworks.torch.adapter import ADAPTER
from poolparity.cases.model.layers import parse_layer
from poolparity.cases.model.pool import FIRST, LAST, Pool

PLAIN, COMPILED, *_ = ADAPTER.targets
TARGETS = {target.name: target for target in ADAPTER.targets}


def ask(op, shape=(1, 1, 8, 8), layout=FIRST, batched=True, **parameters):
    return ADAPTER.call(Ask(Pool(op=op, **parameters), shape, "float32", layout, batched))


def write_call(call):
    return [str(step) for step in call.steps]


def test_padding_in_cells_is_written_once_for_both_sides():
    assert (
        str(ask("max_pool", kernel=(3, 3), padding=((1, 1), (0, 0))).steps[0])
        == "layer = torch.nn.MaxPool2d(kernel_size=(3, 3), padding=(1, 0))"
    )


def test_valid_is_no_padding():
    assert str(ask("avg_pool", kernel=(3, 3), padding="valid").steps[0]) == "layer = torch.nn.AvgPool2d(kernel_size=(3, 3), padding=0)"


def test_one_axis_is_written_as_a_number():
    assert (
        str(ask("max_pool", (1, 1, 8), kernel=(3,), padding=((1, 1),)).steps[0]) == "layer = torch.nn.MaxPool1d(kernel_size=3, padding=1)"
    )


@pytest.mark.parametrize(("layout", "batched", "shape", "axes"), [
    (FIRST, True, (1, 1, 8, 8), (2, 3)), (LAST, True, (1, 8, 8, 1), (1, 2)), (LAST, False, (8, 8, 1), (0, 1)),
])  # fmt: skip
def test_global_pooling_is_a_reduction_wherever_the_channels_are(layout, batched, shape, axes):
    call = ask("global_avg_pool", shape, layout, batched, data_format=layout, keepdims=True)
    assert [str(step) for step in call.steps] == [f"y = torch.mean(x, dim={axes}, keepdim=True)"]


def test_what_changes_nothing_needs_no_counterpart():
    assert str(ask("avg_pool", kernel=(2, 2), dilation=(1, 1)).steps[0]) == "layer = torch.nn.AvgPool2d(kernel_size=(2, 2))"


@pytest.mark.parametrize(("parameters", "reason"), [
    ({"op": "max_pool", "kernel": (2, 2), "padding": "same"}, "torch's pooling has no padding by name"),
    ({"op": "max_pool", "kernel": (2, 2), "padding": ((0, 1), (0, 1))}, "torch pads both sides of an axis alike"),
    ({"op": "avg_pool", "kernel": (2, 2), "dilation": (2, 1)}, "torch's average pooling has no dilation"),
    ({"op": "max_pool", "kernel": (2, 2), "data_format": LAST}, "torch has no data_format: its arrays are channels first"),
    ({"op": "max_pool"}, "torch's windows have no default size"),
])  # fmt: skip
def test_what_has_no_counterpart_is_refused_with_the_reason(parameters, reason):
    with pytest.raises(Unsupported, match=reason):
        ask(layout=parameters.get("data_format", FIRST), **parameters)


def test_documents_spell_torch_nn_as_nn():
    assert parse_layer("nn.MaxPool2d(3)", ADAPTER.layers).full_pool == parse_layer("torch.nn.MaxPool2d(3)", ADAPTER.layers).full_pool
    assert parse_layer("nn.MaxPool2d(3)", ADAPTER.layers).layer.name == "torch.nn.MaxPool2d"


def test_indices_are_a_second_result():
    question = Ask(Pool(op="max_pool", kernel=(2, 2)), (1, 1, 8, 8), "float32", wants=frozenset({"indices"}))
    assert write_call(ADAPTER.call(question)) == [
        "layer = torch.nn.MaxPool2d(return_indices=True, kernel_size=(2, 2))",
        "[y, indices] = layer(x)",
    ]
    assert ADAPTER.index_base(question, PLAIN) == "plane"


def test_a_gradient_is_that_of_a_function_in_the_targets_mode():
    question = Ask(Pool(op="global_max_pool"), (1, 1, 8), "float32")
    function, *rest = write_call(ADAPTER.gradient(question, COMPILED))
    assert function == "def f(x):\n    y = torch.amax(x, dim=(2,))\n    return y"
    assert rest == [
        "f = torch.compile(f)",
        "x.requires_grad_()",
        "y = f(x)",
        "[gradient] = torch.autograd.grad(y, x, cotangent)",
    ]


def test_shapes_are_inferred_where_there_are_no_cells():
    question = Ask(Pool(op="conv"), (1, 2, 8), "float32", shapes={"weights": (2, 2, 3)})
    convolution_line = "y = torch.nn.functional.conv1d(x, weights)"
    assert write_call(ADAPTER.inferred_shape(question, PLAIN)) == [
        "x = x.to('meta')", "weights = weights.to('meta')", convolution_line, "inferred_shape = y.size()",
    ]  # fmt: skip
    [block] = write_call(ADAPTER.inferred_shape(question, COMPILED))
    assert block.split("\n    ") == [
        "with torch._subclasses.FakeTensorMode() as mode:",
        "x = mode.from_tensor(x)", "weights = mode.from_tensor(weights)", convolution_line, "inferred_shape = y.size()",
    ]  # fmt: skip


def test_what_numpy_has_no_name_for_comes_and_goes_as_bits():
    assert list(map(str, ADAPTER.to_native("x", "bfloat16"))) == [
        "x = x.view('int16')", "x = torch.from_numpy(x)", "x = x.view(torch.bfloat16)",
    ]  # fmt: skip
    assert list(map(str, ADAPTER.to_numpy("y", "bfloat16"))) == [
        "y = y.view(torch.int16)", "y = y.numpy()", "y = y.view(ml_dtypes.bfloat16)",
    ]  # fmt: skip
    assert list(map(str, ADAPTER.to_numpy("indices", "bfloat16"))) == ["indices = indices.numpy()"]


@pytest.mark.parametrize(("parameters", "weights", "arguments"), [
    ({"padding": "valid", "stride": (1, 1)}, (2, 2, 3, 3), "padding=0, stride=(1, 1)"),
    ({"padding": "same", "dilation": (2, 2)}, (2, 2, 3, 3), "padding='same', dilation=(2, 2)"),
    ({"kernel": (3, 3)}, (4, 1, 3, 3), "groups=2"),
])  # fmt: skip
def test_a_convolution_takes_its_kernel_and_groups_from_the_weights(parameters, weights, arguments):
    call = ADAPTER.call(Ask(Pool(op="conv", **parameters), (1, 2, 8, 8), "float32", shapes={"weights": weights}))
    assert sorted(str(call.steps[0])[len("y = torch.nn.functional.conv2d(x, weights, ") : -1].split(", ")) == sorted(arguments.split(", "))


@pytest.mark.parametrize(("parameters", "reason"), [
    ({"padding": "same", "stride": (2, 1)}, "'same' with a stride of one only"),
    ({"padding": "same_lower"}, "valid, same, or in cells"),
    ({"padding": ((0, 1), (0, 0))}, "both sides of an axis alike"),
])  # fmt: skip
def test_a_convolution_has_padding_of_its_own(parameters, reason):
    with pytest.raises(Unsupported, match=reason):
        ADAPTER.call(Ask(Pool(op="conv", **parameters), (1, 2, 8, 8), "float32", shapes={"weights": (2, 2, 3, 3)}))


def test_samples_have_a_batch_axis_though_the_input_has_none():
    pool = Pool(op="fractional_max_pool", kernel=(2, 2), output_size=(3, 3))
    call = ADAPTER.call(Ask(pool, (2, 8, 8), "float32", batched=False, shapes={"samples": (2, 2)}))
    assert str(call.steps[0]) == "samples = samples.unsqueeze(0)"
    assert "_random_samples=samples" in str(call.steps[1])


def test_exporters_take_a_module_and_their_programs_return_a_list_of_results():
    question = Ask(Pool(op="max_pool", kernel=(2, 2)), (1, 1, 8, 8), "float32", wants=frozenset({"indices"}))
    *_, export_line, answer = write_call(ADAPTER.call(question, TARGETS["torch+onnx"]))
    assert export_line == "f = torch.onnx.export(module, (x,), dynamo=True, verbose=False)"
    assert answer == "[y, indices] = f(x)"
    *_, load_line, run, answer = write_call(ADAPTER.call(replace(question, wants=frozenset()), TARGETS["torch+executorch"]))
    assert load_line == "method = loaded.load_method('forward')"
    assert run == "def f(x):\n    results = method.execute([x])\n    return results"
    assert answer == "[y] = f(x)"


@pytest.mark.parametrize(("name", "shape", "parameters"), [
    ("torch+onnx", (1, 1, 8, 8), {"op": "fractional_max_pool", "kernel": (2, 2), "output_size": (3, 3)}),
    ("torch+executorch", (1, 1, 8, 8), {"op": "adaptive_max_pool", "output_size": (3, 3)}),
    ("torch+executorch", (1, 1, 8, 8, 8), {"op": "avg_pool", "kernel": (2, 2, 2)}),
])  # fmt: skip
def test_what_an_exporter_lacks_is_unsupported_there_alone(name, shape, parameters):
    question = Ask(Pool(**parameters), shape, "float32")
    assert ADAPTER.call(question, PLAIN)
    for translate in (ADAPTER.call, ADAPTER.inferred_shape):
        with pytest.raises(Unsupported):
            translate(question, TARGETS[name])


@pytest.mark.parametrize("name", ["torch+onnx", "torch+executorch"])
def test_exported_models_do_not_differentiate(name):
    with pytest.raises(Unsupported, match="does not differentiate"):
        ADAPTER.gradient(Ask(Pool(op="avg_pool", kernel=(2, 2)), (1, 1, 8, 8), "float32"), TARGETS[name])

"""What TensorFlow is asked, and refused, by its own page."""

from dataclasses import replace

import pytest

from poolparity.adapters import Ask, Unsupported
from poolparity.adapters.frameworks.tensorflow.adapter import ADAPTER
from poolparity.cases.model.pool import FIRST, LAST, Pool


def ask(op, shape=(1, 8, 8, 1), layout=LAST, batched=True, **parameters):
    return ADAPTER.call(Ask(Pool(op=op, **parameters), shape, "float32", layout, batched))


def test_padding_left_open_is_valid_and_said_so():
    call = ask("max_pool", kernel=(2, 2), stride=(2, 2))
    assert str(call.steps[0]) == "y = tensorflow.nn.max_pool2d(x, ksize=(2, 2), strides=(2, 2), padding='VALID')"
    assert call.notes == ("padding was left open; the target requires it and got 'valid'",)


@pytest.mark.parametrize(("layout", "parameters", "padding"), [
    (LAST, {}, "[[0, 0], [0, 1], [1, 0], [0, 0]]"),
    (FIRST, {}, "[[0, 0], [0, 1], [1, 0], [0, 0]]"),
    (FIRST, {"data_format": FIRST}, "[[0, 0], [0, 0], [0, 1], [1, 0]]"),
])  # fmt: skip
def test_explicit_padding_names_all_axes_in_the_order_they_have_there(layout, parameters, padding):
    shape = (1, 8, 8, 1) if layout == LAST else (1, 1, 8, 8)
    call = ask("max_pool", shape, layout, kernel=(2, 2), stride=(2, 2), padding=((0, 1), (1, 0)), **parameters)
    assert call.steps[0].kwargs["padding"] == eval(padding)


@pytest.mark.parametrize(("rank", "formats"), [(1, ("NCW", "NWC")), (2, ("NCHW", "NHWC")), (3, ("NCDHW", "NDHWC"))])
def test_a_stated_format_is_written_in_letters(rank, formats):
    for layout, letters in zip((FIRST, LAST), formats, strict=True):
        call = ask("avg_pool", (2, *(8,) * rank, 2), layout, kernel=(2,) * rank, stride=(2,) * rank, padding="same", data_format=layout)
        assert call.steps[0].kwargs["data_format"] == letters
        assert not call.notes


def test_dilation_is_the_affair_of_nn_pool_whose_stride_may_be_left_open():
    call = ask("avg_pool", kernel=(2, 2), dilation=(2, 1))
    assert str(call.steps[0]) == "y = tensorflow.nn.pool(x, pooling_type='AVG', window_shape=(2, 2), dilations=(2, 1))"


@pytest.mark.parametrize(("parameters", "reason"), [
    ({"op": "max_pool", "kernel": (2, 2)}, "strides have no default"),
    ({"op": "avg_pool", "stride": (2, 2)}, "windows have no default size"),
    ({"op": "max_pool", "kernel": (2, 2), "stride": (2, 2), "padding": "same_lower"}, "padding is VALID, SAME or, for some, explicit"),
    ({"op": "avg_pool", "kernel": (2, 2), "stride": (2, 2), "padding": ((1, 1), (1, 1))}, "for maxima in 1 and 2 dimensions only"),
    ({"op": "max_pool", "kernel": (2, 2), "stride": (2, 2), "dilation": (2, 2)}, "a stride over one or a dilation over one, not both"),
    ({"op": "max_pool", "kernel": (2, 2), "dilation": (2, 2), "padding": "same"}, "dilates without padding only"),
    ({"op": "max_pool", "kernel": (2, 2), "stride": (2, 2), "ceil_mode": True}, "no ceil_mode"),
    ({"op": "lp_pool", "kernel": (2, 2), "dilation": (2, 2)}, "no LP pooling"),
])  # fmt: skip
def test_what_has_no_counterpart_is_refused_with_the_reason(parameters, reason):
    with pytest.raises(Unsupported, match=reason):
        ask(**parameters)


def test_an_input_without_a_batch_axis_is_reduced_but_not_pooled():
    assert str(ask("global_max_pool", (8, 8, 1), batched=False).steps[0]) == "y = tensorflow.reduce_max(x, axis=(0, 1))"
    with pytest.raises(Unsupported, match="needs a batch axis"):
        ask("max_pool", (8, 8, 1), batched=False, kernel=(2, 2), stride=(2, 2))


EAGER, GRAPH, XLA, PLAIN, EXPORTED = ADAPTER.targets
LOCATED = Ask(Pool(op="max_pool", kernel=(2, 2), stride=(2, 2)), (1, 8, 8, 1), "float32", LAST, wants=frozenset({"indices"}))


def write_call(call):
    return [str(step) for step in call.steps]


def test_indices_are_asked_of_another_function_and_count_what_stands_last():
    assert write_call(ADAPTER.call(LOCATED, EAGER)) == [
        "[y, indices] = tensorflow.nn.max_pool_with_argmax(x, include_batch_in_index=False, ksize=(2, 2), strides=(2, 2), padding='VALID')"
    ]
    assert ADAPTER.index_base(LOCATED, EAGER) == "channels_last"
    assert ADAPTER.index_base(replace(LOCATED, pool=Pool(op="upsample_nearest")), EAGER) == "plane"


@pytest.mark.parametrize(("parameters", "reason"), [
    ({"dilation": (2, 2)}, "max_pool_with_argmax has no dilation"),
    ({"padding": ((1, 1), (1, 1))}, "max_pool_with_argmax takes no explicit padding"),
])  # fmt: skip
def test_that_function_takes_less(parameters, reason):
    with pytest.raises(Unsupported, match=reason):
        ADAPTER.call(replace(LOCATED, pool=Pool(op="max_pool", kernel=(2, 2), stride=(1, 1), **parameters)))


def test_xla_lacks_it():
    with pytest.raises(Unsupported, match="XLA has no maximum that says where it is"):
        ADAPTER.call(LOCATED, XLA)


@pytest.mark.parametrize("translate", [ADAPTER.call, ADAPTER.gradient], ids=["call", "gradient"])
def test_channels_first_needs_onednn(translate):
    first = Ask(Pool(op="avg_pool", kernel=(2,), stride=(2,), data_format=FIRST), (1, 2, 8), "float32", FIRST)
    assert translate(first, EAGER)
    with pytest.raises(Unsupported, match="channels first on a processor only with oneDNN"):
        translate(first, PLAIN)


def test_holes_in_a_convolution_of_volumes_need_onednn():
    holes = Ask(Pool(op="conv", dilation=(1, 2, 1)), (1, 5, 5, 5, 2), "float32", LAST, shapes={"weights": (3, 2, 2, 2, 2)})
    assert ADAPTER.call(holes, EAGER)
    with pytest.raises(Unsupported, match="with holes on a processor only with oneDNN"):
        ADAPTER.call(holes, PLAIN)


def test_targets_state_whether_they_use_onednn():
    assert [target.environment for target in ADAPTER.targets] == [{"TF_ENABLE_ONEDNN_OPTS": flag} for flag in "11101"]


def test_a_model_is_converted_and_run_by_litert():
    question = Ask(Pool(op="max_pool", kernel=(2,), stride=(2,)), (1, 8, 1), "float32", LAST)
    _, trace_line, *_, convert_line, load_line, runner, run, answer = write_call(ADAPTER.call(question, EXPORTED))
    assert trace_line == "f = tensorflow.function(f, autograph=False)"
    assert convert_line == "data = converter.convert()"
    assert load_line == "interpreter = ai_edge_litert.interpreter.Interpreter(model_content=data, num_threads=1)"
    assert runner == "run = interpreter.get_signature_runner()"
    assert run.splitlines()[2] == "    results = run(x=array)"
    assert answer == "[y] = f(x)"


def test_what_no_operator_of_litert_does_is_unsupported():
    volume = Ask(Pool(op="avg_pool", kernel=(2, 2, 2), stride=(2, 2, 2)), (1, 8, 8, 8, 1), "float32", LAST)
    for translate in (ADAPTER.call, ADAPTER.inferred_shape):
        with pytest.raises(Unsupported, match="no pooling in 3 dimensions"):
            translate(volume, EXPORTED)
    with pytest.raises(Unsupported, match="no maximum that says where it is"):
        ADAPTER.call(LOCATED, EXPORTED)
    with pytest.raises(Unsupported, match="does not differentiate"):
        ADAPTER.gradient(Ask(Pool(op="global_max_pool"), (1, 8, 1), "float32", LAST), EXPORTED)


def test_a_gradient_is_taped():
    question = Ask(Pool(op="global_max_pool"), (1, 8, 1), "float32", LAST)
    assert write_call(ADAPTER.gradient(question, XLA))[1:] == [
        "f = tensorflow.function(f, autograph=False, jit_compile=True)",
        "with tensorflow.GradientTape() as tape:\n    tape.watch(x)\n    y = f(x)",
        "gradient = tape.gradient(y, x, cotangent)",
    ]


@pytest.mark.parametrize("target", ADAPTER.targets[:-1], ids=[target.name for target in ADAPTER.targets[:-1]])
def test_shapes_are_inferred_by_making_a_graph(target):
    question = Ask(Pool(op="global_max_pool"), (1, 8, 1), "float32", LAST)
    _, graph, *rest = write_call(ADAPTER.inferred_shape(question, target))
    assert graph.startswith("f = tensorflow.function(f, autograph=False")
    assert rest == ["graph = f.get_concrete_function(x)", "inferred_shape = graph.output_shapes.as_list()"]


@pytest.mark.parametrize(("spatial", "layout", "line"), [
    ((8,), LAST, "conv1d(x, weights, stride=(2,), padding='VALID', dilations=(1,))"),
    ((8, 8), LAST, "conv2d(x, weights, stride=(2, 2), padding='VALID', dilations=(1, 1))"),
    ((8, 8, 8), LAST, "conv3d(x, weights, stride=(1, 2, 2, 2, 1), padding='VALID', dilations=(1, 1, 1, 1, 1))"),
    ((8, 8, 8), FIRST, "conv3d(x, weights, stride=(1, 1, 2, 2, 2), padding='VALID', dilations=(1, 1, 1, 1, 1), data_format='NCDHW')"),
])  # fmt: skip
def test_a_convolution_has_the_filters_of_its_weights_last(spatial, layout, line):
    rank = len(spatial)
    pool = Pool(op="conv", stride=(2,) * rank, padding="valid", dilation=(1,) * rank, data_format=layout if layout == FIRST else None)
    shape = (1, 2, *spatial) if layout == FIRST else (1, *spatial, 2)
    transpose_line, call_text = write_call(ADAPTER.call(Ask(pool, shape, "float32", layout, shapes={"weights": (3, 2, *(3,) * rank)})))
    assert transpose_line == f"weights = tensorflow.transpose(weights, {(*range(2, rank + 2), 1, 0)})"
    assert call_text.replace("strides=", "stride=") == f"y = tensorflow.nn.{line}"

"""What Keras is asked, and what becomes of what documents spell, on each of its backends."""

from dataclasses import replace

import numpy as np
import pytest

from poolparity.adapters import Ask, Unsupported
from poolparity.adapters.frameworks.keras.adapter import ADAPTER
from poolparity.adapters.parent.job import Job
from poolparity.adapters.targets.find import find_targets, is_installed
from poolparity.cases.model.layers import parse_layer
from poolparity.cases.model.pool import LAST, Pool

BACKENDS = [pytest.param(target.name, marks=pytest.mark.needs(target.name)) for target in ADAPTER.targets if is_installed(target)]
X = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)

REFUSED = {
    "keras.layers.pooling.MaxPooling1D(2)": "pooling",
    "keras.layers.pooling.MaxPooling2D(pool_size=(2, 2), strides=None, padding='valid', data_format=None)": "pooling",
    "keras.layers.MaxPooling2D(border_mode='valid')": "border_mode",
    "keras.layers.AveragePooling2D()": "pool_size",
    "keras.layers.convolutional.Conv2D(64, (3, 3))": "convolutional",
    "keras.engine.input_layer.Input(shape=(32,))": "engine",
}


TAKEN = ("keras.layers.MaxPooling2D()", "keras.layers.Conv2D(3, 2)", "keras.layers.Input(shape=(4, 4, 1), dtype='int32')")


def question(op, shape=X.shape, dtype="float32", **parameters):
    return ADAPTER.call(Ask(Pool(op=op, **parameters), shape, dtype, LAST))


def test_a_layer_is_given_the_type_that_it_would_cast_to():
    assert question("max_pool", dtype="float64").steps[0].kwargs == {"dtype": "float64"}
    assert question("max_pool", dtype="int8").steps[0].kwargs == {}


@pytest.mark.parametrize("padding", ["valid", ((0, 0), (0, 0))])
def test_no_padding_has_a_name(padding):
    assert question("max_pool", padding=padding).steps[0].kwargs["padding"] == "valid"


@pytest.mark.parametrize("padding", ["same_lower", ((0, 1), (0, 1))])
def test_other_padding_has_none(padding):
    with pytest.raises(Unsupported, match="Keras pads by 'valid' and 'same' only"):
        question("max_pool", padding=padding)


def test_a_format_is_written_where_it_is_stated():
    assert question("global_max_pool", data_format=LAST).steps[0].kwargs["data_format"] == LAST
    assert "data_format" not in question("global_max_pool").steps[0].kwargs


WEIGHTS = {"weights": (4, 1, 3, 3)}
CONVOLVED = Ask(Pool(op="conv", padding="same"), (1, 8, 8, 2), "float32", LAST, shapes=WEIGHTS)


def write_call(call):
    return [str(step) for step in call.steps]


def test_a_convolution_is_given_its_weights_between_being_built_and_called():
    assert write_call(ADAPTER.call(CONVOLVED)) == [
        "layer = keras.layers.Conv2D(filters=4, kernel_size=(3, 3), use_bias=False, kernel_initializer='zeros', groups=2, dtype='float32', padding='same')",
        "weights = numpy.transpose(weights, (2, 3, 1, 0))",
        "layer.build((1, 8, 8, 2))",
        "layer.set_weights([weights])",
        "y = layer(x)",
    ]


def test_a_convolution_takes_a_stride_or_a_dilation_over_one():
    with pytest.raises(Unsupported, match="not both"):
        ADAPTER.call(replace(CONVOLVED, pool=Pool(op="conv", stride=(2, 1), dilation=(1, 2))))


def test_a_layer_tells_the_shape_of_its_answer_without_being_called():
    for target in ADAPTER.targets:
        *_, last = write_call(ADAPTER.inferred_shape(CONVOLVED, target))
        assert last == ("inferred_shape = output.shape" if target.mode else "inferred_shape = layer.compute_output_shape(x.shape)")


def test_a_model_is_called_exported_and_run_by_onnxruntime():
    for target in (target for target in ADAPTER.targets if target.mode):
        *_, model_call, _, export_call, _, _, _, _, answer = write_call(ADAPTER.call(CONVOLVED, target))
        assert (model_call, export_call) == ("model(x)", "model.export(file.name, format='onnx', verbose=False)")
        assert answer == "[y] = f(x)"
        with pytest.raises(Unsupported, match="does not differentiate"):
            ADAPTER.gradient(CONVOLVED, target)


@pytest.mark.parametrize(("backend", "line"), [
    ("tensorflow", "gradient = tape.gradient(y, x, cotangent)"),
    ("jax", "[gradient] = pull_back(cotangent)"),
    ("torch", "[gradient] = torch.autograd.grad(y, x, cotangent)"),
])  # fmt: skip
def test_a_gradient_is_the_backends(backend, line):
    [target] = [target for target in ADAPTER.targets if target.name == f"keras-{backend}"]
    *_, last = write_call(ADAPTER.gradient(CONVOLVED, target))
    assert last == line


def test_an_input_is_the_way_into_a_model():
    question = Ask(Pool(op="input"), (5, 32), "int32", LAST)
    assert write_call(ADAPTER.call(question)) == [
        "entry = keras.layers.Input(shape=(32,), dtype='int32')",
        "model = keras.Model(entry, entry)",
        "y = model(x)",
    ]
    assert write_call(ADAPTER.inferred_shape(question, ADAPTER.targets[0]))[-1] == "inferred_shape = entry.shape"


@pytest.mark.parametrize("text", [
    "keras.layers.MaxPooling2D(border_mode='same')", "keras.layers.pooling.MaxPooling2D((2, 2), padding='same')",
    "tf.keras.layers.MaxPool2D(2, padding='SAME')", "tensorflow.keras.layers.MaxPooling2D(padding='same', border_mode=None)",
])  # fmt: skip
def test_spellings_of_all_times_mean_the_same(text):
    assert parse_layer(text, ADAPTER.layers).full_pool == Pool(op="max_pool", kernel=(2, 2), stride=(2, 2), padding="same")


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request):
    return request.param


@pytest.fixture(scope="module")
def answers_and_host(backend, ask):
    """What a backend makes of texts as they are written: all old ones, and some that there still are; and who was asked."""

    def job(text):
        spelling = parse_layer(text, ADAPTER.layers)
        return Job(text, ADAPTER.literal_call(spelling.layer.name, spelling.arguments), {"x": X}, frozenset({"parameters"}))

    return ask([job(text) for text in (*REFUSED, *TAKEN)], backend)


@pytest.fixture(scope="module")
def answers(answers_and_host):
    return answers_and_host[0]


def test_what_is_no_more_is_refused(answers):
    assert {text: answers[text].outcome for text in REFUSED} == dict.fromkeys(REFUSED, "rejects")
    assert all(word in answers[text].detail for text, word in REFUSED.items())


def test_what_there_still_is_is_answered_without_learning_anything(answers):
    answer = answers["keras.layers.MaxPooling2D()"]
    assert answer.output.tolist() == [[[[5], [7]], [[13], [15]]]]
    assert answer.parameters == 0


def test_a_convolution_learns_its_kernel_and_a_bias(answers):
    answer = answers["keras.layers.Conv2D(3, 2)"]
    assert answer.output.shape == (1, 3, 3, 3)
    assert answer.parameters == 2 * 2 * 3 + 3


def test_an_input_gives_its_own_type_and_is_no_layer_that_learns(answers):
    answer = answers["keras.layers.Input(shape=(4, 4, 1), dtype='int32')"]
    assert answer.output.dtype == "int32"
    assert (answer.output == X).all()
    assert answer.parameters is None


def test_versions_name_keras_and_its_backend(backend, answers_and_host):
    _, host = answers_and_host
    assert set(host.versions) == {"keras", "numpy", backend.removeprefix("keras-"), *(["jax"] if backend == "keras-numpy" else [])}
    assert find_targets()[backend].adapter is ADAPTER

"""What Keras is asked, and what becomes of what documents spell, on each of its backends."""

import numpy as np
import pytest

from poolparity.adapters import Ask, Unsupported
from poolparity.adapters._find import adapters, installed
from poolparity.adapters._talk import Job
from poolparity.adapters.keras import ADAPTER
from poolparity.cases.layers import spell
from poolparity.cases.pool import LAST, Pool

BACKENDS = [target.name for target in ADAPTER.targets if installed(target)]
X = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)

REFUSED = {
    "keras.layers.pooling.MaxPooling1D(2)": "pooling",
    "keras.layers.pooling.MaxPooling2D(pool_size=(2, 2), strides=None, padding='valid', data_format=None)": "pooling",
    "keras.layers.MaxPooling2D(border_mode='valid')": "border_mode",
    "keras.layers.AveragePooling2D()": "pool_size",
    "keras.layers.convolutional.Conv2D(64, (3, 3))": "convolutional",
    "keras.engine.input_layer.Input(shape=(32,))": "engine",
}


def asked(op, shape=X.shape, dtype="float32", **stated):
    return ADAPTER.call(Ask(Pool(op=op, **stated), shape, dtype, LAST))


def test_a_layer_is_given_the_type_that_it_would_cast_to():
    assert asked("max_pool", dtype="float64").steps[0].kwargs == {"dtype": "float64"}
    assert asked("max_pool", dtype="int8").steps[0].kwargs == {}


@pytest.mark.parametrize("padding", ["valid", ((0, 0), (0, 0))])
def test_no_padding_has_a_name(padding):
    assert asked("max_pool", padding=padding).steps[0].kwargs["padding"] == "valid"


@pytest.mark.parametrize("padding", ["same_lower", ((0, 1), (0, 1))])
def test_other_padding_has_none(padding):
    with pytest.raises(Unsupported, match="Keras' pooling pads by 'valid' and 'same' only"):
        asked("max_pool", padding=padding)


def test_a_format_is_written_where_it_is_stated():
    assert asked("global_max_pool", data_format=LAST).steps[0].kwargs["data_format"] == LAST
    assert "data_format" not in asked("global_max_pool").steps[0].kwargs


@pytest.mark.parametrize("text", [
    "keras.layers.MaxPooling2D(border_mode='same')", "keras.layers.pooling.MaxPooling2D((2, 2), padding='same')",
    "tf.keras.layers.MaxPool2D(2, padding='SAME')", "tensorflow.keras.layers.MaxPooling2D(padding='same', border_mode=None)",
])  # fmt: skip
def test_spellings_of_all_times_mean_the_same(text):
    assert spell(text, ADAPTER.layers).stated == Pool(op="max_pool", kernel=(2, 2), stride=(2, 2), padding="same")


@pytest.fixture(scope="module", params=BACKENDS)
def answers(request, ask):
    """What a backend makes of texts as they are written: all old ones, and one that there still is."""

    def job(text):
        spelling = spell(text, ADAPTER.layers)
        return Job(text, ADAPTER.as_written(spelling.layer.name, spelling.arguments), {"x": X}, frozenset({"parameters"}))

    told, _ = ask([job(text) for text in (*REFUSED, "keras.layers.MaxPooling2D()")], request.param)
    return told


def test_what_is_no_more_is_refused(answers):
    assert {text: answers[text].outcome for text in REFUSED} == dict.fromkeys(REFUSED, "rejects")
    assert all(word in answers[text].detail for text, word in REFUSED.items())


def test_what_there_still_is_is_answered_without_learning_anything(answers):
    answer = answers["keras.layers.MaxPooling2D()"]
    assert answer.output.tolist() == [[[[5], [7]], [[13], [15]]]]
    assert answer.parameters == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_versions_name_keras_and_its_backend(backend, ask):
    _, host = ask([Job("none", ADAPTER.as_written("keras.layers.MaxPooling2D", {}), {"x": X})], backend)
    assert set(host.versions) == {"keras", "numpy", backend.removeprefix("keras-")}
    assert adapters()[backend].adapter is ADAPTER

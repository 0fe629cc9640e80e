"""What the tests of reading specs share: a few layers, and a file to read."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, settings

from poolparity.cases.model.layers import make_layers, with_aliases
from poolparity.cases.model.pool import FIRST, LAST
from poolparity.cases.read.spec import read_spec

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # a busy machine is no failure

MEANS = {
    "kernel_size": "kernel",
    "pool_size": "kernel",
    "window_shape": "kernel",
    "stride": "stride",
    "strides": "stride",
    "padding": "padding",
    "ceil_mode": "ceil_mode",
    "norm_type": "p",
    "data_format": "data_format",
}
KERAS = "pool_size=2, strides=None, padding='valid', data_format=None"


@pytest.fixture(scope="session")
def layers_by_name():
    """A few layers of made-up and real frameworks."""
    torch = make_layers("torch", FIRST, MEANS, {
        "torch.nn.MaxPool1d(kernel_size, stride=None, padding=0, ceil_mode=False)": ("max_pool", 1),
        "torch.nn.MaxPool2d(kernel_size, stride=None, padding=0, return_indices=False, ceil_mode=False)": ("max_pool", 2),
        "torch.nn.LPPool1d(norm_type, kernel_size, stride=None)": ("lp_pool", 1),
    })  # fmt: skip
    keras = make_layers("keras", LAST, MEANS, {
        f"keras.layers.MaxPooling1D({KERAS})": ("max_pool", 1),
        f"keras.layers.AveragePooling2D({KERAS})": ("avg_pool", 2),
        "keras.layers.GlobalAveragePooling2D(data_format=None)": ("global_avg_pool", 2),
        "keras.layers.Conv2D(filters, kernel_size, strides=1)": ("conv", 2),
    })  # fmt: skip
    flax = make_layers("flax", LAST, MEANS, {"flax.linen.max_pool(window_shape, strides=None, padding='VALID')": ("max_pool", 0)}, "one")
    return with_aliases(torch | flax | with_aliases(keras, "keras.layers.", "keras.layers.pooling."), "keras.", "tf.keras.")


@pytest.fixture
def spec(tmp_path, layers_by_name):
    """Reads a text as a spec file of a project whose root is `tmp_path`."""

    def read_text(text, name="spec.yaml"):
        path = Path(tmp_path, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode())
        return read_spec(path, layers_by_name, tmp_path)

    return read_text


@pytest.fixture
def case(spec):
    """Reads the one case of a text of the keys below its name, in which there is no mistake."""

    def read_case(keys):
        spec_file = spec("cases:\n  one:\n" + "".join(f"    {line}\n" for line in dedent(keys).strip().splitlines()))
        assert [str(mistake) for mistake in spec_file.mistakes] == []
        [parsed_case] = spec_file.cases
        return parsed_case

    return read_case

"""Printed code is Python that says what was done, whatever stands in it, and runs by itself."""

import ast
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolparity.adapters import Ask, Call, Name, Ref, Step, Target
from poolparity.adapters.frameworks.keras.adapter import ADAPTER as KERAS
from poolparity.adapters.frameworks.numpy.adapter import ADAPTER as ORACLE
from poolparity.adapters.frameworks.torch.adapter import ADAPTER as TORCH
from poolparity.adapters.parent.source_code import WIDTH, code, imports, wrap_line
from poolparity.adapters.targets.find import find_targets, is_installed
from poolparity.cases.model.inputs import arange, distinct, literal
from poolparity.cases.model.pool import LAST, Pool
from poolparity.cases.oracle.definition import oracle

TWO = Pool(op="max_pool", kernel=(2, 2), stride=(2, 2))
ALONE = [entry for name, entry in find_targets().items() if name in ("numpy", "tensorflow", "keras-torch") and is_installed(entry.target)]


def test_code_is_what_a_person_would_type():
    x = arange((1, 4, 4, 2), "float32")
    call = TORCH.call(Ask(TWO, x.shape, x.dtype, LAST))
    assert code(TORCH, TORCH.targets[0], call, {"x": x}) == (
        "import numpy\n"
        "import torch\n"
        "\n"
        "x = numpy.arange(32).astype('float32').reshape((1, 4, 4, 2))\n"
        "x = numpy.ascontiguousarray(numpy.moveaxis(x, 3, 1))\n"
        "x = torch.from_numpy(x)\n"
        "layer = torch.nn.MaxPool2d(kernel_size=(2, 2), stride=(2, 2))\n"
        "y = layer(x)\n"
        "y = y.numpy()\n"
        "y = numpy.ascontiguousarray(numpy.moveaxis(y, 1, 3))\n"
        "print(y)"
    )


def test_code_begins_with_what_a_target_needs():
    x = arange((1, 4, 4, 1), "float32")
    target = next(target for target in KERAS.targets if target.name == "keras-jax")
    lines = code(KERAS, target, KERAS.call(Ask(TWO, x.shape, x.dtype, LAST)), {"x": x}).split("\n")
    assert lines[:9] == [
        "import os", "", "os.environ['KERAS_BACKEND'] = 'jax'", "",
        "import jax", "import keras", "import numpy", "", "jax.config.update('jax_enable_x64', True)",
    ]  # fmt: skip


@pytest.mark.parametrize("entry", ALONE, ids=[entry.target.name for entry in ALONE])
def test_code_runs_alone(entry, tmp_path):
    x = distinct((1, 1, 6, 6), 0, "float32")
    source = code(entry.adapter, entry.target, entry.adapter.call(Ask(TWO, x.shape, x.dtype)), {"x": x})
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KERAS")} | {"KERAS_HOME": str(tmp_path)}
    process = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=False)
    assert process.stdout.strip() == str(oracle(x.value, TWO)), process.stderr


def test_cells_that_have_no_literal_are_numpys():
    x = literal([[[float("nan"), float("inf"), -float("inf"), -0.0, 0.1]]], "float32")
    source = code(ORACLE, ORACLE.targets[0], Call(()), {"x": x})
    scope = {}
    exec(source.removesuffix("print(y)"), scope)
    assert scope["x"].tobytes() == x.value.tobytes()


def test_types_that_numpy_lacks_are_imported():
    x = arange((1, 1, 2, 2), "bfloat16")
    call = Call((Step("y", "numpy.negative", (Ref("x"),)),))
    scope = {}
    exec(code(ORACLE, ORACLE.targets[0], call, {"x": x}), scope)
    assert scope["y"].dtype.name == "bfloat16"


def test_arguments_that_have_no_literal_are_numpys():
    step = Step("y", "f", (float("inf"), [-float("inf")]), {"p": (float("nan"),)})
    assert str(step) == "y = f(numpy.inf, [-numpy.inf], p=(numpy.nan,))"


def test_text_of_a_source_stays_a_literal():
    text = "', x), print('mine'), [\n" + "long, " * 40
    source = code(
        KERAS, Target("none", (), ()), KERAS.literal_call("keras.layers.MaxPooling2D", {"name": text}), {"x": arange((1, 4), "float32")}
    )
    [layer] = [node.value for node in ast.parse(source).body if isinstance(node, ast.Assign) and node.targets[0].id == "layer"]
    assert [ast.literal_eval(word.value) for word in layer.keywords] == [text]


def test_only_modules_are_imported():
    steps = [Step("layer", "flax.linen.Layer", (Name("jax.numpy.inf"),)), Step(("y", "z"), "layer.apply", (Ref("x"),)), Step("", "x.copy")]
    assert imports(steps, ["jax", "flax.linen"], {"x": arange((1,), "float32")}) == ["import flax.linen", "import jax", "import numpy"]


def test_our_own_modules_are_imported_whole():
    assert imports([Step("y", "poolparity.cases.oracle.oracle")], ["numpy"], {}) == ["import numpy", "import poolparity.cases.oracle"]


LITERALS = st.recursive(
    st.one_of(st.integers(), st.text(), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(st.lists(inner), st.tuples(inner), st.tuples(inner, inner), st.dictionaries(st.text(), inner)),
    max_leaves=40,
)


@given(LITERALS)
def test_a_broken_line_says_the_same(value):
    line = f"y = f({value!r}, x)"
    assert ast.dump(ast.parse(wrap_line(line))) == ast.dump(ast.parse(line))


@given(st.lists(st.lists(st.integers(0, 9999), max_size=40), max_size=40))
def test_a_broken_line_is_no_longer_than_it_must_be(cells):
    lines = wrap_line(f"x = numpy.array({cells!r}, dtype='float32')").split("\n")
    assert max(map(len, lines)) <= WIDTH + 4

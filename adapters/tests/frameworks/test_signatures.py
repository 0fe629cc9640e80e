"""The table of layers is what the frameworks themselves say of their layers, old spellings apart."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace

import pytest

from poolparity.adapters.frameworks.flax.layers import ARGUMENTS as LINEN_POOL
from poolparity.adapters.frameworks.jax.layers import ARGUMENTS as REDUCE_WINDOW
from poolparity.adapters.targets.find import find_targets, is_installed
from poolparity.cases.model.call_text import REQUIRED
from poolparity.cases.model.layers import Layer

FOUND = {entry.where: entry for entry in find_targets().values() if is_installed(entry.target) and entry.adapter.layers}

WITH_FUNCTIONS = {entry.where: entry for entry in find_targets().values() if is_installed(entry.target) and entry.adapter.functions}

GONE = ("keras.layers.pooling.", "keras.layers.convolutional.", "keras.engine.")
"""Modules of earlier versions."""
ELSEWHERE = ("border_mode", "input_shape")
"""Arguments that are no part of a signature: of earlier versions, or of a base class."""
INPUT = ("inputs", "input")
"""What functions call the array that they are of."""
SHAPE = {1: (8, 3), 2: (8, 8, 3), 3: (8, 8, 8, 3)}
OPTIONAL_ONCE = {f"keras.layers.{name}{rank}D": "pool_size" for name in ("AveragePooling", "AvgPool") for rank in (1, 2, 3)}
"""Arguments that had a default in earlier versions."""

INSPECT = """
import inspect, json, sys
from poolparity.adapters.worker.steps import of_module

def signature(name):
    if name.startswith("onnx."):
        return node(name)
    try:
        parameters = inspect.signature(of_module(name)).parameters.values()
    except AttributeError:
        return None
    except ValueError:  # written in C, without a signature
        return "unknown"
    named = [each for each in parameters if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    return [[each.name, None if each.default is each.empty else repr(each.default)] for each in named]

def node(name):
    import onnx
    given = onnx.defs.get_schema(name.removeprefix("onnx.")).attributes
    value = {each.name: onnx.helper.get_attribute_value(each.default_value) if each.default_value.name else None for each in given.values()}
    return [[name, None if given[name].required else repr(each.decode() if isinstance(each, bytes) else each)] for name, each in value.items()]

def refusal(name, arguments):
    try:
        of_module(name)(**arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"

asked = json.load(sys.stdin)
told = [{name: signature(name) for name in asked["layers"]}, *({name: refusal(name, each) for name, each in calls.items()} for calls in asked["calls"])]
open(sys.argv[1], "w").write(json.dumps(told))
"""


@dataclass(frozen=True)
class Table:
    """An adapter's layers by their own names, the signatures that its framework gives them, and what calls are refused with."""

    layers: dict[str, Layer]
    signatures: dict[str, list | None]
    old: dict[str, str | None]
    bare: dict[str, str | None]
    base_refusals: dict[str, str | None]


@pytest.fixture(scope="module", params=FOUND, ids=[location.split(".")[-2] for location in FOUND])
def table(request, tmp_path_factory):
    """What an adapter says of its layers beside what the framework itself says, in an interpreter of its own."""
    entry = FOUND[request.param]
    layers = {layer.name: layer for layer in entry.adapter.layers.values()}
    today = {name: layer for name, layer in layers.items() if not name.startswith(GONE)}
    calls = (
        {name: {"pool_size": 2, "border_mode": "valid"} for name, layer in today.items() if "border_mode" in layer.signature},
        {name: {} for name in today if name in OPTIONAL_ONCE},
        {
            name: {"filters": 1, "kernel_size": 1, "input_shape": SHAPE[layer.rank]}
            for name, layer in today.items()
            if "input_shape" in layer.signature
        },
    )
    signatures, *refusals = inspect_signatures(entry.target, tmp_path_factory.mktemp("inspected"), list(layers), calls)
    return Table(layers, signatures, *refusals)


def inspect_signatures(target, folder, layers, calls):
    environment = {**os.environ, **target.environment, "KERAS_HOME": str(folder)}
    command = [sys.executable, "-c", INSPECT, str(folder / "told")]
    request_text = json.dumps({"layers": layers, "calls": calls})
    process = subprocess.run(command, input=request_text, env=environment, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr[-2000:]
    return json.loads((folder / "told").read_text())


def test_every_layer_has_the_signature_that_its_framework_gives_it(table):
    assert {name for name, signature in table.signatures.items() if signature is None} == {
        name for name in table.layers if name.startswith(GONE)
    }
    pairs = [(layer, dict(real)) for name, layer in table.layers.items() if (real := table.signatures[name])]
    wrong = [reason for layer, real in pairs if (reason := differs(layer, real))]
    assert not wrong, "\n".join(wrong)


def test_a_layer_that_is_not_the_frameworks_is_reported(table):
    name, layer = next((name, layer) for name, layer in table.layers.items() if table.signatures[name])
    real = dict(table.signatures[name])
    wrong = ({**layer.signature, "colour": "red"}, dict.fromkeys(layer.signature, "red"), dict([*layer.signature.items()][1:]))
    assert all(differs(replace(layer, signature=signature), real) for signature in wrong)


def differs(layer, real):
    """What is wrong with a layer of our table; arguments that it leaves out must have defaults, and come last or be the input."""
    stated_defaults = {
        name: None if default is REQUIRED else repr(default) for name, default in layer.signature.items() if name not in ELSEWHERE
    }
    once = {OPTIONAL_ONCE[layer.name]: None} if layer.name in OPTIONAL_ONCE else {}
    rest = {name: default for name, default in real.items() if name not in stated_defaults and name not in INPUT}
    if (
        {**stated_defaults, **once} == {name: real[name] for name in stated_defaults if name in real}
        and None not in rest.values()
        and have_same_order(layer, real, rest)
    ):
        return ""
    return f"{layer.name}: {stated_defaults} in our table, {real} in the framework"


def have_same_order(layer, real, rest):
    """Whether arguments by position mean the same; those of ONNX have no order."""
    names = [name for name in layer.signature if name not in ELSEWHERE]
    return layer.framework == "onnxruntime" or [name for name in real if name not in INPUT] == [*names, *rest]


def test_arguments_of_earlier_versions_are_refused_today(table):
    keras = any(name.startswith("keras.") for name in table.layers)
    assert (len(table.old), len(table.bare)) == ((12, 6) if keras else (0, 0))
    assert all(refusal and "border_mode" in refusal for refusal in table.old.values())
    assert all(refusal and "pool_size" in refusal for refusal in table.bare.values())


def test_arguments_of_a_base_class_are_taken(table):
    keras = any(name.startswith("keras.") for name in table.layers)
    assert list(table.base_refusals.values()) == [None] * 3 * keras


REMOVED = ("keras.backend.", "timm.", "tensorflow.contrib.", "tensorflow.compat.v1.layers.")
"""Modules of functions that only earlier versions had, or a package that is not installed."""
REWRITTEN = {"jax.lax.reduce_window": REDUCE_WINDOW, "flax.linen.pool": LINEN_POOL}
"""Functions whose calls are rewritten before they are read, and the order of their own arguments."""
ARRAYS = {"input", "inputs", "self", "x", "a", "operand", "input_tensor", "value", "out_sharding", "indices"}
INPUTS = ("axes", "output_shape")
"""Arguments of nodes of ONNX that are inputs."""
CALLED = {
    "torch.mean": {"dim": (2, 3)},
    "torch.amax": {"dim": (2, 3)},
    "torch.sum": {"dim": (2, 3)},
    "torch.linalg.vector_norm": {"ord": 2},
    "mlx.core.mean": {"axis": (1, 2)},
    "mlx.core.max": {"axis": (1, 2)},
    "mlx.core.sum": {"axis": (1, 2)},
}
"""Functions without a signature to inspect, and arguments that they take by these names."""


@pytest.mark.parametrize("where", WITH_FUNCTIONS, ids=[where.split(".")[-2] for where in WITH_FUNCTIONS])
def test_every_function_takes_the_arguments_of_our_table(where, tmp_path):
    entry = WITH_FUNCTIONS[where]
    layers = {layer.name: layer for layer in entry.adapter.functions.values()}
    present = [name for name in layers if not name.startswith(REMOVED)]
    signatures, *_ = inspect_signatures(entry.target, tmp_path, present, ())
    assert {name for name, real in signatures.items() if real is None} == set()
    assert {name for name, real in signatures.items() if real == "unknown"} <= {*CALLED}
    wrong = [text for name, real in signatures.items() if real != "unknown" and (text := describe_wrong_function(layers[name], dict(real)))]
    assert not wrong, "\n".join(wrong)


def describe_wrong_function(layer, real):
    """What is wrong with a function of our table: arguments that the framework has not, in another order, or required there alone."""
    rest = [name for name in real if name not in ARRAYS]
    if layer.name in REWRITTEN:
        ours = [name for name in REWRITTEN[layer.name] if name not in ARRAYS]
        return "" if rest[: len(ours)] == ours else f"{layer.name}: {ours} in our table, {rest} in the framework"
    ours = [name for name in layer.signature if name in real or layer.framework != "onnxruntime" or name not in INPUTS]
    ordered = layer.framework == "onnxruntime" or [name for name in rest if name in ours] == ours
    required_names = {name for name in rest if real[name] is None and layer.framework != "onnxruntime"}
    unrequired_names = required_names - {name for name, default in layer.signature.items() if default is REQUIRED}
    return "" if ordered and {*ours} <= {*real} and not unrequired_names else f"{layer.name}: {ours} in our table, {real} in the framework"

"""The table of layers is what the frameworks themselves say of their layers, old spellings apart."""

import json
import os
import subprocess
import sys

import pytest

from poolparity.adapters._find import adapters, installed
from poolparity.cases.layers import REQUIRED

FOUND = {each.where: each for each in adapters().values() if installed(each.target) and each.adapter.layers}

GONE = ("keras.layers.pooling.", "keras.layers.convolutional.", "keras.engine.")
"""Modules of earlier versions."""
ELSEWHERE = {"border_mode": "valid", "input_shape": (32, 32, 3)}
"""Arguments that are no part of a signature, and a value for each: of earlier versions, or of a base class."""
OPTIONAL_ONCE = {f"keras.layers.{name}{rank}D": "pool_size" for name in ("AveragePooling", "AvgPool") for rank in (1, 2, 3)}
"""Arguments that had a default in earlier versions."""

INSPECT = """
import inspect, json, sys
from poolparity.adapters._call import lookup

def signature(name):
    if name.startswith("onnx."):
        return node(name)
    try:
        parameters = inspect.signature(lookup(name, {})).parameters.values()
    except AttributeError:
        return None
    named = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    return [[each.name, None if each.default is each.empty else repr(each.default)] for each in named]

def node(name):
    import onnx
    given = onnx.defs.get_schema(name.removeprefix("onnx.")).attributes
    value = {each.name: onnx.helper.get_attribute_value(each.default_value) if each.default_value.name else None for each in given.values()}
    return [[name, None if given[name].required else repr(each.decode() if isinstance(each, bytes) else each)] for name, each in value.items()]

def refusal(name, arguments):
    try:
        lookup(name, {})(**arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"

asked = json.load(sys.stdin)
told = [{name: signature(name) for name in asked["layers"]}, [refusal(*call) for call in asked["calls"]]]
open(sys.argv[1], "w").write(json.dumps(told))
"""


@pytest.fixture(scope="module", params=FOUND, ids=[where.rpartition(".")[2] for where in FOUND])
def table(request):
    """An adapter's layers by their own names, and the target that knows them."""
    found = FOUND[request.param]
    return {layer.name: layer for layer in found.adapter.layers.values()}, found.target


def inspected(target, folder, layers, calls=()):
    """The signatures that a framework's own interpreter sees, and what calls of its layers are refused with."""
    environment = {**os.environ, **target.environment, "KERAS_HOME": str(folder)}
    command = [sys.executable, "-c", INSPECT, str(folder / "told")]
    asked = json.dumps({"layers": list(layers), "calls": list(calls)})
    done = subprocess.run(command, input=asked, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads((folder / "told").read_text())


def test_every_layer_has_the_signature_that_its_framework_gives_it(table, tmp_path):
    layers, target = table
    signatures, _ = inspected(target, tmp_path, layers)
    assert {name for name in layers if signatures[name] is None} == {name for name in layers if name.startswith(GONE)}
    wrong = [why for name, layer in layers.items() if signatures[name] and (why := differs(layer, dict(signatures[name])))]
    assert not wrong, "\n".join(wrong)


def differs(layer, real):
    """What is wrong with a layer of our table; arguments that it leaves out must have defaults, and come last or be the input."""
    ours = {name: None if default is REQUIRED else repr(default) for name, default in layer.signature.items() if name not in ELSEWHERE}
    once = {OPTIONAL_ONCE[layer.name]: None} if layer.name in OPTIONAL_ONCE else {}
    rest = {name: default for name, default in real.items() if name not in ours and name != "inputs"}
    if {**ours, **once} == {name: real[name] for name in ours if name in real} and None not in rest.values() and ordered(layer, real, rest):
        return ""
    return f"{layer.name}: {ours} in our table, {real} in the framework"


def ordered(layer, real, rest):
    """Whether arguments by position mean the same; those of ONNX have no order."""
    names = [name for name in layer.signature if name not in ELSEWHERE]
    return layer.framework == "onnxruntime" or [name for name in real if name != "inputs"] == [*names, *rest]


def test_arguments_of_earlier_versions_are_refused_today(table, tmp_path):
    layers, target = table
    if target.modules[0] != "keras":
        assert not any(name in ELSEWHERE for layer in layers.values() for name in layer.signature)
        return
    windowed = {name: layer for name, layer in layers.items() if "border_mode" in layer.signature and not name.startswith(GONE)}
    calls = [(name, {"pool_size": 2, "border_mode": "valid"}) for name in windowed] + [(name, {}) for name in OPTIONAL_ONCE]
    _, refusals = inspected(target, tmp_path, [], calls)
    assert len(windowed) == 12
    assert all("border_mode" in refusal for refusal in refusals[:12])
    assert all("pool_size" in refusal for refusal in refusals[12:])


def test_arguments_of_a_base_class_are_taken(table, tmp_path):
    layers, target = table
    calls = [(name, {"filters": 1, "kernel_size": 1, "input_shape": (8, 8, 3)[: layer.rank + 1]}) for name, layer in layers.items()
             if "input_shape" in layer.signature and not name.startswith(GONE)]  # fmt: skip
    _, refusals = inspected(target, tmp_path, [], calls)
    assert refusals == [None] * (2 if target.modules[0] == "keras" else 0)

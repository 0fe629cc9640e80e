"""The table of pairs: its layers are poolings, its counts those of its answers."""

import json

import pytest

from poolparity.adapters.targets.find import find_targets
from poolparity.cases.fast.vectorised import outcome
from poolparity.cases.model.inputs import distinct
from poolparity.cases.model.rules import Rules
from poolparity.reports.port.table import (
    count_pairs,
    fill_table,
    installed_frameworks,
    read_standard_layers,
    render_table,
    table_as_json,
)

FOUND = find_targets()


def test_the_standard_layers_are_poolings_of_their_shapes():
    layers = read_standard_layers()
    assert len({layer.name for layer in layers}) == len(layers) > 40
    assert {len(layer.shape) - 2 for layer in layers} == {1, 2, 3}
    for layer in layers:
        x = distinct((1, 1, *layer.shape[2:]), 0, "float32").value
        assert 0 not in outcome(x, layer.pool, Rules(), located=False).output.shape, layer.name


@pytest.mark.needs("torch", "onnxruntime")
def test_a_table_tells_each_pair_and_every_answer(workers):
    frameworks = {name: target for name, target in installed_frameworks(FOUND).items() if name in ("torch", "onnx")}
    layers_of_pairs = [
        layer for layer in read_standard_layers() if layer.name in ("audio-m5", "ecg-resnet-stem", "xception-entry", "shufflenet-shortcut")
    ]
    entries = list(fill_table(workers, frameworks, layers_of_pairs))
    assert [(item["from"], item["to"], item["drop_in"], item["recipe"]) for item in count_pairs(entries)] == [
        ("onnx", "torch", 2, 2),
        ("torch", "onnx", 2, 1),
    ]
    document = json.loads(json.dumps(table_as_json(frameworks, entries)))
    assert {layer["name"] for layer in document["layers"]} == {layer.name for layer in layers_of_pairs}
    assert all(item["code"] and item["before"] for item in document["ports"] if item["verdict"] != "impossible")
    assert {item["range"]["words"] for item in document["ports"] if item["verdict"] == "drop_in"} == {
        "any size",
        "any size into which a window fits",
    }
    assert render_table(frameworks, entries).row_count == 2

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
from poolparity.reports.port.workers import Workers

FOUND = find_targets()


def test_the_standard_layers_are_poolings_of_their_shapes():
    layers = read_standard_layers()
    assert len({each.name for each in layers}) == len(layers) > 40
    assert {len(each.shape) - 2 for each in layers} == {1, 2, 3}
    for each in layers:
        x = distinct((1, 1, *each.shape[2:]), 0, "float32").value
        assert 0 not in outcome(x, each.pool, Rules(), located=False).output.shape, each.name


@pytest.mark.needs("torch", "onnxruntime")
def test_a_table_tells_each_pair_and_every_answer():
    frameworks = {name: chosen for name, chosen in installed_frameworks(FOUND).items() if name in ("torch", "onnx")}
    some = [
        each for each in read_standard_layers() if each.name in ("audio-m5", "ecg-resnet-stem", "xception-entry", "shufflenet-shortcut")
    ]
    with Workers() as workers:
        moved = list(fill_table(workers, frameworks, some))
    assert [(each["from"], each["to"], each["drop_in"], each["recipe"]) for each in count_pairs(moved)] == [
        ("onnx", "torch", 2, 2),
        ("torch", "onnx", 2, 1),
    ]
    told = json.loads(json.dumps(table_as_json(frameworks, moved)))
    assert {each["name"] for each in told["layers"]} == {each.name for each in some}
    assert all(each["code"] and each["before"] for each in told["ports"] if each["verdict"] != "impossible")
    assert render_table(frameworks, moved).row_count == 2

"""The table of pairs: its layers are poolings, its counts those of its answers, its draws the same for a seed."""

import json
from itertools import islice

import pytest

from poolparity.adapters.targets.find import find_targets
from poolparity.cases.fast.vectorised import outcome
from poolparity.cases.model.inputs import distinct
from poolparity.cases.model.pool import ADAPTIVE, FIRST, GLOBAL, LAST, WINDOWED
from poolparity.cases.model.rules import Rules
from poolparity.reports.port.layers import drawn, standard
from poolparity.reports.port.random_layers import written
from poolparity.reports.port.request import source_of
from poolparity.reports.port.table import document, moves, pairs, present, random_moves, table
from poolparity.reports.port.workers import Workers

FOUND = find_targets()


def test_the_standard_layers_are_poolings_of_their_shapes():
    layers = standard()
    assert len({each.name for each in layers}) == len(layers) > 40
    assert {len(each.shape) - 2 for each in layers} == {1, 2, 3}
    for each in layers:
        x = distinct((1, 1, *each.shape[2:]), 0, "float32").value
        assert 0 not in outcome(x, each.pool, Rules(), located=False).output.shape, each.name


def test_a_seed_draws_the_same_layers():
    first, again, other = (list(islice(drawn(seed), 200)) for seed in (3, 3, 4))
    assert first == again
    assert [each.pool for each in first] != [each.pool for each in other]
    assert {each.pool.op for each in first} == {
        "max_pool",
        "avg_pool",
        "lp_pool",
        "global_max_pool",
        "global_avg_pool",
        "adaptive_max_pool",
        "adaptive_avg_pool",
    }


ADAPTERS = {each.adapter.framework: each.adapter for each in FOUND.values()}


@pytest.mark.parametrize("framework", [name for name, adapter in ADAPTERS.items() if adapter.layers])
def test_layers_drawn_as_people_write_them_can_be_read_and_are_the_same_for_a_seed(framework):
    adapter = ADAPTERS[framework]
    first, again, other = (list(islice(written(adapter, seed), 300)) for seed in (3, 3, 4))
    assert first == again != other
    read = [source_of(each.text, each.shape, "float32", FOUND) for each in first]
    assert {each.framework for each in read} == {framework}
    pools = [each.pool for each in read]
    assert {pool.op for pool in pools} == {each.op for each in adapter.layers.values()} & {
        *WINDOWED,
        *GLOBAL,
        *ADAPTIVE,
    }
    chooses = any("data_format" in layer.signature for layer in adapter.layers.values())
    assert {each.ask.layout for each in read} == ({FIRST, LAST} if chooses else {adapter.layout})


def test_a_framework_without_layers_of_its_own_has_none_drawn():
    assert list(written(ADAPTERS["jax"], 0)) == []


@pytest.mark.needs("torch", "onnxruntime")
def test_a_table_tells_each_pair_and_every_answer():
    frameworks = {name: chosen for name, chosen in present(FOUND).items() if name in ("torch", "onnx")}
    some = [each for each in standard() if each.name in ("audio-m5", "ecg-resnet-stem", "xception-entry", "shufflenet-shortcut")]
    with Workers() as workers:
        moved = list(moves(workers, frameworks, some))
        random = list(random_moves(workers, frameworks, FOUND, 3, 0))
    assert [(each["from"], each["to"], each["drop_in"], each["recipe"]) for each in pairs(moved)] == [
        ("onnx", "torch", 2, 2),
        ("torch", "onnx", 2, 1),
    ]
    told = json.loads(json.dumps(document(frameworks, moved)))
    assert {each["name"] for each in told["layers"]} == {each.name for each in some}
    assert all(each["code"] and each["before"] for each in told["ports"] if each["verdict"] != "impossible")
    assert table(frameworks, moved).row_count == 2
    assert len(random) == 6

"""Random layers are the same for a seed, of every kind, and can be read as layers of their framework."""

from itertools import islice

import pytest
from support.random_layers import draw_pools, draw_sources, draw_texts

from poolparity.adapters.targets.find import find_targets
from poolparity.cases.model.pool import ADAPTIVE, FIRST, GLOBAL, LAST, WINDOWED
from poolparity.reports.port.request import read_source
from poolparity.reports.port.table import installed_frameworks

FOUND = find_targets()


def test_a_seed_draws_the_same_layers():
    first, again, other = (list(islice(draw_pools(seed), 200)) for seed in (3, 3, 4))
    assert first == again
    assert [source.pool for source in first] != [source.pool for source in other]
    assert {source.pool.op for source in first} == {
        "max_pool",
        "avg_pool",
        "lp_pool",
        "global_max_pool",
        "global_avg_pool",
        "adaptive_max_pool",
        "adaptive_avg_pool",
    }


ADAPTERS = {entry.adapter.framework: entry.adapter for entry in FOUND.values()}


@pytest.mark.parametrize("count", [100, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.parametrize("framework", [name for name, adapter in ADAPTERS.items() if adapter.layers])
def test_layers_drawn_as_people_write_them_can_be_read_and_are_the_same_for_a_seed(framework, count):
    adapter = ADAPTERS[framework]
    first, again, other = (list(islice(draw_texts(adapter, seed), count)) for seed in (3, 3, 4))
    assert first == again != other
    read = [read_source(source.text, source.shape, "float32", FOUND) for source in first]
    assert {source.framework for source in read} == {framework}
    pools = [source.pool for source in read]
    assert {pool.op for pool in pools} == {source.op for source in adapter.layers.values()} & {
        *WINDOWED,
        *GLOBAL,
        *ADAPTIVE,
    }
    chooses = any("data_format" in layer.signature for layer in adapter.layers.values())
    assert {source.ask.layout for source in read} == ({FIRST, LAST} if chooses else {adapter.layout})


def test_a_framework_without_layers_of_its_own_has_none_drawn():
    assert list(draw_texts(ADAPTERS["jax"], 0)) == []


def test_a_framework_with_and_one_without_layers_of_its_own_have_random_sources():
    for name, target in installed_frameworks(FOUND).items():
        sources = [source for _, source in islice(draw_sources(name, target, FOUND, 0), 20)]
        assert {source.target.name for source in sources} == {target.name}

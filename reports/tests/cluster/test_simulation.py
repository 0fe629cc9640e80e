"""The calculated duration of a run on a cluster: what it makes of rows, and that it is between the bounds."""

import pytest
from support.scripts import load_script

from poolparity.cases.judge.answer import Answer

dask = pytest.importorskip("distributed", reason="distributed is not installed; to install: pip install 'poolparity[cluster]'")

from poolparity.reports.cluster.exchange import TOGETHER  # noqa: E402

SCRIPT = load_script("simulate_cluster")


def test_the_seconds_of_a_call_count_once_though_several_rows_have_them(make, keep, tmp_path, answers):
    slow = Answer("accepts", answers["agrees"].output, seconds=2.0)
    keep((make("one"), {"a": slow}), (make("two"), {"a": {"call": slow, "drop_in": slow}}))
    assert SCRIPT.read_seconds(tmp_path / "rows.jsonl") == {
        "a": {"specs/max_pool/pairs.yaml::one": 2.0, "specs/max_pool/pairs.yaml::two": 4.0}
    }


def test_a_case_of_one_shard_stands_for_one_of_each():
    seconds = SCRIPT.repeat_cases({"a": {"one": 1.0, "two": 4.0}, "b": {"two": 2.0}}, 3)
    assert {target: list(cases.values()) for target, cases in seconds.items()} == {"a": [1.0, 4.0] * 3, "b": [2.0] * 3}
    [block] = SCRIPT.make_blocks(seconds, 100, 0.0)
    assert (block.targets, block.seconds) == (("a", "b"), 21.0)


def test_as_many_targets_are_asked_together_as_in_a_run():
    seconds = {"a": {str(n): 1.0 for n in range(5)}, "b": {str(n): 2.0 for n in range(3)}, "c": {}, "d": {"1": 4.0}}
    blocks = SCRIPT.make_blocks(seconds, 2, 0.5)
    assert SCRIPT.TOGETHER == TOGETHER == 3
    assert [(block.targets, block.seconds) for block in blocks] == [(("a", "b"), 8.0), (("a", "b"), 5.5), (("a",), 1.5), (("d",), 4.5)]


@pytest.mark.parametrize(("machines", "took", "starts"), [(1, 4 + 12 + 20, 20), (2, 2 + 6 + 20, 40), (8, 12, 80)])
def test_each_machine_starts_each_framework_that_it_needs(machines, took, starts):
    blocks = [SCRIPT.Block((target,), 2.0) for target in "aabbbbbb"]
    assert SCRIPT.simulate(blocks, machines, 10.0) == (took, starts)


def test_a_machine_keeps_as_many_frameworks_as_a_worker():
    blocks = [SCRIPT.Block(tuple(targets), 1.0) for targets in ("ab", "a", "c", "a", "d", "b", "a")]
    assert SCRIPT.simulate(blocks, 1, 10.0) == (7 + 50, 50)


def test_the_line_of_a_size_says_what_limits_it():
    lines = list(SCRIPT.describe([SCRIPT.Block(("a",), 100.0), *[SCRIPT.Block(("a",), 1.0)] * 200], 1.0))
    assert [line.split("  ")[-1] for line in lines[2:]] == ["work", "work", "the longest block", "the longest block", "the longest block"]

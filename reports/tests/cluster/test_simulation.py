"""The calculated duration of a run on a cluster: what it makes of rows, and that it is between the bounds."""

import pytest
from support.scripts import load_script

from poolparity.cases.judge.answer import Answer

pytest.importorskip("distributed", reason="distributed is not installed; to install: pip install 'poolparity[cluster]'")
SCRIPT = load_script("simulate_cluster")


def test_the_seconds_of_a_call_count_once_though_several_rows_have_them(make, keep, tmp_path, answers):
    slow = Answer("accepts", answers["agrees"].output, seconds=2.0)
    keep((make("one"), {"a": slow}), (make("two"), {"a": {"call": slow, "drop_in": slow}}))
    assert SCRIPT.read_seconds(tmp_path / "rows.jsonl") == {
        "a": {"specs/max_pool/pairs.yaml::one": 2.0, "specs/max_pool/pairs.yaml::two": 4.0}
    }


def test_blocks_come_target_after_target():
    seconds = {"a": {str(n): 1.0 for n in range(5)}, "b": {str(n): 2.0 for n in range(3)}}
    blocks = SCRIPT.make_blocks(seconds, 2, 0.5)
    assert [(block.target, block.seconds) for block in blocks] == [("a", 3.0), ("a", 3.0), ("a", 1.5), ("b", 5.0), ("b", 2.5)]


@pytest.mark.parametrize(("machines", "took", "starts"), [(1, 4 + 12 + 20, 20), (2, 2 + 6 + 20, 40), (8, 12, 80)])
def test_each_machine_starts_each_framework_that_it_needs(machines, took, starts):
    blocks = [SCRIPT.Block(target, 2.0) for target in "aabbbbbb"]
    assert SCRIPT.simulate(blocks, machines, 10.0) == (took, starts)


def test_a_machine_keeps_the_frameworks_of_its_last_two_targets():
    blocks = [SCRIPT.Block(target, 1.0) for target in "abacb"]
    assert SCRIPT.simulate(blocks, 1, 10.0) == (5 + 40, 40)


def test_the_line_of_a_size_says_what_limits_it():
    lines = list(SCRIPT.describe([SCRIPT.Block("a", 100.0), *[SCRIPT.Block("a", 1.0)] * 200], 1.0))
    assert [line.split("  ")[-1] for line in lines[2:]] == ["work", "work", "the longest block", "the longest block", "the longest block"]

"""Shares of the cases: together all of them, none twice, alike in size, and the same everywhere."""

import subprocess
import sys

import pytest

from poolparity.reports.run.shard import BadShard, Shard, shard_of

pytest_plugins = ["pytester"]

IDS = [f"specs/max_pool/strides.yaml::case-stride={number}" for number in range(101)]


@pytest.mark.parametrize("many", [1, 2, 3, 7, 100, 101])
def test_shares_are_disjoint_alike_in_size_and_together_all(many):
    shares = [Shard(number, many).of(IDS) for number in range(1, many + 1)]
    assert sorted(name for share in shares for name in share) == sorted(IDS)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_share_is_the_same_in_whatever_order_and_process():
    share = Shard(2, 5).of(IDS)
    assert Shard(2, 5).of(reversed(IDS)) == share
    code = f"from poolparity.reports.run.shard import Shard; print(*Shard(2, 5).of({IDS!r}))"
    for seed in ("1", "2"):
        process = subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True)
        assert process.stdout.split() == share


def test_neighbouring_cases_are_in_different_shares():
    share = [IDS.index(name) for name in Shard(1, 2).of(IDS)]
    assert share not in ([*range(0, 101, 2)], [*range(51)])


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "1/0", "a/b", "-1/4", "1/4/2", ""])
def test_a_share_that_there_is_none_of_is_reported(text):
    with pytest.raises(BadShard) as error_info:
        shard_of(text)
    assert str(error_info.value) == f"--shard {text}: invalid share; expected I/N with I from 1 to N, such as 2/4"


SPEC = "op: max_pool\ncases:\n" + "".join(
    f"  case{n}: {{input: [[[{n}, 5]]], pool: {{kernel: [2], stride: [2]}}, output: [[[{max(n, 5)}]]]}}\n" for n in range(11)
)


def count_passed(pytester, *arguments):
    pytester.makefile(".yaml", demo=SPEC)
    pytester.makepyfile(test_own="def test_own(): pass")
    result = pytester.runpytest_subprocess("demo.yaml", "test_own.py", "--target", "numpy", "-v", *arguments)
    assert result.ret == 0, result.stdout.str()
    return [line.split()[0] for line in result.outlines if " PASSED" in line and "::" in line]


def test_pytest_runs_one_share_and_all_other_tests(pytester):
    shares = [count_passed(pytester, "--shard", f"{number}/3") for number in (1, 2, 3)]
    assert all(share[-1] == "test_own.py::test_own" for share in shares)
    cases = [name for share in shares for name in share[:-1]]
    assert sorted(cases) == sorted(f"demo.yaml::case{n}::numpy" for n in range(11))
    assert [len(share) - 1 for share in shares] == [4, 4, 3]


def test_a_share_is_the_same_whatever_else_is_asked_for(pytester):
    assert set(count_passed(pytester, "--shard", "1/2", "-k", "case1")) <= set(count_passed(pytester, "--shard", "1/2"))


def test_pytest_tells_of_a_share_that_is_none(pytester):
    pytester.makefile(".yaml", demo=SPEC)
    result = pytester.runpytest_subprocess("demo.yaml", "--target", "numpy", "--shard", "4/3")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--shard 4/3: invalid share; expected I/N*"])

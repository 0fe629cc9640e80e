"""The page about adding a framework: its adapter works, its gaps are real, and the files that it names exist."""

import json
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters.common.loading import load_adapter
from poolparity.adapters.contract import Adapter
from poolparity.cases.model.pool import ADAPTIVE, GLOBAL, WINDOWED

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "adapters" / "ADDING_A_FRAMEWORK.md").read_text(encoding="utf-8")
[EXAMPLE] = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SPEC = """
cases:
  kept: {op: global_max_pool, input: [[[1, 5, 2]]], pool: {keepdims: true}, output: [[[5]]]}
  dropped: {op: global_avg_pool, input: [[[1, 5, 3]]], pool: {keepdims: false}, output: [[3]]}
  windows: {op: max_pool, input: [[[1, 5, 3]]], pool: {kernel: [2], stride: [1]}, output: [[[5, 5]]]}
"""


@pytest.fixture
def example(tmp_path):
    """The file of the page's adapter."""
    path = tmp_path / "reductions.py"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


def test_the_adapter_on_the_page_runs_by_the_command_on_the_page(example, tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC.lstrip(), encoding="utf-8")
    [[_, *arguments]] = re.findall(r"^(poolparity) (run) (--adapter) (\S+) (--target) (\S+) (--target) (\S+)$", PAGE, re.MULTILINE)
    command = [sys.executable, "-c", "from poolparity.reports.cli import main; main()", *arguments, "spec.yaml", "--rows", "rows.jsonl"]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert process.returncode == 0, process.stdout + process.stderr
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    verdicts = {
        (row["case"].rpartition(":")[2], row["attribute"]): row["verdict"]
        for row in rows
        if row["record"] == "row" and row["target"] == "numpy-reductions"
    }
    assert verdicts["kept", "values"] == verdicts["dropped", "values"] == "agrees"
    assert verdicts["windows", "values"] == "unsupported"


def test_the_gaps_of_the_adapter_on_the_page_are_real(example):
    gaps = load_adapter(str(example)).gaps
    assert gaps
    for gap, op, rank in product(gaps, WINDOWED + GLOBAL + ADAPTIVE, (1, 2, 3)):
        if gap.covers(op, rank):
            with pytest.raises(AttributeError, match=op):
                exec(gap.code.format(op=op, rank=rank), {"numpy": np, "x": np.ones((1, 2, *[6] * rank))})


def test_the_files_that_the_page_names_exist():
    paths = [path for path in re.findall(r"[\w.]+(?:/[\w.]+)+", PAGE) if "<" not in path]
    assert len(paths) > 4
    assert [path for path in paths if not (ROOT / path.rstrip(".")).exists()] == []


def test_the_attributes_that_the_page_names_are_the_contract_s():
    [table] = re.findall(r"^\| attribute \| contents \|\n(.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)
    names = [name for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)]
    attributes = re.findall(r"`(\w+)`", PAGE.partition("Attributes for people")[2].partition("## 4")[0])
    declared_names = {*dir(Adapter), *Adapter.__annotations__}
    assert [name for name in (*names, *attributes) if name not in declared_names] == []

"""A run says which installed versions its ledger does not know, before it asks anything."""

import sys

import numpy as np
import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.process

ADAPTER = """\
from poolparity.adapters import Target
from poolparity.adapters.frameworks.numpy.adapter import Oracle


class Aged(Oracle):
    targets = (Target("aged", ("numpy",), ("numpy",)),)
    ledger_versions = {"numpy": ("0.9",)}


ADAPTER = Aged()
"""
SPEC = """\
about: A maximum.
op: max_pool
cases:
  one: {input: [[[1, 5, 2, 4]]], pool: {kernel: [2], stride: [2]}, output: [[[5, 4]]]}
"""
TEXT = f"numpy {np.__version__}: the ledger knows 0.9; the answers of 0.9 are expected, and others count as unexpected"


@pytest.mark.parametrize(("releases", "expected"), [('("0.9",)', True), (f'("0.9", "{np.__version__}")', False)])
def test_a_run_names_the_versions_that_its_ledger_does_not_know(pytester, releases, expected):
    pytester.makefile(".yaml", demo=SPEC)
    adapter = pytester.path / "aged.py"
    adapter.write_text(ADAPTER.replace('("0.9",)', releases))
    options = ["--adapter", str(adapter), "--target", "aged", "--no-cache"]
    result = pytester.run(sys.executable, "-c", "from poolparity.reports.cli import main; main()", "run", "demo.yaml", *options)
    assert result.ret == 0
    assert (TEXT in result.errlines) is expected
    lines = pytester.runpytest_subprocess("demo.yaml", *options).outlines
    assert (f"  {TEXT}" in lines) is expected

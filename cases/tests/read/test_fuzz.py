"""A short share of the fuzz: no mutated spec or ledger is answered with a traceback, a wrong status or without a bound."""

import subprocess
import sys
from pathlib import Path

FUZZ = Path(__file__).parents[3] / ".ci" / "fuzz.py"


def test_mutated_specs_and_ledgers_are_checked_without_a_traceback():
    process = subprocess.run([sys.executable, FUZZ, "specs", "ledgers", "--count", "100", "--seed", "1"], capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr
    assert [line.partition(" failures")[0] for line in process.stdout.splitlines()] == ["specs: 100 inputs, 0", "ledgers: 100 inputs, 0"]

"""A short share of the fuzz: no mutated file of rows is answered with a traceback, a wrong status or without a bound."""

import subprocess
import sys
from pathlib import Path

FUZZ = Path(__file__).parents[3] / ".ci" / "fuzz.py"


def test_mutated_rows_are_read_without_a_traceback():
    process = subprocess.run([sys.executable, FUZZ, "rows", "--count", "60", "--seed", "1"], capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stdout.startswith("rows: 60 inputs, 0 failures")

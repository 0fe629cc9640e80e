"""A short share of the fuzz: a run on damaged caches of answers and of programs ends well, and gives the rows that it gave before."""

import subprocess
import sys
from pathlib import Path

FUZZ = Path(__file__).parents[3] / ".ci" / "fuzz.py"


def test_damaged_caches_change_no_answer():
    process = subprocess.run([sys.executable, FUZZ, "caches", "--count", "12", "--seed", "1"], capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stdout.startswith("caches: 12 inputs, 0 failures")

"""A short share of the fuzz: strange command lines end with a status that the commands have, and without a traceback."""

import subprocess
import sys
from pathlib import Path

FUZZ = Path(__file__).parents[3] / ".ci" / "fuzz.py"


def test_strange_command_lines_are_answered():
    process = subprocess.run([sys.executable, FUZZ, "options", "--count", "30", "--seed", "1"], capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stdout.startswith("options: 30 inputs, 0 failures")

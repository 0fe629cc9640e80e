"""A short share of the fuzz: no changed layer or model is answered with a traceback, a wrong status or without a bound."""

import subprocess
import sys
from pathlib import Path

FUZZ = Path(__file__).parents[3] / ".ci" / "fuzz.py"


def test_changed_layers_and_models_are_answered_without_a_traceback():
    process = subprocess.run([sys.executable, FUZZ, "layers", "models", "--count", "8", "--seed", "1"], capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr
    assert [line.partition(" failures")[0] for line in process.stdout.splitlines()] == ["layers: 8 inputs, 0", "models: 8 inputs, 0"]

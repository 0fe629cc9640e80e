"""What it costs to collect our cases, beside as many trivial items, and to run an item."""

import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from figures import record
from jobs import cases_of
from timing import ROUNDS, shortest, show

from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.cases.model.case import tiers_up_to
from poolparity.cases.read.check import find_spec_files
from poolparity.cases.read.spec import read_spec
from poolparity.reports.ledger.suite import SPECS

TRIVIAL = "import pytest\n\n@pytest.mark.parametrize('n', range({count}))\ndef test_nothing(n):\n    pass\n"
LOADED = """
import sys
import pytest

class Frameworks:
    def pytest_unconfigure(self, config):
        found = {"torch", "tensorflow", "jax", "keras", "flax", "onnx", "onnxruntime"} & set(sys.modules)
        print("imported:", ", ".join(sorted(found)) or "no framework")

sys.exit(pytest.main(sys.argv[1:], [Frameworks()]))
"""


def collecting(tier):
    arguments = [str(SPECS), "--tier", tier, "--collect-only", "-q"]
    output = pytest(SPECS.parent, *arguments).splitlines()
    count = sum("::" in line for line in output)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_trivial.py").write_text(TRIVIAL.format(count=count))
        own, trivial = shortest(
            lambda: pytest(SPECS.parent, *arguments), lambda: pytest(folder, "--collect-only", "-q", "test_trivial.py"), rounds=2
        )
        seconds = shortest(lambda: pytest(folder, "-q", "test_trivial.py"), rounds=1)[0] - trivial
    show(
        f"Collecting {len(cases_of(tier)):,} cases on every target: {count:,} items, {output[-1]}",
        ["", "seconds", "an item", "ratio"],
        [
            ["ours", f"{own:.2f}", f"{own / count * 1e6:.0f} us", f"{own / trivial:.2f}"],
            ["trivial, parametrised", f"{trivial:.2f}", f"{trivial / count * 1e6:.0f} us", "1"],
            ["trivial, run as well", f"{trivial + seconds:.2f}", f"{(trivial + seconds) / count * 1e6:.0f} us", ""],
        ],
    )
    record({"collecting beside trivial items": own / trivial, "reading specs beside the C loader": reading(tier)})


def pytest(folder, *arguments):
    command = [sys.executable, "-c", LOADED, "-p", "no:cacheprovider", "-p", "no:randomly", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def reading(tier):
    """What it costs to read YAML, beside the C loader alone: the ratio."""
    paths, entries = list(find_spec_files([SPECS])), layers_of(find_targets())
    texts = [path.read_text(encoding="utf-8") for path in paths]
    tiers = tiers_up_to(tier)
    whole, alone = shortest(
        lambda: [read_spec(path, entries, SPECS.parent, tiers) for path in paths],
        lambda: [yaml.load(text, yaml.CSafeLoader) for text in texts],
        rounds=ROUNDS,
    )
    cases = len(cases_of(tier))
    show(
        f"Reading {len(paths)} spec files",
        ["", "seconds", "a case", "ratio"],
        [
            ["read, checked, resolved", f"{whole:.2f}", f"{whole / cases * 1e6:.0f} us", f"{whole / alone:.1f}"],
            ["PyYAML's C loader alone", f"{alone:.2f}", f"{alone / cases * 1e6:.0f} us", "1"],
        ],
    )
    return whole / alone

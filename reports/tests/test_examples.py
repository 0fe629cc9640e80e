"""The README's examples print what the README shows."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^```console\n\$ poolparity (.*)\n((?:(?!```).*\n)*)```$", README, re.MULTILINE))
"""The output that the README shows, by the arguments of the command."""

NET = """
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3, padding=1)
        self.pool = torch.nn.MaxPool2d(3, stride=2, padding=1)
        self.head = torch.nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        return self.head(self.pool(self.conv(x))).flatten(1)

torch.export.save(torch.export.export(Net().eval(), (torch.zeros(1, 3, 56, 56),)), "net.pt2")
"""


def run(*command, cwd):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600)


def poolparity(*arguments, cwd):
    return run(sys.executable, "-c", "from poolparity.reports.cli import main; main()", *arguments, cwd=cwd)


def missing_lines(expected, output):
    """The lines that are shown and not printed in that order; `...` stands for any lines."""
    rest = iter(" ".join(line.split()) for line in output.splitlines())
    expected_lines = [" ".join(line.split()) for line in expected.splitlines() if line.strip() not in ("", "...")]
    return [line for line in expected_lines if line not in rest]


def check(command, cwd, statuses=(0,)):
    [arguments] = [item for item in EXAMPLES if item.startswith(command)]
    assert EXAMPLES[arguments].strip(), f"README.md shows no output of `{arguments}`"
    process = poolparity(*shlex.split(arguments), cwd=cwd)
    assert process.returncode in statuses, process.stdout + process.stderr
    assert missing_lines(EXAMPLES[arguments], process.stdout) == [], process.stdout


def test_the_readme_has_an_example_of_each_use():
    assert [item.split()[0] for item in EXAMPLES] == ["run", "fingerprint", "port", "scan", "diff"]


@pytest.mark.needs("torch")
def test_the_example_of_a_run(tmp_path):
    shutil.copytree(ROOT / "specs" / "avg_pool", tmp_path / "specs" / "avg_pool")
    check("run", tmp_path)


@pytest.mark.needs("torch", "onnxruntime")
def test_the_example_of_two_frameworks(tmp_path):
    check("fingerprint", tmp_path)


@pytest.mark.needs("torch", "onnxruntime")
def test_the_example_of_porting(tmp_path):
    check("port", tmp_path, {3})


@pytest.mark.needs("torch", "keras-torch")
def test_the_example_of_scanning(tmp_path):
    process = run(sys.executable, "-c", NET, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    check("scan", tmp_path, {1})


@pytest.mark.needs("onnxruntime")
def test_the_example_of_an_upgrade(tmp_path):
    """The rows of the old version were measured once: by `poolparity run` with `--target onnxruntime@PYTHON` of ONNX Runtime 1.19.2."""
    shutil.copy(ROOT / "reports" / "tests" / "support" / "onnxruntime-1.19.jsonl", tmp_path / "old.jsonl")
    specs = [str(ROOT / "specs" / name) for name in ("avg_pool/divisor.yaml", "max_pool/ceil_mode.yaml")]
    process = poolparity("run", *specs, "--target", "onnxruntime", "--rows", "new.jsonl", cwd=tmp_path)
    assert process.returncode == 0, process.stdout + process.stderr
    check("diff", tmp_path, {1})

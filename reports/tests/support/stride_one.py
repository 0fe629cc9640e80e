"""A project of somebody's own whose adapter lies, and the commands that keep its ledger."""

from pathlib import Path

from typer.testing import CliRunner

from poolparity.reports.cli import app

SPEC = """\
about: What is left open.
op: max_pool
cases:
  left_open:
    input: [[[1, 3, 2, 4]]]
    pool: {kernel: [2]}
    output: [[[3, 4]]]
  left_open_again:
    input: [[[4, 1, 2]]]
    pool: {kernel: [2]}
    output: [[[4]]]
  stated:
    input: [[[1, 3, 2, 4]]]
    pool: {kernel: [2], stride: [2]}
    output: [[[3, 4]]]
  asked:
    asks: stride_default
    input: [[[1, 3, 2, 4]]]
    pool: {kernel: [2]}
    answers: {window: [[[3, 4]]], one: [[[3, 3, 4]]]}
"""

ADAPTER = """\
import numpy

from poolparity.adapters import Call, Step, Ref, Target
from poolparity.adapters.frameworks.numpy.adapter import Oracle as NumPy


class Liar(NumPy):
    targets = (Target("liar", ("numpy",), ("numpy",)), Target("liar+more", ("numpy",), ("numpy",)))

    def call(self, ask, target):
        from dataclasses import replace
        return super().call(replace(ask, rules={**ask.rules, **RULES}), target)


RULES = {"stride_default": "one"}
ADAPTER = Liar()
"""


def begin(folder):
    """Put a spec, an adapter whose stride is one, and an empty ledger into a folder."""
    (folder / "spec.yaml").write_text(SPEC)
    adapter(folder.name, "one")
    (folder / "known").mkdir()


def adapter(name, stride):
    """Write an adapter with a stride, under a name that no other one has: a process loads each file once."""
    Path(f"{name}.py").write_text(ADAPTER.replace('"stride_default": "one"', f'"stride_default": "{stride}"'))
    return name


def invoke(command, status=0):
    process = CliRunner().invoke(app, command.split(), catch_exceptions=False)
    assert process.exit_code == status, process.output
    return process.output


def run(status, rows="rows.jsonl", targets=("liar*",), name=None):
    options = " ".join(f"--target {target}" for target in targets)
    return invoke(f"run spec.yaml --adapter {name or Path.cwd().name}.py {options} --ledger known --rows {rows}", status)


def update(*rows):
    return invoke(f"ledger update {' '.join(rows or ['rows.jsonl'])} --ledger known --adapter {Path.cwd().name}.py")

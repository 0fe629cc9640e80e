"""An adapter file that lacks something or raises is reported once, and the other targets run."""

import json

import pytest
from typer.testing import CliRunner

from poolparity.reports.cli import app

PAGE = """
from poolparity.adapters import Adapter, Form, Ref, Step, Target, Unsupported


class Broken(Adapter):
    targets = (Target("{name}", ("numpy",), ("numpy",)),)
    forms = {{"max_pool": Form("numpy.max", {{"kernel": "axis"}})}}
{hook}

ADAPTER = Broken()
"""
SPEC = """
about: Windows that are moved by their own size, and one over the whole input.
op: max_pool
cases:
  first:
    about: Two windows.
    input: [[[1, 2, 3, 4]]]
    pool: {kernel: [2], stride: [2]}
    output: [[[2, 4]]]
  second:
    about: One window.
    input: [[[1, 2]]]
    pool: {kernel: [2], stride: [2]}
    output: [[[2]]]
"""
TRANSLATES = "    def has_counterpart(self, name, ask, form):\n        return name in form.names\n\n"
HOOKS = {
    "lacks_a_gap": "",
    "raises": "    def has_counterpart(self, name, ask, form):\n        return self.no_such_attribute\n",
    "raises_in_index_base": f"{TRANSLATES}    def index_base(self, ask, target):\n        return 1 // 0\n",
    "raises_in_the_worker": f"{TRANSLATES}    def to_native(self, name, dtype):\n        raise OSError('no device')\n",
}
MESSAGES = {
    "lacks_a_gap": "broken_lacks_a_gap.py: no counterpart of stride for max_pool with 1 spatial axes; expected a form that has it, or a Gap",
    "raises": "broken_raises.py:9: AttributeError: 'Broken' object has no attribute 'no_such_attribute', raised while translating max_pool",
    "raises_in_index_base": "broken_raises_in_index_base.py:12: ZeroDivisionError: ",
    "raises_in_the_worker": "broken_raises_in_the_worker.py:12: OSError: no device, raised in the worker by to_native for arrays of type float32",
}


@pytest.mark.process
@pytest.mark.parametrize("fault", HOOKS)
def test_a_broken_adapter_is_reported_once_and_other_targets_run(tmp_path, monkeypatch, fault):
    hook, message = HOOKS[fault], MESSAGES[fault]
    page, spec, rows = tmp_path / f"broken_{fault}.py", tmp_path / "spec.yaml", tmp_path / "rows.jsonl"
    page.write_text(PAGE.format(name=fault, hook=hook))
    spec.write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    command = ["run", str(spec), "--adapter", str(page), "--target", fault, "--target", "numpy", "--rows", str(rows), "--no-cache"]
    process = CliRunner().invoke(app, command)
    assert process.exit_code == 1, process.output
    assert message in process.output
    assert process.output.count(message) == 1
    assert f"{fault}: spec.yaml::first and maybe others were not run: {tmp_path}" in process.output
    assert "2 unexpected outcomes" in process.output
    verdicts = {(row["target"], row["case"], row["verdict"]) for row in map(json.loads, rows.read_text().splitlines()) if "verdict" in row}
    assert {verdict for target, _, verdict in verdicts if target == "numpy"} == {"agrees"}
    assert len([case for target, case, _ in verdicts if target == "numpy"]) == 2


@pytest.mark.needs("torch")
@pytest.mark.parametrize("fault", ["lacks_a_gap", "raises", "raises_in_the_worker"])
def test_moving_a_layer_to_a_broken_adapter_says_what_it_raises_and_other_targets_go_on(tmp_path, fault):
    page = tmp_path / f"ported_{fault}.py"
    page.write_text(PAGE.format(name=f"lumpy-{fault.replace('_', '-')}", hook=HOOKS[fault]))
    command = ["port", "nn.MaxPool2d(2)", "--to", "?umpy*", "--input", "1,1,8,8", "--json", "--adapter", str(page)]
    process = CliRunner().invoke(app, command)
    assert process.exit_code == 2, process.output
    ports = json.loads(process.stdout)["ports"]
    assert [port["verdict"] for port in ports] == ["drop_in", "impossible"]
    assert ports[1]["reason"].startswith(f"{tmp_path}/{MESSAGES[fault].partition(' with ')[0].replace('broken_', 'ported_')}")

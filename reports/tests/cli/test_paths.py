"""Every path that a command takes may be wrong: the answer is a sentence and status 2."""

import json
import os
import resource
import sys
from pathlib import Path

import pytest
import typer

from poolparity.reports.cli import app, main

pytestmark = pytest.mark.slow

SPEC = """\
about: One maximum.
op: max_pool
cases:
  one:
    input: [[[1, 5, 2, 4]]]
    pool: {kernel: [2], stride: [2]}
    output: [[[5, 4]]]
"""
GIVEN = {
    "run": {"paths": "spec.yaml", "--target": "numpy"},
    "check": {"paths": "spec.yaml"},
    "list": {"paths": "spec.yaml"},
    "report": {"rows": "rows.jsonl"},
    "merge": {"rows": "rows.jsonl", "--output": "merged.jsonl"},
    "diff": {"old": "rows.jsonl", "new": "rows.jsonl"},
    "fingerprint": {"rows": "rows.jsonl"},
    "ledger update": {"rows": "rows.jsonl", "--ledger": "known"},
    "port": {"layer": "torch.nn.MaxPool2d(2)", "--input": "1,1,4,4", "--to": "onnx"},
    "explain": {"layer": "torch.nn.MaxPool2d(2)", "--input": "1,1,4,4"},
    "search": {"--target": "numpy", "--op": "flatten", "--examples": "1", "--rules": "rows.jsonl"},
    "scan": {"model": "model.onnx", "--to": "torch"},
    "compare": {"first": "model.json", "second": "model.json"},
}
"""Arguments with which each command gets as far as it can."""
PATHS = {"FILE", "FOLDER", "PATH", "ROWS", "OLD", "NEW", "MODEL"}
"""What the help calls paths."""
WRITTEN = {
    ("run", "--rows"),
    ("run", "--report"),
    ("report", "--output"),
    ("merge", "--output"),
    ("fingerprint", "--json"),
    ("port", "--table"),
    ("compare", "--report"),
}
"""What is written; everything else is read, new options included, but for the ledger, whose folder is made."""
MADE = {("ledger update", "--ledger"), ("search", "--save")}
WRONG = ("folder", "loop", "long", "below_a_file", "full", "missing", "fifo")


def commands(command=None, name=""):
    """Every command that does something, by its whole name."""
    command = command or typer.main.get_command(app)
    if hasattr(command, "commands"):
        return {
            whole: item for part in command.commands for whole, item in commands(command.commands[part], f"{name} {part}".strip()).items()
        }
    return {name: command}


COMMANDS = commands()


def path_parameters():
    """The arguments and options of all commands that are paths, with every kind of wrong path that is wrong for them."""
    for command, parameters in COMMANDS.items():
        for parameter in parameters.params:
            option = next((option for option in parameter.opts if option.startswith("--")), parameter.name)
            if parameter.metavar in PATHS:
                for wrong in WRONG:
                    if is_wrong(command, option, wrong):
                        yield pytest.param(command, option, wrong, id=f"{command} {option} {wrong}")


def is_wrong(command, option, wrong):
    """Whether a path is wrong there: what is written need not exist, and a table is made for minutes before it is written."""
    if (command, option) in {("run", "--ledger"), ("search", "--ledger")} and wrong == "folder":
        return False
    if (command, option) in MADE:
        return wrong in ("loop", "long", "below_a_file", "full")
    if (command, option) in WRITTEN:
        return wrong not in ("missing", "fifo") and (option, wrong) not in {("--table", "full"), ("--table", "loop"), ("--table", "long")}
    return True


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with a spec, rows of it, and every kind of wrong path."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "spec.yaml").write_text(SPEC)
    (folder / "model.json").write_text('{"class_name": "Sequential", "config": {"name": "empty", "layers": []}}')
    (folder / "known").mkdir()
    (folder / "folder.yaml").mkdir()
    (folder / "loop.yaml").symlink_to("loop.yaml")
    os.mkfifo(folder / "fifo.yaml")
    return folder


PLACES = {
    "folder": "folder.yaml",
    "loop": "loop.yaml",
    "long": "x" * 300,
    "below_a_file": "spec.yaml/x.yaml",
    "full": "/dev/full",
    "missing": "missing.yaml",
    "fifo": "fifo.yaml",
}


@pytest.fixture
def bounded_memory():
    """Lets a device without an end, read whole, fail the test and not the machine."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (4 << 30), hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.fixture
def poolparity(project, monkeypatch, capfd, bounded_memory):
    """Runs a command in the project, in this process."""
    monkeypatch.chdir(project)

    def poolparity(*arguments):
        monkeypatch.setattr(sys, "argv", ["poolparity", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, "".join(capfd.readouterr())

    if not (project / "rows.jsonl").exists():
        assert poolparity("run", "spec.yaml", "--target", "numpy", "--rows", "rows.jsonl")[0] == 0
    return poolparity


def line_of(command, arguments):
    """The command line that gives some arguments and options."""
    options = [word for name, value in arguments.items() if name.startswith("--") for word in (name, value)]
    return [*command.split(), *(value for name, value in arguments.items() if not name.startswith("--")), *options]


def test_every_command_is_tried():
    assert GIVEN.keys() == COMMANDS.keys()


def test_what_is_written_is_an_option():
    options = {
        (command, option) for command, click_command in COMMANDS.items() for parameter in click_command.params for option in parameter.opts
    }
    assert options >= WRITTEN | MADE


@pytest.mark.parametrize(("command", "option", "wrong"), list(path_parameters()))
def test_a_wrong_path_is_a_sentence_and_status_2(poolparity, command, option, wrong):
    options = {**GIVEN[command], option: PLACES[wrong]}
    if (command, option) == ("fingerprint", "--adapter"):
        del options["rows"]
    status, message = poolparity(*line_of(command, options))
    assert status == 2, message
    assert "Traceback" not in message
    assert "xxxxxx" in message if wrong == "long" else Path(PLACES[wrong]).name in message.replace("\n", "")


def test_rows_that_were_written_before_the_disk_was_full_are_kept(poolparity, project, monkeypatch):
    from poolparity.reports.rows.writer import Writer

    write_row = Writer.put

    def put(self, data):
        if b'"footer"' in data:
            raise OSError(28, "No space left on device")
        write_row(self, data)

    monkeypatch.setattr(Writer, "put", put)
    status, message = poolparity("run", "spec.yaml", "--target", "numpy", "--rows", "cut.jsonl")
    assert status == 2
    assert "no space left on device" in message
    records = [json.loads(line)["record"] for line in (project / "cut.jsonl").read_text().splitlines()]
    assert records[0] == "header"
    assert "row" in records

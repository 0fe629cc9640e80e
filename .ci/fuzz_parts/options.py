"""Command lines: one of each command that does little work, with options added, repeated, cut off or given strange values.

Options are those that the commands have. Only the definition counts as installed, so that no line starts a framework.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from fuzz_mutations import NUMBERS, TEXTS

os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # the other one takes a gigabyte of addresses before it is used

import poolparity.reports.cli.report
import poolparity.reports.cli.search  # noqa: F401 - here, so that no child has to import them
from poolparity.adapters.targets import find
from poolparity.reports.cli import app

sys.path.append(str(Path(__file__).parents[2] / "reports" / "tests"))

from support import model_files as files

find.missing_requirements = lambda target: "" if target.name == "numpy" else "left out of the fuzz"

STATUSES = {0, 1, 2, 3, 4}
SPEC = """op: max_pool
cases:
  pairs: {input: [[[1, 5, 2, 4]]], pool: {kernel: [2], stride: [2]}, output: [[[5, 4]]]}
"""
LAYER = "torch.nn.MaxPool2d(3, stride=2, padding=1)"
LINES: dict[str, Sequence[str]] = {
    "run": ("specs.yaml", "--target=numpy", "--rows=new.jsonl"),
    "check": ("specs.yaml",),
    "list": ("specs.yaml",),
    "report": ("rows.jsonl", "--output=out.html"),
    "merge": ("rows.jsonl", "--output=merged.jsonl"),
    "diff": ("rows.jsonl", "rows.jsonl"),
    "fingerprint": ("rows.jsonl",),
    "ledger update": ("rows.jsonl", "--ledger=known"),
    "port": (LAYER, "--to=numpy", "--input=1,2,8,8"),
    "explain": (LAYER, "--input=1,2,8,8"),
    "search": ("--target=numpy", "--examples=3", "--minutes=0.02", "--seed=1", "--ignore-ledger"),
    "scan": ("model.onnx", "--to=numpy"),
    "compare": ("model.onnx", "model.onnx"),
}
"""A line of each command that ends soon and well."""
READ = (
    "specs.yaml", "rows.jsonl", "model.onnx", "empty", "missing.yaml", "folder", "loop", ".", "/dev/null", "/dev/zero", "x" * 300, "a\nb.jsonl",
)  # fmt: skip
WRITTEN = (
    "out.html", "out.md", "out.csv", "out.svg", "out.jsonl", "out.jsonl.gz", "out", "folder", ".", "missing/out.html", "/dev/full", "x" * 300,
)  # fmt: skip
VALUES = {
    "--target": ("numpy", "num*", "numpy@nowhere", "numpy@/dev/null", "torch", "torch+nothing", "numpy+numpy", "onnx", "[", "[!a"),
    "--to": ("numpy", "all", "torch", "onnx", "nothing", "num*"),
    "--from": ("torch", "keras", "nothing", "numpy"),
    "--tier": ("smoke", "core", "full", "Core", "all"),
    "--shard": ("1/2", "2/2", "0/2", "3/2", "1/0", "-1/2", "1/", "/2", "1/2/3", "1.0/2", "1/99999999999999999999"),
    "--input": ("1,2,8,8", "1,2,?,?", "1,2", "?,?,?,?", "1,,2", "0,0,0,0", "1;2", "1, 2, 8, 8", "-1,2,8,8", "1,2,8,8,8,8,8", "a,b"),
    "--dtype": ("float16", "bfloat16", "int8", "float8", "complex64", "object", "str"),
    "--format": ("html", "markdown", "json", "csv", "badge", "terminal", "xml"),
    "--lang": ("en", "zh", "xx", "../en"),
    "--fail-on": ("any", "nothing", "changed", "unexpected", "verdict,answer"),
    "--case": ("*", "*::pairs", "nothing", "["),
    "--op": ("max_pool", "conv", "nothing", "max*"),
    "--snippet": ("function", "module", "layer", "nothing"),
    "--rules": ("numpy", "nan=first", "nan", "=", "nan=nothing", "tie=first,tie=last"),
    "--cluster": ("nothing", "tcp://127.0.0.1:1", "tcp://127.0.0.1:99999", "local:", "local:0", "local:-1", "local:x", "tls://x", "://"),
}  # fmt: skip
"""Values that an option may know, or nearly; what is left out takes files, numbers and strange texts."""
OUTPUTS = ("--output", "--rows", "--report", "--json", "--save", "--table")
LIMITS = ("--examples", "--minutes")
"""Options that end a search; one of them is always as it was."""
BOUNDS = ("specs.yaml", "rows.jsonl", "--ignore-ledger", *LIMITS)
"""Words without which a line would run all specs or all probes, read all ledgers, or search on and on."""
SAMPLE = Path(tempfile.mkdtemp(prefix="poolparity-fuzz-sample-"))
atexit.register(shutil.rmtree, SAMPLE, ignore_errors=True)


def write_sample() -> None:
    """Write the files that lines read."""
    (SAMPLE / "specs.yaml").write_text(SPEC, encoding="utf-8")
    (SAMPLE / "empty").touch()
    (SAMPLE / "folder").mkdir()
    (SAMPLE / "loop").symlink_to("loop")
    node = files.message((1, "x"), (2, "y"), (4, "MaxPool"), (5, files.ints("kernel_shape", 2, 2)))
    (SAMPLE / "model.onnx").write_bytes(files.model(node, values=[files.named_value("x", 1, 2, 8, 8)]))
    command = "from poolparity.reports.cli import main; main()"
    process = subprocess.run([sys.executable, "-c", command, "run", "specs.yaml", "--target", "numpy", "--rows", "rows.jsonl"],
                             cwd=SAMPLE, capture_output=True, text=True, check=False)  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr


write_sample()


@cache
def options_of(line: str) -> dict[str, bool]:
    """The options of a command by name, and whether each is a flag."""
    import typer.main

    command: Any = typer.main.get_command(app)
    for name in line.split():
        command = command.commands[name] if name in command.commands else command.get_command(None, name)
    return {name: bool(parameter.is_flag) for parameter in command.params for name in parameter.opts if name.startswith("--")}


def draw_value(rng: Random, option: str) -> str:
    """A value of an option: one that it may know, a file, a number or a strange text."""
    likely_values = VALUES.get(option, WRITTEN if option in OUTPUTS else (*READ, *NUMBERS))
    return as_argument(rng.choice(likely_values if rng.random() < 0.7 else (*READ, *NUMBERS, *TEXTS, "")))


def as_argument(text: str) -> str:
    """A text without what no argument of a command can have."""
    return text.replace("\0", " ").encode(errors="replace").decode()


def make_input(rng: Random, folder: Path) -> list[str]:
    """A line of one command with one to three changes."""
    shutil.copytree(SAMPLE, folder, symlinks=True, dirs_exist_ok=True)
    line = rng.choice(list(LINES))
    words = list(LINES[line])
    free = [option for option in options_of(line) if option not in LIMITS] + [rng.choice(LIMITS)] * (line == "search")
    for _ in range(rng.choice((1, 1, 2, 3))):
        change_line(rng, words, options_of(line), free)
    return [*line.split(), *(place_file(word, folder) for word in words)]


def change_line(rng: Random, words: list[str], options: dict[str, bool], free: Sequence[str]) -> None:
    """Add an option, give one another value, take a word out, put one in, or cut an option off from its value."""
    option = rng.choice(free)
    word = option if options[option] else f"{option}={draw_value(rng, option)}"
    kind = rng.random()
    place = rng.randint(0, len(words))
    if kind < 0.75:
        words[:] = [other for other in words if other.partition("=")[0] != option or rng.random() < 0.2]
        words.insert(min(place, len(words)), word)
    elif kind < 0.85 and words:
        removable = [other for other in words if not other.startswith(BOUNDS)]
        if removable:
            words.remove(rng.choice(removable))
    elif kind < 0.95:
        words.insert(place, as_argument(rng.choice((*READ, *TEXTS, "--nothing", "--", "-x", "--target", option[:-1]))))
    else:
        words.append(option)


def place_file(word: str, folder: Path) -> str:
    """The word with the name of a file of the sample, or of a new file, replaced by its path."""
    option, equals, value = word.rpartition("=") if word.startswith("--") else ("", "", word)
    is_file = value in (*READ, *WRITTEN, "new.jsonl", "merged.jsonl", "known") and not value.startswith("/")
    return f"{option}{equals}{folder / value}" if is_file else word

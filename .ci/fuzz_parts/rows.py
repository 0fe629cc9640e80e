"""Files of rows: those of a run on a right and on a wrong target, a few cases at a time, changed in some places; read by all that read rows."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

from fuzz_mutations import mutate_bytes, mutate_text

os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # the other one takes a gigabyte of addresses before it is used

import poolparity.reports.cli.diff
import poolparity.reports.cli.fingerprint
import poolparity.reports.cli.ledger
import poolparity.reports.cli.merge
import poolparity.reports.cli.report  # noqa: F401 - here, so that no child has to import them

ROOT = Path(__file__).parents[2]
STATUSES = {0, 1, 2}
COMMANDS = (
    ("report", "--output", "out.html"), ("report", "--output", "out.md"), ("report", "--output", "out.csv"), ("report", "--format", "terminal"),
    ("report", "--format", "badge", "--output", "out.json"), ("fingerprint", "--json", "out.json"), ("merge", "--output", "out.jsonl.gz"),
    ("diff",), ("diff", "--format", "markdown"), ("diff", "--format", "json", "--wording"), ("ledger", "update", "--ledger", "known"),
)  # fmt: skip
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 2**63, 1e300, "", "x", "nan", "-inf", "9" * 20, "\ud800", "a\nb", "=1+1", [], [0], ["x"], {}, {"x": "y"}, [[]],
    [[{"axis": "tie", "value": "all"}]], [[{"axis": "tie", "value": "?"}]], [1, 2], [-1, 0], "accepts", "rejects", "float32", "float8_e4m3", "bfloat16",
    "complex64", "object", {"ulp": 10**30}, {"dtype": "int8", "shape": [1], "data": [300]}, {"dtype": "float32", "shape": [0], "data": []},
    {"dtype": "bool", "shape": [2], "data": ["nan", 1]}, {"dtype": "float32", "shape": [9, 9], "digest": "0" * 16},
    {"dtype": "float32", "shape": [2], "digest": "0" * 16, "differing": [{"at": [5, 5], "value": 1}]},
)  # fmt: skip


def measure_sample() -> dict[str, list[dict[str, Any]]]:
    """The lines of a run by case, the header and the footer under an empty name."""
    target = ROOT / "reports" / "tests" / "support" / "twofaced.py"
    arguments = (
        "run",
        str(ROOT / "specs" / "max_pool"),
        "--tier",
        "smoke",
        "--adapter",
        str(target),
        "--target",
        "numpy",
        "--target",
        "twofaced",
    )
    with tempfile.TemporaryDirectory() as folder:
        command = "from poolparity.reports.cli import main; main()"
        process = subprocess.run([sys.executable, "-c", command, *arguments, "--rows", "rows.jsonl"],
                              cwd=folder, capture_output=True, text=True, check=False)  # fmt: skip
        assert process.returncode in (0, 1), process.stdout + process.stderr
        lines = [json.loads(line) for line in Path(folder, "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    by_case: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        by_case.setdefault(line.get("case", "") if line["record"] in ("case", "row") else "", []).append(line)
    return by_case


SAMPLE = measure_sample()


def make_input(rng: Random, folder: Path) -> list[str]:
    """A file of one to six cases, mutated as values, as text or as bytes, and a command that reads it."""
    names = rng.sample(sorted(set(SAMPLE) - {""}), rng.randint(1, 6))
    header, footer = SAMPLE[""][:1], SAMPLE[""][1:]
    lines = deepcopy([*header, *(line for name in names for line in SAMPLE[name]), *footer])
    write(folder / "right.jsonl", lines)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 4))):
        mutate_value(rng, lines)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    if rng.random() < 0.2:
        text = mutate_text(rng, text, ("NaN", "1e999", '"\\ud800"', "[[[[", "null", "{}"))
    data = text.encode(errors="surrogatepass")
    if rng.random() < 0.1:
        data = gzip.compress(data)
    if rng.random() < 0.1:
        data = mutate_bytes(rng, data)
    (folder / "rows.jsonl").write_bytes(data)
    command = list(rng.choice(COMMANDS))
    inputs = {
        "merge": ["rows.jsonl", "right.jsonl"],
        "diff": rng.choice((["rows.jsonl"], ["right.jsonl", "rows.jsonl"], ["rows.jsonl", "right.jsonl"])),
    }
    files = [str(folder / name) for name in inputs.get(command[0], ["rows.jsonl"])]
    return [str(folder / word) if word.startswith(("out.", "known")) else word for word in command] + files


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    """Write lines as they are."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def mutate_value(rng: Random, lines: list[dict[str, Any]]) -> None:
    """Change one value, one key or the order of lines: mostly so that the file is still one of rows."""
    number = rng.randrange(len(lines))
    line = lines[number]
    kind = rng.random()
    if kind < 0.1:
        lines.insert(rng.randrange(len(lines)), lines[rng.randrange(len(lines))])
    elif kind < 0.15:
        del lines[number]
    elif kind < 0.5:
        key = rng.choice(sorted(line))
        others = [other[key] for other in lines if key in other]
        change = deepcopy(rng.choice(others))
        for other in lines if rng.random() < 0.3 else [line]:
            if key in other and other["record"] == line["record"]:
                other[key] = change
    else:
        *path, last = rng.choice([place for place in places(line) if place])
        home: Any = line
        for key in path:
            home = home[key]
        home[last] = deepcopy(rng.choice(JUNK))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in parts for place in places(part, (*path, key)))]

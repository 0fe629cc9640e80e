"""The figures that have a bound: each beside it and beside its anchor, and in a file of all commits that were measured.

An anchor is what was measured at commit 77f4822. The file has one line of JSON for each commit and kind of processor;
a figure that is measured again takes the place of the earlier one.
"""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from timing import console, show

from poolparity.adapters.parent.processor import describe_processor, processor_digest

ROOT = Path(__file__).parents[3]
HISTORY = ROOT / ".tox" / "bench.jsonl"


class Bound(NamedTuple):
    """The largest value of a figure, and what it was at the anchor; None where nothing is known."""

    largest: float | None
    anchor: float | None


BOUNDS = {
    "collecting beside trivial items": Bound(1.3, 1.50),
    "reading specs beside the C loader": Bound(None, 2.3),
    "worker beside a bare script: torch": Bound(1.25, 1.47),
    "worker beside a bare script: tensorflow": Bound(1.2, 1.64),
    "worker beside a bare script: onnxruntime": Bound(1.3, 1.55),
    "processor seconds of a first run": Bound(566, 944),
    "processor seconds of a run with compiled programs": Bound(283, 944),
    "fast oracle beside torch": Bound(None, 0.34),
    "MiB to merge a million rows": Bound(2048, None),
    "MiB to diff a million rows": Bound(2048, None),
    "MiB to report a million rows": Bound(2048, None),
}


def record(figures, history=HISTORY):
    """Print figures beside their bounds, and keep them; those of `processor seconds` compare on the anchor's machine alone."""
    show(
        "Figures with a bound",
        ["", "now", "at most", "at 77f4822", ""],
        [[name, f"{value:.4g}", *map(show_value, BOUNDS[name]), judge(value, BOUNDS[name].largest)] for name, value in figures.items()],
    )
    keep(history, describe_state(), {name: round(value, 4) for name, value in figures.items()})
    console.print(f"kept in {history}")


def show_value(value):
    return "" if value is None else f"{value:g}"


def judge(value, largest):
    return "" if largest is None else "within" if value <= largest else "beyond"


def describe_state():
    """The commit, whether files differ from it, and the processor."""
    return {
        "commit": git("rev-parse", "HEAD"),
        "changed": bool(git("status", "--porcelain", "--untracked-files=no")),
        "machine": processor_digest(),
    }


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def keep(history, state, figures):
    """Put figures into the line of a state, at the end of the file."""
    lines = [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines()] if history.exists() else []
    earlier = next((line for line in lines if state.items() <= line.items()), {"figures": {}})
    others = [line for line in lines if line is not earlier]
    line = {
        **state,
        "processor": next((text.partition(": ")[2] for text in describe_processor() if text.startswith("model name")), ""),
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": round(os.getloadavg()[0], 1),
        "figures": {**earlier["figures"], **figures},
    }
    history.parent.mkdir(parents=True, exist_ok=True)
    temporary = history.with_name(f"{history.name}.{os.getpid()}")
    temporary.write_text("".join(json.dumps(each) + "\n" for each in (*others, line)), encoding="utf-8")
    temporary.replace(history)

"""What a worker leaves behind, as text for people: nothing that a terminal would obey, and no folder of this machine."""

from __future__ import annotations

import re
import signal

from .launch import ROOT

OURS = __package__.partition(".")[0]
RUN = re.compile(r"""[^\s"':]+""")
"""Characters that may be a path."""
START = re.compile(r"(?<![\w.])/")
MODULES = re.compile(r"/(?:(?:lib/python3\.\d+/)?(?:site|dist)-packages|lib/python3\.\d+|node_modules|programs-\d+)/")
"""The end of a folder in which an interpreter or Node keeps its modules, or poolparity compiled programs."""

STYLES = re.compile(r"\x1b\[[\d;]*m")
"""Colours and weights for a terminal, which say nothing."""


def plain(text: str) -> str:
    """Text that any terminal and any file can take, its paths shortened to the names of modules."""
    return RUN.sub(lambda run: remove_folders(run[0]), clean(text).replace(ROOT, OURS))


def remove_folders(run: str) -> str:
    """A run of characters without such folders; each character is looked at once."""
    kept_lines, place = [], 0
    while (start := START.search(run, place)) and (end := MODULES.search(run, start.end())):
        kept_lines.append(run[place : start.start()])
        place = end.end()
    return "".join((*kept_lines, run[place:]))


def clean(text: str) -> str:
    """Text without colours, in which what else is not printable is replaced."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\ufffd" for letter in STYLES.sub("", text))


def describe_exit(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exited with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"

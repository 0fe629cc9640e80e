"""The consoles that everything is printed on: what they do with narrow terminals, foreign encodings and closed pipes."""

from __future__ import annotations

import codecs
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from rich.console import Console as RichConsole

from ..rows.files import naming_the_file

CLOSED_PIPE = 141
"""The exit status after a reader such as `head` closed the pipe: that of a program that SIGPIPE ended."""
LOOKALIKES = str.maketrans({"□": "o", "■": "#", "▫": "-", "·": ".", "→": ">", "×": "x", "—": "-", "…": "~"})  # noqa: RUF001
"""What stands in for a character that the encoding of the output lacks, one for one so that columns stay aligned."""


class Console(RichConsole):
    """A console without markup, highlighting and emoji: most of what is printed was written by others."""

    def __init__(self, **options: Any) -> None:
        ignore_zero_columns()
        super().__init__(markup=False, highlight=False, emoji=False, **options)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; an `OSError`, as of a full disk, says that it is about the output."""
        with naming_the_file(Path("standard error" if self.stderr else "standard output")):
            super().print(*objects, **options)

    def on_broken_pipe(self) -> None:
        """Stop quietly: whoever closed the pipe has read enough."""
        with suppress(SystemExit):
            super().on_broken_pipe()
        raise SystemExit(CLOSED_PIPE)


def prepare_terminal() -> None:
    """Let every character be printed in any encoding, and ignore `COLUMNS=0`, which Rich takes for a width of nothing."""
    codecs.register_error("poolparity", replace_characters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="poolparity")
    ignore_zero_columns()


def ignore_zero_columns() -> None:
    """Take `COLUMNS=0` out of the environment, as Python's own `shutil.get_terminal_size` ignores it."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and not int(columns):
        del os.environ["COLUMNS"]


def replace_characters(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks by something similar, or by its escape sequence."""
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end].translate(LOOKALIKES)
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end

"""The oracle once more, which notes in a file every start of its worker and every input that it is asked about."""

import os
from pathlib import Path

from poolparity.adapters import Ref, Step, Target
from poolparity.adapters.frameworks.numpy.adapter import Oracle

HERE = f"{__package__ or 'poolparity.adapters'}.counting"


class Counting(Oracle):
    targets = (
        Target("counting", ("numpy",), ("numpy",), prepare=(Step("", f"{HERE}.note", ("start",)),)),
        Target("counting+again", ("numpy",), ("numpy",)),
    )

    def operation_steps(self, ask, form):
        steps, notes = super().operation_steps(ask, form)
        return (Step("", f"{HERE}.note", (Ref("x"),)), *steps), notes


ADAPTER = Counting()


def note(text):
    """Append a line: a word, or the first cell of an input."""
    line = text if isinstance(text, str) else f"{text.flat[0]:g}"
    with Path(os.environ["COUNTED"]).open("a", encoding="utf-8") as stream:
        stream.write(f"{line}\n")

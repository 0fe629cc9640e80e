"""An adapter for the fuzz of caches: the oracle, whose target adds to each input what the program in the cache folder says, unchecked.

The program says nothing, so that a damaged one which reaches the worker changes an answer or kills the worker.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from poolparity.adapters import Ask, Form, Ref, Step, Target
from poolparity.adapters.frameworks.numpy.adapter import Oracle

HERE = f"{__package__ or 'poolparity.adapters'}.fuzz_trusting"
PROGRAMS = 8
SIZE = 512


class Trusting(Oracle):
    """The oracle, with a program for each length of an input."""

    targets = (Target("trusting", ("numpy",), ("numpy",), compile_cache={"FUZZ_PROGRAMS": "{folder}"}),)

    def operation_steps(self, ask: Ask, form: Form) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The steps of the oracle, on an input that went through the program."""
        steps, notes = super().operation_steps(ask, form)
        return (Step("x", f"{HERE}.apply_program", (Ref("x"),)), *steps), notes


ADAPTER = Trusting()


def apply_program(x: Any) -> Any:
    """The input with what its program says added to it; a program that is not there is made, one after another as a compiler does."""
    path = Path(os.environ["FUZZ_PROGRAMS"], f"program-{x.shape[-1] % PROGRAMS}")
    if not path.exists():
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        unfinished.write_bytes(bytes(SIZE))
        unfinished.replace(path)
    program = np.frombuffer(path.read_bytes(), "uint8")
    assert len(program) == SIZE
    return x + x.dtype.type(program.sum())

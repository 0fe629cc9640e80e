"""The oracle once more, which needs a module that only some interpreters find, and answers about few cells only once a gate is open."""

import os
import time
from pathlib import Path

from poolparity.adapters import Step, Target
from poolparity.adapters.frameworks.numpy.adapter import Oracle

HERE = f"{__package__ or 'poolparity.adapters'}.shy"


FEW = 4
"""The cells along the last axis of the last case of the tests' spec, which is in a later block than most."""


class Shy(Oracle):
    targets = (Target("shy", ("numpy", "seldom_there"), ("numpy",)),)

    def operation_steps(self, ask, form):
        steps, notes = super().operation_steps(ask, form)
        return ((Step("", f"{HERE}.wait_at_gate", ()), *steps) if ask.shape[-1] <= FEW else steps), notes


ADAPTER = Shy()


def wait_at_gate():
    """Wait until the file that the environment names is there, if it names one."""
    while "GATE" in os.environ and not Path(os.environ["GATE"]).exists():
        time.sleep(0.01)

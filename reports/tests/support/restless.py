"""A framework whose sums are wrong: by numbers that change each time where the stride is one, else by the same number."""

from itertools import count

from poolparity.adapters import Ref, Step, Target
from poolparity.adapters.frameworks.numpy.adapter import Oracle

MODULES = ("numpy",)
CALLS = count(1)


class Restless(Oracle):
    targets = (Target("restless", MODULES, MODULES),)

    def operation_steps(self, ask, form):
        steps, notes = super().operation_steps(ask, form)
        lie = "add_another_number" if ask.pool.stride == (1,) else "add_a_number"
        return (*steps, Step("y", f"poolparity.adapters.restless.{lie}", (Ref("y"),))), notes


ADAPTER = Restless()


def add_another_number(y):
    """Another answer each time, in its first cell."""
    other = y.copy()
    other[..., 0] += 100 * next(CALLS)
    return other


def add_a_number(y):
    """The same wrong answer each time."""
    return y + 100

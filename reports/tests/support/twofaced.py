"""A framework that pools as the definition has it, but for inputs that no search is shown: it must not be taken at its word."""

import numpy as np

from poolparity.adapters import Ref, Step, Target
from poolparity.adapters.frameworks.numpy.adapter import Oracle

MODULES = ("numpy",)


class TwoFaced(Oracle):
    targets = (Target("twofaced", MODULES, MODULES),)

    def operation_steps(self, ask, form):
        steps, notes = super().operation_steps(ask, form)
        lie = "unlike" if ask.pool.kernel == (2, 2) else "unlike_where_a_channel_is_nan"
        return (*steps, Step("y", f"poolparity.adapters.twofaced.{lie}", (Ref("x"), Ref("y")))), notes


ADAPTER = TwoFaced()


def unlike(x, y):
    """Another answer to whole numbers above zero."""
    return y + 1 if (np.rint(x) == x).all() and x.min() == 1 else y


def unlike_where_a_channel_is_nan(x, y):
    """No NaN, where a whole channel is."""
    return np.nan_to_num(y) if np.isnan(x[:, 0]).all() else y

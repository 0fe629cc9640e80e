"""Asking the oracle along one axis, in plain numbers."""

import numpy as np

from poolparity.cases.model.pool import Pool
from poolparity.cases.model.rules import Rules
from poolparity.cases.oracle.definition import outcome

NAN, INF = float("nan"), float("inf")
OPEN = Rules(pad_limit="none", size_zero="empty", size_negative="empty", empty_max="zero", empty_average="zero")
LOWEST = float(np.finfo("float32").min)

per_axis = {"kernel", "stride", "dilation", "output_size"}


def pool1(op, **parameters):
    """A pooling along one axis, from plain numbers."""
    parameters = {name: (value,) if name in per_axis else value for name, value in parameters.items()}
    return Pool(op=op, **{name: (value,) if name == "padding" and type(value) is tuple else value for name, value in parameters.items()})


def ask(x, pool, dtype="float64", cotangent=None, **rules):
    """The outcome for one plane of one axis."""
    x = np.array([[x]], dtype)
    seed = None if cotangent is None else np.array([[cotangent]], dtype)
    return outcome(x, pool, Rules(**rules), cotangent=seed)


def gradient(x, pool, cotangent, **rules):
    return ask(x, pool, cotangent=cotangent, **rules).gradient[0, 0].tolist()


def indices(x, pool, **rules):
    return ask(x, pool, **rules).indices[0, 0].tolist()

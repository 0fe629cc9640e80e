"""Frameworks that pool as the definition has it, but for one question in thousands."""

import os
from collections import Counter

import numpy as np

from poolparity.adapters import Call, Ref, Step, Target
from poolparity.adapters.frameworks.numpy.adapter import Oracle

HERE = "poolparity.adapters.rare"
MODULES = ("numpy",)
SEEN = Counter()


class Rare(Oracle):
    targets = tuple(Target(f"rare+{lie}", MODULES, MODULES) for lie in ("dilated", "channels", "second", "fragile", "honest"))

    def call(self, ask, target=None):
        call = super().call(ask, target)
        lie = target.name.removeprefix("rare+") if target else ""
        return LIES[lie](ask, call) if lie in LIES else call


def spoil_output(call, step="spoil"):
    """A call whose output is made another."""
    return Call((*call.steps, Step("y", f"{HERE}.{step}", (Ref("x"), Ref("y")))), call.moves, call.results, call.notes)


def dilated(ask, call):
    pads = ask.pool.padding if isinstance(ask.pool.padding, tuple) else ()
    odd = ask.dtype == "int8" and 3 in (ask.pool.dilation or ()) and any(low != high for low, high in pads)
    return spoil_output(call) if odd else call


def channels(ask, call):
    return spoil_output(call) if ask.shape[1 if ask.batched else 0] >= 17 and ask.layout == "channels_first" else call


def second(ask, call):
    return spoil_output(call, "spoil_later") if ask.pool.op == "max_pool" else call


def fragile(ask, call):
    return spoil_output(call, "die") if ask.dtype == "uint8" and ask.pool.ceil_mode else call


LIES = {"dilated": dilated, "channels": channels, "second": second, "fragile": fragile}
ADAPTER = Rare()


def spoil(x, y):
    """An output with its first cell made another."""
    y = np.array(y)
    if y.size:
        y.flat[0] = 0 if y.flat[0] != 0 else 1
    return y


def spoil_later(x, y):
    """An honest output the first time that an input comes, another one later."""
    key = (x.shape, x.dtype.name, x.tobytes(), np.shape(y))
    SEEN[key] += 1
    return spoil(x, y) if SEEN[key] > 1 else y


def die(x, y):
    os.abort()

"""A bare script: the calls of a folder as functions, one after another; seconds to start, and for all calls."""

import importlib
import json
import sys
import time
from pathlib import Path

begun = time.perf_counter()

import numpy as np  # noqa: E402 whose import counts

folder = Path(sys.argv[1])
told = json.loads((folder / "calls.json").read_text())
loaded = np.load(folder / "arrays.npz")
scope = {name: importlib.import_module(name) for name in (*told["modules"], "numpy", "operator", "ml_dtypes")}
calls, arrays = [], [{} for _ in told["texts"]]
for text in told["texts"]:
    exec(text, scope)
    calls.append(scope["call"])
for key in loaded:
    place, name = key.split(" ")
    arrays[int(place)][name] = loaded[key].view("bfloat16" if key in told["bfloat16"] else loaded[key].dtype)


def attempt(call, given):
    """What a call gives, or what it raises, which is an answer as well."""
    try:
        return call(**given)
    except Exception as error:  # noqa: BLE001 it is an answer as well
        return f"{type(error).__name__}: {error}"


ready = time.perf_counter()
for call, given in zip(calls, arrays, strict=True):
    attempt(call, given)
sys.stdout.write(f"{ready - begun} {time.perf_counter() - ready}\n")

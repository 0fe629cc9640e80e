"""A bare script: the calls of a folder as functions, one after another; seconds to start, and for all calls."""

import importlib
import json
import sys
import time
from pathlib import Path

start = time.perf_counter()

import numpy as np  # noqa: E402 whose import counts

folder = Path(sys.argv[1])
document = json.loads((folder / "calls.json").read_text())
input_arrays = np.load(folder / "arrays.npz")
scope = {name: importlib.import_module(name) for name in (*document["modules"], "numpy", "operator", "ml_dtypes")}
calls, arrays = [], [{} for _ in document["texts"]]
for text in document["texts"]:
    exec(text, scope)
    calls.append(scope["call"])
for key in input_arrays:
    place, name = key.split(" ")
    arrays[int(place)][name] = input_arrays[key].view("bfloat16" if key in document["bfloat16"] else input_arrays[key].dtype)


def attempt(call, arrays):
    """What a call gives, or what it raises, which is an answer as well."""
    try:
        return call(**arrays)
    except Exception as error:  # noqa: BLE001 it is an answer as well
        return f"{type(error).__name__}: {error}"


ready = time.perf_counter()
for call, inputs in zip(calls, arrays, strict=True):
    attempt(call, inputs)
sys.stdout.write(f"{ready - start} {time.perf_counter() - ready}\n")

"""A worker: one process that holds one framework and answers cases one after another.

It needs Python, NumPy and its framework. The channel is the process's standard input and output,
of which it keeps private copies before anything else runs: whatever a framework prints goes to
standard error. It says `hello` with the versions, `ready` when the framework is imported, then for
each case `started` and `answer`; a death or a hang belongs to the last `started`.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import sys
import time
import traceback
from collections.abc import Mapping
from importlib import metadata
from typing import Any, BinaryIO

import numpy as np

from . import Adapter, Target
from ._call import Ref, Step, lookup, run, unpack_steps
from ._channel import receive, send


def main() -> None:
    """Serve the parent until it closes the channel."""
    requests, answers = private_channel()
    first = receive(requests)
    if first is None:
        return
    setup, _ = first
    adapter = load(setup["adapter"])
    target = next(target for target in adapter.targets if target.name == setup["target"])
    send(answers, {"kind": "hello", "versions": versions(target), "python": platform.python_version()})
    for module in target.modules:
        importlib.import_module(module)
    run(target.prepare, {})
    send(answers, {"kind": "ready"})
    while frame := receive(requests):
        message, arrays = frame
        send(answers, {"kind": "started", "id": message["id"]})
        reply, results = answer(adapter, message, arrays)
        deliver(answers, {"kind": "answer", "id": message["id"], **reply}, results)


def private_channel() -> tuple[BinaryIO, BinaryIO]:
    """The channel's two ends, moved out of the reach of everything that reads or prints."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return requests, answers


def load(where: str) -> Adapter:
    """The adapter of a module's name, or of a file's path."""
    if not where.endswith(".py"):
        return importlib.import_module(where).ADAPTER  # type: ignore[no-any-return]
    name = "poolparity.adapters.from_file"
    spec = importlib.util.spec_from_file_location(name, where)
    if spec is None or spec.loader is None:
        raise ImportError(f"{where} cannot be loaded; expected a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module.ADAPTER  # type: ignore[no-any-return]


def versions(target: Target) -> dict[str, str]:
    """The versions of all that takes part, of each the first distribution that is installed."""
    found = {}
    for names in target.distributions:
        for name in names.split("|"):
            try:
                found[names.split("|")[0]] = metadata.version(name)
                break
            except metadata.PackageNotFoundError:
                continue
    return {**found, "numpy": np.__version__}


def answer(adapter: Adapter, message: Mapping[str, Any], arrays: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Do one case: what is said of it, and the arrays it gave."""
    steps = unpack_steps(message["steps"])
    scope: dict[str, Any] = {name: moved(array, message["channel"]) for name, array in arrays.items()}
    begun = time.perf_counter()
    try:
        if adapter.arrive:
            run([Step(name, adapter.arrive, (Ref(name),)) for name in arrays], scope)
        run(steps, scope)
        results = {name: delivered(adapter, scope[name]) for name in message["results"]}
        learned = adapter.parameters(scope) if "parameters" in message["wants"] else None
    except Exception as error:
        return {"error": described(error), "seconds": time.perf_counter() - begun}, {}
    seconds = time.perf_counter() - begun
    if message["channel"] and message["restore"]:
        back = message["channel"][::-1]
        results = {name: moved(result, back) for name, result in results.items()}
    return {"seconds": seconds, "parameters": learned}, results


def moved(array: Any, channel: tuple[int, int] | None) -> Any:
    """The array with its channel axis moved; contiguous, since some frameworks insist."""
    return np.ascontiguousarray(np.moveaxis(array, *channel)) if channel else array


def delivered(adapter: Adapter, result: Any) -> Any:
    """A native result as a NumPy array."""
    if adapter.leave is None:
        return np.asarray(result)
    if adapter.leave.startswith("."):
        return getattr(result, adapter.leave[1:])()
    return lookup(adapter.leave, {})(result)


def described(error: BaseException) -> dict[str, str]:
    """An exception's class and text; one whose text cannot be had is still told by its class."""
    kind = type(error)
    try:
        text = str(error)
    except Exception as second:
        text = f"(its text could not be had: {type(second).__name__})"
    where = traceback.extract_tb(error.__traceback__)[-1:]
    return {"type": f"{kind.__module__}.{kind.__qualname__}", "text": text[:4000], "where": "".join(f"{at.filename}:{at.lineno}" for at in where)}


def deliver(answers: BinaryIO, message: dict[str, Any], results: dict[str, Any]) -> None:
    """Send an answer; one that cannot be encoded is said to be so."""
    try:
        send(answers, message, results)
    except (TypeError, ValueError) as error:
        send(answers, {"kind": "answer", "id": message["id"], "unencodable": described(error)})

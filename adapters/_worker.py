"""A worker: one process that holds one framework and answers cases one after another.

It needs Python, NumPy and its framework. The channel is the process's standard input and output,
of which it keeps private copies before anything else runs: whatever a framework prints goes to
standard error. It says `hello` with the versions, `ready` when the framework is imported, then for
each case `started` and `answer`; a death or a hang belongs to the last `started`.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np

from . import Adapter
from ._call import Call
from ._channel import MARK, Frame, Frames, encode
from ._inspect import versions
from ._load import load
from ._pack import unpack_steps
from ._run import run

CHUNK = 1 << 16

Arrays = Mapping[str, Any]
Reply = tuple[dict[str, Any], Arrays]


def main() -> None:
    """Serve the parent, which ends the process when it needs no more of it."""
    requests, answers = private_channel()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable(all_threads=False)
    frames = received(requests)
    setup = next(frames).message
    adapter = load(setup["adapter"])
    target = next(target for target in adapter.targets if target.name == setup["target"])
    send(answers, {"kind": "hello", "versions": versions(target.takes_part), "python": platform.python_version()})
    for module in target.modules:
        importlib.import_module(module)
    run((*target.prepare, *target.warm), {})
    send(answers, {"kind": "ready"})
    for frame in frames:
        with contextlib.suppress(OSError):  # for a case may have closed it
            os.write(2, MARK)
        send(answers, {"kind": "started", "id": frame.message["id"]})
        write(answers, reply(adapter, frame))


def private_channel() -> tuple[int, BinaryIO]:
    """The channel's two ends, moved out of the reach of everything that reads or prints."""
    requests, answers = os.dup(0), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr  # which is written at once, so that nothing is lost in a death
    return requests, answers


def received(requests: int) -> Iterator[Frame]:
    """The frames that the parent sends, until it closes the channel."""
    frames = Frames()
    while data := os.read(requests, CHUNK):
        yield from frames.feed(data)


def send(answers: BinaryIO, message: Mapping[str, Any]) -> None:
    write(answers, encode(message))


def write(answers: BinaryIO, parts: list[bytes]) -> None:
    answers.writelines(parts)
    answers.flush()


def reply(adapter: Adapter, frame: Frame) -> list[bytes]:
    """The answer to a request, or why there is none that could be sent: that is no refusal of the framework's."""
    named = {"kind": "answer", "id": frame.message["id"]}
    try:
        said, results = answer(adapter, call_of(frame.message), frame.arrays(), "parameters" in frame.message["wants"])
        return encode({**named, **said}, results)
    except Exception as error:  # noqa: BLE001 told in the row
        return encode({**named, "failed": described(error)})


def call_of(message: Mapping[str, Any]) -> Call:
    """The call that a request asks for."""
    moves = {name: (start, end) for name, (start, end) in message["moves"].items()}
    return Call(unpack_steps(message["steps"]), moves, tuple(message["results"]))


def answer(adapter: Adapter, call: Call, arrays: Arrays, count: bool = False) -> Reply:
    """Do one case: what is said of it, and the arrays it gave.

    Only what the framework raises is an `error`; whatever else fails is raised. `count` asks how
    many numbers the layer learns.
    """
    scope: dict[str, Any] = {name: moved(array, call.moves.get(name)) for name, array in arrays.items()}
    begun = time.perf_counter()
    try:
        results = framework(adapter, call, scope, tuple(arrays))
    except Exception as error:  # noqa: BLE001 which is what is measured
        return {"error": described(error), "seconds": time.perf_counter() - begun}, {}
    said = {"seconds": time.perf_counter() - begun, "parameters": adapter.parameters(scope) if count else None}
    return said, {name: fetched(name, result, call) for name, result in results.items()}


def framework(adapter: Adapter, call: Call, scope: dict[str, Any], names: tuple[str, ...]) -> Arrays:
    """The framework's part of a case: the arrays made native, the steps done, the results fetched."""
    types = {name: scope[name].dtype.name for name in names}
    for name, dtype in types.items():
        run(adapter.arriving(name, dtype), scope)
    run(call.steps, scope)
    for name in call.results:
        run(adapter.leaving(name, types["x"]), scope)
    return {name: scope[name] for name in call.results}


def moved(array: Any, move: tuple[int, int] | None) -> Any:
    """The array with its channel axis moved; contiguous, since some frameworks insist."""
    return np.ascontiguousarray(np.moveaxis(array, *move)) if move else array


def fetched(name: str, result: Any, call: Call) -> Any:
    """A result as a NumPy array, written as the case writes it; of a shape, sizes that are unknown are -1."""
    if name != "inferred_shape":
        return moved(np.asarray(result), call.moves.get(name))
    return np.array([size if isinstance(size, int | np.integer) else -1 for size in result], "int64")


def described(error: BaseException) -> str:
    """An exception's class and text; one whose text cannot be had is still told by its class."""
    try:
        text = str(error)
    except Exception as second:  # noqa: BLE001 for an exception's text is somebody else's code
        text = f"(its text cannot be had: {type(second).__name__})"
    return f"{type(error).__qualname__}: {text}"[:4000]

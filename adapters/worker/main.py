"""A worker: one process that holds one framework and answers cases one after another.

It needs Python, NumPy and its framework. The channel is the process's standard input and output,
of which it keeps private copies before anything else runs: whatever a framework prints goes to
standard error. It says `hello` with the versions, `ready` when the framework is imported, then for
each request `started` and `answer`; a death or a hang belongs to the last `started`.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import json
import os
import platform
import resource
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from ..common.frames import MARK, Frame, Frames, encode, join_arrays, split_arrays
from ..common.inspection import versions_of
from ..common.loading import load_adapter
from ..common.packing import Numbered
from ..contract import Adapter, Target
from .answer import BrokenAdapter, PreparedJob, describe_error, run_job
from .batch import run_together
from .steps import ready, run

CHUNK = 1 << 16
MODULES, NEEDED = sys.modules, (np.asarray, os.read)
"""What a case could replace, and every later case needs."""
STARTED = encode({"kind": "started"})
"""What is said before each request is answered; they are answered in the order in which they came."""


def main() -> None:
    """Serve the parent, which ends the process when it needs no more of it."""
    requests, answers = private_channel()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable(all_threads=False)
    readings = read_requests(requests, answers)
    setup = next(readings)[0].message
    adapter = load_adapter(setup["adapter"])
    target = next(target for target in adapter.targets if target.name == setup["target"])
    send(answers, encode({"kind": "hello", "versions": versions_of(target.all_distributions), "python": platform.python_version()}))
    import_modules(target)
    run(ready((*target.prepare, *target.warm)), {})
    gc.freeze()  # what is there by now stays: no collection need look at it again
    send(answers, encode({"kind": "ready"}))
    steps, worker = Numbered(ready), os.getpid()
    for frames in readings:
        for name, jobs in [(frame.message["id"], prepare_jobs(frame, steps)) for frame in frames]:
            with contextlib.suppress(OSError):  # for a case may have closed it
                os.write(2, MARK)
            send(answers, STARTED)
            answer_parts = reply(adapter, target, name, jobs)
            if os.getpid() != worker:
                os._exit(0)  # a child that the case forked and that returned from it
            answers.writelines(answer_parts)


def import_modules(target: Target) -> None:
    """Import the framework; what that leaves lives as long as the process, so no garbage collection needs to look at it, then or later."""
    gc.disable()
    for module in target.modules:
        importlib.import_module(module)
    gc.freeze()
    gc.enable()


def private_channel() -> tuple[int, BinaryIO]:
    """The channel's two ends, moved out of the reach of everything that reads or prints."""
    requests, answers = os.dup(0), os.fdopen(os.dup(1), "wb")
    null_device = os.open(os.devnull, os.O_RDWR)
    os.dup2(null_device, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr  # which is written at once, so that nothing is lost in a death

    def close_channel() -> None:
        os.dup2(null_device, requests)
        os.dup2(null_device, answers.fileno())

    os.register_at_fork(after_in_child=close_channel)  # else a child could take requests, and answer them
    return requests, answers


def read_requests(requests: int, answers: BinaryIO) -> Iterator[list[Frame]]:
    """The frames that the parent sends, until it closes the channel; nothing is kept from it while it is waited for.

    All that have come are told of at once, for it takes far longer to make sense of one between two calls of a framework.
    """
    frames = Frames()
    while data := os.read(requests, CHUNK):
        if whole := list(frames.feed(data)):
            yield whole
            answers.flush()


def is_intact() -> bool:
    """Whether the interpreter still has what later cases need: its modules, and the functions that read and write arrays."""
    return (
        sys.modules is MODULES
        and all(sys.modules.get(module.__name__) is module for module in (np, os, json))
        and (np.asarray, os.read) == NEEDED
    )


def send(answers: BinaryIO, frame: list[bytes]) -> None:
    """Send a frame, and the answer before it if that still waits to be sent."""
    answers.writelines(frame)
    answers.flush()


def reply(adapter: Adapter, target: Target, name: str, jobs: list[PreparedJob] | Exception) -> list[bytes]:
    """The answer to a request, or why there is none that could be sent."""
    if isinstance(jobs, Exception):
        return encode_failure(name, jobs)
    try:
        replies = run_jobs(adapter, target, jobs)
        message = {"kind": "answer", "id": name, "told": [fields for fields, _ in replies], "intact": is_intact()}
        return encode(message, join_arrays(arrays for _, arrays in replies))
    except BrokenAdapter as broken:
        return encode({"kind": "answer", "id": name, "broken": str(broken), "intact": is_intact()})
    except Exception as error:  # noqa: BLE001 told in the row
        return encode_failure(name, error)


def encode_failure(name: str, error: Exception) -> list[bytes]:
    """What is told of a request without an answer, which is no refusal of the framework's."""
    return encode({"kind": "answer", "id": name, "failed": describe_error(error)})


def run_jobs(adapter: Adapter, target: Target, jobs: list[PreparedJob]) -> list[Any]:
    """What becomes of one job by itself, or of several in one program."""
    return [run_job(adapter, jobs[0])] if len(jobs) == 1 else run_together(adapter, target, jobs)


def prepare_jobs(frame: Frame, known_steps: Numbered) -> list[PreparedJob] | Exception:
    """The jobs of a request, or why they cannot be had here: this interpreter may lack a type of numbers."""
    jobs, steps = frame.message["jobs"], known_steps.unpack(frame.message["steps"])
    try:
        arrays = split_arrays(frame.arrays(may_repeat=True), len(jobs))
        return [
            PreparedJob(doings[job["before"] :], job["moves"], job["results"], share, "parameters" in job["wants"], doings[: job["before"]])
            for job, doings, share in zip(jobs, steps, arrays, strict=True)
        ]
    except Exception as error:  # noqa: BLE001 told in the row
        return error

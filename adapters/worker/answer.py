"""The answer to one job, where the framework is."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..common.loading import locate_error
from ..contract import Adapter
from .steps import Doing, Scope, ready, run

Arrays = Mapping[str, Any]
DType = np.dtype[Any]
Reply = tuple[dict[str, Any], Arrays]
"""What is said of a job, and the arrays it gave."""


@dataclass(frozen=True, eq=False)
class PreparedJob:
    """A job as a worker sees it: a call's steps made ready, with its arrays.

    `count` asks how many numbers the layer learns; `before` are the steps that arrange arrays before they are native.
    """

    steps: tuple[Doing, ...]
    moves: Mapping[str, tuple[int, int]]
    results: Sequence[str]
    arrays: Arrays
    count: bool = False
    before: tuple[Doing, ...] = ()

    def scope(self) -> Scope:
        """The arrays as the steps are to find them, but for being the framework's."""
        scope = {name: move_channels(array, self.moves.get(name)) for name, array in self.arrays.items()}
        run(self.before, scope)
        return scope


class BrokenAdapter(Exception):
    """An adapter that raised something itself, so that its framework was not called; its text is a sentence."""

    def __init__(self, adapter: Adapter, hook: str, error: Exception) -> None:
        super().__init__(f"{locate_error(adapter, error)}: {describe_error(error)}, raised in the worker by {hook}")


def run_job(adapter: Adapter, job: PreparedJob) -> Reply:
    """Do one job. Only what the framework raises is an `error`; whatever else fails is raised."""
    scope = job.scope()
    start = time.perf_counter()
    try:
        results = call_framework(adapter, job, scope)
    except BrokenAdapter:
        raise
    except Exception as error:  # noqa: BLE001 which is what is measured
        return {"error": describe_error(error), "seconds": time.perf_counter() - start}, {}
    return make_reply(adapter, job, scope, results, time.perf_counter() - start)


def call_framework(adapter: Adapter, job: PreparedJob, scope: Scope) -> Arrays:
    """The framework's part of a job: the arrays made native, the steps done, the results fetched."""
    dtype = scope["x"].dtype
    convert_arrays(adapter, job, scope)
    run(job.steps, scope)
    return convert_results(adapter, job, scope, dtype)


def convert_arrays(adapter: Adapter, job: PreparedJob, scope: Scope) -> None:
    """Make the arrays native."""
    for name, array in job.arrays.items():
        run(arriving_steps(adapter, name, array.dtype), scope)


def convert_results(adapter: Adapter, job: PreparedJob, scope: Scope, dtype: DType) -> Arrays:
    """The results, made NumPy's."""
    for name in job.results:
        run(leaving_steps(adapter, name, dtype), scope)
    return {name: scope[name] for name in job.results}


@lru_cache
def arriving_steps(adapter: Adapter, name: str, dtype: DType) -> tuple[Doing, ...]:
    """The steps that make an array of a type native, made ready once: a type's name takes NumPy longer than many a call."""
    try:
        steps = adapter.to_native(name, dtype.name)
    except Exception as error:
        raise BrokenAdapter(adapter, f"to_native for arrays of type {dtype.name}", error) from error
    return ready(steps)


@lru_cache
def leaving_steps(adapter: Adapter, name: str, dtype: DType) -> tuple[Doing, ...]:
    """The steps that make a result of an input of a type NumPy's, made ready once."""
    try:
        steps = adapter.to_numpy(name, dtype.name)
    except Exception as error:
        raise BrokenAdapter(adapter, f"to_numpy for results of type {dtype.name}", error) from error
    return ready(steps)


def make_reply(adapter: Adapter, job: PreparedJob, scope: Mapping[str, Any], results: Arrays, seconds: float) -> Reply:
    """What is said of a job that was done."""
    try:
        fields = {"seconds": seconds, "parameters": adapter.count_parameters(scope) if job.count else None}
    except Exception as error:
        raise BrokenAdapter(adapter, "count_parameters", error) from error
    return fields, {name: as_numpy(name, result, job.moves) for name, result in results.items()}


def move_channels(array: Any, move: tuple[int, int] | None) -> Any:
    """The array with its channel axis moved; contiguous, since some frameworks insist."""
    return np.ascontiguousarray(np.moveaxis(array, *move)) if move else array


def as_numpy(name: str, result: Any, moves: Mapping[str, tuple[int, int]]) -> Any:
    """A result as a NumPy array, written as the case writes it; of a shape, sizes that are unknown are -1."""
    if name != "inferred_shape":
        return move_channels(np.asarray(result), moves.get(name))
    return np.array([size if isinstance(size, int | np.integer) else -1 for size in result], "int64")


def describe_error(error: BaseException) -> str:
    """An exception's class and text; one whose text cannot be had is still told by its class."""
    try:
        text = str(error)
    except Exception as second:  # noqa: BLE001 for an exception's text is somebody else's code
        text = f"(its text cannot be had: {type(second).__name__})"
    return f"{type(error).__qualname__}: {text}"[:4000]

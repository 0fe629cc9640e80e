"""Results of functions of cases, kept for the answers of all targets up to a number of bytes.

Targets are judged one after another over all cases, so a limit on the number of results would drop each before
the next target needs it, while a few results of large inputs could fill the memory.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, ParamSpec, TypeVar

import numpy as np
from cachetools import LRUCache, cached

LIMIT = 128 << 20
"""Bytes that the results of one function may take; a larger one is not kept."""
OVERHEAD = 1024
"""Bytes that a result takes beside its arrays."""

P = ParamSpec("P")
R = TypeVar("R")


def keep_results(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which returns what it returned before for equal arguments, as long as `LIMIT` permits."""
    results: LRUCache[Hashable, R] = LRUCache(LIMIT, getsizeof=count_bytes)
    keeping_function: Callable[P, R] = cached(results, lock=Lock())(function)
    return keeping_function


def count_bytes(result: Any) -> int:
    """The bytes of a result and of the arrays that are its attributes."""
    return OVERHEAD + sum(part.nbytes for part in getattr(result, "__dict__", {}).values() if isinstance(part, np.ndarray))

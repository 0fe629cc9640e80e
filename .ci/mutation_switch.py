"""Which mutant is in force: a function that has mutants is a switch between them and itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

Mutants = dict[str, Callable[..., Any]]

force: dict[str, str] = {}
"""The mutant in force, by the label of the function that it replaces."""

calls: set[str] = set()
"""The labels of the functions that were called."""


def switch(mutants: Mutants) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a switch of a function; `mutants` are filled later, and hold the function itself as `_mutmut_orig`."""

    def make_switch(function: Callable[..., Any]) -> Callable[..., Any]:
        label = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"

        @wraps(function)
        def call_mutant(*args: Any, **kwargs: Any) -> Any:
            calls.add(label)
            return mutants[force.get(label, "_mutmut_orig")](*args, **kwargs)

        return call_mutant

    return make_switch

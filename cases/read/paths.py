"""Places in a spec file: the keys and positions that lead to a value, and what is there."""

from __future__ import annotations

from typing import Any

from .located import Map

Place = tuple[str | int, ...]


def inner(place: Place) -> Place:
    """A place without positions in lists: that of the innermost key."""
    return place[: next((i for i, step in enumerate(place) if isinstance(step, int)), None)]


def line_at(document: Map, place: Place) -> int:
    """The line of a place."""
    value: Any = document
    line = document.line
    for step in place:
        line, value = value.lines[step], value[step]
    return line


def label(place: Place) -> str:
    """What a message calls a place."""
    match len(place):
        case 0:
            return "the file"
        case 2:
            return f"the case {place[1]}"
    return str(place[-1])


def prune(document: Map, place: Place) -> None:
    """Take out a value that is wrong: the whole of a case's key, of its pool the parameter alone."""
    *outer, key = inner(place)[: 4 if place[2:3] == ("pool",) else 3] or (None,)
    holder: Any = document
    for step in outer:
        holder = holder.get(step, {})
    holder.pop(key, None)

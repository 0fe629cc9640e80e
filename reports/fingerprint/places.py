"""Where a rule holds, in words: contexts put together as far as they can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...cases.judge.fingerprint import Measured, Part, Place
from ...cases.model.pool import OPS
from ..words.language import gettext

TYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64")
FAMILIES = {"integers": TYPES[1:6], "floats": TYPES[6:]}
WORDS: Mapping[str, Mapping[Any, str]] = {
    "rank": {1: "1-D", 2: "2-D", 3: "3-D"},
    "asked": {
        "output": "outputs alone",
        "indices": "outputs with indices",
        "gradient": "gradients",
        "inferred_shape": "inferred shapes",
    },
    "padding": {
        "counted": "averages that count padding",
        "left_out": "averages that leave padding out",
        "open": "averages that leave open whether padding counts",
        "": "other operations",
    },
}
CASES = 3
"""So many cases are named where nothing else tells two values apart."""

First = tuple[str, Any]


def told(places: Iterable[Place], known: Iterable[Place]) -> str:
    """Places in words; a key is left out where all that is known of it is among them."""
    every, inner = by_first(known), by_first(places)
    texts: dict[str, list[First]] = {}
    for first, rest in inner.items():
        texts.setdefault("" if rest == every[first] else told(rest, every[first]), []).append(first)
    return "; ".join(", ".join(words(firsts, every)) + (f" ({text})" if text else "") for text, firsts in texts.items())


def by_first(places: Iterable[Place]) -> dict[First, set[Place]]:
    """Places by their first key, with what is left of each."""
    found: dict[First, set[Place]] = {}
    for first, *rest in sorted(places, key=order):
        found.setdefault(first, set()).add(tuple(rest))
    return found


def order(place: Place) -> list[int | str]:
    """Operations, types and ranks in the order in which people tell them."""
    lists = {"op": OPS, "dtype": TYPES}
    return [lists[key].index(value) if value in lists.get(key, ()) else value for key, value in place]


def words(firsts: Iterable[First], every: Iterable[First]) -> list[str]:
    """The values of a key in words; types that are all of their family, as far as it is known, by its name."""
    told, known = ([value for _, value in each] for each in (firsts, every))
    for family, types in FAMILIES.items():
        there = [each for each in known if each in types]
        if len(there) > 1 and set(there) <= set(told):
            told = [family if each == there[0] else each for each in told if each not in there[1:]]
    key = next(iter(firsts))[0]
    return [gettext(str(WORDS.get(key, {}).get(value, value))) for value in told]


def where(measured: Measured, part: Part) -> str:
    """Where a part of an axis holds: contexts, or cases where contexts do not tell it from another."""
    if part in measured.torn:
        return by_case(part.shown)
    return told(part.shown, [place for each in measured.parts for place in each.shown])


def listed(places: Iterable[Place]) -> str:
    """Operations and types in words, none left out: all that is known of something that was seen in them alone."""
    types: dict[str, list[str]] = {}
    for place in sorted(places, key=order):
        types.setdefault(str(dict(place)["op"]), []).append(str(dict(place)["dtype"]))
    together: dict[str, list[str]] = {}
    for op, each in types.items():
        together.setdefault(", ".join(each), []).append(op)
    return "; ".join(f"{', '.join(ops)} ({each})" for each, ops in together.items())


def by_case(shown: Mapping[Place, str]) -> str:
    """The names of the cases that show a part, by their operations."""
    names: dict[str, set[str]] = {}
    for place, case in sorted(shown.items(), key=lambda each: order(each[0])):
        names.setdefault(str(dict(place)["op"]), set()).add(case.rpartition("::")[2])
    return "; ".join(gettext("%(op)s in %(cases)s") % {"op": op, "cases": ", ".join(some(sorted(each)))} for op, each in names.items())


def some(names: Sequence[str]) -> list[str]:
    """The first few of some names, and how many more there are."""
    more = len(names) - CASES
    return [*names[:CASES], *([gettext("%(num)s more") % {"num": more}] if more > 0 else [])]

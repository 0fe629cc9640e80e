"""Fingerprints in words: the rule on an axis, in a cell or in full, and the contexts in which it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...cases.judge.fingerprint import MeasuredAxis, Part, Place
from ...cases.model.pool import OPS
from ...cases.model.rules import AXIS_VALUES
from ..words.language import gettext
from ..words.phrases import has_value, phrase, short_word
from .fingerprint import NOT_APPLICABLE, NOT_MEASURED, TargetFingerprint

REFERENCES = {axis: values[0] for axis, values in AXIS_VALUES.items()}
"""The reference rule of each axis."""
SIGNS = {NOT_APPLICABLE: "–", NOT_MEASURED: "?"}  # noqa: RUF001 (a dash as wide as a digit)
"""What stands in a cell without a rule."""
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
        "left_out": "averages that exclude padding",
        "open": "averages that do not state whether padding counts",
        "": "other operations",
    },
}
"""The values of each key of a context in words."""
CASES = 3
"""At most this many cases are named where no context separates two values."""

KeyValue = tuple[str, Any]
"""A key of a context with its value."""


def format_cell(target: TargetFingerprint, axis: str) -> str:
    """The rule of a target on an axis in short words; the most frequent one, with a star, where it depends on the context."""
    parts = target.parts(axis)
    star = "*" if len(parts) > 1 or is_confined(target, axis) else ""
    return gettext(" or ").join(short_word(axis, value) for value in parts[0].words(axis)) + star


def format_name(target: TargetFingerprint, axis: str) -> str:
    """The rule of a target on an axis by the names of its values; the most frequent one, with a star, where it depends on the context."""
    parts = target.parts(axis)
    return f"{join_values(axis, parts[0])}*" if len(parts) > 1 or is_confined(target, axis) else target.word(axis)


def format_phrase(axis: str, word: str) -> str:
    """The rule that all targets share on an axis, as a phrase where it is a single value."""
    return phrase(axis, word) if has_value(axis, word) else word


def describe_dependence(target: TargetFingerprint, axis: str) -> str:
    """How the rule on an axis depends on the context: the most frequent one, then the exceptions; empty where it does not depend on it."""
    measurement, parts = target.measurement(axis), target.parts(axis)
    if is_confined(target, axis):
        return place_rule(axis, parts[0], list_contexts(parts[0].cases_by_place))
    others = "; ".join(
        place_rule(axis, part, describe_part_contexts(measurement, part)) for part in parts[1:] if part.values != parts[0].values
    )
    return gettext("%(rule)s, but %(others)s") % {"rule": join_values(axis, parts[0]), "others": others} if others else ""


def place_rule(axis: str, part: Part, contexts: str) -> str:
    """A part of an axis with the contexts in which it holds."""
    return gettext("%(rule)s for %(places)s") % {"rule": join_values(axis, part), "places": contexts}


def join_values(axis: str, part: Part) -> str:
    """The values of a part, joined by "or"."""
    return gettext(" or ").join(part.words(axis))


def is_confined(target: TargetFingerprint, axis: str) -> bool:
    """Whether the only rule measured on an axis differs from the reference and was seen in some contexts only."""
    measurement = target.measurement(axis)
    return len(measurement.parts) == 1 and bool(measurement.keys) and REFERENCES[axis] not in measurement.parts[0].values


def describe_part_contexts(measurement: MeasuredAxis, part: Part) -> str:
    """The contexts of a part, or the names of its cases where no context separates it from another part."""
    if part in measurement.torn:
        return list_cases(part.cases_by_place)
    return describe_contexts(part.cases_by_place, [place for other in measurement.parts for place in other.cases_by_place])


def describe_contexts(places: Iterable[Place], all_places: Iterable[Place]) -> str:
    """Contexts in words; a key is omitted where every known value of it is included."""
    every, inner = group_by_first_key(all_places), group_by_first_key(places)
    texts: dict[str, list[KeyValue]] = {}
    for first, rest in inner.items():
        texts.setdefault("" if rest == every[first] else describe_contexts(rest, every[first]), []).append(first)
    return "; ".join(", ".join(format_values(firsts, every)) + (f" ({text})" if text else "") for text, firsts in texts.items())


def group_by_first_key(places: Iterable[Place]) -> dict[KeyValue, set[Place]]:
    """Contexts by their first key and its value, with the remaining keys of each."""
    groups: dict[KeyValue, set[Place]] = {}
    for first, *rest in sorted(places, key=sort_key):
        groups.setdefault(first, set()).add(tuple(rest))
    return groups


def sort_key(place: Place) -> list[int | str]:
    """Sorts contexts by operation, type and rank in their customary order."""
    lists = {"op": OPS, "dtype": TYPES}
    return [lists[key].index(value) if value in lists.get(key, ()) else value for key, value in place]


def format_values(firsts: Iterable[KeyValue], every: Iterable[KeyValue]) -> list[str]:
    """The values of a key in words; the types of a whole family, as far as it is known, by the family's name."""
    values, all_values = ([value for _, value in pairs] for pairs in (firsts, every))
    for family, types in FAMILIES.items():
        members = [value for value in all_values if value in types]
        if len(members) > 1 and set(members) <= set(values):
            values = [family if value == members[0] else value for value in values if value not in members[1:]]
    key = next(iter(firsts))[0]
    return [gettext(str(WORDS.get(key, {}).get(value, value))) for value in values]


def list_contexts(places: Iterable[Place]) -> str:
    """Operations with their types, none omitted: for a rule that was seen in these contexts only."""
    types: dict[str, list[str]] = {}
    for place in sorted(places, key=sort_key):
        types.setdefault(str(dict(place)["op"]), []).append(str(dict(place)["dtype"]))
    ops_by_types: dict[str, list[str]] = {}
    for op, names in types.items():
        ops_by_types.setdefault(", ".join(names), []).append(op)
    return "; ".join(f"{', '.join(ops)} ({names})" for names, ops in ops_by_types.items())


def list_cases(cases_by_place: Mapping[Place, str]) -> str:
    """The names of the cases that show a part, by operation."""
    names: dict[str, set[str]] = {}
    for place, case in sorted(cases_by_place.items(), key=lambda pair: sort_key(pair[0])):
        names.setdefault(str(dict(place)["op"]), set()).add(case.rpartition("::")[2])
    return "; ".join(
        gettext("%(op)s in %(cases)s") % {"op": op, "cases": ", ".join(limit_names(sorted(cases)))} for op, cases in names.items()
    )


def limit_names(names: Sequence[str]) -> list[str]:
    """The first few of some names, and the number of the others."""
    more = len(names) - CASES
    return [*names[:CASES], *([gettext("%(num)s more") % {"num": more}] if more > 0 else [])]

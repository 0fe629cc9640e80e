"""Checking the form of a spec file against the published schema; the messages are made of its descriptions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from ..model.mistake import Fault, join_with_or, quote, suggest
from .located import Map

Place = tuple[str | int, ...]
"""The keys and positions that lead to a value of a spec file."""

SCHEMA = Path(__file__).parents[2] / "specs" / "schema.json"

# In JSON Schema 2.0 is an integer, in a spec it is not: 2.0 is no size of a window.
Validator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int),
)


def check_form(document: Map) -> list[Fault]:
    """Faults of the form of a document; removes the wrong values, so that the rest can be checked."""
    errors = list(validator().iter_errors(document))
    places_with_key_errors = {tuple(error.absolute_path) for error in errors if error.validator in ABOUT_KEYS}
    told_of = [error for error in errors if error.validator in ABOUT_KEYS or tuple(error.absolute_path) not in places_with_key_errors]
    faults = {str(fault): fault for error in told_of for fault in describe_error(document, error)}
    for error in told_of:
        for place in [(*error.absolute_path, key) for key in extra_keys(error)] or [tuple(error.absolute_path)]:
            remove_value(document, place)
    return list(faults.values())


@cache
def validator() -> Any:
    """The validator of the schema with its references resolved. It skips the cells of arrays, which are checked when these are built."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    definitions = schema.pop("$defs") | {"cells": {"type": "array"}, "cell": {}}
    return Validator(inline_references(schema, definitions))


def inline_references(schema: Any, definitions: dict[str, Any]) -> Any:
    """A schema with each reference replaced by its definition; a description next to a reference is kept."""
    if isinstance(schema, list):
        return [inline_references(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    definition = definitions.get(schema.get("$ref", "").rpartition("/")[2], {})
    return {key: inline_references(value, definitions) for key, value in {**definition, **schema}.items() if key != "$ref"}


def describe_error(document: Map, error: ValidationError) -> Iterator[Fault]:
    """The faults that an error of the validator stands for."""
    if error.validator in ABOUT_KEYS:
        return ABOUT_KEYS[error.validator](document, tuple(error.absolute_path), error)
    return iter([describe_wrong_value(document, tuple(error.absolute_path))])


def find_unknown_keys(document: Map, place: Place, error: ValidationError) -> Iterator[Fault]:
    """Unknown keys of a mapping, or invalid names in one."""
    by_pattern = "patternProperties" in error.schema
    for key in extra_keys(error):
        line, known_keys = error.instance.lines[key], error.schema.get("properties", ())
        if by_pattern:
            yield Fault(line, f"{quote(key)} is not a valid name in {describe_place(place)}", expectation_of(error.schema))
        else:
            yield Fault(line, f"unknown key {quote(key)} in {describe_place(place)}{suggest(key, known_keys)}", join_with_or(known_keys))


def find_missing_keys(document: Map, place: Place, error: ValidationError) -> Iterator[Fault]:
    """Required keys that a mapping does not have."""
    for key in error.validator_value:
        if key not in error.instance:
            yield Fault(line_at(document, place), f"{describe_place(place)} has no {key}", expectation_of(error.schema["properties"][key]))


def find_keys_without_partner(document: Map, place: Place, error: ValidationError) -> Iterator[Fault]:
    """Keys without another key that they require."""
    told_of = error.instance
    for key, needed_keys in error.validator_value.items():
        for other in needed_keys:
            if key in told_of and other not in told_of:
                yield Fault(told_of.lines[key], f"{key} without {other}", expectation_of(error.schema["properties"][other]))


def find_conflicting_key(document: Map, place: Place, error: ValidationError) -> Iterator[Fault]:
    """A key that cannot be combined with another."""
    key, other = place[-1], error.absolute_schema_path[-4]
    yield Fault(line_at(document, place), f"{key} beside {other}", f"only one of {key} and {other}")


ABOUT_KEYS = {
    "additionalProperties": find_unknown_keys,
    "required": find_missing_keys,
    "dependentRequired": find_keys_without_partner,
    "not": find_conflicting_key,
}
"""What describes the errors of keywords that are about the keys of a mapping."""


def describe_wrong_value(document: Map, place: Place) -> Fault:
    """The fault of a value that its key cannot have."""
    key = innermost_key(place)
    schema, value = schema_at(validator().schema, key), document
    for step in key:
        value = value[step]  # type: ignore[index]
    names = schema.get("enum")
    guess = suggest(value, names) if names and isinstance(value, str) else ""
    return Fault(
        line_at(document, place),
        f"{describe_place(key)} is {quote(value)}{guess}",
        join_with_or(names) if names else expectation_of(schema),
    )


def extra_keys(error: ValidationError) -> list[str]:
    """The keys of a mapping that its schema does not allow."""
    if error.validator != "additionalProperties":
        return []
    known_keys, patterns = error.schema.get("properties", ()), error.schema.get("patternProperties", ())
    return [key for key in error.instance if key not in known_keys and not any(re.search(pattern, key) for pattern in patterns)]


def schema_at(schema: Any, place: Place) -> Any:
    """The schema of the value at a place."""
    for step in place:
        properties = schema.get("properties", {})
        schema = properties[step] if step in properties else next(iter(schema["patternProperties"].values()))
    return schema


def expectation_of(schema: Any) -> str:
    """A schema's description, as the end of a sentence."""
    text = str(schema["description"]).removesuffix(".")
    return text[0].lower() + text[1:]


def innermost_key(place: Place) -> Place:
    """A place up to its innermost key, without positions in lists."""
    return place[: next((i for i, step in enumerate(place) if isinstance(step, int)), None)]


def line_at(document: Map, place: Place) -> int:
    """The line of the value at a place."""
    value: Any = document
    line = document.line
    for step in place:
        line, value = value.lines[step], value[step]
    return line


def describe_place(place: Place) -> str:
    """The name of a place in messages."""
    match len(place):
        case 0:
            return "the file"
        case 2:
            return f"the case {place[1]}"
    return str(place[-1])


def remove_value(document: Map, place: Place) -> None:
    """Remove a wrong value: the key of a case as a whole, of its pool only the parameter."""
    *outer, key = innermost_key(place)[: 4 if place[2:3] == ("pool",) else 3] or (None,)
    holder: Any = document
    for step in outer:
        holder = holder.get(step, {})
    holder.pop(key, None)

"""The form of a spec: the published schema held against a file, in messages made of its descriptions."""

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
from .paths import Place, inner, label, line_at, prune

SCHEMA = Path(__file__).parents[2] / "specs" / "schema.json"

# To JSON Schema 2.0 is an integer; no window has that size.
Validator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int),
)


def malformed(document: Map) -> list[Fault]:
    """What has not the form of a spec; it is taken out, so that the rest can be looked at."""
    errors = list(validator().iter_errors(document))
    keyed = {tuple(error.absolute_path) for error in errors if error.validator in ABOUT_KEYS}
    told_of = [error for error in errors if error.validator in ABOUT_KEYS or tuple(error.absolute_path) not in keyed]
    faults = {str(fault): fault for error in told_of for fault in faults_of(document, error)}
    for error in told_of:
        for place in [(*error.absolute_path, key) for key in extras(error)] or [tuple(error.absolute_path)]:
            prune(document, place)
    return list(faults.values())


@cache
def validator() -> Any:
    """The schema, its definitions filled in, without the cells of arrays: those are checked as they are made."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    definitions = schema.pop("$defs") | {"cells": {"type": "array"}, "cell": {}}
    return Validator(inlined(schema, definitions))


def inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """A schema whose references are replaced by what they stand for; a description beside one wins."""
    if isinstance(schema, list):
        return [inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    definition = definitions.get(schema.get("$ref", "").rpartition("/")[2], {})
    return {key: inlined(value, definitions) for key, value in {**definition, **schema}.items() if key != "$ref"}


def faults_of(document: Map, error: ValidationError) -> Iterator[Fault]:
    """An error in the words of the schema."""
    if error.validator in ABOUT_KEYS:
        return ABOUT_KEYS[error.validator](document, tuple(error.absolute_path), error)
    return iter([misfit(document, tuple(error.absolute_path))])


def unknown(document: Map, place: Place, error: ValidationError) -> Iterator[Fault]:
    """Keys that a mapping cannot have, or names that are none."""
    named = "patternProperties" in error.schema
    for key in extras(error):
        line, known = error.instance.lines[key], error.schema.get("properties", ())
        if named:
            yield Fault(line, f"{quote(key)} is no name in {label(place)}", described(error.schema))
        else:
            yield Fault(line, f"unknown key {quote(key)} in {label(place)}{suggest(key, known)}", join_with_or(known))


def missing(document: Map, place: Place, error: ValidationError) -> Iterator[Fault]:
    """Keys that a mapping must have."""
    for key in error.validator_value:
        if key not in error.instance:
            yield Fault(line_at(document, place), f"{label(place)} has no {key}", described(error.schema["properties"][key]))


def alone(document: Map, place: Place, error: ValidationError) -> Iterator[Fault]:
    """Keys without others that they need."""
    told_of = error.instance
    for key, needed in error.validator_value.items():
        for other in needed:
            if key in told_of and other not in told_of:
                yield Fault(told_of.lines[key], f"{key} without {other}", described(error.schema["properties"][other]))


def beside(document: Map, place: Place, error: ValidationError) -> Iterator[Fault]:
    """A key that has no place beside another."""
    key, other = place[-1], error.absolute_schema_path[-4]
    yield Fault(line_at(document, place), f"{key} beside {other}", f"one of the two, {key} or {other}")


ABOUT_KEYS = {"additionalProperties": unknown, "required": missing, "dependentRequired": alone, "not": beside}
"""The keywords whose errors are about a mapping's keys, not about its value as a whole."""


def misfit(document: Map, place: Place) -> Fault:
    """A value that does not fit its key."""
    key = inner(place)
    schema, value = at(validator().schema, key), document
    for step in key:
        value = value[step]  # type: ignore[index]
    names = schema.get("enum")
    guess = suggest(value, names) if names and isinstance(value, str) else ""
    return Fault(line_at(document, place), f"{label(key)} is {quote(value)}{guess}", join_with_or(names) if names else described(schema))


def extras(error: ValidationError) -> list[str]:
    """The keys of a mapping that its schema does not know."""
    if error.validator != "additionalProperties":
        return []
    known, patterns = error.schema.get("properties", ()), error.schema.get("patternProperties", ())
    return [key for key in error.instance if key not in known and not any(re.search(pattern, key) for pattern in patterns)]


def at(schema: Any, place: Place) -> Any:
    """The schema of what stands at a place."""
    for step in place:
        properties = schema.get("properties", {})
        schema = properties[step] if step in properties else next(iter(schema["patternProperties"].values()))
    return schema


def described(schema: Any) -> str:
    """A schema's description as the end of a sentence."""
    text = str(schema["description"]).removesuffix(".")
    return text[0].lower() + text[1:]

"""YAML as data that knows its lines: the types of YAML 1.2, and nothing that grows, runs or surprises.

YAML 1.1 takes `no` for false, `1e3` for text, `010` for eight and `1:30` for ninety; here a plain
word is a number only if JSON would read it so, a truth value only if it is `true` or `false`, and
text otherwise. Anchors, tags and second documents are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from ..model.mistake import Fault, quote
from .located import List, Map

SIZE_LIMIT = 1 << 22
DEPTH_LIMIT = 24

LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

CONSTANTS = {
    "": None, "~": None, "null": None, "true": True, "false": False, "-0": -0.0,
    ".nan": math.nan, ".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf,
}  # fmt: skip
CONTROL = re.compile("[^\\t\\n\\r -~\\u00a0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})\Z")
FLOAT = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")


def load_yaml(data: bytes) -> tuple[Any, list[Fault]]:
    """The one document of a file, None where it cannot be read, and the faults in it."""
    faults: list[Fault] = []
    try:
        text = decode(data)
        faults += [Fault(line, "a tab character", "spaces") for line, part in enumerate(text.split("\n"), 1) if "\t" in part]
        return (None if faults else compose(text, faults)), faults
    except Fault as fault:
        return None, [*faults, fault]


def decode(data: bytes) -> str:
    """The text of a file; raises Fault where it is too large, not UTF-8, or empty."""
    if len(data) > SIZE_LIMIT:
        raise Fault(1, f"the file has more than {SIZE_LIMIT} bytes", f"at most {SIZE_LIMIT}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault(data.count(b"\n", 0, error.start) + 1, f"byte {data[error.start]:#04x} is not UTF-8", "text in UTF-8") from None
    if control := CONTROL.search(text):
        raise Fault(
            text.count("\n", 0, control.start()) + 1, f"the control character {ord(control[0]):#04x}", "text without control characters"
        )
    if not text.strip():
        raise Fault(1, "the file is empty", "a mapping with the key cases")
    return text


def compose(text: str, faults: list[Fault]) -> Any:
    """The value of a text, None where it has an anchor, an alias or a tag; adds to the faults."""
    composer = Composer(text, faults)
    try:
        document = composer.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Fault(mark.line + 1, f"invalid YAML: {' '.join(filter(None, (error.problem, error.context)))}", "a YAML mapping") from None
    return None if composer.unusable else document


class Composer:
    """Builds values from the events of a YAML parser."""

    def __init__(self, text: str, faults: list[Fault]) -> None:
        self.events: Iterator[Any] = yaml.parse(text, Loader=LOADER)
        self.faults = faults
        self.unusable = False

    def document(self) -> Any:
        """The value of the only document of the file."""
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            raise Fault(1, "the file contains only comments", "a mapping with the key cases")
        value = self.value(next(self.events), 0)
        next(self.events)
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise Fault(event.start_mark.line + 1, "a second document", "one document per file")
        return value

    def value(self, event: Any, depth: int) -> Any:
        """The value that begins with an event."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            return self.reject(line, f"the alias *{event.anchor}", "each value written out in full")
        if event.anchor is not None:
            self.reject(line, f"the anchor &{event.anchor}", "each value written out in full")
        if event.tag is not None:
            self.reject(line, f"the tag {quote(event.tag)}", "plain values without tags")
        if isinstance(event, yaml.ScalarEvent):
            return parse_scalar(event.value, line) if event.implicit[0] else event.value
        if depth == DEPTH_LIMIT:
            raise Fault(line, f"more than {DEPTH_LIMIT} nested lists or mappings", "an array with a few axes")
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(List(line), depth + 1)
        return self.mapping(Map(line), depth + 1)

    def reject(self, line: int, problem: str, expected: str) -> None:
        """Add a fault that makes the whole document unusable."""
        self.faults.append(Fault(line, problem, expected))
        self.unusable = True

    def sequence(self, items: List, depth: int) -> List:
        """Fill a list with the items up to its end."""
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.add(self.value(event, depth), event.start_mark.line + 1)
        return items

    def mapping(self, entries: Map, depth: int) -> Map:
        """Fill a mapping up to its end; of a key that occurs twice the first value is kept."""
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise Fault(line, "a key that is not a word", "a word before the colon")
            value = self.value(next(self.events), depth)
            if event.value in entries:
                first = entries.lines[event.value]
                self.faults.append(Fault(line, f"duplicate key {quote(event.value)}, first in line {first}", "each key once"))
            else:
                entries[event.value] = value
                entries.lines[event.value] = line
        return entries


def parse_scalar(text: str, line: int) -> Any:
    """The value of an unquoted word: a constant, a number, or the word itself."""
    if text.lower() in CONSTANTS:
        return CONSTANTS[text.lower()]
    if INTEGER.match(text):
        return int(text)
    if not FLOAT.match(text):
        return text
    number = float(text)
    if math.isinf(number):
        raise Fault(line, f"the number {quote(text)} is too large", ".inf if infinity is meant")
    return number

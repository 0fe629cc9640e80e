"""Lines of JSON into the types of `records`, each held to all that these say: msgspec checks while it decodes.

What many rows have in common (versions, code, what was due) is decoded once and shared, which saves most of
the time and of the memory. Nobody may change such a value in place.
"""

from __future__ import annotations

import json
from functools import cache, reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import msgspec

from ...cases.judge.answer import AGREES, CRASHES, DIFFERS, NOT_RUN, REJECTS, TIMES_OUT, UNSUPPORTED
from .records import FORMAT, VALUES, AtLeast, CaseLine, Footer, Header, Line, Matches, OneOf, RecordShape, Row

RECORDS: dict[str, type] = {"header": Header, "case": CaseLine, "row": Row, "footer": Footer}
SHARED = ("versions", "answer", "cause", "consistent_with", "tolerance", "detail", "code", "known", "link", "pinned_by")
"""Keys of a row whose values many rows have in common; `due` and `got` are shared as well, in each case."""
MANY = 1 << 16
"""So many shared values are remembered at a time."""
DIMENSIONS = 32
"""An array has at most so many axes."""
DEEPEST = 8
"""Parameters are nested at most so many times."""
CELL = "^(nan|-?inf|-?[0-9]{16,})$"
NUMBERS = frozenset({int, float, bool})


class Misfit(ValueError):
    """A line that is not as its type says; `why` is empty where the published schema has the words for it."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.why = reason


class LineDecoder:
    """Decodes the lines of a file."""

    def __init__(self) -> None:
        self.texts: dict[bytes, Any] = {}
        self.values: dict[tuple[str, bytes], Any] = {}
        self.case = self.hash = ""
        self.targets: dict[str, str] = {}

    def decode(self, text: bytes) -> Line:
        """One line; raises `Misfit`."""
        try:
            return self.row(text) if text.startswith(b'{"record": "row"') else decode_line(text)
        except UnicodeDecodeError:
            raise Misfit("bytes that are not UTF-8; expected text in UTF-8") from None
        except RecursionError:
            raise Misfit("lists that are nested too deeply; expected a line that `poolparity` wrote") from None
        except ValueError as error:
            return decode_slowly(text, error)

    def row(self, text: bytes) -> Row:
        """A row, whose values are looked up by their text before they are decoded."""
        raw = row_decoder().decode(text)
        values = {name: getattr(raw, name) for name in names_of_row()}
        for name in SHARED:
            if (value := values.get(name, msgspec.UNSET)) is not msgspec.UNSET:
                values[name] = self.shared_value(name, bytes(value))
        if raw.case != self.case or len(self.values) > MANY:
            self.values.clear()
            self.case = raw.case
        self.hash = self.hash if raw.case_hash == self.hash else raw.case_hash
        values |= {"case": self.case, "case_hash": self.hash, "target": self.targets.setdefault(raw.target, raw.target)}
        for name in ("due", "got"):
            values[name] = self.value(raw.attribute, bytes(values[name]))
        row: Any = {name: value for name, value in values.items() if value is not msgspec.UNSET}
        check_row(row)
        return row  # type: ignore[no-any-return]

    def shared_value(self, name: str, text: bytes) -> Any:
        """The value of a key that many rows have in common."""
        key = name.encode() + text
        try:
            return self.texts[key]
        except KeyError:
            if len(self.texts) > MANY:
                self.texts.clear()
            return self.texts.setdefault(key, convert(msgspec.json.decode(text), key_type(name)))

    def value(self, attribute: str, text: bytes) -> Any:
        """What was due or was got of an attribute."""
        key = attribute, text
        try:
            return self.values[key]
        except KeyError:
            return self.values.setdefault(key, check_value(msgspec.json.decode(text), attribute))


def decode_line(text: bytes) -> Line:
    """Any line, without sharing."""
    return check_line(msgspec.json.decode(text))


def decode_slowly(text: bytes, error: ValueError) -> Line:
    """A line that msgspec does not take: half a character, a legal escape of JSON that no output can hold, is read as the text of its escape."""
    if isinstance(error, (Misfit, msgspec.ValidationError)):
        raise Misfit(getattr(error, "why", "")) from None
    try:
        return check_line(escape_halves(json.loads(text.decode(), parse_constant=refuse)))
    except (Misfit, msgspec.ValidationError) as misfit:
        raise Misfit(getattr(misfit, "why", "")) from None
    except (ValueError, RecursionError):
        raise Misfit("not a line of JSON; expected a JSON object on each line") from None


def escape_halves(value: Any) -> Any:
    """A document in which halves of characters are escaped."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, list):
        return [escape_halves(part) for part in value]
    return {escape_halves(name): escape_halves(part) for name, part in value.items()} if isinstance(value, dict) else value


def refuse(constant: str) -> None:
    """Refuse a number that JSON does not have."""
    raise Misfit(f"the number {constant}; expected NaN and the infinities as texts: 'nan', 'inf', '-inf'")


def check_line(line: Any) -> Line:
    """A line that is JSON already; raises `Misfit` or `ValidationError`."""
    record = line.get("record") if isinstance(line, dict) else None
    if not isinstance(record, str) or record not in RECORDS:
        raise Misfit(f"not a line of rows; expected a JSON object whose record is {', '.join(RECORDS)}")
    if record == "header" and line.get("format", FORMAT) != FORMAT:
        raise Misfit(f"rows of format {line['format']!r:.40}; expected format {FORMAT}, as this version of poolparity writes it")
    convert(line, RECORDS[record])
    if record == "row":
        for name in ("due", "got"):
            check_value(line[name], line["attribute"])
        check_row(line)
    elif record == "case":
        check_array(line["input"])
        check_depth([line["pool"], line["equals"]])
    elif record == "header":
        runs = line.get("runs", [])
        if not isinstance(runs, list) or any(check_line(run)["record"] != "header" for run in runs):
            raise Misfit
    return line  # type: ignore[no-any-return]


def check_value(value: Any, attribute: str) -> Any:
    """What was due or was got of an attribute; raises `Misfit` or `ValidationError`."""
    convert(value, VALUES[attribute])
    if isinstance(value, dict):
        check_array(value)
    return value


def check_array(array: Any) -> None:
    """Raise `Misfit` unless an array has either cells or a digest, and cells that its shape arranges."""
    if ("data" in array) == ("digest" in array) or ("data" in array and "differing" in array):
        raise Misfit
    if len(array["shape"]) > DIMENSIONS:
        raise Misfit(f"an array of {len(array['shape'])} axes; expected at most {DIMENSIONS}")
    if "data" in array:
        check_cells(flatten(array["data"], array["shape"]))
    check_cells([cell["value"] for cell in array.get("differing", ())])


def flatten(data: Any, shape: list[int]) -> list[Any]:
    """The cells of nested lists; raises `Misfit` where they are not arranged in a shape."""
    cells = [data]
    for size in shape:
        if not all(type(part) is list and len(part) == size for part in cells):
            raise Misfit(f"cells that are not arranged as {shape}; expected nested lists of that shape")
        cells = [cell for part in cells for cell in part]
    if list in map(type, cells):
        raise Misfit(f"cells that are not arranged as {shape}; expected nested lists of that shape")
    return cells


def check_depth(values: list[Any]) -> None:
    """Raise `Misfit` where lists and dictionaries are nested deeper than the parameters of any operation."""
    for _ in range(DEEPEST):
        values = [
            item for value in values if isinstance(value, (list, dict)) for item in (value.values() if isinstance(value, dict) else value)
        ]
    if values:
        raise Misfit(f"parameters that are nested more than {DEEPEST} times; expected those of an operation")


def check_cells(cells: list[Any]) -> None:
    """Raise `Misfit` unless all are numbers, or texts for what JSON has no number for."""
    if not NUMBERS.issuperset(map(type, cells)):
        for cell in cells:
            if type(cell) not in NUMBERS:
                convert(cell, Annotated[str, Matches(CELL)])


def check_row(row: Any) -> None:
    """Raise `Misfit` where what a row says contradicts its verdict, or does not say whether it is the last."""
    verdict, got = row["verdict"], row["got"]
    if "last" not in row:
        raise Misfit
    if verdict == AGREES:
        fits = got is not None and row["cause"] == [] and row["consistent_with"] == []
    elif verdict == DIFFERS:
        fits = got is not None and row["due"] is not None
    elif verdict == REJECTS:
        fits = got is None or row["attribute"] == "acceptance"
    elif verdict == CRASHES:
        fits = got is None
    else:
        assert verdict in {UNSUPPORTED, TIMES_OUT, NOT_RUN}
        fits = got is None and row["answer"] is None and row["cause"] is None
    if not fits:
        raise Misfit


def convert(value: Any, kind: Any) -> Any:
    """The value itself; raises `msgspec.ValidationError` unless it is of a kind."""
    msgspec.convert(value, translate(kind))
    return value


@cache
def names_of_row() -> tuple[str, ...]:
    """The keys of a row, in the order in which they are written."""
    return tuple(get_type_hints(Row))


@cache
def key_type(name: str) -> Any:
    """The type of a key of a row."""
    return get_type_hints(Row, include_extras=True)[name]


@cache
def row_decoder() -> msgspec.json.Decoder[Any]:
    """A decoder of rows that leaves what is looked up by its text as it is."""
    return msgspec.json.Decoder(structure(Row, dict.fromkeys((*SHARED, "due", "got"), msgspec.Raw)))


@cache
def translate(kind: Any) -> Any:
    """A type of `records` as msgspec knows it: closed structures for typed dictionaries, and constraints for marks."""
    arguments = get_args(kind)
    origin = get_origin(kind)
    if is_typeddict(kind):
        return structure(kind, {})
    if origin is NotRequired:
        return translate(arguments[0])
    if origin is Annotated:
        return translate(arguments[1].record) if isinstance(arguments[1], RecordShape) else constrain(translate(arguments[0]), arguments[1])
    if origin in (Union, UnionType):
        return reduce(or_, map(translate, arguments))
    if origin in (list, dict):
        return origin[tuple(map(translate, arguments))]
    assert origin is Literal or kind in (str, int, float, bool, Any, NoneType), kind
    return kind


def constrain(kind: Any, mark: OneOf | Matches | AtLeast) -> Any:
    """A type with a constraint."""
    if isinstance(mark, OneOf):
        return Literal[mark.values]
    if isinstance(mark, Matches):
        return Annotated[kind, msgspec.Meta(pattern=mark.pattern)]
    return Annotated[kind, msgspec.Meta(ge=mark.least) if kind in (int, float) else msgspec.Meta(min_length=mark.least)]


def structure(record: Any, replacements: dict[str, Any]) -> Any:
    """A typed dictionary as a structure that takes no other keys, some of them of other types."""
    fields: list[Any] = []
    for name, hint in get_type_hints(record, include_extras=True).items():
        kind = replacements.get(name) or (Any if hint == NotRequired[list[record]] else translate(hint))
        fields.append((name, kind | msgspec.UnsetType, msgspec.UNSET) if get_origin(hint) is NotRequired else (name, kind))
    return msgspec.defstruct(record.__name__, fields, forbid_unknown_fields=True, kw_only=True)

"""The one reader of files of rows: plain or compressed, line by line, each line held to the published schema."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, NamedTuple

from ...cases.model.files import open_file
from ...cases.model.mistake import quote_path
from .decode import LineDecoder, Misfit
from .records import SCHEMA, BadRows, CaseLine, Line, Row, Rows, pause_garbage_collection

LONGEST = 16 << 20
"""Bytes that a line has at most."""
GZIP = b"\x1f\x8b"
MOST_LINES = 1 << 21
"""Lines that a file has at most; a run of all cases on all targets writes about a tenth of that."""
MOST_BYTES = 1 << 32
"""Bytes that a compressed file holds at most, unpacked."""
BLOCK = 1 << 16
SHOWN = 60
"""Characters of a value that a message shows."""


class Place(NamedTuple):
    """A line of a file, counted from one, and the byte at which it begins in what the file holds, compressed or not."""

    path: Path
    line: int
    offset: int

    def __str__(self) -> str:
        return f"{quote_path(self.path)}:{self.line}"


class KnownCase(NamedTuple):
    """What rows have to agree with of the line of their case: its hash, and whether it asks for an axis."""

    hash: str
    asks: bool


class GzipContent(io.RawIOBase):
    """What a file compressed by gzip holds, as far as it is there: a file that was cut off ends where its last whole block ends."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        super().__init__()
        self.stream, self.path = stream, path
        self.inflate = zlib.decompressobj(wbits=31)
        self.rest, self.unpacked_bytes = b"", 0

    def readable(self) -> bool:
        """It can be read, which a buffered reader asks for."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, as far as the file goes."""
        while True:
            if self.inflate.eof:
                self.rest, self.inflate = self.inflate.unused_data, zlib.decompressobj(wbits=31)
            self.rest = self.rest or self.stream.read(BLOCK)
            if not self.rest:
                return 0
            try:
                data = self.inflate.decompress(self.rest, len(buffer))
            except zlib.error as error:
                raise BadRows(f"{quote_path(self.path)}: damaged: {error}; expected a file compressed by gzip") from None
            self.rest = self.inflate.unconsumed_tail
            self.unpacked_bytes += len(data)
            if self.unpacked_bytes > MOST_BYTES:
                raise BadRows(f"{quote_path(self.path)}: more than {MOST_BYTES:,} bytes when unpacked; expected no more in one file")
            if data:
                buffer[: len(data)] = data
                return len(data)

    def close(self) -> None:
        """Close the file as well."""
        self.stream.close()
        super().close()


def open_rows(path: Path) -> BinaryIO:
    """Open a file of rows to be read from its begin to its end, whether it is compressed or not; raises `UnreadableFile`."""
    stream = open_file(path)
    compressed = stream.read(len(GZIP)) == GZIP
    stream.seek(0)
    return io.BufferedReader(GzipContent(stream, path), BLOCK) if compressed else stream


def open_seekable(path: Path) -> BinaryIO:
    """Open a file of rows to be read at any place; one that is compressed is unpacked into a temporary file."""
    stream = open_rows(path)
    if stream.seekable():
        return stream
    unpacked_file = TemporaryFile()  # noqa: SIM115 - the caller closes it
    with stream:
        while block := stream.read(BLOCK):
            unpacked_file.write(block)
    unpacked_file.seek(0)
    return unpacked_file


@pause_garbage_collection()
def read_rows(path: Path) -> Rows:
    """Read a file of rows; a last line that was cut off is left out, and the file is partial then.

    Raises `BadRows` with file and line for anything else that is not a row, and `UnreadableFile`.
    """
    rows = Rows()
    with open_rows(path) as stream:
        for _, line in read_lines(stream, path):
            if line["record"] == "header":
                rows.header = line
            elif line["record"] == "case":
                rows.cases.setdefault(line["case"], line)
            elif line["record"] == "row":
                rows.rows.append(line)
            else:
                rows.whole = line["rows"] == len(rows.rows)
    return rows


def read_lines(stream: BinaryIO, path: Path) -> Iterator[tuple[Place, Line]]:
    """The whole lines of a file of rows with their places; raises `BadRows` at the first that is not one, or that does not fit those before."""
    decoder, cases = LineDecoder(), dict[str, KnownCase]()
    count = offset = 0
    while (text := stream.readline(LONGEST + 1)).endswith(b"\n"):
        count += 1
        place = Place(path, count, offset)
        if count > MOST_LINES:
            raise BadRows(f"{place}: more than {MOST_LINES:,} lines; expected no more in one file")
        offset += len(text)
        line = decode(decoder, text, place)
        if (line["record"] == "header") != (count == 1):
            raise BadRows(f"{place}: a {line['record']} here; expected one header, in the first line")
        if line["record"] == "case" or line["record"] == "row":
            check_case(line, cases, place)
        yield place, line
    if len(text) > LONGEST:
        raise BadRows(f"{quote_path(path)}:{count + 1}: a line of more than {LONGEST} bytes; expected shorter ones")
    if not count:
        raise BadRows(f"{quote_path(path)}: not a single whole line; expected a file written by `poolparity run --rows` or `pytest --rows`")


def read_line(stream: BinaryIO, offset: int, path: Path) -> Row:
    """The row that begins at a byte of a file that was read before."""
    stream.seek(offset)
    line = decode(LineDecoder(), stream.readline(LONGEST + 1), Place(path, 0, offset))
    assert line["record"] == "row"
    return line


def check_case(line: CaseLine | Row, cases: dict[str, KnownCase], place: Place) -> None:
    """Raise `BadRows` where a row stands before the line of its case, where a case has two hashes, and for an answer to no question."""
    if line["record"] == "case":
        known_case = cases.setdefault(line["case"], KnownCase(line["case_hash"], line["asks"] is not None))
    elif line["case"] in cases:
        known_case = cases[line["case"]]
    else:
        raise BadRows(f"{place}: a row of {shorten(line['case'])}, which has no line of its own; expected that before")
    if known_case.hash != line["case_hash"]:
        raise BadRows(f"{place}: {shorten(line['case'])} has two hashes; expected rows of one version of each case")
    if line["record"] == "row" and line["answer"] is not None and not known_case.asks:
        raise BadRows(f"{place}: answer is {shorten(line['answer'])}; expected null, for {shorten(line['case'])} is no probe")


def decode(decoder: LineDecoder, text: bytes, place: Place) -> Line:
    """One line; raises `BadRows`."""
    try:
        return decoder.decode(text)
    except Misfit as misfit:
        raise BadRows(f"{place}: {misfit.why or explain(text)}") from None


def explain(text: bytes) -> str:
    """What is wrong with a line of JSON that is not as the published schema says, and what that expects instead."""
    try:
        line = json.loads(text)
        return explain_line(line)
    except (ValueError, RecursionError):  # a number of too many digits, or lists in lists in lists
        return f"values that are too large or nested too deeply; expected what {SCHEMA.name} says"


def explain_line(line: Any) -> str:  # noqa: PLR0911 - one sentence for each kind of mistake
    """What the published schema says against a line."""
    from jsonschema import Draft202012Validator  # which takes long to load, and is needed for a bad line only
    from jsonschema.exceptions import best_match

    schema = published_schema()
    validator = Draft202012Validator({"$ref": f"#/$defs/{line['record']}", "$defs": schema["$defs"]})
    error = best_match(validator.iter_errors(line))
    if error is None:
        return f"a {line['record']} with a number that is out of range; expected what {SCHEMA.name} says"
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path).lstrip(".")
    wrong = f"{place or line['record']} is {shorten(json.dumps(error.instance, ensure_ascii=False))}"
    match error.validator:
        case "required":
            missing = next(name for name in error.validator_value if name not in error.instance)
            return f"{place or 'a ' + line['record']} without {missing}; expected the keys that {SCHEMA.name} names"
        case "additionalProperties":
            unknown = next(name for name in error.instance if name not in error.schema.get("properties", {}))
            return f"{place or 'a ' + line['record']} with {shorten(unknown)}; expected only the keys that {SCHEMA.name} names"
        case "enum":
            return f"{wrong}; expected one of {', '.join(json.dumps(value) for value in error.validator_value)}"
        case "const":
            return f"{wrong}; expected {json.dumps(error.validator_value)}"
        case "type":
            kinds = error.validator_value
            return f"{wrong}; expected {kinds if isinstance(kinds, str) else ' or '.join(kinds)}"
        case "pattern":
            return f"{wrong}; expected a text that matches {error.validator_value}"
        case "minimum" | "minLength" | "minItems":
            return f"{wrong}; expected at least {error.validator_value}"
    return f"{wrong}; expected what {SCHEMA.name} says"


@cache
def published_schema() -> Any:
    """The published schema."""
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


def shorten(text: str) -> str:
    """A text in a message."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."

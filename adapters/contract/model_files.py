"""Pooling layers as model files describe them. The files are untrusted: what is read of them is limited, and nothing in them is run."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from ...cases.model.files import open_file
from ...cases.model.mistake import UserError, quote_path

LIMIT = 1 << 25
"""Bytes of a model's configuration."""
MAX_VALUES = 2_000_000
"""Values in a model's configuration: each takes up to a few hundred bytes of memory once it is parsed."""
MAX_DIRECTORY = 1 << 23
"""Bytes of an archive's list of members."""
MAX_POOLINGS = 10_000
"""Pooling layers of a model."""
MAX_TEXT = 10_000
"""Characters of a layer's text; longer ones are cut, and then name no layer."""
MAX_NAME = 200
"""Characters of a layer's place in its model; longer ones are cut."""
CHUNK = 1 << 16
T = TypeVar("T")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways of compression whose output can be limited while it is read; frameworks write no other."""


class BadModel(UserError):
    """A model file that cannot be read."""


Sizes = tuple[int | None, ...]
"""The sizes of an array, None for those that are open: the model takes arrays of several sizes there."""


@dataclass(frozen=True)
class Pooling:
    """A pooling of a model: its name there, its text in its framework's spelling, and what the file says of its input.

    `shape` is None if the file does not say how many axes the input has, and `dtype`, the type of its elements, is empty
    if the file does not state it; `hint` is an example of the sizes where some are open. `indices` is whether the model
    uses the indices of its maxima. `problem` is why nothing can be said about the pooling, empty for most. `array` is the
    model's name of the input, by which equal poolings of one array are recognised.
    """

    place: str
    text: str
    shape: Sizes | None
    dtype: str = ""
    indices: bool = False
    hint: tuple[int, ...] | None = None
    problem: str = ""
    array: str = field(default="", compare=False)


@dataclass(frozen=True)
class ModelContents:
    """The poolings of a model in the order of its graph, and sentences about the parts that the file does not reveal."""

    poolings: list[Pooling]
    hidden_parts: list[str] = field(default_factory=list)


def not_supported(name: str) -> str:
    """The problem of an operation that is a pooling, or has the name of one, but that no layer spells."""
    return f"not supported by scan: {cut(name)} is not among the layers that it can compare"


def text_of(name: str, arguments: Mapping[str, Any], *first: str) -> str:
    """A layer's or a function's text, cut at `MAX_TEXT` characters; `first` are arguments without names, such as the array."""
    return cut(f"{name}({', '.join([*first, *(f'{key}={value!r}' for key, value in arguments.items())])})", MAX_TEXT)


def cut(text: str, length: int = MAX_NAME) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= length else f"{text[: length - 3]}..."


def shape_of(sizes: Iterable[Any]) -> Sizes | None:
    """A shape, with None for sizes that are no positive integers; None if there are no sizes."""
    return tuple(size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None for size in sizes) or None


def limit_poolings(path: Path, poolings: Iterable[T]) -> list[T]:
    """Layers of a model, read one by one; raises `BadModel` as soon as they are too many."""
    try:
        first_poolings = list(islice(poolings, MAX_POOLINGS + 1))
    except RecursionError:
        raise BadModel(f"{quote_path(path)}: values are nested too deeply; expected a model as its framework saves it") from None
    if len(first_poolings) > MAX_POOLINGS:
        raise BadModel(f"{quote_path(path)}: more than {MAX_POOLINGS:,} pooling layers; expected at most {MAX_POOLINGS:,}")
    return first_poolings


class LimitedFile(io.RawIOBase):
    """A file of which no single read may take more than `MAX_DIRECTORY` bytes: `zipfile` reads the list of members at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self.stream.seek(offset, whence)

    def tell(self) -> int:
        return self.stream.tell()

    def read(self, size: int = -1) -> bytes:
        """Bytes from the current position; raises `zipfile.BadZipFile` if they are too many."""
        data = self.stream.read(MAX_DIRECTORY + 1 if size < 0 else min(size, MAX_DIRECTORY + 1))
        if len(data) > MAX_DIRECTORY:
            raise zipfile.BadZipFile(f"the list of members has more than {MAX_DIRECTORY:,} bytes")
        return data


def read_member(path: Path, endings: Iterable[str]) -> Any:
    """The JSON of the first member of a zip archive whose path ends with one of some names; raises `BadModel`."""
    endings, data = tuple(endings), b""
    try:
        with open_file(path) as stream, zipfile.ZipFile(LimitedFile(stream)) as archive:
            infos = [info for name in endings for info in archive.infolist() if f"/{info.filename}".endswith(f"/{name}")]
            if not infos:
                raise BadModel(f"{quote_path(path)}: no {' or '.join(endings)} in the archive; expected a file as its framework saves it")
            if infos[0].compress_type not in METHODS:
                raise BadModel(f"{quote_path(path)}: not a readable archive (compression {infos[0].compress_type}); expected deflate")
            with archive.open(infos[0]) as member:
                parts = iter(lambda: member.read(CHUNK), b"")
                data = b"".join(limit_parts(path, parts))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BadModel(f"{quote_path(path)}: not a readable archive ({cut(str(error))}); expected a zip file") from None
    except UnicodeDecodeError:
        raise BadModel(f"{quote_path(path)}: not a readable archive (a member's name is not UTF-8); expected a zip file") from None
    return parse_configuration(path, data)


def limit_parts(path: Path, parts: Iterator[bytes]) -> Iterator[bytes]:
    """Parts of a configuration; raises `BadModel` as soon as they are too long."""
    length = 0
    for part in parts:
        length += len(part)
        if length > LIMIT:
            raise BadModel(f"{quote_path(path)}: the configuration has more than {LIMIT} bytes; expected at most {LIMIT}")
        yield part


def parse_configuration(path: Path, data: bytes) -> Any:
    """A model's configuration from JSON; raises `BadModel`."""
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_VALUES:  # no JSON has more values than that
        raise BadModel(f"{quote_path(path)}: the configuration has more than {MAX_VALUES:,} values; expected at most {MAX_VALUES:,}")
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise BadModel(f"{quote_path(path)}: the configuration is not JSON; expected what its framework saves") from None

"""Reading pooling layers from model files, which are untrusted: their sizes are checked, and nothing in them is run."""

from __future__ import annotations

import json
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...cases.model.mistake import UserError

LIMIT = 1 << 26
"""The largest part of a file that is read, in bytes."""


class BadModel(UserError):
    """A model file that cannot be read."""


@dataclass(frozen=True)
class Pooling:
    """A pooling layer of a model: its name in the model, its text as its framework writes it, and its input's shape, None if unknown.

    `indices` is whether the model uses the indices of its maxima.
    """

    place: str
    text: str
    shape: tuple[int, ...] | None
    indices: bool = False


def text_of(name: str, arguments: Mapping[str, Any]) -> str:
    """The text of a layer: its name, called with keyword arguments."""
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"


def shape_of(sizes: Iterable[Any]) -> tuple[int, ...] | None:
    """A shape of positive integers; an unknown batch counts as one, and any other unknown size makes the result None."""
    first, *rest = [size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None for size in sizes] or [None]
    if not rest or None in rest:
        return None
    return (first or 1, *(size for size in rest if size is not None))


def member(path: Path, ending: str) -> Any:
    """Read the JSON member of a zip archive whose name has some ending; raises `BadModel`."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if info.filename == ending or info.filename.endswith(f"/{ending}")]
            if not infos:
                raise BadModel(f"{path}: no {ending} in the archive; expected a file as its framework saves it")
            with archive.open(infos[0]) as stream:
                data = stream.read(LIMIT + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BadModel(f"{path}: not a readable archive ({error}); expected a zip file") from None
    if len(data) > LIMIT:
        raise BadModel(f"{path}: {ending} has more than {LIMIT} bytes; expected a model's configuration")
    return parsed(path, ending, data)


def parsed(path: Path, name: str, data: bytes) -> Any:
    """Bytes as JSON; raises `BadModel`."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise BadModel(f"{path}: {name} is not JSON; expected a model's configuration") from None

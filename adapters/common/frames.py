"""The channel between the parent and a worker: frames of JSON with raw arrays behind it.

A frame consists of two lengths (of the JSON, and of all arrays), the JSON, and the bytes of the arrays, one after another.
Nothing that is read is executed. The lengths come first, so that an answer over the limit is rejected before it is read.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ...cases.model.inputs import is_uniform, stored_cells

HEAD = struct.Struct("<4sQQ")
MAGIC = b"pool"
JSON = json.JSONEncoder(check_circular=False)  # a message that held itself would end in RecursionError, and none does
MARK = b"\0poolparity\0"
"""What a worker writes to its standard error before each case, so that output can be assigned to its case."""
REPEATED = "repeated"
"""What follows the shape of an array that is sent as one cell."""

Array = np.ndarray[Any, np.dtype[Any]]


class Garbled(ValueError):
    """Unexpected data on the channel."""


@dataclass(frozen=True)
class Frame:
    """One message, and its arrays as bytes."""

    message: dict[str, Any]
    body: bytes = b""

    def arrays(self, *, may_repeat: bool = False) -> dict[str, Array]:
        """The arrays by name, as copies; raises `Garbled`.

        An array of one value may be sent as one cell only to a reader who trusts the writer: it takes more memory than bytes.
        """
        arrays_by_name, at = {}, 0
        try:
            for name, dtype, shape, *repeat_marks in self.message["arrays"]:
                kind, count = find_dtype(dtype), count_cells(shape)
                check_repeated(repeat_marks, may_repeat)
                cells = np.frombuffer(self.body, kind, 1 if repeat_marks else count, at)
                arrays_by_name[name] = np.full(shape, cells[0]) if repeat_marks else cells.reshape(shape).copy()
                at += cells.size * kind.itemsize
        except (KeyError, TypeError, ValueError) as error:
            raise Garbled(f"arrays cannot be read: {error}") from None
        return arrays_by_name


def join_arrays(shares: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Join the arrays of several jobs for one frame, under names that begin with the job's position."""
    return {f"{place} {name}": array for place, share in enumerate(shares) for name, array in share.items()}


def split_arrays(arrays: Mapping[str, Array], count: int) -> list[dict[str, Array]]:
    """Split the arrays of a frame by job; the inverse of `join_arrays`. Raises `Garbled` for an unexpected name."""
    arrays_by_count: list[dict[str, Array]] = [{} for _ in range(count)]
    try:
        for name, array in arrays.items():
            place, _, own = name.partition(" ")
            arrays_by_count[int(place)][own] = array
    except (ValueError, IndexError):
        raise Garbled(f"invalid array name {name[:40]!r} for {count} jobs") from None
    return arrays_by_count


def check_repeated(repeat_marks: list[Any], may_repeat: bool) -> None:
    """Raise ValueError if something follows a shape that may not be there."""
    if repeat_marks and not (may_repeat and repeat_marks == [REPEATED]):
        raise ValueError(f"{repeat_marks} after a shape; expected nothing")


def count_cells(shape: list[int]) -> int:
    """The number of cells of a shape; raises ValueError if it is not one."""
    if not all(isinstance(length, int) and length >= 0 for length in shape):
        raise ValueError(f"invalid shape {shape}: expected non-negative integers")
    return math.prod(shape)


def encode(message: Mapping[str, Any], arrays: Mapping[str, Any] | None = None, *, may_repeat: bool = False) -> list[bytes]:
    """The parts of a frame; raises TypeError or ValueError if something cannot be sent.

    With `may_repeat`, an array whose cells are all one in memory is sent as that cell.
    """
    descriptions: list[tuple[Any, ...]] = []
    blobs = []
    for name, value in (arrays or {}).items():
        kind, array = as_portable(value)
        repeated = may_repeat and is_uniform(array)
        descriptions.append((name, kind, array.shape, *([REPEATED] if repeated else [])))
        blobs.append((stored_cells(array) if repeated else array).tobytes())
    text = JSON.encode({**message, "arrays": descriptions}).encode()
    return [HEAD.pack(MAGIC, len(text), sum(map(len, blobs))), text, *blobs]


def as_portable(value: Any) -> tuple[str, Array]:
    """A value as an array of numbers, and the name of their type, which means the same on the other side."""
    array = np.asarray(value)
    array = array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    kind = dtype_name(array.dtype)
    if kind is None:
        raise TypeError(f"an array of {array.dtype} cannot be sent; expected numbers")
    return kind, array


@lru_cache
def dtype_name(kind: np.dtype[Any]) -> str | None:
    """The name of a number type; None if `find_dtype` does not find the type by that name."""
    try:
        return kind.name if find_dtype(kind.name) == kind else None
    except TypeError:
        return None


@lru_cache
def find_dtype(name: str) -> np.dtype[Any]:
    """The number type of a name; types that NumPy lacks come from `ml_dtypes`. Raises TypeError."""
    try:
        kind = np.dtype(name)
    except TypeError:
        kind = ml_dtypes_dtype(name)
    if kind.hasobject or kind.names or kind.subdtype:
        raise TypeError(f"{name} is not a type of numbers")
    return kind


def ml_dtypes_dtype(name: str) -> np.dtype[Any]:
    """The number type of a name in `ml_dtypes`; raises TypeError if there is none, or no `ml_dtypes`."""
    try:
        import ml_dtypes  # which is rarely needed, and not always there
    except ImportError:
        raise TypeError(f"NumPy has no dtype {name}, and module ml_dtypes is not installed") from None
    kind = getattr(ml_dtypes, name, None)
    if not isinstance(kind, type):
        raise TypeError(f"neither NumPy nor ml_dtypes has a dtype {name}")
    return np.dtype(kind)


class Frames:
    """Splits a stream of bytes into frames of at most `limit` bytes."""

    def __init__(self, limit: float = math.inf) -> None:
        self.limit = limit
        self.pending = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Add bytes, and yield the frames that they complete; raises `Garbled` at the first unexpected byte."""
        self.pending += data
        while frame := self.next():
            yield frame

    def next(self) -> Frame | None:
        """Remove and return the next frame if it is complete."""
        start = bytes(self.pending[: len(MAGIC)])
        if not MAGIC.startswith(start):
            raise Garbled(f"unexpected bytes {start!r} on the channel; expected a frame")
        if len(self.pending) < HEAD.size:
            return None
        _, size, bulk = HEAD.unpack_from(self.pending)
        if size + bulk > self.limit:
            raise Garbled(f"an answer of {size + bulk:,} bytes; the limit is {self.limit:,}")
        if len(self.pending) < HEAD.size + size + bulk:
            return None
        text, body = self.take(HEAD.size + size)[HEAD.size :], self.take(bulk)
        return Frame(parse(text), body)

    def take(self, count: int) -> bytes:
        """Remove and return so many bytes from the front."""
        with memoryview(self.pending) as view:
            block = bytes(view[:count])
        del self.pending[:count]
        return block


def parse(text: bytes) -> dict[str, Any]:
    """Parse the JSON object of a frame; raises `Garbled`."""
    try:
        message = json.loads(text.decode())
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise Garbled(f"a frame holds {text[:40]!r}; expected a JSON object")
    return message

"""Both ends of the channel to a worker: frames of JSON with raw arrays behind it.

A frame is two lengths (of the JSON, of all the arrays), the JSON, and the bytes of the arrays one
after another. Nothing that is read is ever executed, and the lengths are known before anything is
taken in, so that an answer over the limit is refused unread.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

LENGTHS = struct.Struct("<4sQQ")
MAGIC = b"pool"
LIMIT = 1 << 28

Arrays = Mapping[str, "np.ndarray[Any, np.dtype[Any]]"]


class Garbled(ValueError):
    """What came over the channel is not a frame."""


def send(stream: BinaryIO, message: Mapping[str, Any], arrays: Arrays | None = None) -> None:
    """Write one frame; `arrays` travel as raw bytes with their dtype's name and shape."""
    arrays = {name: np.asarray(array, order="C") for name, array in (arrays or {}).items()}
    described = [[name, array.dtype.name, list(array.shape)] for name, array in arrays.items()]
    text = json.dumps({**message, "arrays": described}).encode()
    blobs = [array.tobytes() for array in arrays.values()]
    stream.write(LENGTHS.pack(MAGIC, len(text), sum(map(len, blobs))) + text)
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def receive(stream: BinaryIO, limit: int = LIMIT) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Read one frame: the message and its arrays; None at the end of the stream.

    Raises `Garbled` for anything that is not a whole frame of at most `limit` bytes.
    """
    head = stream.read(LENGTHS.size)
    if not head:
        return None
    magic, size, bulk = LENGTHS.unpack(head) if len(head) == LENGTHS.size else (b"", 0, 0)
    if magic != MAGIC:
        raise Garbled("the channel carries something that is not a frame")
    if size + bulk > limit:
        raise Garbled(f"an answer of {size + bulk:,} bytes; at most {limit:,} are taken")
    message = json.loads(exactly(stream, size))
    body = memoryview(exactly(stream, bulk))
    arrays = {}
    for name, dtype, shape in message.pop("arrays"):
        kind = np.dtype(native(dtype))
        end = kind.itemsize * math.prod(shape)
        arrays[name] = np.frombuffer(body[:end], kind).reshape(shape)
        body = body[end:]
    return message, arrays


def exactly(stream: BinaryIO, size: int) -> bytes:
    """So many bytes, or `Garbled` where the stream ends before."""
    data = stream.read(size)
    if len(data) < size:
        raise Garbled(f"the channel ended after {len(data):,} of {size:,} bytes")
    return data


def native(dtype: str) -> Any:
    """NumPy's type of a name; those that NumPy lacks come from `ml_dtypes` where it is installed."""
    try:
        return np.dtype(dtype)
    except TypeError:
        import ml_dtypes

        return getattr(ml_dtypes, dtype)

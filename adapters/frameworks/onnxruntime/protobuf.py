"""The wire format of protocol buffers: fields by number, read from bytes that nobody vouches for."""

from __future__ import annotations

from collections.abc import Iterator

VARINT, WIDE, BYTES, NARROW = 0, 1, 2, 5
SIZES = {WIDE: 8, NARROW: 4}
LONGEST = 10
"""A number has no more bytes."""


class Cut(ValueError):
    """Bytes that end too early or are no message."""


def fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message: the number of each, and an integer or its bytes; raises `Cut`."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = varint(data, at)
            yield number, value
            continue
        if kind == BYTES:
            size, at = varint(data, at)
        elif kind in SIZES:
            size = SIZES[kind]
        else:
            raise Cut(f"a field of kind {kind} at byte {at}")
        if at + size > len(data):
            raise Cut(f"a field of {size} bytes where {len(data) - at} are left")
        yield number, data[at : at + size]
        at += size


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = 0
    for count in range(LONGEST):
        if at + count >= len(data):
            break
        byte = data[at + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, at + count + 1
    raise Cut(f"a number that does not end at byte {at}")


def signed(value: int) -> int:
    """A number of 64 bits that may be negative."""
    return value - (1 << 64) if value >= 1 << 63 else value


def packed(value: int | memoryview) -> list[int]:
    """The numbers of a repeated field, one or several at once."""
    if isinstance(value, int):
        return [signed(value)]
    found, at = [], 0
    while at < len(value):
        number, at = varint(value, at)
        found.append(signed(number))
    return found


def text(value: int | memoryview) -> str:
    """A field's text."""
    return "" if isinstance(value, int) else bytes(value).decode("utf-8", errors="replace")

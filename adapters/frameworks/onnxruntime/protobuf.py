"""The wire format of protocol buffers: fields by number, read from untrusted bytes."""

from __future__ import annotations

from collections.abc import Iterator

VARINT, WIDE, BYTES, NARROW = 0, 1, 2, 5
SIZES = {WIDE: 8, NARROW: 4}
LONGEST = 10
"""The most bytes of a varint."""


class Cut(ValueError):
    """The bytes end too early, or are not a message."""


def fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message: their numbers, and an integer or bytes; raises `Cut`."""
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
    """Decode a varint; returns it and the position after it."""
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
    """A 64-bit varint as a signed integer."""
    return value - (1 << 64) if value >= 1 << 63 else value


def packed(value: int | memoryview) -> list[int]:
    """The integers of a repeated field, packed or not."""
    if isinstance(value, int):
        return [signed(value)]
    found, at = [], 0
    while at < len(value):
        number, at = varint(value, at)
        found.append(signed(number))
    return found


def text(value: int | memoryview) -> str:
    """The text of a bytes field; empty for an integer."""
    return "" if isinstance(value, int) else bytes(value).decode("utf-8", errors="replace")

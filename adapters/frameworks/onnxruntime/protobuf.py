"""The wire format of protocol buffers: fields by number, read one by one from bytes that nobody has checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

VARINT, WIDE, BYTES, NARROW = 0, 1, 2, 5
SIZES = {WIDE: 8, NARROW: 4}
MAX_VARINT = 10
"""Bytes of an integer."""
MAX_FIELDS = 2_000_000
"""Fields that are read of a file, those of messages in messages included."""
MAX_NUMBERS = 1_000
"""Integers of a repeated field that is read."""
MAX_STRING = 1_000
"""Bytes of a string that is read; the rest of longer ones is passed over."""


class BadMessage(ValueError):
    """Bytes that end too early, are no message, or have more fields than are read."""


@dataclass
class Budget:
    """The number of fields that may still be read of a file."""

    fields: int = MAX_FIELDS


def read_fields(data: memoryview, budget: Budget) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message: the number of each, and an integer or its bytes; raises `BadMessage`."""
    position, length = 0, len(data)
    while position < length:
        budget.fields -= 1
        if budget.fields < 0:
            raise BadMessage(f"more than {MAX_FIELDS:,} fields")
        tag = data[position]
        if tag < 0x80:  # most numbers are one byte long, and reading those here takes half the time
            position += 1
        else:
            tag, position = read_varint(data, position)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, position = read_varint(data, position)
            yield number, value
            continue
        if kind == BYTES:
            size = data[position] if position < length else 0x80
            if size < 0x80:
                position += 1
            else:
                size, position = read_varint(data, position)
        elif kind in SIZES:
            size = SIZES[kind]
        else:
            raise BadMessage(f"a field of kind {kind} at byte {position}")
        if position + size > length:
            raise BadMessage(f"a field of {size} bytes where {length - position} are left")
        yield number, data[position : position + size]
        position += size


def read_messages(data: memoryview, numbers: tuple[int, ...], budget: Budget) -> Iterator[memoryview]:
    """The bytes of those fields of a message that have one of some numbers and hold bytes."""
    return (value for number, value in read_fields(data, budget) if number in numbers and not isinstance(value, int))


def read_varint(data: memoryview, position: int) -> tuple[int, int]:
    """An integer, and the position behind it; raises `BadMessage`."""
    value = 0
    for count in range(min(MAX_VARINT, len(data) - position)):
        byte = data[position + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, position + count + 1
    raise BadMessage(f"a number that does not end at byte {position}")


def to_signed(value: int) -> int:
    """An integer of 64 bits, which may be negative."""
    return value - (1 << 64) if value >= 1 << 63 else value


def unpack_integers(value: int | memoryview) -> Iterator[int]:
    """The integers of a repeated field, one or several at once."""
    if isinstance(value, int):
        yield to_signed(value)
        return
    position = 0
    while position < len(value):
        number, position = read_varint(value, position)
        yield to_signed(number)


def unpack_little_endian(value: memoryview) -> Iterator[int]:
    """The integers of 64 bits that a tensor holds as raw bytes."""
    for position in range(0, len(value) - 7, 8):
        yield int.from_bytes(value[position : position + 8], "little", signed=True)


def decode_string(value: int | memoryview) -> str:
    """A field's text, without what is beyond `MAX_STRING` bytes."""
    return "" if isinstance(value, int) else bytes(value[:MAX_STRING]).decode("utf-8", errors="replace")

"""Reading files that anybody may have written: regular files only, and no more of them than a limit.

Every reader of a file that a user names goes through `open_file`, `read_bytes` or `read_text`. A device or a
FIFO, which may never end, is refused before its first byte is read, and so is a file that is too large.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from .mistake import UserError, quote_path

REASONS = {
    errno.ENOENT: ("no such file or directory", "an existing file"),
    errno.ENOTDIR: ("a part of the path is not a directory", "an existing file"),
    errno.EISDIR: ("is a directory", "a file"),
    errno.EACCES: ("permission denied", "a file that can be read"),
    errno.EPERM: ("permission denied", "a file that can be read"),
    errno.ELOOP: ("the symbolic links form a loop or are too many", "an existing file"),
    errno.ENAMETOOLONG: ("the name is too long", "an existing file"),
    errno.ENXIO: ("is a socket or a device", "a regular file"),
}
"""What went wrong and what was expected, by the number of the system's error."""

KINDS = (
    (stat.S_ISDIR, "is a directory"),
    (stat.S_ISFIFO, "is a FIFO"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)


class UnreadableFile(UserError):
    """A file that cannot be read; the text is `path: what; expected ...`."""

    def __init__(self, path: Path | str, problem: str, expected: str) -> None:
        super().__init__(f"{quote_path(path)}: {problem}; expected {expected}")


def describe_error(path: Path | str, error: OSError | ValueError) -> UnreadableFile:
    """The error that tells a user why the system could not open or read a file."""
    if isinstance(error, UnreadableFile):
        return error
    number = error.errno if isinstance(error, OSError) else None
    problem, expected = REASONS.get(number or 0, (getattr(error, "strerror", None) or str(error), "a file that can be read"))
    return UnreadableFile(path, problem, expected)


def open_file(path: Path | str, limit: int | None = None) -> BinaryIO:
    """Open a regular file for reading bytes; with a limit, one that has at most so many bytes.

    Raises `UnreadableFile` for anything else: a directory, a FIFO, a device, a loop of links, a name that
    is too long, a file without permission to read. Never waits for a writer.
    """
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise describe_error(path, error) from None
    status = os.fstat(number)
    if not stat.S_ISREG(status.st_mode):
        os.close(number)
        raise UnreadableFile(
            path, next((problem for of_kind, problem in KINDS if of_kind(status.st_mode)), "is not a file"), "a regular file"
        )
    if limit is not None and status.st_size > limit:
        os.close(number)
        raise UnreadableFile(path, f"the file has {status.st_size} bytes", f"at most {limit}")
    return os.fdopen(number, "rb")


def read_bytes(path: Path | str, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit` bytes; raises `UnreadableFile`."""
    with open_file(path, limit) as stream:
        try:
            data = stream.read(limit + 1)
        except OSError as error:
            raise describe_error(path, error) from None
    if len(data) > limit:  # files under /proc state a size of 0, and a file may grow while it is read
        raise UnreadableFile(path, f"the file has more than {limit} bytes", f"at most {limit}")
    return data


def read_text(path: Path | str, limit: int) -> str:
    """The text of a regular file of at most `limit` bytes in UTF-8; raises `UnreadableFile`."""
    data = read_bytes(path, limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(path, f"line {line}: byte {data[error.start]:#04x} is not UTF-8", "text in UTF-8") from None

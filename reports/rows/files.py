"""Writing files, with the file's name in every error."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...cases.model.files import REASONS
from ...cases.model.mistake import quote_path


@contextmanager
def naming_the_file(path: Path) -> Iterator[None]:
    """Add the path to an `OSError` that names no file, as one of a full disk does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def make_folder_of(path: Path) -> None:
    """Make the folders above a file where they are missing; raises `NotADirectoryError` where one of them is a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from None


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8, and the folders above it where they are missing; an `OSError` names the file."""
    with naming_the_file(path):
        make_folder_of(path)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")


def describe_os_error(error: OSError) -> str:
    """Say which file an error is about, and what the system said, in one sentence."""
    reason = REASONS[error.errno][0] if error.errno in REASONS else (error.strerror or str(error) or type(error).__name__)
    paths = [quote_path(str(name)) for name in (error.filename, error.filename2) if name is not None]
    return f"{' -> '.join(paths)}: {reason[:1].lower()}{reason[1:]}" if paths else f"{reason[:1].lower()}{reason[1:]}"

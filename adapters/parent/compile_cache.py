"""Compiled programs that frameworks keep from run to run, in poolparity's cache folder.

`Target.compile_cache` names the environment variables, with a folder for each set of versions where the framework
does not tell those apart itself. A further folder for each kind of processor keeps programs apart that another
processor could not execute. JAX's own bound on the size is not used: it needs a package that may be
missing, and looks at every file whenever one is written.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import shutil
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from .processor import processor_digest

LIMIT = 256 << 20
"""Bytes that the programs take at most when a run ends; the oldest go first."""
ROUNDING = 2
"""Seconds by which a file system may round down when a file was written."""
CHECKSUMS = "checksums.json"
USERS = "users.lock"
"""The file that every run locks while it uses the folder."""
FOLDER, VERSIONS = "{folder}", "{versions}"
"""What stands in the variables of a target for the folder, and for a name that is another one for other versions."""


def compile_cache_path() -> Path:
    """Where compiled programs are kept for this kind of processor."""
    from platformdirs import user_cache_path  # which only the parent has

    return user_cache_path("poolparity", appauthor=False) / "programs-1" / processor_digest()


def compile_variables(variables: Mapping[str, str], folder: str, versions: str) -> dict[str, str]:
    """The environment variables that have a framework keep its programs in a folder, or in one inside it for its versions."""
    return {name: value.replace(FOLDER, folder).replace(VERSIONS, versions) for name, value in variables.items()}


class CompileCache:
    """A folder of compiled programs, which any number of runs may use at once.

    Without a `path`, or where it cannot be used, it is a temporary one, in which the targets of one run still
    share their programs. `trouble` says what was wrong with it, if anything was.

    A program without a checksum belongs to a run that has not ended, or to one that was killed, perhaps while a compiler wrote
    the file. The system releases the lock of a run that was killed, so a run that is alone knows that all of them are leftovers.
    """

    def __init__(self, path: Path | None = None, limit: int = LIMIT) -> None:
        self.path, self.limit, self.trouble = path, limit, ""
        self.lock = threading.Lock()
        self.temporary: str | None = None
        self.start = math.inf
        self.checksums: dict[str, int] = {}
        self.is_open = False
        self.users: IO[bytes] | None = None

    def open(self) -> str:
        """The folder, made and checked when it is first needed; may be called from several threads."""
        with self.lock:
            if not self.is_open:
                self.is_open, self.start = True, time.time() - ROUNDING
                self.try_to(self.prepare)
                if self.path is None:
                    self.temporary = tempfile.mkdtemp(prefix="poolparity-programs-")
            return self.temporary or str(self.path)

    def close(self) -> None:
        """Remove what is temporary; otherwise record checksums and make room. No worker may run any more."""
        with self.lock:
            if self.temporary:
                shutil.rmtree(self.temporary, ignore_errors=True)
            elif self.is_open:
                self.try_to(self.settle)
            if self.users:
                self.users.close()
            self.is_open, self.temporary, self.users = False, None, None

    def remove_unfinished(self, since: float) -> None:
        """Remove what was written after a point in time, in seconds of `time.time`, because its writer may not have completed it."""
        with self.lock:
            self.try_to(lambda: self.remove_newer(since))

    def remove_newer(self, since: float) -> None:
        """Remove programs that are not recorded and were written after a point in time."""
        for name, file in self.programs():
            if name not in self.checksums and modification_time(file) >= since - ROUNDING:
                file.unlink(missing_ok=True)

    def try_to(self, do: Callable[[], None]) -> None:
        """Do something with the folder; do without it from then on where that fails."""
        if self.path is None and self.temporary is None:
            return
        try:
            do()
        except OSError as error:
            self.trouble = f"compiled programs of earlier runs cannot be used: {self.path}: {error.strerror or error}"
            self.path = None

    def prepare(self) -> None:
        """Make the folder, and remove programs that changed since they were recorded or that no run finished."""
        assert self.path
        self.path.mkdir(parents=True, exist_ok=True)
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise PermissionError(None, "the folder is not writable")
        self.users = (self.path / USERS).open("ab")
        alone = is_alone(self.users)
        checksums = read_checksums(self.path / CHECKSUMS)
        if checksums is None:
            self.trouble = f"the checksums of compiled programs of earlier runs are damaged; the programs were removed from {self.path}"
            for _, file in self.programs():
                file.unlink(missing_ok=True)
        self.checksums = checksums or {}
        damaged_count = 0
        for name, file in self.programs():
            known_checksum = self.checksums.get(name)
            if known_checksum is None and not alone:
                continue  # it may belong to a run that has not ended yet
            if known_checksum is None or known_checksum != checksum(file):
                file.unlink(missing_ok=True)
                damaged_count += known_checksum is not None
        fcntl.flock(self.users, fcntl.LOCK_SH)
        if damaged_count:
            self.trouble = f"{damaged_count} damaged compiled programs of earlier runs were removed from {self.path}"

    def settle(self) -> None:
        """Record the checksums of new programs, and remove the oldest until all are small enough."""
        assert self.path
        files = sorted(self.programs(), key=lambda program: modification_time(program[1]), reverse=True)
        total, remaining = 0, {}
        for name, file in files:
            total += size_on_disk(file)
            if total > self.limit:
                file.unlink(missing_ok=True)
            elif (known_checksum := self.find_checksum(name, file)) is not None or (known_checksum := checksum(file)) is not None:
                remaining[name] = known_checksum
        if remaining != self.checksums:
            temporary = self.path / f"{CHECKSUMS}.{os.getpid()}"
            temporary.write_text(json.dumps({"programs": remaining, "checksum": digest(remaining)}), encoding="utf-8")
            temporary.replace(self.path / CHECKSUMS)

    def find_checksum(self, name: str, file: Path) -> int | None:
        """The checksum of a program that no run has written since; some frameworks write a file again when they use it."""
        return self.checksums.get(name) if modification_time(file) < self.start else None

    def programs(self) -> Iterator[tuple[str, Path]]:
        """The files that frameworks left, by their paths in the folder."""
        folder = Path(self.temporary) if self.temporary else self.path
        assert folder
        for file in folder.rglob("*"):
            if file.is_file() and not file.name.startswith((CHECKSUMS, USERS)):
                yield str(file.relative_to(folder)), file


def is_alone(users: IO[bytes]) -> bool:
    """Whether no other run uses the folder, which none can then do until the lock is shared; it lasts until the file is closed."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(users, fcntl.LOCK_SH)
        return False
    return True


def read_checksums(path: Path) -> dict[str, int] | None:
    """The checksums of programs by name; none where there is no file, and None where it is damaged, so that no program can be trusted."""
    try:
        content = json.loads(path.read_bytes())
        programs = content["programs"]
        return programs if content["checksum"] == digest(programs) else None
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def digest(checksums: Mapping[str, int]) -> int:
    """The checksum of the checksums; raises AttributeError for anything but a mapping."""
    return zlib.crc32(json.dumps(sorted(checksums.items())).encode())


def checksum(file: Path) -> int | None:
    """The checksum of a program; None where it is gone."""
    try:
        return zlib.crc32(file.read_bytes())
    except OSError:
        return None


def modification_time(file: Path) -> float:
    """When a program was written; 0 where it is gone."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def size_on_disk(file: Path) -> int:
    """The bytes of the blocks that a program takes; 0 where it is gone."""
    try:
        return file.stat().st_blocks * 512
    except OSError:
        return 0

"""How long a worker may take, and how much it may hold."""

from __future__ import annotations

from dataclasses import dataclass, replace

MEBIBYTE = 1 << 20
SHARE = 8
MAX_MEBIBYTES = 1 << 43
"""More than any machine has: a greater limit of memory is taken for this one."""


@dataclass(frozen=True)
class Limits:
    """Seconds for a case and for a start, bytes of memory and of an answer, and failed starts in a row.

    `memory` is what a worker may hold of the machine, its resident set: address space is no measure,
    for frameworks reserve much that they never touch. One that passes the limit is killed.
    """

    case: float = 60.0
    start: float = 180.0
    memory: int = 8192 * MEBIBYTE
    answer_bytes: int = 1 << 28
    starts: int = 2

    @classmethod
    def of(cls, case: float | None = None, start: float | None = None, mebibytes: float | None = None) -> Limits:
        """The usual limits, but for those that are given: seconds for a case and for a start, MiB of memory."""
        memory = None if mebibytes is None else int(min(mebibytes, MAX_MEBIBYTES) * MEBIBYTE)
        limits = {"case": case, "start": start, "memory": memory}
        return replace(cls(), **{name: value for name, value in limits.items() if value is not None})  # type: ignore[arg-type]

    @property
    def growth(self) -> int:
        """Bytes that a worker may have grown by since its start; one that grew by more is replaced between two cases.

        A part of `memory`, so that what earlier cases left behind never makes a later one pass that.
        """
        return self.memory // SHARE

"""A share of the cases, so that several machines run all of them together, each of them once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...cases.model.mistake import UserError


class BadShard(UserError):
    """A share of the cases that is not written as I/N."""


@dataclass(frozen=True)
class Shard:
    """The share `number` of `many`, counted from one."""

    number: int
    many: int

    def of(self, ids: Iterable[str]) -> list[str]:
        """The cases of this share: all are put in the order of a digest, in which neighbours part, and dealt out in turn."""
        return sorted(dict.fromkeys(ids), key=digest)[self.number - 1 :: self.many]


def shard_of(text: str) -> Shard:
    """A share as it is written: '2/4'; raises `BadShard`."""
    match = re.fullmatch("([0-9]+)/([0-9]+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise BadShard(f"--shard {text}: invalid share; expected I/N with I from 1 to N, such as 2/4")
    return Shard(int(match[1]), int(match[2]))


def digest(name: str) -> bytes:
    """What a case is put in order by: the same on every machine, and nothing like the order of its name."""
    return hashlib.sha256(name.encode()).digest()

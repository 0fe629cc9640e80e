"""What travels between a run and the Dask workers: values, of which both sides have the same version."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...adapters.parent.limits import Limits
from ...adapters.targets.cache_key import adapter_digest
from ...cases.model.mistake import UserError
from ..rows.records import Header, Readings
from ..run.engine import Judgement

PACKAGE = "poolparity"
TOGETHER = 3
"""Targets that are asked in one block, at most: what is due to a case is calculated once for them, and all their frameworks run."""


class BadBlock(UserError):
    """A block whose cases are not, on the worker, what they are in the run."""


@dataclass(frozen=True)
class Settings:
    """What holds for a whole run: its name, the patterns of targets, the limits, and whether answer caches are used.

    `adapters` are files by their paths, each with the digest that it must have on a worker: no code is sent. `packages` are
    those that a worker must have in our version.
    """

    run: str
    patterns: tuple[str, ...]
    adapters: Mapping[str, str]
    limits: Limits
    cached: bool
    packages: tuple[str, ...] = (PACKAGE,)

    @classmethod
    def of(
        cls, patterns: Sequence[str], adapters: Iterable[str], limits: Limits, *, cached: bool, packages: tuple[str, ...] = ()
    ) -> Settings:
        """Those of a new run, with files of adapters by their paths."""
        paths = [str(Path(path).absolute()) for path in adapters]
        digests = {path: adapter_digest(path) for path in paths}
        return cls(cls.new_name(), tuple(patterns), digests, limits, cached, (PACKAGE, *packages))

    @staticmethod
    def new_name() -> str:
        """A name that no other run has."""
        return uuid.uuid4().hex[:8]


@dataclass(frozen=True)
class Probe:
    """What a worker has: the header of a run there, and for each target the base of its key in the answer cache."""

    machine: str
    header: Header
    bases: Mapping[str, str | None]


@dataclass(frozen=True)
class Block:
    """Cases for some targets: the texts of their spec files by the prefixes of their ids, each id with its hash, and the ids for each target."""

    texts: Mapping[str, bytes]
    hashes: Mapping[str, str]
    names: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class BlockAnswer:
    """The judged rows of a block for each of its targets, in its order, and the address of the worker that they are from.

    `readings` are what answers to its cases may mean, by their ids.
    """

    worker: str
    judgements: Mapping[str, Sequence[Judgement]]
    readings: Mapping[str, Readings]

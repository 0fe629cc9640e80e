"""What travels between a run and the Dask workers: values, of which both sides have the same version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...adapters.parent.limits import Limits
from ...cases.model.mistake import UserError
from ..rows.records import Header
from ..run.engine import Judged


class BadBlock(UserError):
    """A block whose cases are not, on the worker, what they are in the run."""


@dataclass(frozen=True)
class Settings:
    """What holds for a whole run: its name, the patterns of targets, the limits, and whether answer caches are used.

    `adapters` are files by their paths, each with the digest that it must have on a worker: no code is sent.
    """

    run: str
    patterns: tuple[str, ...]
    adapters: Mapping[str, str]
    limits: Limits
    cached: bool


@dataclass(frozen=True)
class Probe:
    """What a worker has: the header of a run there, and for each target the base of its key in the answer cache."""

    machine: str
    header: Header
    bases: Mapping[str, str | None]


@dataclass(frozen=True)
class Block:
    """Cases for one target: the texts of their spec files by the prefixes of their ids, and each id with its hash."""

    target: str
    texts: Mapping[str, bytes]
    hashes: Mapping[str, str]


@dataclass(frozen=True)
class Answered:
    """The judged rows of a block, in its order, and the address of the worker that they are from."""

    worker: str
    judged: tuple[Judged, ...]

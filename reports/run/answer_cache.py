"""Answers that need not be asked for again: those of earlier runs in which all that they hang on was the same.

What is kept are rows as they were judged, before the ledger has marked them; a changed ledger therefore
changes nothing here. All else that a row hangs on is in its key: the case, the target with its framework's
files and versions, the machine, and our own code, in which oracle, rules and tolerances are.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib import metadata
from typing import Any
from weakref import WeakKeyDictionary

from ...adapters.common.inspection import version_of
from ...adapters.parent.host import Limits
from ...adapters.parent.processor import describe_processor
from ...adapters.targets.cache_key import source_digest, target_build
from ...adapters.targets.choose import SelectedTarget
from ...cases.judge.answer import CRASHES, NOT_RUN, TIMES_OUT, Answer
from ...cases.model.case import Case
from ...cases.model.layers import framework_defaults
from ..rows.encode import encode_readings
from ..rows.records import Readings, Row
from .cache_file import CacheFile

PASSING = frozenset({"case", "start", "starts"})
"""Limits whose only verdict, that time was up, is not kept."""
DEATH = re.compile("the worker (?:was killed by|exited with) (SIG[A-Z0-9]+|status [0-9]+)")
"""How a death in a case is told; what is told of a worker that could not start is of no case."""
CHANCE = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
"""Deaths that come from outside."""
SCARCE = ("memory", "Memory", "RESOURCE_EXHAUSTED", "Unable to allocate")
"""What is said where the machine, and not the framework, had not enough."""


class AnswerCache:
    """The rows of earlier runs for some targets, by `base_of` each; `hits` counts those that served, `requests` all that were looked for."""

    def __init__(self, cache: CacheFile, bases: dict[str, str | None]) -> None:
        self.cache, self.bases = cache, bases
        self.hits = self.requests = 0
        self.suite = suite()
        self.abouts: WeakKeyDictionary[Case, str] = WeakKeyDictionary()

    def key(self, case: Case, target: str) -> bytes | None:
        """What the rows of a case on a target are kept under; None where they are not."""
        base = self.bases[target]
        return None if base is None or case.waiting else digest([base, self.digest_of(case)])

    def digest_of(self, case: Case) -> str:
        """A digest of what a case says, which is the same for every target; kept no longer than the case is."""
        if case not in self.abouts:
            self.abouts[case] = digest(about(case)).hex()
        return self.abouts[case]

    def get(self, case: Case, target: str) -> list[Row] | None:
        """The rows of an earlier run, if there are any."""
        key = self.key(case, target)
        self.requests += key is not None
        rows: list[Row] | None = self.cache.get(key) if key else None
        self.hits += rows is not None
        return rows

    def readings(self, case: Case) -> Readings:
        """What the answers to a case may mean, worked out once."""
        if not case.asks or case.waiting:
            return {}
        key = digest(["readings", self.suite, case.hash])
        cached_readings: Readings | None = self.cache.get(key)
        if cached_readings is None:
            cached_readings = encode_readings(case)
            self.cache.put(key, cached_readings)
        return cached_readings

    def describe_use(self) -> str:
        """How many answers were there from earlier runs, and what was wrong with the cache; empty where nothing is to say."""
        return "\n".join(filter(None, (describe_hits(self.hits, self.requests), self.cache.describe_trouble())))

    def put(self, case: Case, target: str, rows: Iterable[Row]) -> None:
        """Keep rows whose answers last (`is_lasting`) for later runs."""
        if key := self.key(case, target):
            self.cache.put(key, list(rows))


def describe_hits(hits: int, requests: int) -> str:
    """How many answers were there from earlier runs; empty if none was."""
    return f"{hits:,} of {requests:,} answers came from the answer cache; --no-cache runs everything again" if hits else ""


def about(case: Case) -> list[Any]:
    """All of a case that its rows hang on: beside what decides the answer its name, and what native code prints."""
    tensors = [case.input, *(tensor for _, tensor in sorted(case.extra.items()))]
    spelling = [case.spelling.layer.framework, case.spelling.text, framework_defaults(case.spelling)] if case.spelling else None
    return [case.id, case.hash, [tensor.expression for tensor in tensors], spelling]


def base_of(target: SelectedTarget, limits: Limits, environment: Mapping[str, str]) -> str | None:
    """A digest of all that every answer of a target hangs on, and its judgement; None where that cannot be known."""
    build = target_build(target, environment)
    lasting = {name: value for name, value in asdict(limits).items() if name not in PASSING}
    return digest([build, lasting, machine(), suite()]).hex() if build else None


def machine() -> list[str]:
    """The platform and the processor."""
    return [platform.platform(), platform.machine(), *describe_processor()]


def suite() -> list[str | None]:
    """What judges: our version and our code, and what these calculate with."""
    return [metadata.version("poolparity"), source_digest(), platform.python_version(), version_of("numpy"), version_of("ml_dtypes")]


def is_lasting(answer: Answer) -> bool:
    """Whether an answer would come again: no time was up, nothing outside killed the worker, and memory was not scarce."""
    if answer.outcome in (NOT_RUN, TIMES_OUT) or any(word in answer.detail for word in SCARCE):
        return False
    death = DEATH.match(answer.detail)
    return answer.outcome != CRASHES or (death is not None and death[1] not in CHANCE)


def digest(parts: Any) -> bytes:
    """A digest of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()

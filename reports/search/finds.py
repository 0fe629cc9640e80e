"""Finds: the smallest question for each kind of anomaly, and the folder that keeps them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...cases.model.mistake import UserError, quote_path
from .judgement import IMPACT, Anomaly
from .question import Question

NAME_LENGTH = 90
"""Characters of a name at most, before a digest."""


class BadFolder(UserError):
    """A folder of finds that cannot be read."""


@dataclass(frozen=True)
class Kind:
    """What makes two finds the same: framework, operation, attribute, failure, and the features that matter."""

    framework: str
    op: str
    attribute: str
    failure: str
    features: frozenset[str]

    def covers(self, other: Kind) -> bool:
        """Whether another find is this one, with more features."""
        return self.same_failure(other) and self.features <= other.features

    def same_failure(self, other: Kind) -> bool:
        """Whether another find is the same but for its features."""
        mine, its = ((kind.framework, kind.op, kind.attribute, kind.failure) for kind in (self, other))
        return mine == its

    @property
    def name(self) -> str:
        """A name that states all of it, and is the same wherever it is found."""
        words = re.sub("[^a-z0-9]+", "_", f"{self.framework} {self.op} {self.failure} {' '.join(sorted(self.features))}".lower()).strip("_")
        digest = hashlib.sha256(json.dumps(self.record(), sort_keys=True).encode()).hexdigest()[:8]
        return words if len(words) <= NAME_LENGTH else f"{words[:NAME_LENGTH].rstrip('_')}_{digest}"

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "framework": self.framework, "op": self.op, "attribute": self.attribute, "failure": self.failure,
            "features": sorted(self.features),
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Find:
    """An anomaly with its smallest question.

    `code` shows it, `tries` is the number of questions that it took to find it, and `threads` are public threads about something like it.
    """

    kind: Kind
    question: Question
    anomaly: Anomaly
    versions: dict[str, str]
    code: str
    tries: int
    shrunk: bool = True
    threads: list[str] = field(default_factory=list)

    @property
    def impact(self) -> int:
        """Where it belongs in an order by impact: crashes first, then what nobody would notice."""
        crash = self.anomaly.attribute == "acceptance"
        return -1 if crash else IMPACT.index(self.anomaly.attribute)


def kind_of(question: Question, anomaly: Anomaly, framework: str) -> Kind:
    """The kind of an anomaly of the answer to a question."""
    return Kind(framework, question.pool.op, anomaly.attribute, anomaly.failure, question.features)


class Folder:
    """A folder of finds, which any number of searches may use at once: each kind is written by one of them.

    Raises OSError where the folder cannot be made, or no file written to it.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.kinds: list[Kind] = []
        self.files: set[str] = set()
        if path:
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass  # raises where no file can be written

    def refresh(self) -> list[Kind]:
        """All kinds in the folder, those that other searches have written since among them; raises `BadFolder`."""
        for file in sorted(self.path.glob("*.json")) if self.path else ():
            if file.name not in self.files:
                self.files.add(file.name)
                self.kinds.append(read_kind(file))
        return self.kinds

    def claim(self, kind: Kind, record: dict[str, Any], texts: Mapping[str, str]) -> bool:
        """Whether a kind is new here: its record is written in one step, by one of all searches, and beside it texts by their suffixes.

        The texts are complete before the record is there, so that an interrupted search does not leave a record that others heed alone.
        """
        if any(other.covers(kind) for other in self.refresh()):
            return False
        self.kinds.append(kind)
        if self.path is None:
            return True
        all_texts = {".json": json.dumps({**kind.record(), **record}, indent=1), **texts}
        with tempfile.TemporaryDirectory(dir=self.path, prefix=".", suffix=".part") as aside:
            for suffix, text in all_texts.items():
                Path(aside, suffix).write_text(text, encoding="utf-8")
            target = self.path / f"{kind.name}.json"
            self.files.add(target.name)
            try:
                os.link(Path(aside, ".json"), target)
            except FileExistsError:
                return False
            for suffix in texts:
                Path(aside, suffix).replace(target.with_suffix(suffix))
        return True


def read_kind(file: Path) -> Kind:
    """The kind of a find in a file; raises `BadFolder`."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        return Kind(record["framework"], record["op"], record["attribute"], record["failure"], frozenset(record["features"]))
    except (ValueError, KeyError, TypeError) as error:
        raise BadFolder(
            f"{quote_path(file)}: not a find: {type(error).__name__}: {error}; expected a file that `poolparity search` wrote; "
            "remove it, or give another folder to --save"
        ) from None

"""Asks targets questions, in the same workers as a run: a crash costs one question."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress, count
from types import TracebackType
from typing import Self

from ...adapters.targets.choose import SelectedTarget
from ...cases.judge.answer import CRASHES, TIMES_OUT, UNSUPPORTED, Answer
from ...cases.model.case import Case
from ..rows.ways import CALL
from ..run.engine import Engine, write_code

LONE = Answer(UNSUPPORTED)
NOTHING: Mapping[str, Container[int]] = {}


@dataclass(frozen=True, eq=False)
class Reply:
    """What a target answered to a case: by its call, and to the requests that have a call of their own; `code` is native code of each."""

    case: Case
    answers: Mapping[str, Answer]
    code: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def main(self) -> Answer:
        """The answer to the call of the operation."""
        return self.answers.get(CALL, LONE)

    @property
    def is_fatal(self) -> bool:
        """Whether the case ended the target's worker, by a crash or by taking too long."""
        return any(answer.outcome in (CRASHES, TIMES_OUT) for answer in self.answers.values())

    def get(self, name: str) -> Answer | None:
        """The answer that has an attribute: one of its own, or that of the call."""
        return self.answers.get(name)


class Asker:
    """Targets with their workers, which are asked cases in blocks; the engine keeps no answers for later runs."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.numbers = count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.engine.__exit__(kind, error, trace)

    @property
    def targets(self) -> dict[str, SelectedTarget]:
        """The targets by their names."""
        return self.engine.targets

    def ask(
        self, cases: Sequence[Case], targets: Iterable[str], left_out: Mapping[str, Container[int]] = NOTHING
    ) -> dict[str, list[Reply]]:
        """What each target answers to each of some cases, which it is asked in their order; the same case may be asked twice.

        `left_out` has the places of cases that a target is not asked; the reply to one has no answers.
        """
        numbered_cases = [replace(case, id=f"search::{next(self.numbers)}") for case in cases]
        selectors_by_target = {target: [place not in left_out.get(target, ()) for place in range(len(cases))] for target in targets}
        for target, selectors in selectors_by_target.items():
            self.engine.feed(target, list(compress(numbered_cases, selectors)))
        return {
            target: [
                self.wait(case, target) if is_asked else Reply(case, {}) for case, is_asked in zip(numbered_cases, selectors, strict=True)
            ]
            for target, selectors in selectors_by_target.items()
        }

    def wait(self, case: Case, target: str) -> Reply:
        """The reply to a case that was sent."""
        pending = self.engine.wait(case, target)
        code = {name: write_code(pending.calls, name, pending.target) for name in pending.calls}
        return Reply(case, dict(pending.answers), code)

    def versions(self, target: str) -> Mapping[str, str]:
        """The versions that a target's worker has."""
        return self.engine.hosts[target].versions or self.targets[target].versions

"""Porting: a layer of one framework, moved to others, each answer run and compared before it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...adapters.contract import Call
from ...adapters.parent.source_code import code
from ...adapters.targets.choose import Chosen
from ...cases.judge.answer import ACCEPTS, CRASHES, NOT_RUN, REJECTS, TIMES_OUT, UNSUPPORTED
from .asker import Asker
from .drop_in import DropIn, drop_in
from .indices import located
from .request import Unportable
from .samples import asked
from .search import Search
from .source import Source, first_line, ordinary
from .trial import Trial

FATES = {
    REJECTS: "rejects",
    CRASHES: "crashes on",
    TIMES_OUT: "takes too long over",
    UNSUPPORTED: "does not have",
    NOT_RUN: "was not asked for",
}
"""What becomes of a source that does not answer, in words."""
DROP_IN, RECIPE, IMPOSSIBLE = VERDICTS = "drop_in", "recipe", "impossible"


@dataclass(frozen=True)
class Port:
    """A layer on one target: whether it moves as it is, by a recipe, or not at all.

    `code` is that of the drop-in or the recipe and `before` that of the source itself, `complete` that of a longer recipe which agrees on more kinds of input, if there is one.
    """

    source: Source
    chosen: Chosen
    verdict: str
    drop_in: DropIn
    code: str = ""
    before: str = ""
    exceptions: Mapping[str, str] | None = None
    complete: str = ""
    left: Mapping[str, str] | None = None
    reason: str = ""
    inputs: int = 0
    steps: int = 0
    indices: str = ""

    def told(self) -> dict[str, Any]:
        """The answer as JSON."""
        found = self.drop_in
        return {
            "to": self.chosen.adapter.framework, "target": self.chosen.name, "versions": self.chosen.versions, "verdict": self.verdict,
            "drop_in": {"line": found.line, "agrees": found.agrees, "left_out": list(found.left_out), "differs": found.differs,
                        "cause": found.cause, "why": found.why},
            "before": self.before,
            "code": self.code, "exceptions": dict(self.exceptions or {}), "complete": self.complete, "exceptions_left": dict(self.left or {}),
            "reason": self.reason, "inputs": self.inputs, "steps": self.steps,
            "indices": self.indices,
        }  # fmt: skip


class Porter:
    """Moves layers of one source to targets."""

    def __init__(self, source: Source, asker: Asker) -> None:
        """Ask the source itself first; raises `Unportable` where it refuses its own layer."""
        trial = Trial(source, asker)
        last = asked(source.ask)
        [answer] = source.answers(asker, [last])
        if answer.outcome == UNSUPPORTED and source.run:
            raise Unportable(f"{source.text}: {answer.detail}; expected a layer that {source.framework} has")
        if answer.outcome != ACCEPTS:
            raise Unportable(
                f"{source.text} on {source.ask.shape}: {source.framework} itself {FATES[answer.outcome]} it: {first_line(answer.detail)}"
            )
        sample = ordinary(trial.samples)[0]
        self.source = source.explained(sample, trial.due[sample])
        self.trial = Trial(self.source, asker)

    def port(self, chosen: Chosen, *, complete: bool = True) -> Port:
        """The answer for one target; `complete` looks for what it takes to have special numbers as well."""
        search = Search(self.trial, chosen)
        typed = drop_in(search)
        verdict, recipe = (DROP_IN, typed.found) if typed.found else (RECIPE, search.best())
        if recipe is None:
            return Port(self.source, chosen, IMPOSSIBLE, typed, reason=reason(search, typed), indices=located(self.source, chosen))
        longer = search.complete(recipe) if complete and recipe.exceptions else None
        return Port(
            self.source, chosen, verdict, typed, self.code(chosen, recipe.call), self.before, recipe.exceptions,
            self.code(chosen, longer.call) if longer else "", longer.exceptions if longer else {},
            inputs=recipe.inputs, steps=len(recipe.plan.verbs(self.source.small)) - 1,
            indices=located(self.source, chosen),
        )  # fmt: skip

    @cached_property
    def before(self) -> str:
        """The native code of the source itself."""
        return self.code(self.source.chosen, self.source.call(self.trial.samples[-1]))

    def code(self, chosen: Chosen, call: Call) -> str:
        """Native code, on ordinary numbers of the asked shape."""
        return code(chosen.adapter, chosen.target, call, {"x": self.trial.samples[-1].tensor})


def reason(search: Search, typed: DropIn) -> str:
    """Why there is no recipe: what the target lacks, and what came of that which could be tried."""
    due = search.trial.due[search.trial.samples[-1]].output
    empty = [f"the answer has no cells, being of shape {due.shape}"] if due is not None and not due.size else []
    tried = search.differing[-1:] and [f"{len(search.differing)} tried, of which the last differs: {search.differing[-1]}"]
    return "; ".join([*empty, *dict.fromkeys(search.refusals), *tried]) or typed.differs or "; ".join(typed.left_out)

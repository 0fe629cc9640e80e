"""Porting: a layer of one framework, moved to others, each answer run and compared before it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..adapters import Ask, Call
from ..adapters._choose import Chosen, UnknownTarget, matching, select
from ..adapters._find import Found, advice, installed, layers
from ..adapters._print import code
from ..cases.answer import ACCEPTS, UNSUPPORTED
from ..cases.layers import BadSpelling, Spelling, defaults, spell
from ..cases.pool import ADAPTIVE, GLOBAL, WINDOWED
from .port_asker import Asker
from .port_drop_in import DropIn, drop_in
from .port_indices import located
from .port_samples import asked
from .port_search import Search, Trial
from .port_source import Source, first_line, ordinary

DROP_IN, RECIPE, IMPOSSIBLE = VERDICTS = "drop_in", "recipe", "impossible"
ORACLE = "numpy"
ALIASES = {"onnx": "onnxruntime"}
"""What people call a framework, and what we do."""


class Unportable(ValueError):
    """What was asked for cannot be moved at all: not a layer, no pooling, or refused by its own framework."""


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


def source_of(
    text: str, shape: Sequence[int], dtype: str, found: Mapping[str, Found], origin: str | None = None, *, gradient: bool = False
) -> Source:
    """The source that a layer's text and an input's shape mean; raises `Unportable`."""
    try:
        spelling = spell(text, layers(found))
    except BadSpelling as bad:
        raise Unportable(f"{bad.what}; expected {bad.expected}") from None
    if spelling.layer.op not in (*WINDOWED, *GLOBAL, *ADAPTIVE):
        raise Unportable(f"{spelling.layer.name} is not moved; expected a max, average, LP, adaptive or global pooling")
    rank = spelling.layer.rank or len(shape) - 2
    batched = len(shape) == rank + 2
    if rank < 1 or len(shape) - 1 - batched != rank:
        axes = f"batch, channels and {spelling.layer.rank or 'some'} spatial axes"
        raise Unportable(f"--input {','.join(map(str, shape))}: {len(shape)} sizes; expected {axes}, as {spelling.data_format} has them")
    chosen, runs = answering(spelling, found, origin)
    ask = Ask(spelling.stated, tuple(shape), dtype, spelling.data_format, batched)
    indices = spelling.arguments.get("return_indices") is True
    return Source(text, spelling.layer.framework, ask, spelling.written, chosen, runs, defaults(spelling), gradient, indices)


def answering(spelling: Spelling, found: Mapping[str, Found], origin: str | None) -> tuple[Chosen, bool]:
    """The target that answers for a layer's framework, or the oracle where that is not installed."""
    names = [origin] if origin else targets_of(spelling.layer.framework, found)
    there = [name for name in names if name in found and installed(found[name].target)]
    return select([there[0] if there else ORACLE], found)[0], bool(there)


def targets_of(framework: str, found: Mapping[str, Found]) -> list[str]:
    """The targets of a framework, plain ones before those of another mode."""
    named = [name for name, each in found.items() if each.adapter.framework == ALIASES.get(framework, framework)]
    return sorted(named, key=lambda name: found[name].target.mode is not None)


def destinations(wanted: str, source: str, found: Mapping[str, Found]) -> list[Chosen]:
    """The targets that a framework, a target's name, a pattern or 'all' means; raises `UnknownTarget`."""
    if wanted == "all":
        frameworks = dict.fromkeys(each.adapter.framework for name, each in found.items() if name != ORACLE)
        every = [[name for name in targets_of(each, found) if installed(found[name].target)] for each in frameworks if each != source]
        return select([names[0] for names in every if names], found)
    names = targets_of(wanted, found) or matching(wanted, found)
    there = [name for name in names if installed(found[name].target)]
    if not there:
        raise UnknownTarget(f"--to {wanted}: {advice(found[names[0]].target)}")
    return select(there[:1] if targets_of(wanted, found) else there, found)


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
                f"{source.text} on {source.ask.shape}: {source.framework} itself {answer.outcome} it: {first_line(answer.detail)}"
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
    tried = search.differing[-1:] and [f"{len(search.differing)} tried, of which the last differs: {search.differing[-1]}"]
    return "; ".join([*dict.fromkeys(search.refusals), *tried]) or typed.differs or "; ".join(typed.left_out)

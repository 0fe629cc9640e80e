"""Plans: what could be written around a pooling, or instead of one, to get the source's answer; the fewest steps first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from ...adapters.contract import Ask
from ...cases.model.pool import Pool, Refused
from ...cases.model.rules import Rules
from ...cases.oracle.lowering import lower_pool
from .geometry import Geometry, dropped, inner, respelled
from .samples import LOW
from .steps import Verbs, written

STATED, LAID_OUT, PICKED = "stated", "laid out", "picked"


@dataclass(frozen=True)
class Plan:
    """One way to write a pooling under some rules, in every shape: `way` names a respelling of it, or else how its cells are laid out.

    `mended` names what is mended besides.
    """

    pool: Pool
    rules: Rules
    way: str
    mended: tuple[str, ...] = ()

    def verbs(self, ask: Ask) -> Verbs:
        """The plan as verbs on an input as the target arranges it; raises Refused where the shape does not allow it."""
        return written(self.geometry(ask), self.mended, self.rules, ask)

    def geometry(self, ask: Ask) -> Geometry:
        """The geometry in the shape of a case."""
        if self.way == STATED:
            return Geometry(self.pool)
        sizes = tuple(ask.shape[axis] for axis in ask.spatial)
        low = lower_pool(self.pool, sizes, self.rules, pick=self.way == PICKED)
        if self.way in (LAID_OUT, PICKED):
            return Geometry(inner(low), low, dropped(self.pool, ask, self.rules))
        found = dict(respelled(self.pool, low, sizes, self.rules))
        if self.way not in found:
            raise Refused(f"{self.pool} has no such windows on {sizes} cells; the asked shape's were expected")
        return Geometry(found[self.way])


def plans(pool: Pool, rules: Mapping[str, str], ask: Ask) -> list[Plan]:
    """All plans for a pooling with nothing mended that an average's type does not need, those of fewer verbs first."""
    return sorted(every(pool.without("data_format"), Rules(**rules), ask), key=lambda plan: len(plan.verbs(ask)))  # type: ignore[arg-type]


def every(pool: Pool, rules: Rules, ask: Ask) -> Iterator[Plan]:
    """All of them, the pooling itself first."""
    yield Plan(pool, rules, STATED)
    sizes = tuple(ask.shape[axis] for axis in ask.spatial)
    try:
        low, picked = lower_pool(pool, sizes, rules), lower_pool(pool, sizes, rules, pick=True)
    except Refused:
        return
    ways = [way for way, each in respelled(pool, low, sizes, rules) if each != pool]
    yield from (Plan(pool, rules, way) for way in ways)
    laid = [LAID_OUT] if low == picked else [LAID_OUT, PICKED]
    yield from (Plan(pool, rules, way) for way in laid)
    if low.kind == "avg":
        yield from (Plan(pool, rules, way, ("typed",)) for way in (STATED, *ways, *laid))
    if ask.dtype in LOW:
        yield from (Plan(pool, rules, way, ("cast",)) for way in (STATED, *ways, *laid))
    if low.kind == "lp":
        yield from (Plan(pool, rules, LAID_OUT, mended) for mended in (("signed",), ("rescaled",), ("signed", "rescaled")))


MENDING = {"NaN": ("keep_nan", "drop_nan", "nothing", "lowest"), "infinities": ("nothing", "lowest")}
"""What may mend a maximum of each kind of input."""

AT_ODDS = ({"keep_nan", "drop_nan"}, {"nothing", "lowest"}, {"cast", "typed"})


def mended(plan: Plan, kind: str, dtype: str, failing: Iterable[str]) -> Iterator[Plan]:
    """The plan with something mended that may help with the failing kinds of input, the fewest things first."""
    options = [mend for each in failing for mend in MENDING.get(each, ())] if kind == "max" else []
    options += ["cast"] if dtype in LOW else []
    options = list(dict.fromkeys(options))
    for count in range(1, min(len(options), 3) + 1):
        for some in combinations(options, count):
            if not any(odds <= set(some) for odds in AT_ODDS):
                yield replace(plan, mended=(*plan.mended, *some))

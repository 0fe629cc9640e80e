"""Generalising entries: as few conditions as the rows allow, without a row that contradicts them.

An entry is correct if every target that it names shows its cause, and no row that it is about follows another
value of an axis that the cause sets.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...adapters.ledger.conditions import When
from ...adapters.ledger.entry import Changes, Subject
from .scopes import Instance, Scope

Context = tuple[str, int]
"""The type of an input and the number of its spatial axes."""


@dataclass(frozen=True)
class Fact:
    """That one of some causes explains what an instance of a target answers in a case."""

    case: Subject
    instance: Instance
    causes: frozenset[Changes]

    @property
    def context(self) -> Context:
        """The type and rank of the case, which a condition can name."""
        return self.case.dtype, self.case.rank


@dataclass(frozen=True)
class Pin:
    """A cause for a pattern of cases, on some instances, under conditions."""

    case: str
    scope: Scope
    cause: Changes
    when: When


class Places:
    """The contexts of some facts, by pattern of cases and instance."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.contexts: dict[tuple[str, Instance], set[Context]] = defaultdict(set)
        for fact in facts:
            for pattern in case_patterns(fact.case.id):
                self.contexts[pattern, fact.instance].add(fact.context)

    def at(self, pattern: str, instances: Iterable[Instance]) -> set[Context]:
        """The contexts for a pattern of cases on some instances."""
        return set().union(*(self.contexts.get((pattern, instance), ()) for instance in instances))


def generalise_facts(facts: Sequence[Fact], due_facts: Collection[Fact], scopes: Sequence[Scope]) -> list[Pin]:
    """Pins that cover all wanted facts and are correct for all facts of these scopes."""
    by_axis: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        for axis in {axis for cause in fact.causes for axis, _ in cause}:
            by_axis[axis].append(fact)
    pins, remaining_facts = [], list(due_facts)
    while remaining_facts:
        cause = most_common_cause(remaining_facts)
        explained_facts, remaining_facts = (
            [fact for fact in remaining_facts if cause in fact.causes],
            [fact for fact in remaining_facts if cause not in fact.causes],
        )
        near = {fact: None for axis, _ in cause for fact in by_axis[axis]}
        good, bad = Places(fact for fact in near if cause in fact.causes), Places(fact for fact in near if contradicts_cause(fact, cause))
        while explained_facts:
            pin = widest_pin(explained_facts[0], cause, good, bad, scopes)
            pins.append(pin)
            explained_facts = [fact for fact in explained_facts if not covers_fact(pin, fact)]
    return [
        name_single_case(pin, {fact.case.id for fact in due_facts if pin.cause in fact.causes and covers_fact(pin, fact)})
        for pin in merge_ranks(pins)
    ]


def name_single_case(pin: Pin, cases: Collection[str]) -> Pin:
    """A pin that names its only case and needs no condition, in place of a prefix of a name that matches no other case."""
    return replace(pin, case=next(iter(cases)), when=When()) if len(cases) == 1 and not pin.case.endswith(("/*", "::*")) else pin


def merge_ranks(pins: Iterable[Pin]) -> Iterator[Pin]:
    """Merge pins that differ only in their ranks."""
    pins_by_key: dict[tuple[Any, ...], list[Pin]] = defaultdict(list)
    for pin in pins:
        pins_by_key[pin.case, pin.scope, pin.cause, pin.when.dtype].append(pin)
    for same in pins_by_key.values():
        ranks = {rank for pin in same for rank in pin.when.rank} if all(pin.when.rank for pin in same) else ()
        yield replace(same[0], when=replace(same[0].when, rank=tuple(sorted(ranks))))


def most_common_cause(facts: Iterable[Fact]) -> Changes:
    """The cause that explains most facts; of several, the one with the fewest changes."""
    counts = Counter(cause for fact in facts for cause in fact.causes)
    return min(counts, key=lambda cause: (-counts[cause], len(cause), sorted(cause)))


def contradicts_cause(fact: Fact, cause: Changes) -> bool:
    """Whether every explanation of a fact needs another value on an axis that a cause sets."""
    return all(
        any(axis == other and value != another for axis, value in change_set for other, another in cause) for change_set in fact.causes
    )


def covers_fact(pin: Pin, fact: Fact) -> bool:
    """Whether a pin is about a fact."""
    return fact.instance in pin.scope.instances and pin.case in case_patterns(fact.case.id) and pin.when.of(*fact.context)


def widest_pin(fact: Fact, cause: Changes, good: Places, bad: Places, scopes: Sequence[Scope]) -> Pin:
    """The widest pin of a cause for a fact: by its case first, then by conditions, then by targets."""
    candidates = [scope for scope in scopes if fact.instance in scope.instances]
    for pattern in case_patterns(fact.case.id):
        for by_dtype, by_rank in ((False, False), (True, False), (False, True), (True, True)):
            for scope in candidates:
                places = {place for place in good.at(pattern, scope.instances) if not by_rank or place[1] == fact.case.rank}
                condition = find_condition(places, bad.at(pattern, scope.instances), fact, by_dtype=by_dtype, by_rank=by_rank)
                if condition and all(any(condition.of(*place) for place in good.at(pattern, [instance])) for instance in scope.instances):
                    return Pin(pattern, scope, cause, condition)
    raise AssertionError(f"{fact} contradicts itself")


def find_condition(good: Collection[Context], bad: Collection[Context], fact: Fact, *, by_dtype: bool, by_rank: bool) -> When | None:
    """The condition that separates contexts that show a cause from those that contradict it; None where no condition includes the fact."""
    rank = (fact.case.rank,) if by_rank else ()
    against = [place for place in bad if not by_rank or place[1] == fact.case.rank]
    if not by_dtype:
        return None if against else When(rank=rank)
    dtypes = {dtype for dtype, _ in good} - {dtype for dtype, _ in against}
    return When(dtype=tuple(sorted(dtypes)), rank=rank) if fact.case.dtype in dtypes else None


def case_patterns(case: str) -> Iterator[str]:
    """The patterns that match a case, the widest first: its folders, its file, the prefixes of its name, its id."""
    path, _, name = case.partition("::")
    parts = path.split("/")
    yield from (f"{'/'.join(parts[:count])}/*" for count in range(1, len(parts)))
    yield f"{path}::*"
    yield from (f"{path}::{name[: end.end()]}*" for end in re.finditer("[_-]", name.partition("=")[0]))
    yield case

"""What the cases cover: operation, rank, attribute and axis, and where an axis that is pinned is never asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ...cases.judge.dimensions import DIMENSIONS
from ...cases.judge.sensitivity import count_distinct
from ...cases.model.case import ATTRIBUTES, Case
from ...cases.model.pool import OPS
from ...cases.model.rules import AXIS_VALUES

RANKS = (1, 2, 3)
WIDTH = 150
"""Characters that the widest table takes."""
ANY, NONE = "any", "none"
"""Stand for the axis of every case, and for that of a case that is about none."""


class Place(NamedTuple):
    """What some cases have in common; they ask for the axis, or else pin it."""

    op: str
    axis: str
    asks: bool
    attribute: str
    rank: int


def coverage(cases: Iterable[Case]) -> Counter[Place]:
    """How many cases there are in each place.

    A probe is about the axis that it asks for, any other case about the axes that it pins, or about
    none. Cases that wait are left out.
    """
    return Counter(place for case in cases if not case.waiting for place in places(case))


def places(case: Case) -> Iterator[Place]:
    """Every axis that a case is about, with every attribute that is compared of it."""
    yield from (Place(case.pool.op, ANY, True, attribute, case.rank) for attribute in attributes(case))
    for axis in [case.asks] if case.asks else list(case.rules) or [NONE]:
        yield from (Place(case.pool.op, axis, case.asks is not None, attribute, case.rank) for attribute in attributes(case))


def attributes(case: Case) -> set[str]:
    """What is compared of a case; of a probe what its answers tell apart."""
    if not case.asks:
        return set(case.attributes)
    parts = [replace(case, asks=None, answers={}, due=due) for due in case.answers.values()]
    return {name for part in parts for name in part.attributes if name != "acceptance" or part.due.invalid}


def due(op: str) -> Iterator[str]:
    """The attributes that an operation has, so that cases should compare them; an input layer has nothing to differentiate."""
    yield from ("acceptance", "shape", "dtype", "values")
    yield from ["indices"] * op.endswith("max_pool") + ["gradient"] * (op != "input")


def blanks(counts_by_place: Mapping[Place, int]) -> list[str]:
    """What no case compares, of the operations that there are."""
    ops = [op for op in OPS if any(place.op == op for place in counts_by_place)]
    return [
        f"{attribute} of {op} in {rank}-D"
        for op in ops for attribute in due(op) for rank in RANKS if (op, ANY, True, attribute, rank) not in counts_by_place
    ]  # fmt: skip


def holes(counts_by_place: Mapping[Place, int]) -> dict[tuple[str, str], list[int]]:
    """The ranks at which cases of an operation pin an axis that none of its probes asks for."""
    probed_places, pinned_places = (
        {(place.op, place.axis, place.rank) for place in counts_by_place if place.asks is role} for role in (True, False)
    )
    missing = sorted((op, axis, rank) for op, axis, rank in pinned_places - probed_places if axis not in (ANY, NONE))
    return {(op, axis): [rank for *axis_place, rank in missing if axis_place == [op, axis]] for op, axis, _ in missing}


def tables(counts_by_place: Mapping[Place, int]) -> Iterator[Table]:
    """A table for each operation: axes down, attributes across, and how many cases ask for an axis at each rank."""
    missing = holes(counts_by_place)
    for op in [op for op in OPS if any(place.op == op for place in counts_by_place)]:
        counts_of_op = {place: count for place, count in counts_by_place.items() if place.op == op}
        names = [name for name in ATTRIBUTES if any(place.attribute == name for place in counts_of_op)]
        table = Table(
            "axis", *names, "pinned", "never asked", title=f"{op}: cases that ask, in 1/2/3 dimensions", title_justify="left", box=SIMPLE
        )
        for axis in [axis for axis in (ANY, NONE, *AXIS_VALUES) if any(place.axis == axis for place in counts_of_op)]:
            probe_counts = [counts(counts_of_op, axis, axis != NONE, name) for name in names]
            pinned_count = "" if axis in (ANY, NONE) else counts(counts_of_op, axis, False, "acceptance")
            table.add_row(axis, *probe_counts, pinned_count, ", ".join(f"{rank}-D" for rank in missing.get((op, axis), [])))
        yield table


def count_dimensions(cases: Iterable[Case]) -> dict[str, Counter[int]]:
    """The number of cases in each dimension by rank; cases that wait are left out."""
    case_counts: dict[str, Counter[int]] = {name: Counter() for name in DIMENSIONS}
    for case in cases:
        if not case.waiting and case.rank in RANKS:
            for name, contains in DIMENSIONS.items():
                case_counts[name][case.rank] += contains(case)
    return case_counts


def dimension_table(case_counts: Mapping[str, Mapping[int, int]]) -> Table:
    """A table of the dimensions with the number of cases at each rank."""
    table = Table("dimension", *(f"{rank}-D" for rank in RANKS), title="other dimensions: cases", title_justify="left", box=SIMPLE)
    for name, by_rank in case_counts.items():
        table.add_row(name, *(str(by_rank[rank]) for rank in RANKS))
    return table


def dimension_holes(case_counts: Mapping[str, Mapping[int, int]]) -> list[str]:
    """The dimensions and ranks without a case."""
    return [f"{name} in {rank}-D" for name, by_rank in case_counts.items() for rank in RANKS if not by_rank[rank]]


def show_coverage(cases: Sequence[Case], console: Console) -> None:
    """Print the tables of some cases, how many of them are told apart by what they tell apart, and the holes."""
    coverage_counts = coverage(cases)
    console.width = max(console.width, WIDTH)
    for table in tables(coverage_counts):
        console.print(table)
    dimensions = count_dimensions(cases)
    console.print(dimension_table(dimensions))
    distinct_count = count_distinct(track(cases, "counting distinct cases", console=Console(stderr=True), transient=True))
    console.print(f"{len(cases)} cases; {distinct_count} distinct (no rule change separates the rest)")
    console.print(f"compared by no case: {', '.join(blanks(coverage_counts)) or 'nothing'}")
    console.print(f"dimensions without a case: {', '.join(dimension_holes(dimensions)) or 'none'}")
    missing = sum(map(len, holes(coverage_counts).values()))
    console.print(
        f"{missing} places where an axis is pinned and no probe asks for it"
        if missing
        else "every axis that is pinned has a probe that asks for it"
    )


def counts(counts_by_place: Mapping[Place, int], axis: str, is_probed: bool, attribute: str) -> str:
    """How many cases there are at each rank, nothing where there are none."""
    numbers = [sum(count for place, count in counts_by_place.items() if place[1:] == (axis, is_probed, attribute, rank)) for rank in RANKS]
    return "/".join(map(str, numbers)) if any(numbers) else ""

"""A file of rows whose run was cut off: what it holds already, and whether the rest can be added here and now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from ...cases.model.case import Case
from ..rows.reader import line_of, lines_of
from ..rows.records import Row
from .selection import SelectionOptions, WrongUse

SAME = ("suite", "source", "platform", "machine", "python", "cpu_features")
"""Keys of the header that must be now what they were then."""


class EarlierRows(Mapping[tuple[str, str], list[Row]]):
    """The rows of a file by case and target, of those of which all are there; they stay in the file until they are asked for."""

    def __init__(self, path: Path) -> None:
        self.path, self.header = path, {}
        self.hashes: dict[str, str] = {}
        self.places: dict[tuple[str, str], int] = {}
        self.stream = path.open("rb")
        begun: dict[tuple[str, str], int] = {}
        for place, told in lines_of(path):
            match told["record"]:
                case "header":
                    self.header = told
                case "case":
                    self.hashes[told["case"]] = told["case_hash"]
                case "row":
                    pair = told["case"], told["target"]
                    begun.setdefault(pair, place.offset)
                    if told["last"]:
                        self.places[pair] = begun[pair]

    def __getitem__(self, pair: tuple[str, str]) -> list[Row]:
        self.stream.seek(self.places[pair])
        rows: list[Row] = []
        while not rows or not rows[-1]["last"]:
            rows.append(line_of(self.stream.readline(), str(self.path)))
        return rows

    def __contains__(self, pair: object) -> bool:
        return pair in self.places

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def close(self) -> None:
        """Let go of the file."""
        self.stream.close()

    def wanted(self, given: SelectionOptions) -> SelectionOptions:
        """What the run was asked for; raises `WrongUse` where something else is asked for now."""
        if "selection" not in self.header:
            raise WrongUse(f"{self.path}: not written by `poolparity run --rows`, so nothing tells what is missing; expected such a file")
        then = SelectionOptions.of(self.header["selection"])
        if given in (SelectionOptions(), then):
            return then
        other = [
            each.name
            for each in fields(SelectionOptions)
            if getattr(given, each.name) not in (getattr(SelectionOptions(), each.name), getattr(then, each.name))
        ]
        told = "; ".join(f"{name} {shown(getattr(then, name))} then, {shown(getattr(given, name))} now" for name in other)
        raise WrongUse(
            f"{self.path}: begun with another selection: {told or 'less'}; expected --resume alone, which knows what was asked for"
        )

    def check(self, header: Row, cases: Iterable[Case]) -> None:
        """Raise `WrongUse` with all that is not what it was."""
        if faults := [*self.turned(header), *self.changed(cases)]:
            listed = "\n".join(f"  {fault}" for fault in faults)
            raise WrongUse(
                f"{self.path} cannot be finished here and now, for its rows would not belong together:\n{listed}\nRun all of it anew."
            )

    def turned(self, header: Row) -> Iterator[str]:
        """What of the surroundings is not what it was."""
        for key in SAME:
            if self.header.get(key) != header[key]:
                yield f"{key} was {shown(self.header.get(key))}, and is {shown(header[key])} now"
        then, now = self.header.get("targets", {}), header["targets"]
        for name in dict.fromkeys((*then, *now)):
            if name not in now or name not in then:
                yield f"{name} {'was not there' if name in now else 'is not here any more'}"
            else:
                yield from differing(name, then[name], now[name])

    def changed(self, cases: Iterable[Case]) -> Iterator[str]:
        """The cases that are not what they were."""
        left = dict(self.hashes)
        for case in cases:
            if left.pop(case.id, case.hash) != case.hash:
                yield f"{case.id} has the hash {case.hash}, and had {self.hashes[case.id]}"
        yield from (f"{name} is not among the cases any more" for name in left)


def differing(target: str, then: Row, now: Row) -> Iterator[str]:
    """What of a target's versions and flags is not what it was."""
    for kind in ("versions", "flags"):
        for name in dict.fromkeys((*then[kind], *now[kind])):
            if then[kind].get(name) != now[kind].get(name):
                yield f"{target}: {name} was {shown(then[kind].get(name))}, and is {shown(now[kind].get(name))} now"


def shown(value: Any) -> str:
    """A value in a message."""
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value)) or "nothing"
    return "nothing" if value is None else str(value)

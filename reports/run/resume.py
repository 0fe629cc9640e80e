"""A file of rows whose run was cut off: what it holds already, and whether the rest can be added here and now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from ...cases.model.case import Case
from ...cases.model.mistake import quote_path
from ..rows.reader import open_seekable, read_line, read_lines
from ..rows.records import BadRows, Header, Json, Row, TargetRecord, empty_header
from .selection import SelectionOptions, WrongUse

SAME = ("suite", "source", "platform", "machine", "python", "cpu_features")
"""Keys of the header that must be now what they were then."""


class EarlierRows(Mapping[tuple[str, str], list[Row]]):
    """The rows of a file by case and target, of those of which all are there; they stay in the file until they are asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: Header = empty_header()
        self.hashes: dict[str, str] = {}
        self.places: dict[tuple[str, str], list[int]] = {}
        self.stream = open_seekable(path)
        self.find_rows()

    def find_rows(self) -> None:
        """Note where the rows of each case on each target begin; raises `BadRows`, among others where they do not stand together."""
        offsets: dict[tuple[str, str], list[int]] = {}
        for place, line in read_lines(self.stream, self.path):
            if line["record"] == "header":
                self.header = line
            elif line["record"] == "case":
                self.hashes[line["case"]] = line["case_hash"]
            elif line["record"] == "row":
                pair = line["case"], line["target"]
                offsets.setdefault(pair, []).append(place.offset)
                if line["last"]:
                    if pair in self.places:
                        raise BadRows(f"{place}: a second set of rows of {pair[0]} on {pair[1]}; expected one of each case on each target")
                    self.places[pair] = offsets.pop(pair)

    def __getitem__(self, pair: tuple[str, str]) -> list[Row]:
        return [read_line(self.stream, offset, self.path) for offset in self.places[pair]]

    def __contains__(self, pair: object) -> bool:
        return pair in self.places

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def close(self) -> None:
        """Let go of the file."""
        self.stream.close()

    def selection_for(self, options: SelectionOptions) -> SelectionOptions:
        """What the run was asked for; raises `WrongUse` where something else is asked for now."""
        if "selection" not in self.header:
            raise WrongUse(
                f"{quote_path(self.path)}: has no selection, so what is missing is unknown; expected a file written by `poolparity run --rows`"
            )
        earlier = SelectionOptions.from_record(self.header["selection"])
        if options in (SelectionOptions(), earlier):
            return earlier
        other = [
            field.name
            for field in fields(SelectionOptions)
            if getattr(options, field.name) not in (getattr(SelectionOptions(), field.name), getattr(earlier, field.name))
        ]
        changes = "; ".join(
            f"{name} was {format_setting(getattr(earlier, name))}, is {format_setting(getattr(options, name))}" for name in other
        )
        raise WrongUse(
            f"{quote_path(self.path)}: started with another selection: {changes or 'less'}; expected --resume alone, which runs the recorded selection"
        )

    def check(self, header: Header, cases: Iterable[Case]) -> None:
        """Raise `WrongUse` with all that is not what it was."""
        if faults := [*self.environment_changes(header), *self.case_changes(cases)]:
            fault_lines = "\n".join(f"  {fault}" for fault in faults)
            raise WrongUse(
                f"{quote_path(self.path)} cannot be resumed: the environment or the cases changed:\n{fault_lines}\nStart a new run."
            )

    def environment_changes(self, header: Header) -> Iterator[str]:
        """What of the surroundings is not what it was."""
        earlier: Json = {**self.header}
        now: Json = {**header}
        for key in SAME:
            if earlier.get(key) != now.get(key):
                yield f"{key} was {format_setting(earlier.get(key))}, is {format_setting(now.get(key))}"
        before, after = self.header.get("targets", {}), header.get("targets", {})
        for name in dict.fromkeys((*before, *after)):
            if name not in after or name not in before:
                yield f"{name} {'is new' if name in after else 'is no longer available'}"
            else:
                yield from target_changes(name, before[name], after[name])

    def case_changes(self, cases: Iterable[Case]) -> Iterator[str]:
        """The cases that are not what they were."""
        remaining = dict(self.hashes)
        for case in cases:
            if remaining.pop(case.id, case.hash) != case.hash:
                yield f"{case.id}: hash was {self.hashes[case.id]}, is {case.hash}"
        yield from (f"{name} is no longer selected or was removed" for name in remaining)


def target_changes(target: str, earlier: TargetRecord, now: TargetRecord) -> Iterator[str]:
    """What of a target's versions and flags is not what it was."""
    for kind in ("versions", "flags"):
        for name in dict.fromkeys((*earlier[kind], *now[kind])):
            if earlier[kind].get(name) != now[kind].get(name):
                yield f"{target}: {name} was {format_setting(earlier[kind].get(name))}, is {format_setting(now[kind].get(name))}"


def format_setting(value: Any) -> str:
    """A value in a message."""
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value)) or "nothing"
    return "nothing" if value is None else str(value)

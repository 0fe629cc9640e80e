"""What changed between two runs of a target: answers that were added, removed, or are different.

Only the meaning of an answer counts, not its time, nor the message of an error unless that is asked for.
An answer that varies is no change: the ledger records that it differs from run to run (`varies`, on either
side), or the older run saw other numbers when it asked again (`unsteady`). A newer answer that is unsteady where the older one was
not is a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...adapters.ledger.entry import acceptance_of, is_same_answer
from ...adapters.targets.version_names import without_version
from ...cases.judge.answer import AGREES, CRASHES, REJECTS, TIMES_OUT, UNSUPPORTED
from ...cases.judge.tolerance import Tolerance
from ..rows.records import CaseLine, Json, Row
from ..rows.target_rows import Answers, TargetRows
from ..rows.verdicts import verdict_of
from ..rows.ways import CALL

REMOVED, VERDICT, ANSWER, CAUSE, FINGERPRINT, ADDED, WORDING = CLASSES = (
    "removed", "verdict", "answer", "cause", "fingerprint", "added", "wording",
)  # fmt: skip
"""The classes of changes, the most serious first."""

UNANSWERED = (REJECTS, CRASHES, TIMES_OUT)


@dataclass(frozen=True)
class Change:
    """A change: its class, the target by its plain name, the line of the case, the way, and the row on either side, None where there is none.

    `varies` is true where the answer is known to differ from run to run.
    """

    kind: str
    target: str
    line: CaseLine
    way: str
    before: Row | None
    after: Row | None
    varies: bool = False

    @property
    def row(self) -> Row:
        """The row after the change, or the removed one."""
        row = self.after or self.before
        assert row is not None, "a change has a side"
        return row


def find_changes(old: TargetRows, new: TargetRows, wording: bool = False) -> Iterator[Change]:
    """All changes; those of a drop-in only where the call of the same case did not change."""
    changes = list(find_all_changes(old, new, wording))
    changed_cases = {change.line["case"] for change in changes if change.way == CALL and not change.varies}
    return (change for change in changes if change.way == CALL or change.line["case"] not in changed_cases)


def find_all_changes(old: TargetRows, new: TargetRows, wording: bool) -> Iterator[Change]:
    """All changes in any way; cases that a target does not support do not count as answered."""
    target = without_version(new.name)
    both = {pair for pair in old.shared_cases(new) if is_answered(old.answers[pair]) == is_answered(new.answers[pair])}
    for (case, way), rows in old.answers.items():
        if (case, way) not in both and is_answered(rows):
            yield Change(REMOVED, target, old.lines[case], way, main_row(rows), None)
    for (case, way), rows in new.answers.items():
        if (case, way) in both:
            yield from compare_answers(old.answers[case, way], rows, new.lines[case], target, way, wording)
        elif is_answered(rows):
            yield Change(ADDED, target, new.lines[case], way, None, main_row(rows))


def compare_answers(old: Answers, new: Answers, line: CaseLine, target: str, way: str, wording: bool) -> Iterator[Change]:
    """The changes of one answer that do not follow from another, then those of attributes that vary.

    The name of a probe's answer follows from all of its attributes, so it varies where one of them does.
    """
    pairs = [(before, after) for attribute, after in new.items() if (before := old.get(attribute))]
    stable = [pair for pair in pairs if not varies(pair)]
    has_name = len(stable) == len(pairs)  # the name of an answer is found from all attributes, so it varies with any of them
    yield from drop_consequences(list(compare_attributes(stable, line, target, way, wording, has_name)))
    for before, after in pairs:
        if varies((before, after)) and (kind := classify(before, after, line["kind"], wording)):
            yield Change(kind, target, line, way, before, after, varies=True)


def compare_attributes(
    pairs: Sequence[tuple[Row, Row]], line: CaseLine, target: str, way: str, wording: bool, has_name: bool
) -> Iterator[Change]:
    """The attributes that changed; where the answer has a name, only the attribute that shows it."""
    names = {before["answer"] for before, _ in pairs}, {after["answer"] for _, after in pairs}
    if has_name and any(map(any, names)):
        if names[0] != names[1]:
            yield Change(ANSWER if all(map(any, names)) else VERDICT, target, line, way, *next(filter(is_visible, pairs), pairs[0]))
        return
    for before, after in pairs:
        if kind := classify(before, after, line["kind"], wording):
            yield Change(kind, target, line, way, before, after)


def varies(pair: tuple[Row, Row]) -> bool:
    """Whether the ledger records on either side that the answer differs from run to run, or the older run saw it change."""
    return any(row.get("varies") for row in pair) or bool(pair[0].get("unsteady"))


def is_answered(rows: Answers) -> bool:
    """Whether a target supports the case."""
    return bool(main_row(rows)["verdict"] != UNSUPPORTED)


def main_row(rows: Answers) -> Row:
    """The row of the values, or else the first."""
    return rows.get("values") or next(iter(rows.values()))


def is_visible(pair: tuple[Row, Row]) -> bool:
    """Whether two rows look different; zeros of different signs do."""
    return repr(pair[0]["got"]) != repr(pair[1]["got"])


def classify(before: Row, after: Row, case: str, wording: bool) -> str | None:
    """The class of the change between two rows, None where there is none; `case` is the kind of the case."""
    if verdict_of(case, [before]) != verdict_of(case, [after]):
        return VERDICT
    if not is_same(before, after):
        return ANSWER
    if collect_causes(before) != collect_causes(after):
        return CAUSE
    return WORDING if wording and before["detail"] != after["detail"] else None


def is_same(before: Row, after: Row) -> bool:
    """Whether two rows of one verdict have the same answer, within the tolerance of the case."""
    if before["verdict"] == AGREES and before["due"] is not None:
        return True
    if before["verdict"] in UNANSWERED:
        return acceptance_of(before) == acceptance_of(after)
    got, now = before["got"], after["got"]
    if not isinstance(got, dict) or not isinstance(now, dict):
        return bool(got == now)
    ulp = (before["tolerance"] or {"ulp": 0})["ulp"]
    return (
        got["dtype"] == now["dtype"] and ("data" in got) == ("data" in now) and is_same_answer(get_cells(got), now, lambda: Tolerance(ulp))
    )


def get_cells(got: Json) -> object:
    """The numbers of an array, or the digest that a row has in their place."""
    return got["data"] if "data" in got else got["digest"]


def collect_causes(row: Row) -> object:
    """The alternative causes of a row, in no order."""
    if row["cause"] is None:
        return None
    return frozenset(frozenset((change["axis"], change["value"]) for change in cause) for cause in row["cause"])


def drop_consequences(changes: Sequence[Change]) -> Iterator[Change]:
    """The changes of one answer without those that follow from another: from a refusal all others, from a shape those of values."""
    rest = list(changes)
    while rest:
        first, *rest = rest
        yield first
        rest = [change for change in rest if not follows(change, first)]


def follows(change: Change, first: Change) -> bool:
    """Whether a change follows from another one of the same answer."""
    about = first.row["attribute"]
    return about == "acceptance" or (about, change.row["attribute"]) == ("shape", "values")

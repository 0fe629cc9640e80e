"""What changed from one run of a target to another: the answers that came, went, or are other ones.

Only what an answer means counts: not how long it took, nor how an error is worded unless that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...adapters.ledger.entry import acceptance_of, is_same_answer
from ...adapters.targets.version_names import without_version
from ...cases.judge.answer import AGREES, CRASHES, REJECTS, TIMES_OUT, UNSUPPORTED
from ...cases.judge.tolerance import Tolerance
from ..rows.records import CaseLine, Json, Row
from ..rows.target_rows import Answers, TargetRows
from ..rows.verdicts import seen
from ..rows.ways import CALL

REMOVED, VERDICT, ANSWER, CAUSE, FINGERPRINT, ADDED, WORDING = CLASSES = (
    "removed", "verdict", "answer", "cause", "fingerprint", "added", "wording",
)  # fmt: skip
"""In which way something is another than before, the most serious first."""

UNANSWERED = (REJECTS, CRASHES, TIMES_OUT)


@dataclass(frozen=True)
class Change:
    """One thing that is another than before: its class, what it is about, and the row on either side, None where there is none.

    `target` is the plain name, and `line` that of the case.
    """

    kind: str
    target: str
    line: CaseLine
    way: str
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        """The row that says most."""
        row = self.after or self.before
        assert row is not None, "a change has a side"
        return row


def changes(old: TargetRows, new: TargetRows, wording: bool = False) -> Iterator[Change]:
    """Everything that is another in the new run than in the old one; of a drop-in only where its call is as it was."""
    found = list(every(old, new, wording))
    called = {change.line["case"] for change in found if change.way == CALL}
    return (change for change in found if change.way == CALL or change.line["case"] not in called)


def every(old: TargetRows, new: TargetRows, wording: bool) -> Iterator[Change]:
    """Everything that is another, whichever way it was asked; what a target cannot be asked for is not there."""
    target, both = without_version(new.name), {who for who in old.shared(new) if answered(old.answers[who]) == answered(new.answers[who])}
    for (case, way), rows in old.answers.items():
        if (case, way) not in both and answered(rows):
            yield Change(REMOVED, target, old.lines[case], way, telling(rows), None)
    for (case, way), rows in new.answers.items():
        if (case, way) in both:
            yield from plainest(changed(old.answers[case, way], rows, new.lines[case], target, way, wording))
        elif answered(rows):
            yield Change(ADDED, target, new.lines[case], way, None, telling(rows))


def answered(rows: Answers) -> bool:
    """Whether a target could be asked."""
    return bool(telling(rows)["verdict"] != UNSUPPORTED)


def telling(rows: Answers) -> Row:
    """The row that tells most of an answer: of its values, or else the first."""
    return rows.get("values") or next(iter(rows.values()))


def changed(old: Answers, new: Answers, line: CaseLine, target: str, way: str, wording: bool) -> Iterator[Change]:
    """The attributes of an answer that are other ones; where it has a name, the one that shows it."""
    pairs = [(before, after) for attribute, after in new.items() if (before := old.get(attribute))]
    names = {before["answer"] for before, _ in pairs}, {after["answer"] for _, after in pairs}
    if any(map(any, names)):
        if names[0] != names[1]:
            yield Change(ANSWER if all(map(any, names)) else VERDICT, target, line, way, *next(filter(visible, pairs), pairs[0]))
        return
    for before, after in pairs:
        if kind := differing(before, after, line["kind"], wording):
            yield Change(kind, target, line, way, before, after)


def visible(pair: tuple[Row, Row]) -> bool:
    """Whether two rows look different, zeros of different signs as well."""
    return repr(pair[0]["got"]) != repr(pair[1]["got"])


def differing(before: Row, after: Row, case: str, wording: bool) -> str | None:
    """In which way a row is another than before, if it is."""
    if seen(case, [before]) != seen(case, [after]):
        return VERDICT
    if not alike(before, after):
        return ANSWER
    if explanations(before) != explanations(after):
        return CAUSE
    return WORDING if wording and before["detail"] != after["detail"] else None


def alike(before: Row, after: Row) -> bool:
    """Whether two rows of one verdict hold the same answer, within the tolerance of the case."""
    if before["verdict"] == AGREES and before["due"] is not None:
        return True
    if before["verdict"] in UNANSWERED:
        return acceptance_of(before) == acceptance_of(after)
    got, now = before["got"], after["got"]
    if not isinstance(got, dict) or not isinstance(now, dict):
        return bool(got == now)
    ulp = (before["tolerance"] or {"ulp": 0})["ulp"]
    return got["dtype"] == now["dtype"] and ("data" in got) == ("data" in now) and is_same_answer(cells(got), now, lambda: Tolerance(ulp))


def cells(got: Json) -> object:
    """An array's numbers, or what stands for them."""
    return got["data"] if "data" in got else got["digest"]


def explanations(row: Row) -> object:
    """What explains a row, whatever the order in which it is told."""
    if row["cause"] is None:
        return None
    return frozenset(frozenset((each["axis"], each["value"]) for each in cause) for cause in row["cause"])


def plainest(found: Iterator[Change]) -> Iterator[Change]:
    """Of the changes of one answer those that do not follow from another: a refusal says it all, and a shape says it of values."""
    rest = list(found)
    while rest:
        first, *rest = rest
        yield first
        rest = [each for each in rest if not follows(each, first)]


def follows(change: Change, first: Change) -> bool:
    """Whether a change follows from another one of the same answer."""
    about = first.row["attribute"]
    return about == "acceptance" or (about, change.row["attribute"]) == ("shape", "values")

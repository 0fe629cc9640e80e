"""The documents: the statements of each as cases, and how the targets answered them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...cases.judge.answer import AGREES, ATTEMPTED, DIFFERS
from ..rows.ways import CALL
from ..run.claims import CONTRADICTED, UNDECIDED, UPHELD, Claim
from .case_views import CaseView

NOT_ATTEMPTED, NOT_RUN_YET = "not attempted", "not run yet"
OUTCOMES = (UPHELD, CONTRADICTED, UNDECIDED, AGREES, DIFFERS, NOT_ATTEMPTED, NOT_RUN_YET)
"""The outcomes of statements, in the order in which they are counted: those of claims, then those of other statements."""


@dataclass(frozen=True)
class Statement:
    """A statement of a document as a case; `claim` where the spec says whether it stands."""

    entry: CaseView
    claim: Claim | None

    @property
    def outcome_text(self) -> str:
        """The outcome of the statement in a word or two."""
        if self.entry.line["waiting"]:
            return NOT_RUN_YET
        if self.claim:
            return self.claim.measured_standing
        if not self.attempted_count:
            return NOT_ATTEMPTED
        return AGREES if self.agreeing_count == self.attempted_count else DIFFERS

    @property
    def agreeing_count(self) -> int:
        """The number of targets that answered as the statement predicts."""
        return self.count_targets({AGREES})

    @property
    def attempted_count(self) -> int:
        """The number of targets on which the case was attempted."""
        return self.count_targets(ATTEMPTED)

    def count_targets(self, verdicts: Collection[str]) -> int:
        """The number of targets with one of some verdicts."""
        return sum(len(group.who[CALL]) for group in self.entry.call_groups if group.verdict in verdicts)


def group_statements(views: Iterable[CaseView], claims: Iterable[Claim]) -> Mapping[str, Sequence[Statement]]:
    """The statements of each document, in the order of the cases."""
    by_case = {claim.case: claim for claim in claims}
    documents: dict[str, list[Statement]] = {}
    for view in views:
        if source := view.line["source"]:
            documents.setdefault(source["document"], []).append(Statement(view, by_case.get(view.line["case"])))
    return dict(sorted(documents.items()))


def count_outcomes(statements: Iterable[Statement]) -> Mapping[str, int]:
    """The number of statements with each outcome, in the order of `OUTCOMES`."""
    counts = Counter(statement.outcome_text for statement in statements)
    return {outcome: counts[outcome] for outcome in OUTCOMES if counts[outcome]}

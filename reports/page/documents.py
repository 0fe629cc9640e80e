"""The documents, statement by statement: what each says, and what the targets made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...cases.judge.answer import AGREES, ATTEMPTED, DIFFERS
from ..rows.ways import CALL
from ..run.claims import Claim
from .case_views import Entry


@dataclass(frozen=True)
class Statement:
    """A statement of a document as a case; `claim` where the spec says whether it stands."""

    entry: Entry
    claim: Claim | None

    @property
    def judged(self) -> str:
        """What is to be said of the statement, in a word or two."""
        if self.entry.line["waiting"]:
            return "not run yet"
        if self.claim:
            return self.claim.measured
        if not self.attempted:
            return "not attempted"
        return AGREES if self.agreeing == self.attempted else DIFFERS

    @property
    def agreeing(self) -> int:
        """How many targets gave what the statement predicts."""
        return self.many({AGREES})

    @property
    def attempted(self) -> int:
        """How many targets were asked."""
        return self.many(ATTEMPTED)

    def many(self, verdicts: Collection[str]) -> int:
        """How many targets have one of some verdicts."""
        return sum(len(group.who[CALL]) for group in self.entry.called if group.verdict in verdicts)


def documents(listed: Iterable[Entry], judged: Iterable[Claim]) -> Mapping[str, Sequence[Statement]]:
    """Every document's statements, in the order of the cases."""
    by_case = {claim.case: claim for claim in judged}
    found: dict[str, list[Statement]] = {}
    for entry in listed:
        if source := entry.line["source"]:
            found.setdefault(source["document"], []).append(Statement(entry, by_case.get(entry.line["case"])))
    return dict(sorted(found.items()))


def tally(statements: Iterable[Statement]) -> Mapping[str, int]:
    """How often each word is said of some statements."""
    return Counter(statement.judged for statement in statements)

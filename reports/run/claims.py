"""Claims: statements of documents, judged once over all the targets that were asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...adapters.ledger.ledger import Ledger
from ...cases.judge.answer import AGREES, ATTEMPTED, TIMES_OUT
from ..ledger.item_outcome import FAILED, PASSED, SKIPPED
from ..rows.tally import Tally
from ..rows.verdicts import FAULTS, word

UPHELD, CONTRADICTED, UNDECIDED = "upheld", "contradicted", "undecided"


@dataclass(frozen=True)
class Claim:
    """A claim as the spec says that it stands, and as it was measured.

    `verdicts` has the worst attribute of each target, asked in the way `call`. `absent` are targets
    that are known to contradict the claim and were not asked here.
    """

    case: str
    stands: str
    verdicts: Mapping[str, str]
    absent: tuple[str, ...] = ()

    @property
    def measured_standing(self) -> str:
        """Contradicted by one target that differs, upheld where none does, undecided where none answered."""
        verdicts = set(self.verdicts.values())
        if verdicts & FAULTS - {TIMES_OUT}:
            return CONTRADICTED
        return UPHELD if AGREES in verdicts else UNDECIDED

    @property
    def outcome(self) -> str:
        """Passed if the claim stands as the spec says; skipped where those that could show it were not asked."""
        if self.measured_standing == self.stands:
            return PASSED
        return SKIPPED if self.measured_standing == UNDECIDED or self.absent else FAILED

    @property
    def text(self) -> str:
        """What was measured beside what the spec says; empty where they are the same."""
        if self.outcome == PASSED:
            return ""
        verdict_texts = [f"{target} {word(verdict)}" for target, verdict in self.verdicts.items() if verdict in ATTEMPTED]
        reason = f"; {', '.join(self.absent)}, known to contradict it, not asked here" if self.absent else ""
        return f"{self.case}: {self.measured_standing} ({', '.join(verdict_texts) or 'no target was attempted'}{reason}); the spec says stands: {self.stands}"


def claims(rows_read: Tally) -> list[Claim]:
    """Every claim that was asked."""
    return [Claim(case, verdict, verdicts) for case, (verdict, verdicts) in rows_read.stands.items()]


def stands(rows_read: Tally, ledger: Ledger) -> list[Claim]:
    """Every claim; one that does not stand as the spec says with the targets that are known to contradict it and that this run lacks."""
    return [claim if claim.outcome == PASSED else replace(claim, absent=absent(claim, ledger)) for claim in claims(rows_read)]


def absent(claim: Claim, ledger: Ledger) -> tuple[str, ...]:
    """Targets, or patterns of them, whose difference is pinned and who were not attempted."""
    targets = [target for target, verdict in claim.verdicts.items() if verdict in ATTEMPTED]
    pinned_entries = (entry for entry in ledger.whole if entry.case == claim.case)
    return tuple(dict.fromkeys(entry.target for entry in pinned_entries if not any(map(entry.names, targets))))

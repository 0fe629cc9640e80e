"""A summary in Markdown, for the summary page of a CI job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..fingerprint.comparison import Comparison
from ..fingerprint.fingerprint import TargetFingerprint, derive_fingerprints
from ..fingerprint.wording import SIGNS, format_cell
from ..rows import tables
from ..rows.differences import differences
from ..rows.records import Rows
from ..rows.verdicts import MEANINGS, word
from ..rows.ways import CALL
from ..run.claims import CONTRADICTED, Claim, claims
from ..words.language import gettext as _
from ..words.markdown import escape_markdown, format_heading, format_remainder, format_table
from ..words.phrases import axis_title

if TYPE_CHECKING:
    import pandas as pd

LINE_LIMIT = 20
"""At most this many lines of a list are shown; the rest are counted."""


def format_markdown(rows: Rows) -> str:
    """The summary; raises `BadRows` where nothing was measured."""
    rows_read = tables.tally_rows(rows)
    outcomes_table = tables.outcomes(rows_read)
    parts = [
        *format_head(rows, claims(rows_read)), *format_unexpected(outcomes_table), *format_rules(rows), *format_causes(rows),
        *format_table(count_verdicts(outcomes_table, rows)),
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def format_head(rows: Rows, claims_of_run: Sequence[Claim]) -> Iterator[str]:
    """The title, the targets, the versions, and how many claims are contradicted."""
    yield format_heading(_("Pooling compatibility report"), 1)
    if not rows.whole:
        partial = _("Partial: the run did not finish.")
        yield f"**{partial}**\n"
    versions = dict.fromkeys(pair for row in rows.rows for pair in row["versions"].items())
    platform, start = rows.header.get("platform") or _("not recorded"), rows.header.get("started") or ""
    yield f"{escape_markdown(', '.join(tables.targets(rows)))}\n"
    yield f"{escape_markdown(', '.join(map(' '.join, versions)))}; {escape_markdown(platform)}; {escape_markdown(start)}\n"
    if claims_of_run:
        wrong = sum(claim.measured_standing == CONTRADICTED for claim in claims_of_run)
        yield _("%(wrong)s of %(all)s documented claims contradicted by measurement") % {"wrong": wrong, "all": len(claims_of_run)} + "\n"


def format_unexpected(outcomes_table: pd.DataFrame) -> Iterator[str]:
    """The answers that are not in the ledger."""
    lines = tables.list_unexpected(outcomes_table)
    if lines:
        yield format_heading(_("Not in the ledger of known differences"))
    for line in lines[:LINE_LIMIT]:
        yield f"- {escape_markdown(', '.join(line['targets']))}: {escape_markdown(_(word(line['verdict'])))}: {escape_markdown(line['case'])}"
    if len(lines) > LINE_LIMIT:
        yield "- " + format_remainder(len(lines) - LINE_LIMIT)
    yield ""


def format_rules(rows: Rows) -> Iterator[str]:
    """The rules on which targets differ."""
    comparison = Comparison(derive_fingerprints(rows))
    if comparison.differing_axes:
        yield format_heading(_("How they differ"))
        lines = [
            [axis_title(axis), *(format_rule(target, axis) for target in comparison.prints.values())] for axis in comparison.differing_axes
        ]
        yield from format_table([[_("Rule"), *comparison.prints], *lines])


def format_rule(target: TargetFingerprint, axis: str) -> str:
    """The rule of a target on an axis, or the sign for none."""
    return format_cell(target, axis) if target.parts(axis) else SIGNS[target.word(axis)]


def format_causes(rows: Rows) -> Iterator[str]:
    """The differences by cause."""
    differences_of_rows = differences(rows)
    if differences_of_rows:
        yield format_heading(_("Differences by cause"))
        lines = [
            [difference.cause, difference.count, ", ".join(f"{target} {len(cases)}" for target, cases in difference.cases.items())]
            for difference in differences_of_rows
        ]
        yield from format_table([[_("Cause"), _("Answers"), _("Targets")], *lines[:LINE_LIMIT]])
    if len(differences_of_rows) > LINE_LIMIT:
        yield format_remainder(len(differences_of_rows) - LINE_LIMIT) + "\n"


def count_verdicts(outcomes_table: pd.DataFrame, rows: Rows) -> list[list[object]]:
    """A table of targets by verdicts, with the share that agrees."""
    table = tables.counts(outcomes_table, CALL).reindex(tables.targets(rows)).dropna()
    lines = [[name, line["percent"], *(int(line[verdict]) for verdict in MEANINGS)] for name, line in table.to_dict("index").items()]
    return [[_("Target"), _("Agree, of attempted"), *(_(word(verdict)) for verdict in MEANINGS)], *lines]

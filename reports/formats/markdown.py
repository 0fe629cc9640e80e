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
    done = tables.tally_rows(rows)
    found = tables.outcomes(done)
    parts = [
        *format_head(rows, claims(done)), *format_unexpected(found), *format_rules(rows), *format_causes(rows),
        *format_table(count_verdicts(found, rows)),
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def format_head(rows: Rows, judged: Sequence[Claim]) -> Iterator[str]:
    """The title, the targets, the versions, and how many claims are contradicted."""
    yield format_heading(_("Pooling compatibility report"), 1)
    if not rows.whole:
        partial = _("Partial: the run did not finish.")
        yield f"**{partial}**\n"
    versions = dict.fromkeys(pair for row in rows.rows for pair in row["versions"].items())
    platform, started = rows.header.get("platform") or _("not recorded"), rows.header.get("started") or ""
    yield f"{escape_markdown(', '.join(tables.targets(rows)))}\n"
    yield f"{escape_markdown(', '.join(map(' '.join, versions)))}; {escape_markdown(platform)}; {escape_markdown(started)}\n"
    if judged:
        wrong = sum(claim.measured == CONTRADICTED for claim in judged)
        yield _("%(wrong)s of %(all)s documented claims contradicted by measurement") % {"wrong": wrong, "all": len(judged)} + "\n"


def format_unexpected(found: pd.DataFrame) -> Iterator[str]:
    """The answers that are not in the ledger."""
    lines = tables.surprises(found)
    if lines:
        yield format_heading(_("Not in the ledger of known differences"))
    for line in lines[:LINE_LIMIT]:
        yield f"- {escape_markdown(', '.join(line['targets']))}: {escape_markdown(_(word(line['verdict'])))}: {escape_markdown(line['case'])}"
    if len(lines) > LINE_LIMIT:
        yield "- " + format_remainder(len(lines) - LINE_LIMIT)
    yield ""


def format_rules(rows: Rows) -> Iterator[str]:
    """The rules on which targets differ."""
    compared = Comparison(derive_fingerprints(rows))
    if compared.differing:
        yield format_heading(_("How they differ"))
        lines = [[axis_title(axis), *(format_rule(target, axis) for target in compared.prints.values())] for axis in compared.differing]
        yield from format_table([[_("Rule"), *compared.prints], *lines])


def format_rule(target: TargetFingerprint, axis: str) -> str:
    """The rule of a target on an axis, or the sign for none."""
    return format_cell(target, axis) if target.parts(axis) else SIGNS[target.word(axis)]


def format_causes(rows: Rows) -> Iterator[str]:
    """The differences by cause."""
    found = differences(rows)
    if found:
        yield format_heading(_("Differences by cause"))
        lines = [[each.cause, each.count, ", ".join(f"{target} {len(cases)}" for target, cases in each.cases.items())] for each in found]
        yield from format_table([[_("Cause"), _("Answers"), _("Targets")], *lines[:LINE_LIMIT]])
    if len(found) > LINE_LIMIT:
        yield format_remainder(len(found) - LINE_LIMIT) + "\n"


def count_verdicts(found: pd.DataFrame, rows: Rows) -> list[list[object]]:
    """A table of targets by verdicts, with the share that agrees."""
    table = tables.counts(found, CALL).reindex(tables.targets(rows)).dropna()
    lines = [[name, line["percent"], *(int(line[verdict]) for verdict in MEANINGS)] for name, line in table.to_dict("index").items()]
    return [[_("Target"), _("Agree, of attempted"), *(_(word(verdict)) for verdict in MEANINGS)], *lines]

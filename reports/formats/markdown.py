"""A summary in Markdown, for the page that a CI job leaves behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

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
from ..words.markdown import heading, more, safe, table
from ..words.phrases import axis_title

SHOWN = 20
"""So many lines of a list are told; the rest are counted."""


def format_markdown(rows: Rows) -> str:
    """The summary; raises `BadRows` where nothing was measured."""
    done = tables.tally_rows(rows)
    found = tables.outcomes(done)
    parts = [*head(rows, claims(done)), *unexpected(found), *rules(rows), *causes(rows), *table(counted(found, rows))]
    return "\n".join(parts) + "\n"


def head(rows: Rows, judged: Sequence[Claim]) -> Iterator[str]:
    """What ran."""
    yield heading(_("Pooling compatibility report"), 1)
    if not rows.whole:
        partial = _("Partial: the run did not come to its end.")
        yield f"**{partial}**\n"
    versions = dict.fromkeys(pair for row in rows.rows for pair in row["versions"].items())
    yield f"{safe(', '.join(tables.targets(rows)))}\n"
    yield f"{safe(', '.join(map(' '.join, versions)))}; {safe(rows.header.get('platform') or _('not stated'))}; {safe(rows.header.get('started') or '')}\n"
    if judged:
        wrong = sum(claim.measured == CONTRADICTED for claim in judged)
        yield _("%(wrong)s of %(all)s claims in documents contradicted by what was measured") % {"wrong": wrong, "all": len(judged)} + "\n"


def unexpected(found: pd.DataFrame) -> Iterator[str]:
    """What the ledger does not account for."""
    lines = tables.surprises(found)
    if lines:
        yield heading(_("Not accounted for by the ledger of known differences"))
    for line in lines[:SHOWN]:
        yield f"- {safe(', '.join(line['targets']))}: {safe(_(word(line['verdict'])))}: {safe(line['case'])}"
    if len(lines) > SHOWN:
        yield "- " + more(len(lines) - SHOWN)
    yield ""


def rules(rows: Rows) -> Iterator[str]:
    """How targets differ."""
    compared = Comparison(derive_fingerprints(rows))
    if compared.differing:
        yield heading(_("How they differ"))
        lines = [[axis_title(axis), *(cell(each, axis) for each in compared.prints.values())] for axis in compared.differing]
        yield from table([[_("Rule"), *compared.prints], *lines])


def cell(each: TargetFingerprint, axis: str) -> str:
    """A cell of the fingerprint."""
    return format_cell(each, axis) if each.parts(axis) else SIGNS[each.word(axis)]


def causes(rows: Rows) -> Iterator[str]:
    """Differences by cause."""
    found = differences(rows)
    if found:
        yield heading(_("Differences by cause"))
        lines = [[each.cause, each.count, ", ".join(f"{target} {len(cases)}" for target, cases in each.cases.items())] for each in found]
        yield from table([[_("Cause"), _("Answers"), _("Targets")], *lines[:SHOWN]])
    if len(found) > SHOWN:
        yield more(len(found) - SHOWN) + "\n"


def counted(found: pd.DataFrame, rows: Rows) -> list[list[object]]:
    """How often each target agrees."""
    table = tables.counts(found, CALL).reindex(tables.targets(rows)).dropna()
    lines = [[name, line["percent"], *(int(line[verdict]) for verdict in MEANINGS)] for name, line in table.to_dict("index").items()]
    return [[_("Target"), _("Agree, of attempted"), *(_(word(verdict)) for verdict in MEANINGS)], *lines]

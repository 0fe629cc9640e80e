"""A summary of rows: the unexpected answers, the matrix, and the claims."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from ..diff.modes import compare_modes
from ..rows import tables
from ..rows.records import Rows
from ..rows.tally import Tally
from ..rows.verdicts import SEVERITY, word
from ..rows.ways import CALL
from ..run.claims import CONTRADICTED, UNDECIDED, UPHELD, claims
from ..words.text import format_count, make_printable
from .matrix import make_matrix
from .modes import mode_lines

PARTIAL = "PARTIAL: the run did not finish; cases that are missing here were not measured"
SHOWN = 20
"""At most so many cases with unexpected answers are listed; the others are counted."""


def make_summary(rows: Rows) -> RenderableType:
    """The unexpected, the matrix, and how the claims stand."""
    rows_read = tables.tally_rows(rows)
    lines = (*mode_lines(compare_modes(rows)), *closing_lines(rows_read))
    return Group(*unexpected_lines(rows, rows_read), make_matrix(rows_read), Text(), *map(Text, lines))


def unexpected_lines(rows: Rows, rows_read: Tally) -> Iterator[Text]:
    """The answers that the ledger does not expect, worst first, each with what is wrong on the first of its targets."""
    case_rows, outcomes_table = tables.group_rows(rows), tables.outcomes(rows_read)
    lines = tables.list_unexpected(outcomes_table)
    if lines:
        yield Text(f"{format_count(int(outcomes_table['unexpected'].sum()), 'unexpected answer')}, not in the ledger:", style="bold red")
    for line in lines[:SHOWN]:
        row = min(case_rows[line["case"], line["targets"][0], CALL], key=lambda row: (SEVERITY.index(row["verdict"]), not row["detail"]))
        yield Text(f"  {make_printable(', '.join(line['targets']))}: {word(line['verdict'])}", style="red")
        yield Text(f"    {make_printable(line['case'])}")
        yield Text(f"    {row['attribute']}: {textwrap.shorten(make_printable(row['detail']), 200)}")
    if len(lines) > SHOWN:
        yield Text(f"  and {len(lines) - SHOWN} more")
    if lines:
        yield Text()


def closing_lines(rows_read: Tally) -> Iterator[str]:
    """Sentences about the claims, the skipped targets, and whether the run finished."""
    claims_of_run = claims(rows_read)
    if claims_of_run:
        parts = [
            f"{sum(claim.measured_standing == verdict for claim in claims_of_run)} {verdict}"
            for verdict in (UPHELD, CONTRADICTED, UNDECIDED)
        ]
        yield f"{format_count(len(claims_of_run), 'claim')} of documents: {', '.join(parts)}"
    for skipped_target in rows_read.header.get("left_out", ()):
        yield make_printable(skipped_target["why"])
    if not rows_read.whole:
        yield PARTIAL

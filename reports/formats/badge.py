"""A badge as the JSON of a shields.io endpoint."""

from __future__ import annotations

from ..rows import tables
from ..rows.records import Json, Rows
from ..rows.ways import CALL


def make_badge(rows: Rows) -> Json:
    """The share of attempted answers that agree, and the number of unexpected ones; raises `BadRows` where nothing was measured."""
    outcomes = tables.outcomes(tables.tally_rows(rows))
    counts = tables.counts(outcomes, CALL)
    agrees, attempted_count, unexpected_count = (
        int(counts["agrees"].sum()),
        int(counts["attempted"].sum()),
        int(outcomes["unexpected"].sum()),
    )
    message = f"{tables.percent(agrees, attempted_count).replace(' %', '%')} of {attempted_count} answers"
    if unexpected_count:
        message += f", {unexpected_count} unexpected"
    if not rows.whole:
        message += ", partial"
    colour = "red" if unexpected_count else "brightgreen" if rows.whole else "orange"
    return {"schemaVersion": 1, "label": "pooling parity", "message": message, "color": colour}

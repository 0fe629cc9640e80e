"""The tables that the page and the terminal show, as pandas pivots over rows."""

from __future__ import annotations

import math

import pandas as pd

from ...cases.judge.answer import AGREES, ATTEMPTED
from .records import BadRows, Json, Row, Rows
from .tally import Line, Tally, order_targets
from .verdicts import MEANINGS, SEVERITY
from .ways import CALL


def group_rows(rows: Rows) -> dict[tuple[str, str, str], list[Row]]:
    """The rows of each case, target and way."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows.rows:
        groups.setdefault((row["case"], row["target"], row["way"]), []).append(row)
    return groups


def tally_rows(rows: Rows) -> Tally:
    """Rows that are at hand, folded."""
    rows_read = Tally(rows.header, rows.whole)
    for (case, _, way), case_rows in group_rows(rows).items():
        rows_read.ask(rows.cases[case], way, case_rows)
    return rows_read


def outcomes(rows_read: Tally) -> pd.DataFrame:
    """One line for each case, target and way: its file, what is seen of it, and whether the ledger lacks it.

    Raises `BadRows` where there is no row: an empty run is an error, never 100 %.
    """
    if not rows_read.lines:
        raise BadRows("nothing was measured: not a single row; expected at least one case on one target (see `poolparity list`)")
    table = pd.DataFrame(rows_read.lines, columns=Line._fields)
    return table.astype({"verdict": pd.CategoricalDtype(SEVERITY, ordered=True)})


def targets(rows: Rows) -> list[str]:
    """Every target, in the order of the header, those it does not name after them."""
    return order_targets(rows.header, (row["target"] for row in rows.rows))


def counts(outcomes_table: pd.DataFrame, way: str) -> pd.DataFrame:
    """Targets by verdicts: how many cases, how many of them attempted, and the agreeing part of those.

    Beside them stand `not_asked`, the cases of the run that a target was not asked, and the shapes that it inferred without
    running: `inferred` of those that it was asked, and `inferred_agrees`.
    """
    selection = outcomes_table[outcomes_table["way"] == way]
    table = pd.crosstab(selection["target"], selection["verdict"].astype(object)).reindex(columns=[*MEANINGS], fill_value=0)
    table["attempted"] = table[[*ATTEMPTED]].sum(axis=1)
    table["not_asked"] = outcomes_table["case"].nunique() - selection.groupby("target")["case"].nunique()
    table["inferred"] = selection["inferred_verdict"].isin(ATTEMPTED).groupby(selection["target"]).sum()
    table["inferred_agrees"] = (selection["inferred_verdict"] == AGREES).groupby(selection["target"]).sum()
    return table.assign(percent=[percent(*pair) for pair in zip(table[AGREES], table["attempted"], strict=True)])


def percent(agrees: int, attempted_count: int) -> str:
    """A part of the attempted cases, rounded down so that only all of them are 100 %."""
    if agrees == attempted_count:
        return "100 %" if attempted_count else "none attempted"
    return f"{math.floor(1000 * agrees / attempted_count) / 10:.1f} %"


def by_file(outcomes_table: pd.DataFrame, way: str = CALL) -> pd.DataFrame:
    """Files by targets: cells (agreeing, attempted), NaN where a target has no case of the file."""
    selection = outcomes_table[outcomes_table["way"] == way]
    answers = selection.assign(agrees=selection["verdict"] == AGREES, attempted=selection["verdict"].isin(ATTEMPTED))
    sums = answers.groupby(["file", "target"], sort=False)[["agrees", "attempted"]].sum()
    pairs = sums.agg(tuple, axis=1).rename("pair").reset_index()
    return pairs.pivot_table(index="file", columns="target", values="pair", aggfunc="first", sort=False)


def list_unexpected(outcomes_table: pd.DataFrame) -> list[Json]:
    """Each case and verdict that the ledger does not account for, with its targets; the worst verdicts first."""
    unexpected_answers = outcomes_table[outcomes_table["unexpected"]].sort_values("verdict", kind="stable")
    groups = unexpected_answers.groupby(["case", "verdict"], sort=False, observed=True).agg(targets=("target", list)).reset_index()
    return list(groups.to_dict("records"))

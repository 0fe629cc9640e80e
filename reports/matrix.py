"""The terminal matrix: targets across, spec files down, the totals below; and what a run ends with."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..cases.answer import AGREES
from . import tables
from .claims import CONTRADICTED, UNDECIDED, UPHELD, claims
from .plan import CALL, DROP_IN
from .rows import Row, Rows
from .text import printable
from .verdicts import FAULTS, MEANINGS, SEVERITY, word

if TYPE_CHECKING:
    import pytest

SHOWN = 20
"""So many unexpected answers are told in full; the rest are counted."""


def summary(rows: Rows) -> RenderableType:
    """What a person wants to know at the end of a run, the unexpected first."""
    return Group(*unexpected(rows), matrix(rows), Text(), *map(Text, closing(rows)))


def matrix(rows: Rows) -> Table:
    """How many of the attempted cases agree, by spec file and target; fits 80 columns with nine targets."""
    found = tables.outcomes(rows)
    names = tables.targets(rows)
    table = Table(
        box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold", title="agreeing/attempted cases", title_justify="left"
    )
    table.add_column(Text("spec file"))
    for name in names:
        table.add_column(Text(folded(name)), justify="right")
    add_files(table, tables.by_file(found), names)
    table.add_row()
    add_totals(table, tables.counts(found, CALL).reindex(names), tables.counts(found, DROP_IN).reindex(names))
    return table


def folded(target: str) -> str:
    """A target's name in lines of at most six characters, broken at its hyphens first."""
    parts = target.replace("-", "-\n").replace("+", "\n+").split("\n")
    return "\n".join(line for part in parts for line in textwrap.wrap(part, 6))


def add_files(table: Table, files: pd.DataFrame, names: Sequence[str]) -> None:
    """A line for each spec file, under its folder's."""
    above = None
    for file, cells in files.reindex(columns=names).iterrows():
        folder, _, name = str(file).rpartition("/")
        if folder != above:
            table.add_row(Text(printable(folder.removeprefix("specs/"))))
            above = folder
        table.add_row(Text(f"  {printable(name.removesuffix('.yaml'))}"), *map(cell, cells))


def cell(pair: tuple[int, int] | float) -> Text:
    """Agreeing and attempted cases, marked where they are not the same."""
    if not isinstance(pair, tuple):
        return Text("")
    agrees, attempted = pair
    if not attempted:
        return Text("-", style="dim")
    return Text(f"{agrees}/{attempted}", style="green" if agrees == attempted else "yellow")


def add_totals(table: Table, call: pd.DataFrame, drop_in: pd.DataFrame) -> None:
    """A line for each verdict that occurs, and the agreeing part of the attempted cases."""
    for verdict in MEANINGS:
        if call[verdict].any():
            table.add_row(Text(word(verdict)), *(Text(str(count), style=style(verdict) if count else "dim") for count in call[verdict]))
    table.add_row(Text("of attempted", style="bold"), *(Text(share, style="bold") for share in call["percent"].map(shortened)))
    if drop_in["attempted"].any():
        table.add_row(Text("as drop-in"), *map(Text, drop_in["percent"].fillna("").map(shortened)))


def shortened(share: str) -> str:
    """A share in a narrow column."""
    return "-" if share.startswith("none") else share.replace(" ", "")


def style(verdict: str) -> str:
    """A verdict's colour; its word says the same."""
    return "green" if verdict == AGREES else "yellow" if verdict in FAULTS else "dim"


def unexpected(rows: Rows) -> Iterator[Text]:
    """The answers that the ledger does not account for, worst first."""
    first: dict[tuple[str, str], Row] = {}
    for row in sorted(rows.rows, key=lambda row: SEVERITY.index(row["verdict"])):
        if tables.unexpected(rows.cases[row["case"]], row):
            first.setdefault((row["case"], row["target"]), row)
    if first:
        yield Text(f"{plural(len(first), 'answer')} not accounted for by the ledger:", style="bold red")
    for row in list(first.values())[:SHOWN]:
        yield Text(f"  {row['target']} {word(row['verdict'])}: {printable(row['case'])}", style="red")
        yield Text(f"    {row['attribute']}: {textwrap.shorten(printable(row['detail']), 200)}")
    if len(first) > SHOWN:
        yield Text(f"  and {len(first) - SHOWN} more")
    if first:
        yield Text()


def closing(rows: Rows) -> Iterator[str]:
    """Sentences about the claims, and about what this run is not."""
    judged = claims(rows)
    if judged:
        said = [f"{sum(claim.measured == each for claim in judged)} {each}" for each in (UPHELD, CONTRADICTED, UNDECIDED)]
        yield f"{plural(len(judged), 'claim')} of documents: {', '.join(said)}"
    for left in rows.header.get("left_out", ()):
        yield f"left out: {printable(left['target'])} ({printable(left['why'])})"
    if not rows.whole:
        yield "PARTIAL: the run did not come to its end; nothing is known of the cases that are missing here"


def plural(count: int, noun: str) -> str:
    """So many of something."""
    return f"{count} {noun}{'s' * (count != 1)}"


def print_matrix(rows: Rows, terminal: pytest.TerminalReporter) -> None:
    """Print the matrix through pytest's reporter, with its choice of colour."""
    console = Console(force_terminal=terminal.hasmarkup, no_color=not terminal.hasmarkup)
    with console.capture() as captured:
        console.print(matrix(rows))
    terminal.write(captured.get())

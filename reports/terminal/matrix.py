"""The terminal matrix: targets across, spec files down, the totals below; for many targets only the totals, a line for each target."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from rich.console import Console, ConsoleOptions
from rich.table import Table
from rich.text import Text

from ...cases.judge.answer import AGREES
from ..rows import tables
from ..rows.tally import Tally
from ..rows.verdicts import FAULTS, MEANINGS, word
from ..rows.ways import CALL, DROP_IN
from ..words.text import make_printable

LINES = 40
"""More spec files than this are counted by their folders."""
NAME = 6
"""A target's name is folded into lines of so many characters, so that nine of them fit 80 columns."""
WORD = 11
"""A verdict is folded into lines of so many characters: its longest word."""
COLUMN_LIMIT = 18
"""For more targets than fit two blocks of 80 columns, each target is a line of totals; the report has the spec files."""


@dataclass(frozen=True)
class Line:
    """A line of the matrix: what it is about, and a cell for each target."""

    label: str
    cells: Sequence[Text] = ()


@dataclass(frozen=True)
class Matrix:
    """The matrix of some targets; where they do not all fit side by side it comes in blocks."""

    names: Sequence[str]
    lines: Sequence[Line]
    title: str = "agreeing/attempted"
    corner: str = "spec file"
    heading_width: int = NAME

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Table]:
        """The blocks that a console of this width takes."""
        room = options.max_width - max(len(line.label) for line in self.lines)
        widths = [self.width(at) for at in range(len(self.names))]
        blocks = 1 if sum(widths) <= room else math.ceil(len(widths) / max(1, room // max(widths)))
        many = math.ceil(len(widths) / blocks)
        for start in range(0, len(widths), many):
            yield self.block(slice(start, start + many))

    def width(self, at: int) -> int:
        """How wide a target's column is, with the space before it."""
        cells = (max(map(len, line.cells[at].plain.split("\n"))) for line in self.lines if line.cells)
        return 1 + max(*map(len, fold_name(self.names[at], self.heading_width).split("\n")), *cells)

    def block(self, part: slice) -> Table:
        """The matrix of some of the targets."""
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold", title=self.title or None, title_justify="left")
        table.add_column(Text(self.corner))
        for name in self.names[part]:
            table.add_column(Text(fold_name(name, self.heading_width)), justify="right")
        for line in self.lines:
            table.add_row(Text(line.label), *line.cells[part])
        return table


def make_matrix(rows_read: Tally) -> Matrix:
    """Make the matrix of a run: how many of the attempted cases agree, by spec file and target, and how often each verdict was given."""
    outcomes_table, names = tables.outcomes(rows_read), rows_read.targets
    call, drop_in = (tables.counts(outcomes_table, way).reindex(names) for way in (CALL, DROP_IN))
    totals = list(total_lines(call, drop_in))
    if len(names) > COLUMN_LIMIT:
        lines = [Line(make_printable(name), [total.cells[at] for total in totals]) for at, name in enumerate(names)]
        return Matrix([total.label for total in totals], lines, "cases by verdict", "target", WORD)
    files = file_lines(tables.by_file(group_by_folder(outcomes_table)).reindex(columns=names))
    return Matrix(names, [*files, Line(""), *totals])


def group_by_folder(outcomes_table: pd.DataFrame) -> pd.DataFrame:
    """Label outcomes by file or, where there are more files than fit a screen, by the folder of an operation."""
    return (
        outcomes_table if outcomes_table["file"].nunique() <= LINES else outcomes_table.assign(file=outcomes_table["file"].map(folder_of))
    )


def folder_of(file: str) -> str:
    """The first two folders of a path, or what there is of them."""
    *folders, name = file.split("/")
    return "/".join(folders[:2]) or name


def fold_name(target: str, width: int = NAME) -> str:
    """Fold the name of a target into lines of `width` characters, at its hyphens first, with its versions below."""
    name, _, versions = target.partition("@")
    parts = [*name.replace("-", "-\n").replace("+", "\n+").split("\n"), *filter(None, re.split(r",|(?<==)|(?=\+)", versions))]
    return "\n".join(line for part in parts for line in textwrap.wrap(make_printable(part), width))


def file_lines(table: pd.DataFrame) -> Iterator[Line]:
    """A line for each spec file, under its folder's."""
    above = None
    for file, pairs in table.iterrows():
        folder, _, name = make_printable(str(file)).rpartition("/")
        if folder != above:
            yield Line(folder.removeprefix("specs/"))
            above = folder
        yield Line(f"  {name.removesuffix('.yaml')}", list(map(format_cell, pairs)))


def format_cell(pair: tuple[int, int] | float) -> Text:
    """Format agreeing and attempted cases, coloured where the two differ."""
    if not isinstance(pair, tuple):
        return Text("")
    agrees, attempted_count = pair
    if not attempted_count:
        return Text("-", style="dim")
    return Text(f"{agrees}/{attempted_count}", style="green" if agrees == attempted_count else "yellow")


def total_lines(call: pd.DataFrame, drop_in: pd.DataFrame) -> Iterator[Line]:
    """A line for each verdict that occurs, and the agreeing part of the attempted cases.

    Cases that a target was not asked follow, if there are any, and the shapes that it inferred, if some are wrong.
    """
    for verdict in MEANINGS:
        if call[verdict].any():
            yield Line(word(verdict), [Text(f"{count:.0f}", style=style_of(verdict) if count else "dim") for count in call[verdict]])
    yield Line("of attempted", [Text(share, style="bold") for share in call["percent"].fillna("").map(shorten_share)])
    if call["not_asked"].any():
        yield Line("not asked", [Text(f"{count:.0f}", style="dim") for count in call["not_asked"]])
    if (call["inferred_agrees"] < call["inferred"]).any():
        pairs = zip(call["inferred_agrees"], call["inferred"], strict=True)
        yield Line("inferred shapes", [format_cell((int(agrees), int(attempted_count))) for agrees, attempted_count in pairs])
    if drop_in["attempted"].any():
        yield Line("as drop-in", list(map(Text, drop_in["percent"].fillna("").map(shorten_share))))


def shorten_share(share: str) -> str:
    """Shorten a percentage for a narrow column."""
    return "-" if share.startswith("none") else share.replace(" ", "")


def style_of(verdict: str) -> str:
    """A verdict's colour; its word says the same."""
    return "green" if verdict == AGREES else "yellow" if verdict in FAULTS else "dim"

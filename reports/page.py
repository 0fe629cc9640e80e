"""The compatibility report: rows become one self-contained page that opens from disk and asks the network for nothing.

Its size is bounded: an answer and a code are written once for all the targets they belong to, arrays
of more than `drawing.DRAWN` cells and messages of more than `answers.TEXT` characters are cut, and
past `entries.CODE` characters of code only cases that differ show theirs. What is left grows by about
a kilobyte for each case and by a hundred bytes for each case on a target.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from . import tables
from .claims import claims
from .comparison import REFERENCES, Comparison, short
from .differences import differences
from .documents import documents, tally
from .drawing import draw, shape
from .entries import entries
from .fingerprint import fingerprints
from .plan import CALL, DROP_IN
from .rows import Rows
from .text import printable, split
from .verdicts import FAULTS, MEANINGS, SYMBOLS, word

HERE = Path(__file__).parent

SHOWN = 50
"""So many of the lines about unexpected answers stand in the page; the rest are counted."""


def write_page(rows: Rows, path: Path) -> None:
    """Write the report of a run; raises `BadRows` where nothing was measured."""
    text = page(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def page(rows: Rows) -> str:
    """The whole page."""
    found, names = tables.outcomes(done := tables.tally(rows)), done.targets
    style, script = resource("page.css"), resource("page.js")
    listed, judged = entries(rows), claims(done)
    return environment().get_template("page.html.j2").render(
        header=rows.header, whole=rows.whole, targets=dict(versions(rows)), names=names, flags=flags(rows), kinds=kinds(rows),
        style=style, script=script, policy=policy(style, script),
        counts={way: tables.counts(found, way).reindex(names).dropna().to_dict("index") for way in (CALL, DROP_IN)},
        entries=listed, places={entry.line["case"]: entry.anchor for entry in listed}, files={file: list(each) for file, each in groupby(listed, lambda entry: entry.file)},
        documents=documents(listed, judged), claims=judged, compared=Comparison(fingerprints(rows)), differences=differences(rows),
        surprises=tables.surprises(found), unexpected=int(found["unexpected"].sum()), SHOWN=SHOWN,
    )  # fmt: skip


def versions(rows: Rows) -> Iterator[tuple[str, dict[str, str]]]:
    """Each target with the versions of all that took part, as its own rows have them."""
    told = {row["target"]: row["versions"] for row in rows.rows}
    for name in tables.targets(rows):
        yield name, told[name]


def flags(rows: Rows) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The flags that every target was given, and those that each was given beside them."""
    told = {name: each.get("flags", {}) for name, each in rows.header.get("targets", {}).items()}
    shared = set.intersection(*(set(each.items()) for each in told.values())) if told else set()
    return dict(sorted(shared)), {
        name: {flag: value for flag, value in each.items() if (flag, value) not in shared} for name, each in told.items()
    }


def kinds(rows: Rows) -> dict[str, int]:
    """How many cases there are of each kind."""
    return dict(Counter(line["kind"] for line in rows.cases.values()).most_common())


def resource(name: str) -> Markup:
    """A file of ours that stands in the page as it is."""
    return Markup((HERE / name).read_text(encoding="utf-8"))  # noqa: S704 (ours, and nothing is filled in)


def policy(style: str, script: str) -> str:
    """The content-security policy: nothing but these very texts is applied or run, and nothing is fetched."""
    return f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; base-uri 'none'; form-action 'none'"


def digest(text: str) -> str:
    """A text's hash as a policy writes it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def environment() -> Environment:
    """The templates' surroundings; whatever they are given is made printable, then escaped."""
    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, finalize=shown, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals.update(
        SYMBOLS=SYMBOLS, MEANINGS=MEANINGS, FAULTS=FAULTS, draw=draw, tally=tally, split=split, short=short, REFERENCES=REFERENCES
    )
    made.filters.update(word=word, shape=shape)
    return made


def shown(value: Any) -> Any:
    """What a template puts into the page; markup of its own stays as it is."""
    return printable(value) if type(value) is str else value

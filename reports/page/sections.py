"""What the sections of the page hold: what ran, what was found, every case, and how layers move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment

from ...adapters.targets.version_names import without_version
from ..diff.diff import Diff, Side, compare_versions
from ..fingerprint.comparison import Comparison
from ..fingerprint.fingerprint import derive_fingerprints
from ..rows import tables
from ..rows.differences import differences
from ..rows.records import Rows
from ..rows.tally import Tally
from ..rows.verdicts import MEANINGS, SEVERITY, SYMBOLS
from ..rows.ways import CALL, DROP_IN
from ..run.claims import claims
from .case_views import entries
from .compression import pack
from .documents import documents
from .environment import said
from .full_cases import DOZEN, chosen, details
from .pairs import Pairs
from .script_messages import texts
from .table import columns

SHOWN = 50
"""So many lines of a list stand in the page; the rest are counted."""
STATEMENTS = 500
"""So many statements of documents stand in the page; the rest are counted."""


def run(rows: Rows) -> dict[str, Any]:
    """What ran, and where."""
    return {
        "header": rows.header, "whole": rows.whole, "targets": dict(versions(rows)), "names": tables.targets(rows), "flags": flags(rows),
        "packages": list(dict.fromkeys(pair for _, taking in versions(rows) for pair in taking.items())),
        "kinds": dict(Counter(line["kind"] for line in rows.cases.values()).most_common()), "total": len(rows.cases),
        "files": len({case.partition("::")[0] for case in rows.cases}), "waiting": [line for line in rows.cases.values() if line["waiting"]],
    }  # fmt: skip


def findings(rows: Rows, done: Tally, found: pd.DataFrame) -> dict[str, Any]:
    """What was found, apart from single cases: how targets differ, by which causes, and how each did."""
    names = tables.targets(rows)
    return {
        "compared": Comparison(derive_fingerprints(rows)), "differences": differences(rows), "claims": claims(done),
        "upgraded": upgraded(rows),
        "counts": {way: tables.counts(found, way).reindex(names).dropna().to_dict("index") for way in (CALL, DROP_IN)},
        "surprises": tables.surprises(found), "unexpected": int(found["unexpected"].sum()),
    }  # fmt: skip


def every(rows: Rows, told: Mapping[str, Any], found: pd.DataFrame, surroundings: Environment, ran: Mapping[str, Any]) -> dict[str, Any]:
    """Every case: those in full, the statements of documents among them, and the table of all."""
    kept = chosen(rows, found, {*led_to(told)})
    stated = [case for case, line in rows.cases.items() if line["source"]]
    entry = entries(rows, dict.fromkeys([*kept, *stated[:STATEMENTS]]))
    case = surroundings.get_template("case.html.j2")
    full = details(rows.cases, {name: entry[name] for name in kept}, lambda entry: case.render(entry=entry, **ran))
    table = columns(rows)
    words = {"symbols": SYMBOLS, "order": SEVERITY, "verdicts": {each: said(each) for each in MEANINGS}, "texts": texts()}
    return {
        "documents": documents((entry[name] for name in stated[:STATEMENTS]), told["claims"]), "unstated": len(stated[STATEMENTS:]),
        "filters": options(table), "details": full, "shown_in_full": len(kept),
        "table": pack({**table, "places": full.places, "dozen": DOZEN, **words}),
    }  # fmt: skip


def led_to(told: Mapping[str, Any]) -> Iterator[str]:
    """The cases to which the rest of the page leads."""
    compared = told["compared"]
    parts = (each.parts(axis)[:1] for each in compared.prints.values() for axis in compared.differing)
    yield from (next(iter(part.shown.values())) for first in parts for part in first)
    yield from (each["case"] for each in told["surprises"][:SHOWN])
    yield from (next(iter(turn.cases.values()))[0] for step in told["upgraded"] for turn in step.turns[:SHOWN])


def moving(pairs: Pairs | None, surroundings: Environment, ran: Mapping[str, Any]) -> dict[str, Any]:
    """The table of pairs, and the recipes of each."""
    if pairs is None:
        return {"pairs": None}
    pair = surroundings.get_template("pair.html.j2")
    return {"pairs": pairs, "recipes": pack(pairs.rendered(lambda start, end, ports: pair.render(
        start=start, end=end, ports=ports, layers=pairs.layers, **ran)))}  # fmt: skip


def upgraded(rows: Rows) -> list[Diff]:
    """What changed from version to version; nothing where each target has one."""
    return compare_versions(Side(Path(), rows)) if len({*map(without_version, tables.targets(rows))}) < len(tables.targets(rows)) else []


def options(table: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What each filter of the table may be set to."""
    found = {
        **{name: table["cases"][name]["names"] for name in ("op", "rank", "tier")},
        **{name: table["findings"][name]["names"] for name in ("attribute", "cause")},
        **{name: table["answers"][name]["names"] for name in ("verdict", "way")},
    }
    return {name: [value for value in values if value not in ("", None)] for name, values in found.items()}


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

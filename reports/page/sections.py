"""The values of the page's sections: what ran, what was found, all cases, and how layers can be ported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment

from ...adapters.targets.version_names import without_version
from ..diff.diff import Diff, Side, compare_versions
from ..diff.modes import compare_modes
from ..fingerprint.comparison import Comparison
from ..fingerprint.fingerprint import derive_fingerprints
from ..rows import tables
from ..rows.differences import differences
from ..rows.records import Rows
from ..rows.tally import Tally
from ..rows.verdicts import MEANINGS, SEVERITY, SYMBOLS
from ..rows.ways import CALL, DROP_IN
from ..run.claims import claims
from .case_views import build_case_views
from .compression import compress_json
from .documents import group_statements
from .environment import translate_word
from .families import list_families
from .full_cases import PACK_SIZE, choose_cases, render_cases
from .pairs import Pairs
from .script_messages import translate_script_messages
from .table import build_table, list_filters

LIST_LIMIT = 50
"""At most this many lines of a list are shown; the rest are counted."""
STATEMENT_LIMIT = 500
"""At most this many statements of documents are shown; the rest are counted."""

Values = Mapping[str, Any]
"""Values for templates, by name."""


def describe_run(rows: Rows) -> dict[str, Any]:
    """What ran, and where."""
    return {
        "header": rows.header, "whole": rows.whole, "targets": dict(list_versions(rows)), "names": tables.targets(rows), "families": list_families(tables.targets(rows)), "flags": split_flags(rows),
        "packages": list(dict.fromkeys(package for _, packages in list_versions(rows) for package in packages.items())),
        "kinds": dict(Counter(line["kind"] for line in rows.cases.values()).most_common()), "total": len(rows.cases),
        "files": len({case.partition("::")[0] for case in rows.cases}), "waiting": [line for line in rows.cases.values() if line["waiting"]],
    }  # fmt: skip


def summarise_findings(rows: Rows, rows_read: Tally) -> dict[str, Any]:
    """What was found, apart from single cases: fingerprints, causes, claims, and the counts of each target."""
    names, outcomes = tables.targets(rows), tables.outcomes(rows_read)
    return {
        "compared": Comparison(derive_fingerprints(rows)), "differences": differences(rows), "claims": claims(rows_read),
        "upgraded": find_upgrades(rows), "modes": compare_modes(rows),
        "counts": {way: tables.counts(outcomes, way).reindex(names).dropna().to_dict("index") for way in (CALL, DROP_IN)},
        "surprises": tables.list_unexpected(outcomes), "unexpected": int(outcomes["unexpected"].sum()),
    }  # fmt: skip


def build_cases(rows: Rows, rows_read: Tally, findings: Values, environment: Environment, run: Values) -> dict[str, Any]:
    """All cases: those shown in full, the statements of documents among them, and the table."""
    shown_cases = choose_cases(rows, rows_read, {*find_linked_cases(findings)})
    claim_cases = [case for case, line in rows.cases.items() if line["source"]]
    views = build_case_views(rows, dict.fromkeys([*shown_cases, *claim_cases[:STATEMENT_LIMIT]]))
    template = environment.get_template("case.html.j2")
    full = render_cases(rows.cases, {case: views[case] for case in shown_cases}, lambda view: template.render(entry=view, **run))
    table = build_table(rows)
    words = {
        "symbols": SYMBOLS,
        "order": SEVERITY,
        "verdicts": {name: translate_word(name) for name in MEANINGS},
        "texts": translate_script_messages(),
    }
    return {
        "documents": group_statements((views[case] for case in claim_cases[:STATEMENT_LIMIT]), findings["claims"]),
        "unstated": len(claim_cases[STATEMENT_LIMIT:]), "filters": list_filters(table, tables.targets(rows)), "details": full,
        "shown_in_full": len(shown_cases), "table": compress_json({**table, "places": full.places, "dozen": PACK_SIZE, **words}),
    }  # fmt: skip


def find_linked_cases(findings: Values) -> Iterator[str]:
    """The cases that other sections of the page link to."""
    comparison = findings["compared"]
    parts = (target.parts(axis)[:1] for target in comparison.prints.values() for axis in comparison.differing_axes)
    yield from (next(iter(part.cases_by_place.values())) for first in parts for part in first)
    yield from (line["case"] for line in findings["surprises"][:LIST_LIMIT])
    yield from (group.example for step in findings["upgraded"] for group in step.groups[:LIST_LIMIT])
    yield from (cases[0] for comparison in findings["modes"] for cases in comparison.cases.values())


def build_pairs(pairs: Pairs | None, environment: Environment, run: Values) -> dict[str, Any]:
    """The table of pairs, and the recipes of each."""
    if pairs is None:
        return {"pairs": None}
    template = environment.get_template("pair.html.j2")
    recipes = pairs.render(lambda start, end, ports: template.render(start=start, end=end, ports=ports, layers=pairs.layers, **run))
    return {"pairs": pairs, "recipes": compress_json(recipes)}


def find_upgrades(rows: Rows) -> list[Diff]:
    """What changed from version to version; empty where each target has one version."""
    return compare_versions(Side(Path(), rows)) if len({*map(without_version, tables.targets(rows))}) < len(tables.targets(rows)) else []


def list_versions(rows: Rows) -> Iterator[tuple[str, dict[str, str]]]:
    """Each target with the versions of its packages, as its rows have them."""
    versions = {row["target"]: row["versions"] for row in rows.rows}
    for name in tables.targets(rows):
        yield name, versions[name]


def split_flags(rows: Rows) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The flags that all targets share, and the other flags of each."""
    flags = {name: target.get("flags", {}) for name, target in rows.header.get("targets", {}).items()}
    shared_flags = set.intersection(*(set(own.items()) for own in flags.values())) if flags else set()
    return dict(sorted(shared_flags)), {
        name: {flag: value for flag, value in own.items() if (flag, value) not in shared_flags} for name, own in flags.items()
    }

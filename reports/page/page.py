"""The compatibility report: rows become one self-contained page that opens from disk and loads nothing from the network.

Its size is bounded: the table of all cases is compressed columns of codes; at most `full_cases.CASE_LIMIT`
cases are included in full, compressed in packs, an answer and a code once for all of their targets;
arrays of more than `arrays.CELL_LIMIT` cells and messages of more than `answers.MESSAGE_LIMIT`
characters are truncated; at most `sections.STATEMENT_LIMIT` statements of documents and
`sections.LIST_LIMIT` lines of a list are shown.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..rows import tables
from ..rows.files import write_text
from ..rows.records import Rows, pause_garbage_collection
from ..words.language import use_language
from .environment import make_environment
from .pairs import Pairs
from .sections import LIST_LIMIT, build_cases, build_pairs, describe_run, list_versions, summarise_findings

STATIC = Path(__file__).with_name("static")
STYLES = ("vendor/tabulator/tabulator.min.css", "page.css")
SCRIPTS = ("vendor/tabulator/tabulator.min.js", "table.js", "page.js")
SOURCE_MAP = re.compile(r"//# sourceMappingURL=.*|/\*# sourceMappingURL=.*?\*/")
"""A reference to another file, which a self-contained page does not have."""


@pause_garbage_collection()
def write_page(rows: Rows, path: Path, lang: str = "en", pairs: Pairs | None = None) -> None:
    """Write the report of a run; `pairs` unless given is the recorded table of these versions. Raises `BadRows` for a run without rows."""
    write_text(path, render_page(rows, lang, pairs))


def render_page(rows: Rows, lang: str = "en", pairs: Pairs | None = None) -> str:
    """The whole page in a language."""
    rows_read = tables.tally_rows(rows)
    with use_language(lang) as language:
        environment = make_environment()
        findings = summarise_findings(rows, rows_read)
        run = {**describe_run(rows), "lang": language.code, "LIST_LIMIT": LIST_LIMIT}
        ports = build_pairs(pairs or Pairs.read_recorded(dict(list_versions(rows))), environment, run)
        cases = build_cases(rows, rows_read, findings, environment, run)
        return environment.get_template("page.html.j2").render(**load_resources(), **run, **ports, **findings, **cases)


def load_resources() -> dict[str, Any]:
    """The styles and scripts of the page, and the policy that allows only them."""
    styles, scripts = ([read_resource(name) for name in names] for names in (STYLES, SCRIPTS))
    return {"styles": styles, "scripts": scripts, "policy": build_policy(styles, scripts)}


def read_resource(name: str) -> Markup:
    """A file of ours or of a library, to be included unchanged."""
    return Markup(SOURCE_MAP.sub("", (STATIC / name).read_text(encoding="utf-8")))  # noqa: S704 (nothing is filled in)


def build_policy(styles: Iterable[str], scripts: Iterable[str]) -> str:
    """The content-security policy: only these texts are applied or run, and nothing is fetched."""
    allowed_sources = f"style-src {hash_texts(styles)}; script-src {hash_texts(scripts)}"
    return f"default-src 'none'; {allowed_sources}; base-uri 'none'; form-action 'none'"


def hash_texts(texts: Iterable[str]) -> str:
    """The hashes of texts in the form of a policy."""
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts)

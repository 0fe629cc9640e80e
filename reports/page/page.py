"""The compatibility report: rows become one self-contained page that opens from disk and asks the network for nothing.

Its size is bounded: the table of every case is columns of codes, compressed; at most `details.DETAILS`
cases are there in full, compressed by the dozen, an answer and a code written once for all the targets
they belong to; arrays of more than `drawing.DRAWN` cells and messages of more than `answers.TEXT`
characters are cut; and at most `sections.STATEMENTS` statements of documents and `sections.SHOWN` lines of a list are shown.
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
from ..rows.records import Rows, uncollected
from ..words.language import speaking
from .environment import environment
from .pairs import Pairs
from .sections import SHOWN, every, findings, moving, run, versions

STATIC = Path(__file__).with_name("static")
STYLES = ("vendor/tabulator/tabulator.min.css", "page.css")
SCRIPTS = ("vendor/tabulator/tabulator.min.js", "table.js", "page.js")
MAPPED = re.compile(r"//# sourceMappingURL=.*|/\*# sourceMappingURL=.*?\*/")
"""Where a file says that its source lies elsewhere: a page has nothing elsewhere."""


@uncollected()
def write_page(rows: Rows, path: Path, lang: str = "en", pairs: Pairs | None = None) -> None:
    """Write the report of a run, with a table of pairs, or with what is recorded of these versions; raises `BadRows` where nothing was measured."""
    write_text(path, render_page(rows, lang, pairs))


def render_page(rows: Rows, lang: str = "en", pairs: Pairs | None = None) -> str:
    """The whole page, in a language."""
    done = tables.tally_rows(rows)
    found = tables.outcomes(done)
    with speaking(lang) as language:
        surroundings = environment()
        ran = {**run(rows), "lang": language.code, "SHOWN": SHOWN}
        moved = moving(pairs or Pairs.recorded(dict(versions(rows))), surroundings, ran)
        told = {**findings(rows, done, found), **moved}
        listed = every(rows, told, found, surroundings, ran)
        return surroundings.get_template("page.html.j2").render(**frame(), **ran, **told, **listed)


def frame() -> dict[str, Any]:
    """The styles and scripts of the page, and the policy that allows them alone."""
    styles, scripts = ([resource(name) for name in names] for names in (STYLES, SCRIPTS))
    return {"styles": styles, "scripts": scripts, "policy": policy(styles, scripts)}


def resource(name: str) -> Markup:
    """A file of ours, or of a library, that stands in the page as it is."""
    return Markup(MAPPED.sub("", (STATIC / name).read_text(encoding="utf-8")))  # noqa: S704 (nothing is filled in)


def policy(styles: Iterable[str], scripts: Iterable[str]) -> str:
    """The content-security policy: nothing but these very texts is applied or run, and nothing is fetched."""
    allowed = f"style-src {digests(styles)}; script-src {digests(scripts)}"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def digests(texts: Iterable[str]) -> str:
    """Texts' hashes as a policy writes them."""
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts)

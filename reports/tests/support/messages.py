"""Every text of ours that a catalogue must have: those of templates and code, and those of tables."""

from pathlib import Path

from babel.messages.extract import extract_from_file
from jinja2.ext import babel_extract

from poolparity.reports.diff.wording import HEADINGS
from poolparity.reports.fingerprint.wording import FAMILIES, WORDS
from poolparity.reports.rows.verdicts import MEANINGS, word
from poolparity.reports.words import language
from poolparity.reports.words.phrases import axis_texts

REPORTS = Path(language.__file__).parents[1]
TEMPLATES = [*sorted((REPORTS / "page" / "templates").glob("*.j2")), *sorted((REPORTS / "compare" / "templates").glob("*.j2"))]
NAMES = (
    "conformance",
    "claim",
    "probe",
    "observe",
    "upheld",
    "contradicted",
    "undecided",
    "not run yet",
    "not attempted",
    "call",
    "drop_in",
    "unexplained",
    "the numbers change when asked again",
)
ATTRIBUTES = (
    "acceptance",
    "shape",
    "dtype",
    "values",
    "indices",
    "gradient",
    "inferred_shape",
    "parameters",
    "channels_first",
    "channels_last",
)


def messages():
    """Every text, a pair of forms where it is told of one or of many."""
    texts = []
    for path in TEMPLATES:
        with path.open("rb") as stream:
            texts += [
                text for _, _, text, _ in babel_extract(stream, ("_", "ngettext"), (), {"trim_blocks": "true", "lstrip_blocks": "true"})
            ]
    for path in sorted(path for path in REPORTS.rglob("*.py") if "tests" not in path.relative_to(REPORTS).parts):
        texts += [
            text
            for _, text, *_ in extract_from_file("python", path, keywords={"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)})
        ]
    forms = {tuple(part for part in text if part) if isinstance(text, tuple) else text for text in texts}
    return forms | {*map(word, (*NAMES, *ATTRIBUTES, *MEANINGS))} | {*MEANINGS.values()} | axis_texts() | {
        item for choices in WORDS.values() for item in choices.values()
    } | {*FAMILIES, *HEADINGS.values(), "none attempted"}  # fmt: skip

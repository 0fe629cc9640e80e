"""Writes reports/GLOSSARY.md from the glossary that the report shows: `python .ci/glossary.py`."""

from pathlib import Path

from poolparity.reports.page.glossary import GLOSSARY

PAGE = Path(__file__).parents[1] / "reports" / "GLOSSARY.md"


def make_page() -> str:
    """The page: a table of terms and their definitions."""
    rows = [f"| {term} | {definition.replace('<code>', '`').replace('</code>', '`')} |" for term, definition in GLOSSARY.items()]
    return (
        "\n".join(
            ["# Glossary", "", "The report explains the same terms where it uses them.", "", "| term | meaning |", "|---|---|", *rows]
        )
        + "\n"
    )


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")

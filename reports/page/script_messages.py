"""What the page's script says, in the language that is spoken."""

from __future__ import annotations

from ..words.language import gettext as _


def texts() -> dict[str, str]:
    """Each text by the name by which the script knows it; {0} and {1} are filled in by the script."""
    return {
        "cases": _("Every case on every target"),
        "case": _("Case"),
        "op": _("Operation"),
        "rank": _("Axes"),
        "tier": _("Tier"),
        "shown": _("{0} of {1} cases"),
        "none": _("No case is like that"),
        "copy": _("Copy"),
        "copied": _("Copied"),
        "selected": _("Selected: press Ctrl+C"),
        "missing": _("This page has no case of that name: {0}"),
        "pairless": _("This page has no recipes for that pair: {0}"),
        "elsewhere": _("This page holds {0} of its {1} cases in full, those that differ first. This one is made by:"),
        "answer": _("answer {0}"),
        "nothing": _("not asked"),
        "loading": _("Unpacking ..."),
    }

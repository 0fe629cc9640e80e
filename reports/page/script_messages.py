"""The messages of the page's script, in the current language."""

from __future__ import annotations

from ..words.language import gettext as _


def translate_script_messages() -> dict[str, str]:
    """Each message by the name that the script uses; the script replaces {0} and {1}."""
    return {
        "cases": _("All cases on all targets"),
        "case": _("Case"),
        "shown": _("{0} of {1} cases"),
        "none": _("No case matches the filters"),
        "copy": _("Copy"),
        "copied": _("Copied"),
        "selected": _("Selected: press Ctrl+C"),
        "missing": _("This page has no case {0}"),
        "pairless": _("This page has no recipes for {0}"),
        "elsewhere": _("This page includes {0} of {1} cases in full, differing ones first. To create a page of this case, run:"),
        "answer": _("answer {0}"),
        "nothing": _("no result"),
    }

"""A comparison of two models as a self-contained page."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..page.environment import finalize, translate, translate_count
from ..page.page import build_policy, read_resource
from ..words.language import gettext, use_language
from .compare import Comparison
from .text import HEADS, HIDDEN, ONLY, describe_pooling, describe_result, group_pairs, summarise

TEMPLATES = Path(__file__).with_name("templates")


@cache
def make_environment() -> Environment:
    """The environment, which compiles its template once; values are made printable, then escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=finalize,
    )  # fmt: skip
    environment.globals.update(_=translate, ngettext=translate_count, describe_pooling=describe_pooling, describe_result=describe_result)
    environment.filters.update(translated=gettext)
    return environment


def render_comparison(comparison: Comparison, lang: str = "en") -> str:
    """The page in a language."""
    style = read_resource("page.css")
    with use_language(lang) as language:
        return make_environment().get_template("comparison.html.j2").render(
            lang=language.code, comparison=comparison, groups=group_pairs(comparison.pairs), heads=HEADS, summary=summarise(comparison),
            alone=list(zip(ONLY, comparison.only, strict=True)), unrevealed=list(zip(HIDDEN, comparison.hidden_parts, strict=True)),
            style=style, policy=build_policy([style], []), suite=metadata.version("poolparity"),
        )  # fmt: skip

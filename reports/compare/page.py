"""A comparison of two models as a self-contained page."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..page.page import build_policy, read_resource
from ..words.text import make_printable
from .compare import Comparison
from .text import HEADS, describe_pooling, describe_result, group_pairs, summarise

TEMPLATES = Path(__file__).with_name("templates")


def render_comparison(comparison: Comparison) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=lambda value: make_printable(value) if type(value) is str else value,
    )  # fmt: skip
    style = read_resource("page.css")
    return environment.get_template("comparison.html.j2").render(
        comparison=comparison, groups=group_pairs(comparison.pairs), heads=HEADS, summary=summarise(comparison), style=style,
        policy=build_policy([style], []), describe_pooling=describe_pooling, describe_result=describe_result,
        suite=metadata.version("poolparity"),
    )  # fmt: skip

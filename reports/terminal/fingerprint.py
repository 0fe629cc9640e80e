"""Fingerprints in the terminal: axes down, targets across, contexts below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from ..fingerprint.comparison import UNKNOWN, Comparison
from ..fingerprint.fingerprint import NOT_APPLICABLE, NOT_MEASURED, TargetFingerprint
from ..fingerprint.wording import format_name
from ..words.text import make_printable
from .matrix import Line, Matrix

SIGNS = {NOT_APPLICABLE: "-", NOT_MEASURED: "?"}
CELL = 10
"""A value is folded into lines of about so many characters."""


def fingerprint_table(comparison: Comparison) -> RenderableType:
    """All that fingerprints have to say."""
    first = [columns[0] for columns in comparison.columns]
    lines = [Line(axis, [cell(comparison.prints[name], axis) for name in first]) for axis in comparison.differing_axes]
    names = [", ".join(columns) for columns in comparison.columns]
    table = [Matrix(names, lines, title="", corner="axis")] if lines else []
    return Group(*table, *contexts(comparison), *list_refusals(comparison), *meanings(comparison), *lines_of_shared_rules(comparison))


def cell(fingerprint: TargetFingerprint, axis: str) -> Text:
    """A word or two in a narrow column."""
    word = format_name(fingerprint, axis)
    if word in UNKNOWN:
        return Text(SIGNS[word], style="dim")
    lines = textwrap.wrap(make_printable(word).replace("_", "_ "), CELL)
    return Text("\n".join(line.replace("_ ", "_") for line in lines), style="yellow" if fingerprint.unexplained(axis) else "")


def meanings(comparison: Comparison) -> Iterator[RenderableType]:
    """What the words mean that tell targets apart."""
    if comparison.differing_axes:
        yield Text("\nmeaning of the values", style="bold")
    for axis, meaning in comparison.meanings.items():
        yield indent(axis, "; ".join(f"{value}: {phrase}" for value, phrase in meaning.items()))


def contexts(comparison: Comparison) -> Iterator[RenderableType]:
    """What the signs mean, and where rules depend on the context."""
    if comparison.differing_axes:
        yield Text("- not applicable, ? not measured, * depends on the context:", style="dim")
    for axis, context_texts in comparison.contexts.items():
        yield Text(f"\n{axis}", style="bold")
        for text, names in context_texts.items():
            yield indent(", ".join(names), text)


def list_refusals(comparison: Comparison) -> Iterator[RenderableType]:
    """What was refused though no rule refuses it."""
    if comparison.unexplained_refusals:
        yield Text("\nrejected for an unknown reason", style="bold")
    for name, text in comparison.unexplained_refusals.items():
        yield indent(name, text)


def indent(name: str, text: str) -> RenderableType:
    """A paragraph under a heading that begins with a name."""
    return Padding(Text.assemble((f"{make_printable(name)} ", "bold"), make_printable(text)), (0, 0, 0, 2), expand=False)


def lines_of_shared_rules(comparison: Comparison) -> Iterator[Text]:
    """The axes that tell no targets apart."""
    text = ", ".join(f"{axis} {word}" for axis, word in comparison.shared_rules.items())
    if text:
        yield Text(f"\n{axes(len(comparison.shared_rules))} on which all targets agree: {text}")
    if comparison.unknown:
        yield Text(f"\n{axes(len(comparison.unknown))} that were not measured: {', '.join(comparison.unknown)}")


def axes(count: int) -> str:
    """So many axes."""
    return f"{count} {'axis' if count == 1 else 'axes'}"

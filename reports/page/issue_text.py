"""The text of an issue for those who make a framework: what was asked, what came, what was due, and the code that shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..rows.differences import searched
from ..rows.records import CaseLine, Header
from ..rows.verdicts import FAULTS, word
from ..words.text import format_value, make_printable
from .answers import Group


def issue(
    line: CaseLine, group: Group, codes: Mapping[str, Sequence[str]], header: Header, versions: Mapping[str, Mapping[str, str]]
) -> str:
    """The text, in Markdown, for the first target that gave an answer; empty where nobody's framework is at fault."""
    who = list(group.who.get("call", ()))
    if group.verdict not in FAULTS or not who or not searched(line):
        return ""
    parts = [title(line, group, who), asked(line), *answered(group), *native(codes, who[0]), *reasons(group), where(who, header, versions)]
    return make_printable("\n\n".join(parts))


def title(line: CaseLine, group: Group, who: Sequence[str]) -> str:
    """The heading, and what the case states."""
    about = (line["about"] or "").strip()
    return f"# {who[0]}: {line['op']} {word(group.verdict)} ({line['case'].rpartition('::')[2]})" + (f"\n\n{about}" if about else "")


def asked(line: CaseLine) -> str:
    """What was asked."""
    stated = line["layer"] or f"{line['op']}({', '.join(f'{name}={value}' for name, value in line['pool'].items())})"
    return f"Asked: {fenced(stated)}\n\nof the input: {fenced(format_value(line['input']))}"


def answered(group: Group) -> list[str]:
    """What came, and what was due."""
    told = [
        f"{word(row['attribute'])} got: {fenced(format_value(row['got']))}\n\ndue: {fenced(format_value(row['due']))}"
        for row in group.findings
    ]
    return told or [f"It {word(group.verdict)}: {fenced(text)}" for text in group.remarks]


def native(codes: Mapping[str, Sequence[str]], target: str) -> list[str]:
    """The code that shows it."""
    return [f"To reproduce:\n\n{block(code)}" for code, who in codes.items() if target in who][:1]


def reasons(group: Group) -> list[str]:
    """Why it is so, as far as that is known."""
    return [f"The answer is what this rule gives: {cause}." for cause in group.causes if group.rules]


def where(who: Sequence[str], header: Header, versions: Mapping[str, Mapping[str, str]]) -> str:
    """With which versions, and where."""
    told = ", ".join(f"{name} {version}" for name, version in versions.get(who[0], {}).items())
    return f"Versions: {told}. Platform: {header.get('platform') or 'not stated'}. The same answer: {', '.join(who)}."


def fenced(text: str) -> str:
    """A text as code within a line, whatever backticks it holds."""
    fence = "`" * (longest(text) + 1)
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def block(text: str) -> str:
    """A text as a block of Python, whatever backticks it holds."""
    fence = "`" * max(3, longest(text) + 1)
    return f"{fence}python\n{text}\n{fence}"


def longest(text: str) -> int:
    """How many backticks follow each other at most."""
    return max(map(len, re.findall("`+", text)), default=0)

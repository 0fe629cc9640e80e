"""The text of an issue for the maintainers of a framework: the layer, the answer, the expected answer, and code to reproduce it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..rows.differences import has_cause_search
from ..rows.records import CaseLine, Header
from ..rows.verdicts import FAULTS, word
from ..words.text import format_value, make_printable
from .answers import Group


def write_issue(
    line: CaseLine, group: Group, codes: Mapping[str, Sequence[str]], header: Header, versions: Mapping[str, Mapping[str, str]]
) -> str:
    """The issue in Markdown for the first target of a group; empty where no framework is at fault."""
    targets = list(group.who.get("call", ()))
    if group.verdict not in FAULTS or not targets or not has_cause_search(line):
        return ""
    parts = [
        format_title(line, group, targets), describe_layer(line), *describe_answer(group), *select_code(codes, targets[0]), *describe_causes(group),
        describe_versions(targets, header, versions),
    ]  # fmt: skip
    return make_printable("\n\n".join(parts))


def format_title(line: CaseLine, group: Group, targets: Sequence[str]) -> str:
    """The heading, and the description of the case."""
    about = (line["about"] or "").strip()
    return f"# {targets[0]}: {line['op']} {word(group.verdict)} ({line['case'].rpartition('::')[2]})" + (f"\n\n{about}" if about else "")


def describe_layer(line: CaseLine) -> str:
    """The layer and its input."""
    layer = line["layer"] or f"{line['op']}({', '.join(f'{name}={value}' for name, value in line['pool'].items())})"
    return f"Layer: {quote_code(layer)}\n\nInput: {quote_code(format_value(line['input']))}"


def describe_answer(group: Group) -> list[str]:
    """The answer beside the expected one."""
    findings = [
        f"{word(row['attribute'])}: got {quote_code(format_value(row['got']))}\n\nexpected {quote_code(format_value(row['due']))}"
        for row in group.findings
    ]
    return findings or [f"It {word(group.verdict)}: {quote_code(text)}" for text in group.remarks]


def select_code(codes: Mapping[str, Sequence[str]], target: str) -> list[str]:
    """The code to reproduce the answer, at most one text."""
    return [f"To reproduce:\n\n{quote_block(code)}" for code, targets_of_code in codes.items() if target in targets_of_code][:1]


def describe_causes(group: Group) -> list[str]:
    """The rules that reproduce the answer, as far as they are known."""
    return [f"This rule reproduces the answer: {cause}." for cause in group.causes if group.rules]


def describe_versions(targets: Sequence[str], header: Header, versions: Mapping[str, Mapping[str, str]]) -> str:
    """The versions, the platform, and the targets with the same answer."""
    packages = ", ".join(f"{name} {version}" for name, version in versions.get(targets[0], {}).items())
    return f"Versions: {packages}. Platform: {header.get('platform') or 'not recorded'}. Targets with this answer: {', '.join(targets)}."


def quote_code(text: str) -> str:
    """A text as Markdown code within a line, with a fence that the text does not contain."""
    fence = "`" * (longest_run(text) + 1)
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def quote_block(text: str) -> str:
    """A text as a Markdown block of Python, with a fence that the text does not contain."""
    fence = "`" * max(3, longest_run(text) + 1)
    return f"{fence}python\n{text}\n{fence}"


def longest_run(text: str) -> int:
    """The length of the longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)

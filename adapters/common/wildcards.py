"""Patterns in which only '*' and '?' are wild cards, matched in time that no pattern makes exponential."""

from __future__ import annotations

from fnmatch import fnmatchcase


def matches_pattern(text: str, pattern: str) -> bool:
    """Whether a text matches a pattern."""
    return text == pattern or fnmatchcase(text, pattern.replace("[", "[[]"))


def is_pattern(pattern: str) -> bool:
    """Whether a text has a wild card."""
    return "*" in pattern or "?" in pattern

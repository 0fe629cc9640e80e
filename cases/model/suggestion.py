"""Suggestions for a layer's name that is not known: those that mean the same kind of pooling, and none rather than others."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
SAME_MEANING = {
    "average": "avg", "mean": "avg", "maximum": "max", "amax": "max", "pooling": "pool", "maxpool": "max pool", "avgpool": "avg pool",
    "averagepool": "avg pool", "unpooling": "unpool", "upsampling": "upsample", "convolution": "conv",
}  # fmt: skip
KINDS = frozenset({"max", "avg", "lp", "sum", "conv", "flatten", "input", "unpool", "upsample"})
"""Words that say what is computed: a suggestion has the same ones."""
SCOPES = frozenset({"global", "adaptive", "fractional"})
"""Words that say of which cells it is computed: a suggestion has the same ones, if there is such a layer."""
MOST = 3
ALTERNATIVE = "a pooling layer or function, or a mean, maximum or sum over exactly the spatial axes"


def suggest(name: str, known_names: Iterable[str]) -> str:
    """The known names that are close in meaning, as the end of a sentence; what is expected in general if there is none."""
    nearest = nearest_names(name, known_names)
    return f"one of {', '.join(nearest)}" if len(nearest) > 1 else nearest[0] if nearest else ALTERNATIVE


def nearest_names(name: str, known_names: Iterable[str]) -> list[str]:
    """Up to three known names of the same kind of pooling, those of the same module and the most similar ones first."""
    wanted_meaning = meaning(name)
    if not wanted_meaning & KINDS:
        return []
    close = [other for other in known_names if meaning(other) & KINDS == wanted_meaning & KINDS]
    candidates = [other for other in close if meaning(other) & SCOPES == wanted_meaning & SCOPES] or close
    root, last = name.partition(".")[0], name.rpartition(".")[2].lower()
    return sorted(
        candidates,
        key=lambda other: (
            -difflib.SequenceMatcher(None, last, other.rpartition(".")[2].lower()).ratio() - (other.partition(".")[0] == root),
            other,
        ),
    )[:MOST]


def meaning(name: str) -> frozenset[str]:
    """The words of a name that say what it computes; its module's say nothing."""
    words = " ".join(WORD.findall(name.rpartition(".")[2])).lower().split()
    return frozenset(" ".join(SAME_MEANING.get(word, word) for word in words).split()) & (KINDS | SCOPES)

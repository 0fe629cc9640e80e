"""A comparison of two models as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from ...adapters.contract.model_files import Pooling
from ..port.open_sizes import format_sizes
from ..words.language import gettext as _
from ..words.language import mark, ngettext
from ..words.text import escape_line
from .compare import DIFFERS, IDENTICAL, NOT_COMPARED, ComparedPair, Comparison, PairResult
from .pairing import ModelPooling

HEADS = {
    IDENTICAL: (mark("identical"), "bold green"),
    DIFFERS: (mark("differs"), "bold red"),
    NOT_COMPARED: (mark("not compared"), "bold magenta"),
}
"""The verdicts in words, with the style that the terminal shows them in."""
ORDER = (DIFFERS, NOT_COMPARED, IDENTICAL)
"""The verdicts, those that a user must look at first."""
ONLY = mark("only in the first model"), mark("only in the second model")
OTHER_OPERATORS = mark("the other model may compute it with operators that are no poolings, such as gathering cells: these are not read")
HIDDEN = mark("the file of the first model does not reveal"), mark("the file of the second model does not reveal")
MAX_WIDTH = 300
"""Characters of a layer's text, or of a list of names, in a line."""


def format_comparison(comparison: Comparison) -> Iterator[Text]:
    """The comparison in lines: equal pairs in one group, those that differ first."""
    yield Text.assemble("first   ", (escape_line(comparison.names[0]), "bold"))
    yield Text.assemble("second  ", (escape_line(comparison.names[1]), "bold"))
    for pairs in group_pairs(comparison.pairs):
        yield Text()
        yield from format_pairs(pairs)
    for words, only in zip(ONLY, comparison.only, strict=True):
        for one in only:
            yield Text.assemble("\n", (f"{words}: ", "bold red"), (escape_line(one.pooling.place), "bold"))
            yield Text(f"  {describe_pooling(one.pooling)}")
    if any(comparison.only):
        yield Text(f"  {_(OTHER_OPERATORS)}")
    for words, sentences in zip(HIDDEN, comparison.hidden_parts, strict=True):
        for sentence in sentences:
            yield Text(f"\n{words} {escape_line(sentence)}")
    yield Text(f"\n{summarise(comparison)}")


def group_pairs(pairs: Sequence[ComparedPair]) -> list[list[ComparedPair]]:
    """Pairs in groups of equal texts and results, those that differ first."""
    groups: dict[Any, list[ComparedPair]] = {}
    for pair in pairs:
        one, other, result = pair.first.pooling, pair.second.pooling, pair.result
        exceptions = tuple(result.exceptions.items())
        sizes = result.sizes and result.sizes.words
        key = (
            one.text,
            one.dtype,
            other.text,
            other.dtype,
            result.verdict,
            result.difference,
            result.why,
            result.reason,
            exceptions,
            sizes,
        )
        groups.setdefault(key, []).append(pair)
    return sorted(groups.values(), key=lambda same: ORDER.index(same[0].result.verdict))


def format_pairs(pairs: Sequence[ComparedPair]) -> Iterator[Text]:
    """Equal pairs in a few lines."""
    first = pairs[0]
    words, style = HEADS[first.result.verdict]
    names = [[getattr(pair, side).pooling.place for pair in pairs] for side in ("first", "second")]
    count = f"{len(pairs)} equal pairs: " if len(pairs) > 1 else ""
    yield Text.assemble(count, (join_names(names[0]), "bold"), " and ", (join_names(names[1]), "bold"), "  ", (words, style))
    for side in (first.first, first.second):
        yield Text(f"  {describe_pooling(side.pooling)}")
    yield from (Text(f"  {escape_line(line)}") for line in describe_result(first.result))


def join_names(names: Sequence[str]) -> str:
    """Names of poolings in a line."""
    return escape_line(shorten(", ".join(dict.fromkeys(names))))


def describe_pooling(pooling: Pooling) -> str:
    """A pooling in a line: its text, and the shape and type of its input."""
    shape = format_sizes(pooling.shape) if pooling.shape else "an unknown shape"
    return escape_line(f"{shorten(pooling.text)} on {shape}{f', {pooling.dtype}' if pooling.dtype else ''}")


def describe_result(result: PairResult) -> Iterator[str]:
    """What is known of a pair, in sentences."""
    difference = result.difference and _("differs: %(difference)s") % {"difference": result.difference}
    yield from filter(None, (result.reason, difference, *result.parameters))
    if result.sizes and result.verdict == DIFFERS:
        yield _("the two agree for %(sizes)s, and not for others") % {"sizes": result.sizes.words}
    elif result.verdict == IDENTICAL:
        yield describe_range(result)
    if result.why:
        yield _("the rule that differs, in the second model: %(rule)s") % {"rule": result.why}
    if result.exceptions and result.verdict == IDENTICAL:
        kinds = [f"{kind} ({text})" for kind, text in result.exceptions.items()]
        yield _("but differs when the input holds %(kinds)s") % {"kinds": _(" and ").join(kinds)}


def describe_range(result: PairResult) -> str:
    """For which sizes two poolings are identical, in a sentence."""
    if not result.inputs or result.sizes is None:
        return _("the same operation of one framework")
    if result.sizes.any_size:
        return _("proved for any size")
    if result.sizes.one_size:
        return _("ran on %(sizes)s; nothing is proved of other sizes") % {"sizes": result.sizes.words}
    return _("proved for %(sizes)s, not for others") % {"sizes": result.sizes.words}


def summarise(comparison: Comparison) -> str:
    """How many pairs have each verdict, and how many poolings have no partner, in a sentence."""
    counts = [(sum(pair.result.verdict == verdict for pair in comparison.pairs), words) for verdict, (words, _) in HEADS.items()]
    parts = [f"{count} {_(words)}" for count, words in counts if count]
    only = [f"{len(only)} {_(words)}" for words, only in zip(ONLY, comparison.only, strict=True) if only]
    head = ngettext("%(num)s pair of poolings", "%(num)s pairs of poolings", len(comparison.pairs)) % {"num": len(comparison.pairs)}
    return _("%(pairs)s: %(counts)s") % {"pairs": head, "counts": ", ".join([*parts, *only]) or _("neither model has any")}


def shorten(text: str) -> str:
    """A text that fits into a line."""
    return text if len(text) <= MAX_WIDTH else f"{text[: MAX_WIDTH - 3]}..."


def comparison_as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON."""
    return {
        "first": comparison.names[0],
        "second": comparison.names[1],
        "equal": comparison.equal,
        "pairs": [
            {
                "first": pooling_as_json(pair.first),
                "second": pooling_as_json(pair.second),
                "verdict": pair.result.verdict,
                "difference": pair.result.difference,
                "parameters": list(pair.result.parameters),
                "cause": pair.result.cause,
                "why": pair.result.why,
                "exceptions": dict(pair.result.exceptions),
                "reason": pair.result.reason,
                "inputs": pair.result.inputs,
                "range": pair.result.sizes.as_json() if pair.result.sizes else None,
            }
            for pair in comparison.pairs
        ],
        **{f"only_{name}": list(map(pooling_as_json, only)) for name, only in zip(("first", "second"), comparison.only, strict=True)},
        **{f"hidden_{name}": sentences for name, sentences in zip(("first", "second"), comparison.hidden_parts, strict=True)},
    }


def pooling_as_json(one: ModelPooling) -> dict[str, Any]:
    """A pooling as JSON."""
    pooling = one.pooling
    return {"place": pooling.place, "layer": pooling.text, "input": pooling.shape, "dtype": pooling.dtype or None}

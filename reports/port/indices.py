"""The places of maxima, which no recipe moves: what a target has to say of them."""

from __future__ import annotations

from dataclasses import replace

from ...adapters.contract import Unsupported
from ...adapters.targets.choose import Chosen
from ...cases.judge.words import in_words
from .source import Source


def located(source: Source, chosen: Chosen) -> str:
    """What a target gives for the indices of a source, in a sentence; nothing where the source gives none."""
    if not source.indices:
        return ""
    ask = replace(source.ask, pool=source.pool.without("data_format"), wants=frozenset({"indices"}))
    try:
        chosen.adapter.call(ask, chosen.target)
    except Unsupported as gap:
        return str(gap)
    bases = (each.adapter.index_base(ask, each.target) for each in (source.chosen, chosen))
    ours, theirs = (in_words([{"axis": "index_base", "value": base}]) for base in bases)
    return f"{chosen.name}'s own may be asked for; there {theirs}" + (f", here {ours}" if ours != theirs else ", as here")

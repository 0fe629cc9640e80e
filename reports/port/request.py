"""What is to be moved, and where to: a layer's text as a source, and a framework's name as targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...adapters.contract import Ask
from ...adapters.targets.choose import Chosen, UnknownTarget, match_names, select_targets
from ...adapters.targets.find import Found, install_advice, is_installed, layers_of
from ...cases.model.inputs import PRECISION
from ...cases.model.layers import BadSpelling, Spelling, framework_defaults, parse_layer
from ...cases.model.mistake import UserError, quote
from ...cases.model.pool import ADAPTIVE, GLOBAL, WINDOWED
from .bounds import MAX_AXES, MAX_TEXT, find_excess
from .samples import shrink
from .source import SourceLayer
from .text import bare


class Unportable(UserError):
    """What was asked for cannot be moved at all: not a layer, no pooling, or refused by its own framework."""


def source_of(
    text: str, shape: Sequence[int], dtype: str, found: Mapping[str, Found], origin: str | None = None, *, gradient: bool = False
) -> SourceLayer:
    """The source that a layer's text and an input's shape mean; raises `Unportable`."""
    if len(text) > MAX_TEXT:
        raise Unportable(f"{quote(text)}: {len(text):,} characters; expected a layer in at most {MAX_TEXT:,}")
    if len(shape) > MAX_AXES:
        raise Unportable(f"--input: {len(shape)} sizes; expected at most {MAX_AXES}")
    known = layers_of(found)
    try:
        spelling = parse_layer(bare(text, found, shape, dtype), known)
    except BadSpelling as bad:
        hints = dict.fromkeys(filter(None, (each.adapter.hint(text) for each in found.values())))
        raise Unportable(". ".join([f"{bad.what}; expected {bad.expected}", *hints])) from None
    if spelling.layer.op not in (*WINDOWED, *GLOBAL, *ADAPTIVE):
        raise Unportable(f"{spelling.layer.name} is not moved; expected a max, average, LP, adaptive or global pooling")
    if dtype not in PRECISION:
        raise Unportable(f"--dtype {dtype}: poolings are moved for numbers with a point; expected one of {', '.join(PRECISION)}")
    rank = spelling.layer.rank or len(shape) - 2
    batched = len(shape) == rank + 2
    if rank < 1 or len(shape) - 1 - batched != rank:
        axes = f"batch, channels and {spelling.layer.rank or 'some'} spatial axes"
        raise Unportable(f"--input {','.join(map(str, shape))}: {len(shape)} sizes; expected {axes}, as {spelling.data_format} has them")
    chosen, runs = answering(spelling, found, origin)
    ask = Ask(spelling.stated, tuple(shape), dtype, spelling.data_format, batched)
    if excess := find_excess(ask, shrink(ask)):
        raise Unportable(f"{quote(text)} on {' x '.join(map(str, shape))}: {excess}")
    indices = spelling.arguments.get("return_indices") is True
    return SourceLayer(text, spelling.layer.framework, ask, spelling.written, chosen, runs, framework_defaults(spelling), gradient, indices)


def answering(spelling: Spelling, found: Mapping[str, Found], origin: str | None) -> tuple[Chosen, bool]:
    """The target that answers for a layer's framework, or the oracle where that is not installed; raises `Unportable` for another's."""
    names = targets_of(spelling.layer.framework, found)
    if origin and origin not in names:
        raise Unportable(f"--from {quote(origin)}: no target of {spelling.layer.framework}; expected one of {', '.join(names)}")
    if origin and not is_installed(found[origin].target):
        raise Unportable(f"--from {origin}: {install_advice(found[origin].target)}")
    there = [origin] if origin else [name for name in names if is_installed(found[name].target)]
    reference = next(name for name, each in found.items() if each.adapter.reference)
    return select_targets([there[0] if there else reference], found)[0], bool(there)


def targets_of(framework: str, found: Mapping[str, Found]) -> list[str]:
    """The targets of a framework, plain ones before those of another mode."""
    named = [name for name, each in found.items() if framework in (each.adapter.framework, *each.adapter.aliases)]
    return sorted(named, key=lambda name: found[name].target.mode is not None)


def destinations(wanted: str, source: str, found: Mapping[str, Found]) -> list[Chosen]:
    """The targets that a framework, a target's name, a pattern or 'all' means; raises `UnknownTarget`."""
    if wanted == "all":
        frameworks = dict.fromkeys(each.adapter.framework for each in found.values() if not each.adapter.reference)
        every = [[name for name in targets_of(each, found) if is_installed(found[name].target)] for each in frameworks if each != source]
        return select_targets([names[0] for names in every if names], found)
    names = targets_of(wanted, found) or patterned(wanted, found)
    there = [name for name in names if is_installed(found[name].target)]
    if not there:
        raise UnknownTarget(f"--to {wanted}: {install_advice(found[names[0]].target)}")
    return select_targets(there[:1] if targets_of(wanted, found) else there, found)


def patterned(wanted: str, found: Mapping[str, Found]) -> list[str]:
    """The targets that a name or a pattern means; raises `UnknownTarget`."""
    try:
        return match_names(wanted, found)
    except UnknownTarget:
        known = dict.fromkeys(name for each in found.values() for name in (*each.adapter.aliases, each.adapter.framework, each.target.name))
        raise UnknownTarget(
            f"--to {quote(wanted)}: there is no such framework or target; expected 'all', {', '.join(known)}, or a pattern with * and ?"
        ) from None

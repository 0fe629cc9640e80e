"""Reads a request: a layer's text as people paste it, with the shape of an input, and the targets to port it to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from packaging.version import Version

from ...adapters.contract import PYTHON, Ask
from ...adapters.targets.choose import SelectedTarget, UnknownTarget, match_names, select_targets
from ...adapters.targets.find import AdapterEntry, install_advice, is_installed
from ...adapters.targets.groups import list_groups
from ...cases.model.case import TIERS
from ...cases.model.inputs import INTEGERS, PRECISION
from ...cases.model.layers import BadSpelling, Spelling, framework_defaults
from ...cases.model.mistake import UserError, quote
from ...cases.model.pool import PORTED, UNPOOLING, Refused
from .bounds import MAX_AXES, MAX_NUMBER, MAX_TEXT, find_excess
from .open_sizes import RANKS, Sizes, close_sizes
from .reading import Input, Reading, Tables, collect_tables, find_readings
from .samples import PLANES, shrink
from .source import SourceLayer
from .unpooling import INDICES, make_indices


class Unportable(UserError):
    """A request that cannot be answered: not a layer, no pooling, too large, or rejected by its own framework."""


@dataclass(frozen=True)
class LayerText:
    """A text of layers for inputs of some type, which is read once for each shape of an input."""

    text: str
    dtype: str
    entries: Mapping[str, AdapterEntry]
    origin: str | None = None
    readings: dict[tuple[int | None, ...], list[Reading]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def tables(self) -> Tables:
        """The layers that are known."""
        return collect_tables(self.entries)

    def read_layers(self, shape: Sequence[int | None]) -> list[Reading]:
        """The layers in the text on an input of some shape; raises `Unportable` if there are none."""
        sizes = tuple(shape)
        if sizes not in self.readings:
            self.readings[sizes] = self.find_layers(sizes)
        return self.readings[sizes]

    def find_layers(self, sizes: Sizes) -> list[Reading]:
        """The layers in the text, as `read_layers` keeps them."""
        framework = self.entries[self.origin].adapter.framework if self.origin and self.origin in self.entries else ""
        try:
            return find_readings(self.text, self.tables, Input(sizes, self.dtype, framework))
        except BadSpelling as bad:
            raise describe_bad_spelling(bad, self.text, self.entries) from None
        except RecursionError:
            raise Unportable(f"{quote(self.text)}: nested too deeply; expected a layer with literal arguments") from None


def read_source(
    text: str,
    sizes: Sizes | None,
    dtype: str,
    entries: Mapping[str, AdapterEntry],
    origin: str | None = None,
    *,
    gradient: bool = False,
    also: Sequence[Sizes] = (),
) -> SourceLayer:
    """The one pooling that a text means on an input of some shape (see `read_sources`); raises `Unportable`."""
    sources = read_sources(text, sizes, dtype, entries, origin, gradient=gradient, also=also)
    if len(sources) > 1:
        raise Unportable(f"{quote(text)}: {len(sources)} poolings; expected one")
    if isinstance(sources[0], Unportable):
        raise sources[0]
    return sources[0]


def read_sources(
    text: str,
    sizes: Sizes | None,
    dtype: str,
    entries: Mapping[str, AdapterEntry],
    origin: str | None = None,
    *,
    gradient: bool = False,
    also: Sequence[Sizes] = (),
    operations: Sequence[str] = PORTED,
) -> list[SourceLayer | Unportable]:
    """The poolings in a text, each on an input of some shape, or why it cannot be answered.

    A size of None is open, and so are all if `sizes` is None: the answer is for any such size. It is to hold for the shapes
    `also` too; layers of other `operations` cannot be answered. Raises `Unportable` for a text without a pooling, and for an
    input that nothing can have.
    """
    if len(text) > MAX_TEXT:
        raise Unportable(f"{quote(text)}: {len(text):,} characters; expected a layer in at most {MAX_TEXT:,}")
    for shape in (sizes or (), *also):
        largest = max((size for size in shape if size is not None), default=1)
        if len(shape) > MAX_AXES or largest > MAX_NUMBER:
            raise Unportable(f"--input: {len(shape)} sizes up to {quote(largest)}; expected at most {MAX_AXES} of at most {MAX_NUMBER:,}")
    layer_text = LayerText(text, dtype, entries, origin)
    sizes = find_open_sizes(layer_text) if sizes is None else sizes
    readings = layer_text.read_layers(sizes)
    sources: list[SourceLayer | Unportable] = []
    for place in range(len(readings)):
        try:
            source = source_on_sizes(layer_text, place, sizes, gradient=gradient, operations=operations)
            further = tuple(source_on_sizes(layer_text, place, shape, gradient=False).ask.shape for shape in also)
        except Unportable as error:
            if len(readings) == 1:
                raise
            sources.append(Unportable(f"{readings[place].text}: {error}"))
        else:
            source = replace(source, sizes=tuple(sizes), also=further)
            sources.append(source if len(readings) > 1 else replace(source, text=text))
    return sources


def find_open_sizes(layer_text: LayerText) -> Sizes:
    """The shape of the input of a text, of which only the number of axes is known; raises `Unportable`."""
    for rank in RANKS:
        try:
            readings = layer_text.read_layers((None,) * (rank + 2))
        except Unportable:
            layer_text.read_layers(())  # which says what the number of axes has to do with it
            raise
        spelling = next((reading.spelling for reading in readings if reading.spelling), None)
        if spelling is None or spelling.layer.rank in (0, rank):
            break
    return (None,) * (rank + 2)


def fill_sizes(sizes: Sizes) -> tuple[int, ...]:
    """A shape with some size in the place of each open one, to read a text with."""
    return tuple(PLANES[1] if size is None else size for size in sizes)


def source_on_sizes(layer_text: LayerText, place: int, sizes: Sizes, *, gradient: bool, operations: Sequence[str] = PORTED) -> SourceLayer:
    """The pooling at some place among those of a text, on an input with a size chosen for each open one; raises `Unportable`."""
    reading = layer_text.read_layers(sizes)[place]
    spelling = reading.spelling
    shape = close_sizes(sizes, spelling.full_pool, spelling.data_format) if None in sizes and spelling else fill_sizes(sizes)
    source = source_of_reading(reading, shape, layer_text, gradient=gradient, operations=operations)
    larger = tuple(size + (axis in source.ask.spatial) for axis, size in enumerate(shape))
    other = layer_text.read_layers(larger)[place].spelling
    return replace(source, size_independent=other is not None and other.full_pool == source.pool)


def describe_bad_spelling(bad: BadSpelling, text: str, entries: Mapping[str, AdapterEntry]) -> Unportable:
    """Why a text cannot be read, with the advice of adapters."""
    hints = dict.fromkeys(filter(None, (target.adapter.hint(text) for target in entries.values())))
    return Unportable(". ".join([str(bad), *hints]))


def source_of_reading(
    reading: Reading, shape: Sequence[int], layer_text: LayerText, *, gradient: bool, operations: Sequence[str] = PORTED
) -> SourceLayer:
    """A pooling of a text on an input of some shape; raises `Unportable`."""
    dtype, entries = layer_text.dtype, layer_text.entries
    spelling = reading.spelling
    if spelling is None:
        raise describe_bad_spelling(reading.problem or BadSpelling(reading.text, "a pooling"), reading.text, entries)
    if spelling.layer.op not in operations:
        raise Unportable(
            f"{spelling.layer.name} cannot be ported; expected a max, average, LP, adaptive or global pooling, an un-pooling, or a nearest up-sampling"
        )
    if dtype not in (*PRECISION, *INTEGERS):
        raise Unportable(f"invalid --dtype {quote(dtype)}: no such type; expected one of {', '.join((*PRECISION, *INTEGERS))}")
    if dtype in INTEGERS and spelling.full_pool.kind not in ("max", ""):
        raise Unportable(f"{spelling.layer.name} on {dtype}: only maxima of integers are compared; expected one of {', '.join(PRECISION)}")
    rank = spelling.layer.rank or len(shape) - 2
    batched = len(shape) == rank + 2
    if rank < 1 or len(shape) - 1 - batched != rank:
        axes = f"batch, channels and {spelling.layer.rank or 'some'} spatial axes"
        raise Unportable(f"--input {','.join(map(str, shape))}: {len(shape)} sizes; expected {axes}, in the order {spelling.data_format}")
    target, runs = choose_source_target(spelling, entries, layer_text.origin)
    check_required(spelling, target)
    spelling = with_size_of_ratio(
        spelling, [shape[axis] for axis in Ask(spelling.full_pool, tuple(shape), dtype, spelling.data_format, batched).spatial]
    )
    ask = Ask(spelling.full_pool, tuple(shape), dtype, spelling.data_format, batched)
    if excess := find_excess(ask, shrink(ask)):
        raise Unportable(f"{quote(reading.text)} on {' x '.join(map(str, shape))}: {excess}")
    indices = spelling.arguments.get("return_indices") is True
    rules = framework_defaults(spelling)
    if spelling.layer.op in UNPOOLING:
        base = entries[list_targets(spelling.layer.framework, entries)[0]]
        rules = {**rules, "index_base": base.adapter.index_base(ask, base.target)}
        ask = replace(ask, shapes={INDICES: ask.shape}, rules={"index_base": rules["index_base"]})
        check_indices(ask, rules["index_base"], reading)
    return SourceLayer(
        reading.text, spelling.layer.framework, ask, spelling.written_pool, target, runs, rules, gradient, indices,
        reduction=spelling.reduction, way=reading.way, notes=tuple(describe_reading(reading, spelling)),
    )  # fmt: skip


def check_indices(ask: Ask, base: str, reading: Reading) -> None:
    """Raise `Unportable` if there are no indices on which an un-pooling can be compared."""
    try:
        make_indices(ask.shape, ask.pool, ask.layout, base, batched=ask.batched)
    except Refused as error:
        raise Unportable(f"{quote(reading.text)} on {' x '.join(map(str, ask.shape))}: {error}") from None


def with_size_of_ratio(spelling: Spelling, sizes: Sequence[int]) -> Spelling:
    """A fractional pooling with the size of its output, which may be written as a part of the input's."""
    ratio = spelling.arguments.get("output_ratio")
    if ratio is None and spelling.layer.op == "fractional_max_pool" and not spelling.full_pool.output_size:
        raise Unportable(f"{spelling.layer.name} lacks its output_size or output_ratio; expected one of them")
    if ratio is None:
        return spelling
    ratios = (ratio,) * len(sizes) if isinstance(ratio, int | float) else ratio
    if not isinstance(ratios, tuple | list) or len(ratios) != len(sizes) or not all(isinstance(each, int | float) for each in ratios):
        raise Unportable(f"output_ratio={quote(ratio)} of {spelling.layer.name}; expected a number, or one for each of {len(sizes)} axes")
    size = tuple(int(n * each) for n, each in zip(sizes, ratios, strict=True))
    return replace(
        spelling, full_pool=replace(spelling.full_pool, output_size=size), written_pool=replace(spelling.written_pool, output_size=size)
    )


def describe_reading(reading: Reading, spelling: Spelling) -> Iterator[str]:
    """What is assumed of a text: the layout that axes mean, what is not answered, and where semantics were taken from."""
    layer = spelling.layer
    if layer.note:
        yield layer.note
    if layer.op in UNPOOLING:
        yield f"x and indices are such as {layer.framework}'s own maximum pooling returns: an index stays in its plane, and no two are equal"
    if spelling.reduction:
        yield f"a reduction over {layer.rank} spatial axes is a pooling of the whole input; these axes mean {spelling.data_format}"
    if reading.around:
        yield f"not part of the answer: {', '.join(reading.around)}"


def check_required(spelling: Spelling, target: SelectedTarget) -> None:
    """Raise `Unportable` if an argument is missing that the installed version of the framework requires."""
    layer = spelling.layer
    for argument, since in layer.required_since.items():
        version = next((Version(text) for name, text in target.versions.items() if name.startswith(layer.framework)), None)
        if argument not in spelling.arguments and (version is None or version >= Version(since)):
            raise Unportable(f"{layer.name} lacks its {argument}; expected a value, which {layer.framework} requires since version {since}")


def choose_source_target(spelling: Spelling, entries: Mapping[str, AdapterEntry], origin: str | None) -> tuple[SelectedTarget, bool]:
    """The target that answers for a layer's framework, and whether it is that framework: the oracle answers if it is not installed.

    Raises `Unportable` if `origin` is not one of its targets.
    """
    names = list_targets(spelling.layer.framework, entries)
    if origin and origin not in names:
        raise Unportable(f"--from {quote(origin)}: no target of {spelling.layer.framework}; expected one of {', '.join(names)}")
    if origin and not is_installed(entries[origin].target):
        raise Unportable(f"--from {origin}: {install_advice(entries[origin].target)}")
    installed_name = origin or next((name for name in names if is_installed(entries[name].target)), None)
    reference = next(name for name, target in entries.items() if target.adapter.reference)
    return select_targets([installed_name or reference], entries)[0], installed_name is not None


def list_targets(framework: str, entries: Mapping[str, AdapterEntry]) -> list[str]:
    """The names of a framework's targets: what is called so before its own, then its variants', and those without a mode first."""
    adapters = {name: entry.adapter for name, entry in entries.items()}
    names = [name for name, adapter in adapters.items() if framework in (adapter.framework, *adapter.aliases, adapter.variant_of)]
    return sorted(
        names,
        key=lambda name: (
            framework not in adapters[name].aliases,
            framework == adapters[name].variant_of,
            bool(entries[name].target.mode) or bool(entries[name].target.tag),
        ),
    )


def choose_targets(destination: str, source: str, entries: Mapping[str, AdapterEntry]) -> list[SelectedTarget]:
    """The targets for a framework, a target's name, a pattern or 'all', which is one for each framework but the source's and slow ones.

    Raises `UnknownTarget`.
    """
    if destination == "all":
        entries = {name: entry for name, entry in entries.items() if entry.target.program == PYTHON}
        frameworks = dict.fromkeys(target.adapter.framework for target in entries.values() if not target.adapter.reference)
        others = [framework for framework in frameworks if framework != source]
        installed_names = [list_installed(other, entries) for other in others]
        quick = [[name for name in names if not is_slow(entries[name])] for names in installed_names]
        return select_targets([names[0] for names in quick if names], entries)
    of_framework = list_targets(destination, entries)
    names = of_framework or match_targets(destination, entries)
    ready = [name for name in names if is_installed(entries[name].target)]
    if not ready:
        raise UnknownTarget(f"--to {destination}: {install_advice(entries[names[0]].target)}")
    return select_targets(ready[:1] if of_framework else ready, entries)


def list_installed(framework: str, entries: Mapping[str, AdapterEntry]) -> list[str]:
    """The names of the installed targets that are a framework's own."""
    names = [name for name in list_targets(framework, entries) if entries[name].adapter.framework == framework]
    return [name for name in names if is_installed(entries[name].target)]


def is_slow(entry: AdapterEntry) -> bool:
    """Whether a target takes so long that it is asked few cases unless it is named, or a process to do what another one does."""
    return entry.target.tier == TIERS[0] or entry.target.beside


def list_slow_frameworks(destination: str, source: str, entries: Mapping[str, AdapterEntry]) -> list[str]:
    """The names of the targets that `choose_ports` leaves out of 'all' because no target of their framework is quick."""
    if destination != "all":
        return []
    entries = {name: entry for name, entry in entries.items() if entry.target.program == PYTHON}
    frameworks = dict.fromkeys(entry.adapter.framework for entry in entries.values())
    installed_names = [list_installed(framework, entries) for framework in frameworks if framework != source]
    return [names[0] for names in installed_names if names and all(is_slow(entries[name]) for name in names)]


def choose_ports(destination: str, source: str, entries: Mapping[str, AdapterEntry]) -> list[SelectedTarget]:
    """The targets that a layer can be ported to, likewise, at least one; raises `UnknownTarget` also for those whose code is not Python."""
    targets = choose_targets(destination, source, entries)
    if not targets:
        raise UnknownTarget(f"--to {destination}: {describe_no_destination(destination, source, entries)}")
    ports = [target for target in targets if target.target.program == PYTHON]
    if not ports:
        other = targets[0]
        raise UnknownTarget(
            f"--to {quote(destination)}: port writes Python, and {other.name} runs in {other.target.program}; expected another framework; "
            "`poolparity explain` shows what it answers"
        )
    return ports


def describe_no_destination(destination: str, source: str, entries: Mapping[str, AdapterEntry]) -> str:
    """Why no framework is left to move to, and what to do."""
    other = f"no framework but {source} is" if source and list_installed(source, entries) else "no framework is"
    if slow := list_slow_frameworks(destination, source, entries):
        return f"{other} installed that answers quickly; expected one by name, such as --to {slow[0]}"
    extras = sorted({entry.target.extra for entry in entries.values() if entry.target.extra and entry.adapter.framework != source})
    return f"{other} installed here; to install one: pip install 'poolparity[EXTRA]', where EXTRA is one of {', '.join(extras)}"


def match_targets(destination: str, entries: Mapping[str, AdapterEntry]) -> list[str]:
    """The names of the targets that a name or a pattern matches; raises `UnknownTarget`."""
    try:
        return match_names(destination, entries, list_groups(entries))
    except UnknownTarget:
        known_names = dict.fromkeys(
            name for target in entries.values() for name in (*target.adapter.aliases, target.adapter.framework, target.target.name)
        )
        raise UnknownTarget(
            f"--to {quote(destination)}: no such framework or target; expected 'all', {', '.join(known_names)}, or a pattern with * and ?"
        ) from None

"""Adapters: how each framework is asked. The only folder that imports frameworks.

Every module here without a leading underscore is an adapter: it makes `ADAPTER`, one instance of a
subclass of `Adapter`, and imports its framework nowhere, for dotted names do: the translation of a
case is data (`_call.py`) that is made in the parent process and run in a worker, where the framework
is. What a framework cannot be asked for stands in `gaps`, each with native code that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, ClassVar, NoReturn

from ..cases.layers import Layer
from ..cases.pool import FIRST, Pool
from ._call import Call, Name, Ref, Step

__all__ = ["Adapter", "Ask", "Call", "Form", "Gap", "Name", "Ref", "Step", "Target", "Unsupported"]


@dataclass(frozen=True)
class Target:
    """A framework in an execution mode.

    `modules` must all be importable for the target to be installed; `distributions` are those whose
    versions take part, alternatives separated by '|'; `environment` is set before the worker starts,
    and `prepare` done in it once, before the first case; `extra` is the extra of this package that
    installs it.
    """

    name: str
    modules: tuple[str, ...]
    distributions: tuple[str, ...]
    extra: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Ask:
    """One pooling of one input, as a target is asked for it.

    `shape` is in `layout`, with a batch axis if `batched`; the layout is passed to the target only
    where `pool.data_format` states it. `wants` names further attributes: indices, parameters.
    `rules` are those that the case pins; only the oracle can follow them.
    """

    pool: Pool
    shape: tuple[int, ...]
    dtype: str
    layout: str = FIRST
    batched: bool = True
    wants: frozenset[str] = frozenset()
    rules: Mapping[str, str] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.shape) - 1 - self.batched

    @property
    def spatial(self) -> tuple[int, ...]:
        """The positions of the spatial axes in the target's layout, which is the pool's or `layout`."""
        first = int(self.batched) + (self.layout == FIRST)
        return tuple(range(first, first + self.rank))


@dataclass(frozen=True)
class Form:
    """How one operation is spelled: its dotted name, and the native name of each parameter it has.

    '{rank}' in the name is the number of spatial axes. A layer is built with the parameters and then
    called on `x`; a function takes `x` first. `required` parameters that the case leaves open get
    their neutral value. A reduction has `axes`, the native name of the argument that takes the
    positions of the spatial axes, and so serves every layout.
    """

    call: str
    names: Mapping[str, str]
    layer: bool = False
    required: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    axes: str | None = None


@dataclass(frozen=True)
class Gap:
    """What a framework cannot be asked for: a feature of some operations, why, and the proof.

    `ops` are patterns over operation and rank, separated by '|' ('avg_pool*|max_pool3'). `tried` is
    native code that asks for the feature all the same, and must fail for every operation and rank
    that `ops` matches; `{op}`, `{rank}` and `{call}`, the form's dotted name, stand for those. It may
    use `x`, a native input of one batch and 2 channels with 6 cells along each spatial axis.
    """

    ops: str
    feature: str
    why: str
    tried: str

    def covers(self, op: str, rank: int) -> bool:
        """Whether it is about an operation in so many dimensions."""
        return any(fnmatchcase(f"{op}{rank}", pattern) for pattern in self.ops.split("|"))


class Unsupported(Exception):
    """The target has no counterpart for something that the case states."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.why)
        self.gap = gap


NEUTRAL: dict[str, Callable[[Ask], Any]] = {
    "padding": lambda ask: "valid",
    "dilation": lambda ask: (1,) * ask.rank,
}


class Adapter:
    """One framework. A subclass gives the data and overrides only what differs."""

    targets: ClassVar[tuple[Target, ...]]
    layout: ClassVar[str | None] = FIRST
    """How the framework writes arrays when nothing is said; None if it has no notion of channels."""
    unbatched: ClassVar[bool] = False
    """Whether inputs may lack the batch axis."""
    arrive: ClassVar[str | None] = None
    """The function that makes a NumPy array native."""
    leave: ClassVar[str | None] = None
    """The function, or '.method', that makes a native result a NumPy array."""
    forms: ClassVar[Mapping[str, Form]] = {}
    gaps: ClassVar[tuple[Gap, ...]] = ()
    layers: ClassVar[Mapping[str, Layer]] = {}

    @property
    def framework(self) -> str:
        """The name that layers' spellings and the ledger know the framework by: the module's."""
        return type(self).__module__.rpartition(".")[2]

    def call(self, ask: Ask) -> Call:
        """Translate one case, or raise `Unsupported`."""
        form = self.form(ask)
        if not (ask.batched or self.unbatched or form.axes):
            self.refuse(ask, "batched=false")
        ask, move = self.arranged(ask, form)
        steps, notes = self.spelled(ask, form)
        moves = {"x": move, **({"y": move[::-1]} if self.keeps(ask) else {})} if move else {}
        return Call(steps, moves, notes=notes)

    def keeps(self, ask: Ask) -> bool:
        """Whether the answer has as many axes as the input."""
        return not ask.pool.op.startswith("global") or ask.pool.keepdims is True

    def as_written(self, name: str, arguments: Mapping[str, Any]) -> Call:
        """The source's own text as a call: a layer built, and called on the input as it stands."""
        return Call((Step("layer", name, (), dict(arguments)), Step("y", "layer", (Ref("x"),))))

    def form(self, ask: Ask) -> Form:
        """The form of an operation: the one for this rank, or the one for all."""
        op = ask.pool.op
        return self.forms.get(f"{op}{ask.rank}") or self.forms.get(op) or self.refuse(ask, "op")

    def arranged(self, ask: Ask, form: Form) -> tuple[Ask, tuple[int, int] | None]:
        """The case with its arrays in a layout the target takes, and the move that brings them there."""
        if self.layout in (None, ask.layout) or form.axes or ("data_format" in form.names and ask.pool.data_format):
            return ask, None
        if ask.pool.data_format:
            self.refuse(ask, f"data_format={ask.pool.data_format}")
        first, last = int(ask.batched), len(ask.shape) - 1
        start, end = (first, last) if ask.layout == FIRST else (last, first)
        shape = list(ask.shape)
        shape.insert(end, shape.pop(start))
        return replace(ask, shape=tuple(shape), layout=self.layout), (start, end)

    def spelled(self, ask: Ask, form: Form) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The steps of an operation, and sentences about what was filled in."""
        kwargs, notes = self.arguments(ask, form)
        return self.written(form.call.format(rank=ask.rank), form.layer, kwargs), notes

    def arguments(self, ask: Ask, form: Form) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The native arguments of an operation, and sentences about what was filled in."""
        stated = {name: value for name, value in ask.pool.stated().items() if self.needed(name, ask, form)}
        open_ = [name for name in form.required if name not in stated]
        filled = {name: NEUTRAL[name](ask) if name in NEUTRAL else self.refuse(ask, f"{name} open") for name in open_}
        notes = tuple(f"{name} was left open; the target requires it and got {value!r}" for name, value in filled.items())
        kwargs = {form.names[name]: self.value(name, value, ask) for name, value in (stated | filled).items()}
        if form.axes:
            kwargs = {form.axes: ask.spatial} | kwargs
        return {**self.fixed(ask, form), **kwargs}, notes

    def fixed(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The arguments that an operation is given where the case states nothing else."""
        return form.fixed

    def needed(self, name: str, ask: Ask, form: Form) -> bool:
        """Whether a stated parameter has a counterpart; `Unsupported` if it has none and needs one."""
        if name in form.names:
            return True
        if not ask.pool.neutral(name) and not (name == "data_format" and (form.axes or self.layout in (None, ask.layout))):
            self.refuse(ask, name)
        return False

    def written(self, name: str, layer: bool, kwargs: Mapping[str, Any]) -> tuple[Step, ...]:
        """A layer built and called, or a function called on `x`."""
        if layer:
            return Step("layer", name, (), kwargs), Step("y", "layer", (Ref("x"),))
        return (Step("y", name, (Ref("x"),), kwargs),)

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value as the framework writes it, or `Unsupported`."""
        return value

    def refuse(self, ask: Ask, feature: str) -> NoReturn:
        """Raise `Unsupported` with the declared gap behind something the target cannot be asked for."""
        self.admit(ask, feature)
        raise LookupError(
            f"{type(self).__module__} has no counterpart of {feature} for {ask.pool.op} with {ask.rank} spatial axes, "
            "and declares no such gap; expected a form that has it, or a Gap with the code that fails"
        )

    def admit(self, ask: Ask, feature: str) -> None:
        """Raise `Unsupported` if a gap is declared for a feature."""
        for gap in self.gaps:
            if gap.feature == feature and gap.covers(ask.pool.op, ask.rank):
                raise Unsupported(gap)

    def parameters(self, scope: Mapping[str, Any]) -> int | None:
        """How many numbers the layer learns, None where there is no layer; called in the worker."""
        return None

"""What a target is, what it is asked, and how an adapter's page says what it can be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ...cases.model.mistake import UserError
from ...cases.model.pool import FIRST, Pool
from .call import Step


@dataclass(frozen=True)
class Target:
    """A framework in an execution mode.

    `modules` must all be importable for the target to be installed; `distributions` are those whose
    versions take part, alternatives separated by '|'; `environment` is set before the worker starts,
    and `prepare` done in it once, before the first case, then `warm`, which changes no answer but pays
    for what all cases share, and is not printed; `extra` is the extra of this package that installs
    it. `mode` is the step that makes of a function `f` the one that runs in this mode; None
    where operations are done one at a time; `together` is how many cases may go into one program of
    that mode, where compiling each by itself costs too much. Of cases beyond its `tier` it is asked only
    by its name. `least` has the oldest versions that it can be asked in, by distribution, where older
    ones are about. `compile_cache` has the environment variables that make the framework keep compiled programs
    in a folder, for which '{folder}' stands; only where it keys them by its own version and leaves damaged ones alone.
    """

    name: str
    modules: tuple[str, ...]
    distributions: tuple[str, ...]
    extra: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: tuple[Step, ...] = ()
    warm: tuple[Step, ...] = ()
    mode: Step | None = None
    together: int = 1
    tier: str = "full"
    least: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    compile_cache: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_distributions(self) -> tuple[str, ...]:
        """All distributions whose versions are recorded."""
        return tuple(dict.fromkeys((*self.distributions, "numpy")))


@dataclass(frozen=True)
class Ask:
    """One pooling of one input, as a target is asked for it.

    `shape` is in `layout`, with a batch axis if `batched`; the layout is passed to the target only
    where `pool.data_format` states it. `wants` names further attributes: indices, parameters.
    `rules` are those that the case pins; only the oracle can follow them. `shapes` are those of
    the further arrays that the call may use by name: the `weights` of a convolution (filters,
    channels of a group, *kernel), the `indices` of an un-pooling, which are of the input's shape and
    of the target's base, and the `samples` of a fractional pooling (batch, channels, spatial axes).
    """

    pool: Pool
    shape: tuple[int, ...]
    dtype: str
    layout: str = FIRST
    batched: bool = True
    wants: frozenset[str] = frozenset()
    rules: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.shape) - 1 - self.batched

    @property
    def spatial(self) -> tuple[int, ...]:
        """The positions of the spatial axes in the target's layout, which is the pool's or `layout`."""
        first = int(self.batched) + (self.layout == FIRST)
        return tuple(range(first, first + self.rank))

    @property
    def weights(self) -> tuple[int, int, tuple[int, ...]]:
        """The filters of a convolution's weights, their channels of a group, and the kernel; it is for the target to refuse others."""
        shape = self.shapes["weights"]
        filters, channels, *kernel = (*shape, *(1,) * (2 - len(shape)))
        return filters, channels, tuple(kernel)

    @property
    def groups(self) -> int:
        """Into how many groups the weights of a convolution part the channels."""
        return self.shape[int(self.batched) if self.layout == FIRST else -1] // max(self.weights[1], 1)

    @property
    def results(self) -> tuple[str, ...]:
        """The names of what the call gives: the output, and where its maxima were found."""
        return ("y", "indices") if "indices" in self.wants else ("y",)


@dataclass(frozen=True)
class Form:
    """How one operation is spelled: its dotted name, and the native name of each parameter it has.

    '{rank}' in the name is the number of spatial axes. A layer is built with the parameters and then
    called on `x`; a function takes `x` first. `arrays` are the further arrays that follow it.
    `required` parameters that the case leaves open get their neutral value. `indices` are the
    arguments that ask for the positions of maxima as a second result, None where there are none. `since`
    has the first versions that have it, by distribution, where a target is asked in older ones, too.

    An operation of `any_layout` takes arrays in every layout, with or without a batch axis; a
    reduction is one: `axes` is the native name of the argument that takes the positions of the
    spatial axes.
    """

    call: str
    names: Mapping[str, str]
    layer: bool = False
    required: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    axes: str | None = None
    any_layout: bool = False
    arrays: tuple[str, ...] = ()
    indices: Mapping[str, Any] | None = None
    since: Mapping[str, str] = field(default_factory=dict)

    @property
    def takes_any_layout(self) -> bool:
        """Whether it takes arrays as they are written."""
        return self.any_layout or self.axes is not None


OPEN = "open"
"""The state of a parameter that the case does not state."""


@dataclass(frozen=True)
class Feature:
    """What a framework is asked for: a parameter, or the operation itself ('op'), the batch axis ('batched') or an attribute.

    `state` is the one value that is meant ('same'), `OPEN` where it is that nothing is stated, or empty for whatever
    is stated. `beside` is what it is asked for together with ('dilation'), where it is taken without that.
    """

    parameter: str
    state: str = ""
    beside: str = ""

    def __str__(self) -> str:
        state = f" {OPEN}" if self.state == OPEN else f"={self.state}" if self.state else ""
        return self.parameter + state + (f" with {self.beside}" if self.beside else "")


@dataclass(frozen=True, init=False)
class Gap:
    """What a framework cannot be asked for: a feature of some operations, why, and the proof.

    `ops` are patterns over operation and rank, separated by '|' ('avg_pool*|max_pool3'). The feature may be given as the
    name of a parameter, an attribute ('indices', 'gradient', 'inferred_shape') or as 'op', the operation itself.
    `tried` is native code that asks for the feature all the same, and must fail for every operation and rank that `ops`
    matches; `{op}`, `{rank}` and `{call}`, the form's dotted name, stand for those. It may use `x`, a native input of one
    batch and 2 channels with 6 cells along each spatial axis.
    """

    ops: str
    feature: Feature
    why: str
    tried: str

    def __init__(self, ops: str, feature: Feature | str, why: str, tried: str) -> None:
        if isinstance(feature, str) and not feature.isidentifier():
            raise ValueError(
                f"invalid feature {feature!r} of a gap: expected a name, or Feature(name, state), as in Feature('kernel', OPEN)"
            )
        self.__dict__.update(ops=ops, feature=Feature(feature) if isinstance(feature, str) else feature, why=why, tried=tried)

    def covers(self, op: str, rank: int) -> bool:
        """Whether it is about an operation in so many dimensions."""
        return any(fnmatchcase(f"{op}{rank}", pattern) for pattern in self.ops.split("|"))


class UndeclaredGap(UserError):
    """An adapter that has no form for something that the case states, and declares no gap."""


class Unsupported(Exception):
    """The target has no counterpart for something that the case states."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.why)
        self.gap = gap

"""Targets, the cases that they are asked, and how an adapter says what it has and what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ...cases.model.mistake import UserError
from ...cases.model.pool import FIRST, Pool
from .call import Step, Steps

PYTHON, NODE = "python", "node"
"""The programs that run workers."""


@dataclass(frozen=True)
class Target:
    """A framework in an execution mode.

    - `modules` must all be importable for the target to count as installed.
    - `distributions` are those whose versions are recorded; alternatives are separated by '|'.
    - `extra` is the extra of poolparity that installs the target; several are separated by commas.
    - `environment` is set before the worker starts.
    - `prepare` are steps that run once, before the first case, and are printed with each case's native code. `warm` are
      further steps that change no answer, but pay in advance for what all cases share; they are not printed.
    - `mode` are the steps that turn a function `f` into one that runs in this mode, for the input `x`; empty for eager execution.
    - `lists_results` marks a mode whose functions return a list of results, even of a single one.
    - `together` is how many cases may be compiled as one program, for modes where compilation is slow; it needs a mode of one step.
    - `tier` is the largest tier that runs unless the target is selected with --target; cases tagged `tag` run as well.
    - `beside` marks a target that takes a process of its own to run what another one runs, otherwise computed: `explain` asks it only if
      it is named.
    - `groups` are names for --target that select the target together with others, in addition to its adapter's `family`.
    - `program` runs the worker: 'python', or 'node' for packages of npm, which `modules` and `distributions` name then.
    - `least` has minimum versions by distribution, and `versions` those that are installed.
    - `compile_cache` has the environment variables that make the framework keep compiled programs in a folder, written
      '{folder}', or '{folder}/{versions}' if it does not key them by its own version. Programs that were damaged since an
      earlier run wrote them are removed before the worker starts. `compile_cache_least` has minimum versions by distribution:
      earlier ones keep no programs.
    """

    name: str
    modules: tuple[str, ...]
    distributions: tuple[str, ...]
    extra: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: tuple[Step, ...] = ()
    warm: tuple[Step, ...] = ()
    mode: Steps = ()
    lists_results: bool = False
    together: int = 1
    tier: str = "full"
    tag: str = ""
    beside: bool = False
    groups: tuple[str, ...] = ()
    program: str = PYTHON
    least: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    compile_cache: Mapping[str, str] = field(default_factory=dict)
    compile_cache_least: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_distributions(self) -> tuple[str, ...]:
        """All distributions whose versions are recorded."""
        return tuple(dict.fromkeys((*self.distributions, "numpy"))) if self.program == PYTHON else self.distributions


@dataclass(frozen=True)
class Ask:
    """One pooling of one input, as a target is asked for it.

    `shape` is in `layout`, with a batch axis if `batched`; the layout is an argument for the target only if
    `pool.data_format` states it. `wants` names further attributes: indices, parameters. `rules` are those that the case
    pins; only the reference can follow them. `shapes` are those of further arrays that the call may use by name: the
    `weights` of a convolution (filters, channels of a group, *kernel), the `indices` of an un-pooling (the input's shape),
    the `samples` of a fractional pooling (batch, channels, spatial axes), and the `mask` of a global average (batch, *spatial). `reduction` asks for a global pooling as a
    reduction over axes, where the framework has both. `entry` is 'function' if the framework's functions are asked instead of
    its layers, 'gradient_operation' if its operations for gradients are asked instead of its automatic differentiation, and
    'batch_in_index' if indices are to count the batch.
    """

    pool: Pool
    shape: tuple[int, ...]
    dtype: str
    layout: str = FIRST
    batched: bool = True
    wants: frozenset[str] = frozenset()
    rules: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    reduction: bool = False
    entry: str = ""

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.shape) - 1 - self.batched

    @property
    def spatial(self) -> tuple[int, ...]:
        """The positions of the spatial axes in `layout`."""
        first = int(self.batched) + (self.layout == FIRST)
        return tuple(range(first, first + self.rank))

    @property
    def weights(self) -> tuple[int, int, tuple[int, ...]]:
        """The filters, the channels of a group, and the kernel of a convolution's weights; missing axes count as one."""
        shape = self.shapes["weights"]
        filters, channels, *kernel = (*shape, *(1,) * (2 - len(shape)))
        return filters, channels, tuple(kernel)

    @property
    def groups(self) -> int:
        """The number of groups of a convolution, from its weights and channels."""
        return self.shape[int(self.batched) if self.layout == FIRST else -1] // max(self.weights[1], 1)

    @property
    def results(self) -> tuple[str, ...]:
        """The names of the call's results: the output, and the indices if they are wanted."""
        return ("y", "indices") if "indices" in self.wants else ("y",)


@dataclass(frozen=True)
class Form:
    """How one operation is called: its dotted name, and the native name of each parameter that it has.

    - '{rank}' in the name is the number of spatial axes. A `layer` is built with the parameters and then called on `x`;
      a function takes `x` first. `arrays` are further arrays that follow `x`.
    - `required` parameters that the case omits get the value that has no effect. `fixed` are arguments that are always given.
    - `indices` are the arguments that request the positions of maxima as a second result; None if there are none.
    - `since` has the first versions that have the operation, by distribution.
    - `any_layout` marks an operation that takes arrays in every layout, with or without a batch axis. A reduction is one:
      `axes` is the native name of its argument for the positions of the spatial axes.
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
        """Whether arrays are passed in the layout of the case, whatever it is."""
        return self.any_layout or self.axes is not None


@dataclass(frozen=True)
class LayerClass:
    """A framework's class of layers: the dotted name of the `base`, the `method` that computes, and the `arguments` that `__init__` passes on."""

    base: str
    method: str
    arguments: str = ""


OPEN = "open"
"""The state of a parameter that the case omits."""


@dataclass(frozen=True)
class Feature:
    """Something that a case needs of a framework: a parameter, the operation itself ('op'), the absence of a batch axis, or an attribute.

    `state` is one value of the parameter ('same'), `OPEN` if it is omitted, or empty for every value. `beside` is another
    parameter ('dilation') if only the combination with it is meant.
    """

    parameter: str
    state: str = ""
    beside: str = ""

    def __str__(self) -> str:
        state = f" {OPEN}" if self.state == OPEN else f"={self.state}" if self.state else ""
        return self.parameter + state + (f" with {self.beside}" if self.beside else "")


@dataclass(frozen=True, init=False)
class Gap:
    """Something that a framework does not have: a feature of some operations, the reason, and code that proves it.

    `ops` are patterns over operation and rank, separated by '|' ('avg_pool*|max_pool3'). The feature may be given as a
    name: of a parameter, of an attribute ('indices', 'gradient', 'inferred_shape'), or 'op' for the operation itself.
    `code` is native code that uses the feature all the same, and must fail for every operation and rank that `ops`
    matches; `{op}`, `{rank}` and `{call}`, the form's dotted name, stand for those. It may use `x`, a native input of one
    batch and 2 channels with 6 cells along each spatial axis. `targets` are patterns of targets, separated by '|', if only
    those lack the feature.
    """

    ops: str
    feature: Feature
    why: str
    code: str
    targets: str

    def __init__(self, ops: str, feature: Feature | str, why: str, code: str, targets: str = "*") -> None:
        if isinstance(feature, str) and not feature.isidentifier():
            raise ValueError(
                f"invalid feature {feature!r} of a gap: expected a name, or Feature(name, state), as in Feature('kernel', OPEN)"
            )
        self.__dict__.update(
            ops=ops, feature=Feature(feature) if isinstance(feature, str) else feature, why=why, code=code, targets=targets
        )

    def is_of(self, target: str) -> bool:
        """Whether the gap is one of a target."""
        return any(fnmatchcase(target, pattern) for pattern in self.targets.split("|"))

    @property
    def is_of_all(self) -> bool:
        """Whether the gap is one of every target of its adapter."""
        return self.targets == "*"

    def covers(self, op: str, rank: int) -> bool:
        """Whether the gap is about an operation with so many spatial axes."""
        return any(fnmatchcase(f"{op}{rank}", pattern) for pattern in self.ops.split("|"))


class UndeclaredGap(UserError):
    """An adapter neither has a form for something that the case states, nor declares a gap."""


class Unsupported(Exception):
    """The target does not have something that the case states; a declared gap says why."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.why)
        self.gap = gap

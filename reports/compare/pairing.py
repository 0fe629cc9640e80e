"""Pairs the poolings of two models in the order of their graphs, by what they compute and the shapes that they take.

Converters reorder branches, write one pooling as another, and leave sizes open. So equal ones are paired first, and then those
that agree in less and less: each round of `ROUNDS` pairs, among the poolings that are left, the first with the first of a kind.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ...adapters.contract.model_files import Pooling, Sizes
from ...cases.model.pool import FIRST, Pool
from ..port.source import SourceLayer


@dataclass(frozen=True, eq=False)
class ModelPooling:
    """A pooling of a model: what its file says, and its layer, or why that cannot be run."""

    pooling: Pooling
    layer: SourceLayer | None
    reason: str = ""

    @property
    def kind(self) -> str:
        """How it reduces its windows: 'max', 'avg' or 'lp'; the first word of its text if it cannot be run."""
        return self.layer.pool.kind if self.layer else self.pooling.text.partition("(")[0].rpartition(".")[2].lower()

    @cached_property
    def sizes(self) -> Sizes | None:
        """The channels and the spatial sizes of its input, None for open ones; None if the file states no shape."""
        shape = self.pooling.shape
        if shape is None or self.layer is None or len(shape) != len(self.layer.ask.shape):
            return shape and shape[1:]
        spatial = [shape[axis] for axis in self.layer.ask.spatial]
        return (shape[int(self.layer.ask.batched) if self.layer.ask.layout == FIRST else -1], *spatial)

    @cached_property
    def parameters(self) -> Pool | None:
        """The parameters that place its windows, those without an effect left out; None if it cannot be run."""
        return simplify(self.layer.pool) if self.layer else None


def simplify(pool: Pool) -> Pool:
    """A pooling without parameters that have no effect or are only a matter of how it is written; one bin is the whole array."""
    neutral = [name for name in pool.stated_parameters() if name in ("keepdims", "data_format") or pool.neutral(name)]
    pool = pool.without(*neutral)
    if pool.op.startswith("adaptive") and pool.output_size and set(pool.output_size) == {1}:
        return Pool(op=f"global_{pool.kind}_pool")
    return replace(pool, stride=pool.stride or pool.kernel) if pool.kernel else pool


ROUNDS: tuple[Callable[[ModelPooling], Hashable], ...] = (
    lambda one: (one.kind, one.sizes, one.parameters),
    lambda one: (one.kind, one.sizes),
    lambda one: (one.kind, one.sizes and len(one.sizes), one.sizes and one.sizes[0], one.parameters),
    lambda one: (one.kind, one.sizes and len(one.sizes), one.sizes and one.sizes[0]),
    lambda one: (one.kind, one.parameters),
    lambda one: one.kind,
    lambda one: one.sizes,
)
"""What two poolings must have in common to be a pair, in the order in which it is tried; `sizes` are those of the input."""


@dataclass(frozen=True)
class Pairing:
    """The pairs of two models in the order of the first one's graph, and the poolings that only one of them has."""

    pairs: list[tuple[ModelPooling, ModelPooling]]
    only_first: list[ModelPooling]
    only_second: list[ModelPooling]


def pair_poolings(first: Sequence[ModelPooling], second: Sequence[ModelPooling]) -> Pairing:
    """Pair the poolings of two models."""
    partners: dict[int, int] = {}
    for key in ROUNDS:
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        paired_places = set(partners.values())
        for place, pooling in enumerate(second):
            if place not in paired_places:
                waiting[key(pooling)].append(place)
        for place, pooling in enumerate(first):
            if place not in partners and key(pooling) is not None and waiting[key(pooling)]:
                partners[place] = waiting[key(pooling)].popleft()
    paired_places = set(partners.values())
    return Pairing(
        [(first[place], second[partners[place]]) for place in sorted(partners)],
        [pooling for place, pooling in enumerate(first) if place not in partners],
        [pooling for place, pooling in enumerate(second) if place not in paired_places],
    )

"""Indices as a target counts them, and as positions in their planes, which is how they are compared."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..model.arithmetic import Array
from ..model.case import Case
from ..model.inputs import Tensor, literal
from ..model.operation import Problem, from_planes, to_planes
from ..model.pool import LAST, Refused
from ..model.rules import Rules
from .index import decode
from .other_ops import unpooled_sizes


def indices_to_positions(indices: Array, case: Case, base: str) -> Array:
    """A target's indices into the case's input as positions in its planes; negative ones point nowhere and stay."""
    last = case.layout == LAST
    shape = to_planes(case.input.value, case.batched, last).shape
    found = to_planes(np.asarray(indices), case.batched, last)
    return from_planes(np.where(found < 0, found, decode(found, shape, Rules(index_base=base))), case.batched, last)


def positions_to_indices(indices: Tensor, case: Case, base: str) -> Tensor:
    """The positions that an un-pooling of the case puts its cells at, as a target counts them; as they are where nothing can be un-pooled."""
    last = case.layout == LAST
    found = to_planes(indices.value, case.batched, last)
    batches, channels = np.indices(found.shape[:2]).reshape(2, *found.shape[:2], *[1] * (found.ndim - 2))
    try:
        cells = math.prod(unpooled_sizes(Problem(to_planes(case.input.value, case.batched, last), case.pool, case.reference)))
    except Refused:
        return indices
    count = found.shape[1]
    counted = {
        "tensor": lambda: (batches * count + channels) * cells + found,
        "channels_last": lambda: found * count + channels,
        "channels_last_batch": lambda: (batches * cells + found) * count + channels,
    }[base]()
    value = from_planes(counted, case.batched, last)
    return replace(literal(value.tolist(), indices.dtype), value=value.astype(indices.value.dtype))

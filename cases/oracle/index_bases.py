"""Indices as a target counts them, and as positions in their planes, which is how they are compared."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..model.arithmetic import Array
from ..model.case import Case
from ..model.inputs import Tensor, literal
from ..model.outcome import Question, inward, outward
from ..model.pool import LAST
from ..model.refused import Refused
from ..model.rules import Rules
from .index import decoded
from .other_ops import unpooled_sizes


def positions(indices: Array, case: Case, base: str) -> Array:
    """A target's indices into the case's input as positions in its planes; negative ones point nowhere and stay."""
    last = case.layout == LAST
    shape = inward(case.input.value, case.batched, last).shape
    found = inward(np.asarray(indices), case.batched, last)
    return outward(np.where(found < 0, found, decoded(found, shape, Rules(index_base=base))), case.batched, last)  # type: ignore[arg-type]


def rebased(indices: Tensor, case: Case, base: str) -> Tensor:
    """The positions that an un-pooling of the case puts its cells at, as a target counts them; as they are where nothing can be un-pooled."""
    last = case.layout == LAST
    found = inward(indices.value, case.batched, last)
    batches, channels = np.indices(found.shape[:2]).reshape(2, *found.shape[:2], *[1] * (found.ndim - 2))
    try:
        cells = math.prod(unpooled_sizes(Question(inward(case.input.value, case.batched, last), case.pool, case.reference)))
    except Refused:
        return indices
    count = found.shape[1]
    counted = {
        "tensor": lambda: (batches * count + channels) * cells + found,
        "channels_last": lambda: found * count + channels,
        "channels_last_batch": lambda: (batches * cells + found) * count + channels,
    }[base]()
    value = outward(counted, case.batched, last)
    return replace(literal(value.tolist(), indices.dtype), value=value.astype(indices.value.dtype))

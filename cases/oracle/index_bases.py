"""Conversion of indices between the way a target counts them and positions in planes, in which they are compared."""

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
    """A target's indices into the case's input as positions in its planes.

    Negative ones point nowhere and stay as they are. So do those in an array of other batches, channels or axes than the input.
    """
    last = case.layout == LAST
    if np.ndim(indices) != case.input.value.ndim:
        return indices
    shape = to_planes(case.input.value, case.batched, last).shape
    planes = to_planes(np.asarray(indices), case.batched, last)
    if planes.shape[:2] != shape[:2]:
        return indices
    return from_planes(np.where(planes < 0, planes, decode(planes, shape, Rules(index_base=base))), case.batched, last)


def positions_to_indices(indices: Tensor, case: Case, base: str) -> Tensor:
    """The positions of an un-pooling as a target counts them; unchanged where nothing can be un-pooled."""
    last = case.layout == LAST
    planes = to_planes(indices.value, case.batched, last)
    batches, channels = np.indices(planes.shape[:2]).reshape(2, *planes.shape[:2], *[1] * (planes.ndim - 2))
    try:
        cells = math.prod(unpooled_sizes(Problem(to_planes(case.input.value, case.batched, last), case.pool, case.reference)))
    except Refused:
        return indices
    count = planes.shape[1]
    index_by_base = {
        "tensor": lambda: (batches * count + channels) * cells + planes,
        "channels_last": lambda: planes * count + channels,
        "channels_last_batch": lambda: (batches * cells + planes) * count + channels,
    }[base]()
    value = from_planes(index_by_base, case.batched, last)
    return replace(literal(value.tolist(), indices.dtype), value=value.astype(indices.value.dtype))

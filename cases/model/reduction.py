"""Reductions as poolings: a mean, maximum or sum over exactly the spatial axes is a global pooling, decided by axes and rank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .pool import FIRST, LAST

MAX_SPATIAL_AXES = 3
"""Spatial axes that a pooling has at most."""


@dataclass(frozen=True)
class PooledAxes:
    """What a reduction takes the axes of its array for: the layout, the number of spatial axes, and whether there is a batch axis."""

    layout: str
    rank: int
    batched: bool = True

    @property
    def ndim(self) -> int:
        """The number of axes of the array."""
        return self.rank + 1 + self.batched


def find_pooled_axes(axes: Iterable[int] | int | None, ndim: int | None = None, *, is_declared: bool = False) -> PooledAxes | None:
    """How a reduction over some axes of an array of `ndim` axes is a global pooling; None if it is none.

    The spatial axes are all axes but those of batch and channels, which are the first two (channels first) or the first and
    the last (channels last). Two axes or more decide by themselves. A single axis of three may as well be the tokens of a
    sequence or the features of a token, and an array without a batch axis has the axes of a batch of sequences: these two
    count only if `is_declared`: somebody says that the reduction is a pooling. Without `ndim` the fewest axes that fit are assumed,
    with a batch axis. Axes may be negative. None for axes means all of them, which is no pooling.
    """
    axis_list = [axes] if isinstance(axes, int) else list(axes or ())
    if not axis_list or any(isinstance(axis, bool) or not isinstance(axis, int) for axis in axis_list):
        return None
    candidates = [ndim] if ndim is not None else [len(axis_list) + 2]
    readings = (reading for total in candidates for reading in list_readings(len(axis_list), total))
    places = {reading: spatial_places(reading) for reading in readings}
    match = next((reading for reading, place in places.items() if normalise_axes(axis_list, reading.ndim) == place), None)
    if match is None or match.rank > MAX_SPATIAL_AXES or ((match.rank == 1 or not match.batched) and not is_declared):
        return None
    return match


def list_readings(rank: int, ndim: int) -> list[PooledAxes]:
    """The arrays of `ndim` axes that may have so many spatial axes, the most common first."""
    return [PooledAxes(layout, rank, batched) for batched in (True, False) for layout in (FIRST, LAST) if rank + 1 + batched == ndim]


def spatial_places(reading: PooledAxes) -> tuple[int, ...]:
    """The positions of the spatial axes."""
    first = int(reading.batched) + (reading.layout == FIRST)
    return tuple(range(first, first + reading.rank))


def normalise_axes(axes: Iterable[int], ndim: int) -> tuple[int, ...] | None:
    """Axes as positions in ascending order; None if one is outside of the array or named twice."""
    places = sorted(axis + ndim if axis < 0 else axis for axis in axes)
    valid = all(0 <= axis < ndim for axis in places) and len(set(places)) == len(places)
    return tuple(places) if valid else None

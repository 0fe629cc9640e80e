"""Geometries: how a pooling's windows come under one pooling of a target, respelled or laid out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...adapters.contract import Ask
from ...cases.model.pool import Pool, Refused
from ...cases.model.rules import Rules
from ...cases.oracle.layout import layout
from ...cases.oracle.lowering import LoweredPool


@dataclass(frozen=True)
class Geometry:
    """How the cells of windows come under one pooling of the target: `pool`, after padding and picking as `low` has it if given.

    `shape` is what the answer is brought to in the end, if that is needed.
    """

    pool: Pool
    low: LoweredPool | None = None
    shape: tuple[int, ...] | None = None


def respelled(pool: Pool, low: LoweredPool, sizes: tuple[int, ...], rules: Rules) -> Iterator[tuple[str, Pool]]:
    """Other poolings with the very same windows: padding in cells or by a name, ceil_mode for cells beyond it, or the whole input's."""
    if low.picks:
        return
    include = low.include if low.kind == "avg" and low.padded else None
    bare = replace(inner(low), op=f"{low.kind}_pool", p=pool.p, count_include_pad=include)
    if low.kind == "avg" and low.divisor not in (low.taps, None):
        yield "divisor", replace(bare, padding=low.pads, divisor_override=low.divisor, count_include_pad=None)
    lower = tuple((side, side) for side, _ in low.pads)
    spelled = {
        "cells": replace(bare, padding=low.pads if low.padded else "valid"),
        "same": replace(bare, padding="same", count_include_pad=None),
        "same, told": replace(bare, padding="same"),
        "same_lower": replace(bare, padding="same_lower"),
        "ceil": replace(bare, padding=lower if low.padded else "valid", ceil_mode=True),
    }
    windows = [axis.windows for axis in layout(sizes, pool, rules)]
    yield from ((way, each) for way, each in spelled.items() if alike(each, windows, sizes))
    if low.kernel == sizes and not low.padded and pool.op.startswith("adaptive"):
        yield "whole", Pool(op=f"global_{low.kind}_pool", keepdims=True)


def alike(pool: Pool, windows: list[tuple[range, ...]], sizes: tuple[int, ...]) -> bool:
    """Whether a pooling has these windows."""
    try:
        return [axis.windows for axis in layout(sizes, pool, Rules(pad_limit="none"))] == windows
    except Refused:
        return False


def inner(low: LoweredPool) -> Pool:
    """What a target's pooling has left to do once cells are padded and picked."""
    op = "max_pool" if low.kind == "max" else "avg_pool"
    return Pool(op=op, kernel=low.kernel, stride=low.stride, padding="valid", dilation=None if max(low.dilation) == 1 else low.dilation)


def dropped(pool: Pool, ask: Ask, rules: Rules) -> tuple[int, ...] | None:
    """The shape of an answer that lacks the spatial axes, None where it has them."""
    keeps = rules.keepdims_default == "kept" if pool.keepdims is None else pool.keepdims
    if keeps or not pool.op.startswith("global"):
        return None
    return tuple(size for axis, size in enumerate(ask.shape) if axis not in ask.spatial)

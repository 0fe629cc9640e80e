"""Poolings for every adapter to be asked for: each parameter stated and left open, each attribute, in every layout."""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from support.beside import BESIDE
from support.sampling import DILATION, EVEN, KERNEL, ONES, SIZES, STRIDE, UNEVEN, Kind, Sample, with_

from poolparity.cases.model.case import GRADIENT_OPERATION
from poolparity.cases.model.inputs import literal
from poolparity.cases.model.pool import ADAPTIVE, FORMATS, GLOBAL, LAST, WINDOWED, Pool

DTYPES = ("float16", "bfloat16", "float64", "int8", "uint8", "int32", "int64", "bool")


def samples() -> Iterator[Sample]:
    for rank in SIZES:
        for op in WINDOWED:
            yield from sample_windows(Kind(op, rank, SIZES[rank]))
        for op in GLOBAL:
            yield from sample_global_poolings(Kind(op, rank, SIZES[rank]))
        for op in ADAPTIVE:
            yield from sample_adaptive_poolings(Kind(op, rank, SIZES[rank]))
        for op, make in BESIDE.items():
            yield from make(op, rank)


def first_of_each_kind(all_samples: Iterable[Sample]) -> list[Sample]:
    """The first sample of each operation and attribute, in two dimensions."""
    return list({(sample.ask.pool.op, sample.question): sample for sample in reversed([*all_samples]) if sample.ask.rank == 2}.values())


def sample_windows(kind: Kind) -> Iterator[Sample]:
    op, rank = kind.op, kind.rank
    p = {"p": 2.0} if op == "lp_pool" else {}
    plain = kind.pool(kernel=KERNEL[:rank], stride=STRIDE[:rank], **p)
    ones = kind.pool(kernel=KERNEL[:rank], stride=ONES[:rank], **p)
    even = with_(plain, padding=EVEN[:rank])
    yield from kind.everywhere("plain", plain)
    yield from kind.attributes(plain, "gradient", "inferred")
    yield from kind.everywhere("same", with_(plain, padding="same"), pinned=op == "max_pool")
    yield from kind.everywhere("dilated", with_(ones, dilation=DILATION[:rank]))
    for name, parameters, pinned in (
        ("stride open", with_(plain, stride=None), False),
        ("p open", with_(plain, p=None), False),
        ("kernel open", with_(plain, kernel=None), False),
        ("valid", with_(plain, padding="valid"), True),
        ("no padding", with_(plain, padding=((0, 0),) * rank), True),
        ("same_lower", with_(plain, padding="same_lower"), op == "max_pool"),
        ("even", even, op == "max_pool"),
        ("uneven", with_(plain, padding=UNEVEN[:rank]), op == "max_pool"),
        ("not dilated", with_(plain, dilation=ONES[:rank]), True),
        ("strided and dilated", with_(plain, stride=(2,) * rank, dilation=(2,) * rank), True),
        ("dilated same", with_(ones, dilation=(2,) * rank, padding="same"), False),
        ("dilated even", with_(ones, dilation=(2,) * rank, padding=EVEN[:rank]), False),
        ("ceil_mode", with_(plain, ceil_mode=True), op != "lp_pool"),
        ("floor", with_(plain, ceil_mode=False), True),
    ):
        yield kind.sample(name, parameters, pinned=pinned)
    if op == "avg_pool":
        yield kind.sample("padding counted", with_(even, count_include_pad=True))
        yield kind.sample("padding not counted", with_(even, count_include_pad=False))
        yield kind.sample("same not counted", with_(plain, padding="same", count_include_pad=False))
        yield kind.sample("divisor", with_(plain, divisor_override=5))
    if op == "lp_pool":
        yield kind.sample("p a fraction", with_(plain, p=2.5))
    else:
        yield from (kind.sample("operation", plain, layout, question="gradient", entry=GRADIENT_OPERATION) for layout in FORMATS)
    if op == "max_pool":
        yield from kind.attributes(with_(ones, dilation=DILATION[:rank]), "gradient", name="dilated")
        yield from sample_indices(kind, plain, with_(ones, dilation=DILATION[:rank]), even)
    if rank == 2:
        yield from (kind.sample("unbatched", plain, layout, batched=False) for layout in FORMATS)
        yield from sample_types(kind, plain) if op != "lp_pool" else ()


def sample_indices(kind: Kind, plain: Pool, *others: Pool) -> Iterator[Sample]:
    yield from kind.everywhere("plain", plain, question="indices")
    yield from (kind.sample(f"other {count}", pool, question="indices") for count, pool in enumerate(others))
    yield kind.sample("unbatched", plain, LAST, batched=False, question="indices")
    if kind.op in WINDOWED:
        yield kind.sample("ceil_mode", with_(plain, ceil_mode=True), question="indices", pinned=False)


def sample_global_poolings(kind: Kind) -> Iterator[Sample]:
    for keepdims in (True, False):
        pool = kind.pool(keepdims=keepdims)
        yield from kind.everywhere(f"keepdims={keepdims}", pool)
        yield from kind.attributes(pool, "gradient", "inferred", name=f"keepdims={keepdims}")
        yield kind.sample(f"unbatched-keepdims={keepdims}", pool, LAST, batched=False)
    yield from kind.everywhere("keepdims open", kind.pool(), pinned=False)
    if kind.op == "global_avg_pool":
        mask = literal((np.arange(2 * math.prod(kind.sizes)).reshape(2, *kind.sizes) % 3 > 0).tolist(), "bool")
        yield from (kind.sample("masked", kind.pool(keepdims=True), layout, mask=mask) for layout in FORMATS)
    if kind.op == "global_lp_pool":
        yield kind.sample("p a fraction", kind.pool(p=2.5, keepdims=True))
    if kind.op == "global_max_pool":
        yield kind.sample("plain", kind.pool(keepdims=True), question="indices")
    if kind.rank == 2 and kind.op != "global_lp_pool":  # whose powers are too large for some types
        yield from sample_types(kind, kind.pool(keepdims=True))


def sample_adaptive_poolings(kind: Kind) -> Iterator[Sample]:
    pool = kind.pool(output_size=KERNEL[: kind.rank])
    yield from kind.everywhere("sized", pool)
    yield from kind.attributes(pool, "gradient", "inferred")
    yield kind.sample("output_size open", kind.pool(), pinned=False)
    yield kind.sample("unbatched", pool, batched=False)
    if kind.op == "adaptive_max_pool":
        yield from sample_indices(kind, pool)


def sample_types(kind: Kind, pool: Pool) -> Iterator[Sample]:
    """In every type; what a framework makes of an average of integers, or of few bits, is its own affair."""
    return (kind.sample(dtype, pool, dtype=dtype, pinned="max" in kind.op or dtype in ("float16", "float64")) for dtype in DTYPES)

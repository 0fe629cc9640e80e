"""Poolings for every adapter to be asked for: each parameter stated and left open, in every layout."""

from collections.abc import Iterator
from dataclasses import dataclass

from poolparity.adapters import Ask
from poolparity.cases.inputs import Tensor, distinct
from poolparity.cases.pool import ADAPTIVE, FIRST, FORMATS, GLOBAL, LAST, WINDOWED, Pool

SIZES = {1: (7,), 2: (6, 5), 3: (5, 4, 6)}
KERNEL, STRIDE, ONES, DILATION = (3, 2, 2), (2, 1, 2), (1, 1, 1), (2, 1, 2)
EVEN, UNEVEN = ((1, 1), (0, 0), (1, 1)), ((0, 1), (1, 0), (0, 0))
DTYPES = ("float16", "float64", "uint8", "int32", "int64")


@dataclass(frozen=True)
class Sample:
    """A pooling of an input; `pinned` if the definition alone gives its answer."""

    name: str
    ask: Ask
    x: Tensor
    pinned: bool = True


def samples() -> Iterator[Sample]:
    for rank in SIZES:
        for op in WINDOWED:
            yield from windowed(op, rank)
        for op in (*GLOBAL, *ADAPTIVE):
            yield from whole(op, rank)


def windowed(op: str, rank: int) -> Iterator[Sample]:
    p = {"p": 2.0} if op == "lp_pool" else {}
    plain = Pool(op=op, kernel=KERNEL[:rank], stride=STRIDE[:rank], **p)
    ones = Pool(op=op, kernel=KERNEL[:rank], stride=ONES[:rank], **p)
    yield from everywhere("plain", plain, rank)
    yield from everywhere("same", with_(plain, padding="same"), rank, pinned=op == "max_pool")
    yield from everywhere("dilated", with_(ones, dilation=DILATION[:rank]), rank)
    for name, given, pinned in (
        ("stride open", with_(plain, stride=None), False),
        ("p open", with_(plain, p=None), False),
        ("kernel open", with_(plain, kernel=None), False),
        ("valid", with_(plain, padding="valid"), True),
        ("no padding", with_(plain, padding=((0, 0),) * rank), True),
        ("same_lower", with_(plain, padding="same_lower"), op == "max_pool"),
        ("even", with_(plain, padding=EVEN[:rank]), op == "max_pool"),
        ("uneven", with_(plain, padding=UNEVEN[:rank]), op == "max_pool"),
        ("not dilated", with_(plain, dilation=ONES[:rank]), True),
        ("strided and dilated", with_(plain, stride=(2,) * rank, dilation=(2,) * rank), True),
        ("dilated same", with_(ones, dilation=(2,) * rank, padding="same"), False),
        ("dilated even", with_(ones, dilation=(2,) * rank, padding=EVEN[:rank]), False),
        ("ceil_mode", with_(plain, ceil_mode=True), op != "lp_pool"),
        ("floor", with_(plain, ceil_mode=False), True),
    ):
        yield sample(name, given, rank, pinned=pinned)
    if op == "avg_pool":
        yield sample("padding counted", with_(plain, padding=EVEN[:rank], count_include_pad=True), rank)
        yield sample("padding not counted", with_(plain, padding=EVEN[:rank], count_include_pad=False), rank)
        yield sample("same not counted", with_(plain, padding="same", count_include_pad=False), rank)
        yield sample("divisor", with_(plain, divisor_override=5), rank)
    if rank == 2:
        yield from (sample("unbatched", plain, rank, layout, batched=False) for layout in FORMATS)
        yield from typed(plain) if op != "lp_pool" else ()


def whole(op: str, rank: int) -> Iterator[Sample]:
    if op in ADAPTIVE:
        yield from everywhere("sized", Pool(op=op, output_size=KERNEL[:rank]), rank)
        yield sample("output_size open", Pool(op=op), rank, pinned=False)
        yield sample("unbatched", Pool(op=op, output_size=KERNEL[:rank]), rank, batched=False)
        return
    for keepdims in (True, False):
        yield from everywhere(f"keepdims={keepdims}", Pool(op=op, keepdims=keepdims), rank)
        yield sample(f"unbatched-keepdims={keepdims}", Pool(op=op, keepdims=keepdims), rank, LAST, batched=False)
    yield from everywhere("keepdims open", Pool(op=op), rank, pinned=False)
    if rank == 2 and op != "global_lp_pool":  # whose powers are too large for some types
        yield from typed(Pool(op=op, keepdims=True))


def typed(pool: Pool) -> Iterator[Sample]:
    """In every type; what a framework makes of an average of integers is its own affair."""
    return (sample(dtype, pool, 2, dtype=dtype, pinned="max" in pool.op or "float" in dtype) for dtype in DTYPES)


def everywhere(name: str, pool: Pool, rank: int, pinned: bool = True) -> Iterator[Sample]:
    """In both layouts, stated and unstated; in one and three dimensions stated ones and one unstated are enough."""
    for layout in FORMATS:
        if rank == 2 or layout == FIRST:
            yield sample(name, pool, rank, layout, pinned=pinned)
        yield sample(f"{name}-stated", with_(pool, data_format=layout), rank, layout, pinned=pinned)


def sample(
    name: str, pool: Pool, rank: int, layout: str = FIRST, dtype: str = "float32", batched: bool = True, pinned: bool = True
) -> Sample:
    planes = (2, *SIZES[rank]) if layout == FIRST else (*SIZES[rank], 2)
    x = distinct((2, *planes) if batched else planes, 0, dtype)
    return Sample(f"{pool.op}{rank}-{layout}-{name}", Ask(pool, x.shape, dtype, layout, batched), x, pinned)


def with_(pool: Pool, **given: object) -> Pool:
    return Pool(op=pool.op, **{**pool.stated(), **given})

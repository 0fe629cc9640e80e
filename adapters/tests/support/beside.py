"""The operations beside pooling, for every adapter to be asked for: each parameter stated and left open, each attribute."""

from collections.abc import Iterator

from support.sampling import DILATION, EVEN, KERNEL, ONES, SIZES, STRIDE, UNEVEN, Kind, Sample, with_

from poolparity.cases.model.inputs import distinct, literal, normal
from poolparity.cases.model.pool import FORMATS, LAST, Pool
from poolparity.cases.oracle.definition import outcome

SMALL = {1: (3,), 2: (3, 2), 3: (2, 3, 2)}


def sample_unpoolings(op: str, rank: int) -> Iterator[Sample]:
    pool = Pool(op=op, kernel=(3,) * rank, stride=(2,) * rank, padding=((1, 1),) * rank)
    sizes = tuple(2 * n - 1 for n in SMALL[rank])
    indices = outcome(distinct((2, 2, *sizes), 0, "float32").value, with_(pool, op="max_pool")).indices
    kind = Kind(op, rank, SMALL[rank], {"indices": literal(indices.tolist(), "int64")})
    yield from kind.everywhere("plain", pool)
    yield from kind.attributes(pool, "gradient", "inferred")
    yield kind.sample("unbatched", pool, batched=False)
    sized_pool = with_(pool, output_size=tuple(n + 1 for n in sizes))
    yield from (kind.sample("sized", sized_pool, question=question, pinned=False) for question in ("call", "inferred"))
    yield kind.sample("stride open", with_(pool, stride=None), pinned=False)
    yield kind.sample("kernel open", with_(pool, kernel=None), pinned=False)
    yield kind.sample("same", with_(pool, padding="same"), pinned=False)
    yield kind.sample("uneven", with_(pool, padding=((0, 1),) * rank), pinned=False)
    yield kind.sample("indices open", pool, indices=None, pinned=False)


def fractional(op: str, rank: int) -> Iterator[Sample]:
    share = [[[(3 * plane + axis + 1) / 16 for axis in range(rank)] for plane in range(2)]] * 2
    kind = Kind(op, rank, SIZES[rank], {"samples": literal(share, "float32")})
    pool = kind.pool(kernel=(2,) * rank, output_size=KERNEL[:rank])
    yield from kind.everywhere("plain", pool)
    yield from kind.attributes(pool, "indices", "gradient", "inferred")
    yield kind.sample("unbatched", pool, batched=False)
    yield kind.sample("kernel open", with_(pool, kernel=None), pinned=False)
    yield kind.sample("output_size open", with_(pool, output_size=None), pinned=False)


def sample_upsamplings(op: str, rank: int) -> Iterator[Sample]:
    kind = Kind(op, rank, SMALL[rank])
    pool, sized_pool = kind.pool(kernel=KERNEL[:rank]), kind.pool(output_size=tuple(2 * n for n in SMALL[rank]))
    yield from kind.everywhere("plain", pool)
    yield from kind.everywhere("sized", sized_pool)
    yield from kind.attributes(pool, "gradient", "inferred")
    yield from (kind.sample(name, pool, batched=False) for name, pool in (("unbatched", pool), ("unbatched sized", sized_pool)))
    yield kind.sample("both open", kind.pool(), pinned=False)


def sample_convolutions(op: str, rank: int) -> Iterator[Sample]:
    kind = Kind(op, rank, SIZES[rank], {"weights": distinct((3, 2, *KERNEL[:rank]), 1, "float32")})
    pool = kind.pool(stride=STRIDE[:rank], padding="valid", dilation=ONES[:rank])
    yield from kind.everywhere("plain", pool)
    yield from kind.attributes(pool, "gradient", "inferred")
    yield from kind.everywhere("open", kind.pool(), pinned=False)  # for some pad where nothing is stated
    yield kind.sample("grouped", pool, weights=normal((4, 1, *KERNEL[:rank]), 2, "float32"), pinned=rank < 3)
    yield kind.sample("unbatched", pool, batched=False)
    yield kind.sample("kernel stated", with_(pool, kernel=KERNEL[:rank]))
    yield kind.sample("weights open", pool, weights=None, pinned=False)
    for name, parameters in (
        ("same", {"padding": "same"}), ("same_lower", {"padding": "same_lower"}), ("strided same", {"padding": "same", "stride": (2,) * rank}),
        ("even", {"padding": EVEN[:rank]}), ("uneven", {"padding": UNEVEN[:rank]}), ("dilated", {"padding": "valid", "dilation": DILATION[:rank]}),
        ("strided and dilated", {"padding": "valid", "stride": (2,) * rank, "dilation": DILATION[:rank]}),
    ):  # fmt: skip
        yield kind.sample(name, kind.pool(**parameters))


def laid_flat(op: str, rank: int) -> Iterator[Sample]:
    kind = Kind(op, rank, SMALL[rank])
    for layout in FORMATS:  # of channels that stand first some write the cells as if they stood last
        for data_format in (None, layout):
            yield kind.sample(f"{data_format}", kind.pool(data_format=data_format), layout, pinned=layout == LAST)
        yield kind.sample("plain", kind.pool(), layout, question="inferred")
        yield kind.sample("plain", kind.pool(), layout, question="gradient", pinned=layout == LAST)
    yield kind.sample("unbatched", kind.pool(), LAST, batched=False)


def sample_entry_points(op: str, rank: int) -> Iterator[Sample]:
    kind = Kind(op, rank, SMALL[rank])
    yield from kind.everywhere("plain", kind.pool())
    yield from kind.attributes(kind.pool(), "inferred")
    yield kind.sample("unbatched", kind.pool(), batched=False)


BESIDE = {
    "max_unpool": sample_unpoolings, "fractional_max_pool": fractional, "upsample_nearest": sample_upsamplings,
    "conv": sample_convolutions, "flatten": laid_flat, "input": sample_entry_points,
}  # fmt: skip

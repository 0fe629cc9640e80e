"""The limits on the work of specs: what is over one is refused before it is done, in little time and memory."""

import resource
import time

import pytest

from poolparity.cases.read.cost import ARRAY_LIMIT, CASE_LIMIT

SIZES = [[i, j] for i in range(1, 9) for j in range(1, 9)]
TOO_LARGE = {
    "window": ("op: max_pool", "{distinct: [1, 1, 262144]}", "pool: {kernel: [100000], stride: [1]}", f"steps of work; expected at most {CASE_LIMIT}"),
    "average": ("op: avg_pool", "{distinct: [1, 1, 8000]}", "pool: {kernel: [4000], stride: [1]}", f"steps of work; expected at most {CASE_LIMIT}"),
    "bins": ("op: adaptive_avg_pool", "{normal: [1, 1, 100000]}", "pool: {output_size: [262144]}", f"steps of work; expected at most {CASE_LIMIT}"),
    "filters": ("op: conv", "{arange: [1, 1, 262144]}", "with: {weights: {full: [262144, 1, 1], value: 1}}",
                f"has an output of up to 68720263168 cells; expected at most {ARRAY_LIMIT}"),
    "channels": ("op: max_pool", "{arange: [1, 131072, 2]}", "pool: {kernel: [2], padding: [[131071, 131071]], stride: [1]}",
                 f"has an output of up to 34359738368 cells; expected at most {ARRAY_LIMIT}"),
    "unpooling": ("op: max_unpool", "{arange: [1, 262144, 1]}",
                  "with: {indices: {full: [1, 262144, 1], value: 0}}\n    pool: {kernel: [262144]}",
                  f"has an output of up to 137438953472 cells; expected at most {ARRAY_LIMIT}"),
    "large with windows": ("op: max_pool", "{full: [1, 1, 268435456], value: 1}", "pool: {kernel: [100000], stride: [1000]}",
                           f"steps of work; expected at most {CASE_LIMIT}"),
    "large with many windows": ("op: max_pool", "{full: [1, 1, 268435456], value: 1}", "pool: {kernel: [2]}",
                                f"has an output of up to 268435456 cells; expected at most {ARRAY_LIMIT}"),
    "large and padded": ("op: max_pool", "{full: [1, 1, 268435456], value: 1}", "pool: {kernel: [2], stride: [268435456], padding: same}",
                         "has padding; expected none of that for an input of more than 262144 cells, or a smaller input"),
    "large sums": ("op: global_avg_pool", "{full: [1, 1, 268435456], value: 1}", "output: [[[1]]]", "adds up 268435456 cells; expected none of that"),
    "large by the oracle": ("op: global_max_pool", "{full: [1, 1, 262145], value: 1}", "indices: oracle", "has an answer from the oracle"),
    "large and adaptive": ("op: adaptive_max_pool", "{full: [1, 1, 262145], value: 1}", "pool: {output_size: [2]}",
                           "is not a maximum or an average of windows or of whole planes"),
    "matrix": ("op: max_pool", "{distinct: [1, 1, 64, 64]}", f"matrix: {{kernel: {SIZES}, stride: {SIZES}}}",
               "the cases of the file up to here ask for too much work; expected smaller arrays or windows, or several files"),
}  # fmt: skip


@pytest.mark.parametrize(("op", "x", "rest", "message"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_work_over_a_limit_is_refused_before_it_is_done(spec, op, x, rest, message):
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    [mistake] = spec(f"{op}\ncases:\n  a:\n    input: {x}\n    {rest}\n").mistakes
    assert message in str(mistake)
    assert time.process_time() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 18  # KiB


@pytest.mark.parametrize("keys", [
    "op: max_pool\n    input: {normal: [1, 1, 512, 512]}\n    pool: {kernel: [3, 3], stride: [1, 1], padding: same}",
    "op: upsample_nearest\n    input: {normal: [1, 1, 100, 100]}\n    pool: {kernel: [5, 5]}",
    "op: global_max_pool\n    input: {normal: [1, 1, 512, 512]}",
    "op: flatten\n    input: {normal: [1, 262144, 1]}",
    "op: max_pool\n    dtype: int8\n    input: {full: [1, 1, 4294967296], value: 1}\n    pool: {kernel: [2], stride: [4294967294]}",
    "op: avg_pool\n    input: {arange: [1, 1, 16777216]}\n    pool: {kernel: [16777216], stride: [1]}",
    "op: adaptive_max_pool\n    input: {normal: [1, 1, 50000]}\n    pool: {output_size: [60000]}",
])  # fmt: skip
def test_large_arrays_whose_work_is_small_are_read(spec, keys):
    assert list(map(str, spec(f"cases:\n  a:\n    {keys}\n").mistakes)) == []


def test_an_operation_that_equals_a_case_has_the_same_limits(spec):
    [mistake] = spec(
        "op: global_max_pool\ncases:\n  a:\n    input: {distinct: [1, 1, 8192]}\n    pool: {keepdims: true}\n"
        "    equals: {op: max_pool, pool: {kernel: [4096], stride: [1]}}\n"
    ).mistakes
    assert ": max_pool on [1, 1, 8192] has windows of up to 16785408 cells" in str(mistake)


@pytest.mark.parametrize(("keys", "message"), [
    ("op: max_pool\n    dtype: bfloat16\n    input: [[[18446744073709551616]]]\n    pool: {kernel: [1]}", "numbers that bfloat16 holds"),
    (f"input: [[[1]]]\n    layer: torch.nn.MaxPool1d(0x{'f' * 4000})", "kernel_size of torch.nn.MaxPool1d has too many digits; expected a number of 64 bits"),
])  # fmt: skip
def test_numbers_that_python_or_numpy_cannot_convert_are_refused(spec, keys, message):
    pytest.importorskip("ml_dtypes")
    [mistake] = spec(f"cases:\n  a:\n    {keys}\n").mistakes
    assert message in str(mistake)

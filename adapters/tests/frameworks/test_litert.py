"""Scale and zero point of `.tflite` models: where input and result have the same, they change no answer, so cases state none."""

from dataclasses import replace

import numpy as np
import pytest

from poolparity.adapters import Ask, Step
from poolparity.adapters.frameworks.litert.base import TfliteRunner
from poolparity.adapters.parent.host import Job
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.model.pool import LAST, Pool

RUNTIMES = {name: entry for name, entry in find_targets().items() if isinstance(entry.adapter, TfliteRunner)}
WINDOW = {"kernel": (2, 2), "stride": (1, 1), "padding": "same"}
POOLS = [
    Pool(op="max_pool", **WINDOW), Pool(op="avg_pool", **WINDOW),
    Pool(op="global_max_pool", keepdims=True), Pool(op="global_avg_pool", keepdims=True),
]  # fmt: skip
DTYPES = ("int8", "uint8", "int16")
ONE, QUARTER, HALF = 1.0, 0.25, 0.5


def quantise(call, scales, zero_points=(0, 0)):
    """A call whose model states a scale and a zero point for its input and for its result."""
    parameters = iter([{"scale": [scale], "zeroPoint": [point]} for scale, point in zip(scales, zero_points, strict=True)])
    steps = tuple(
        replace(step, kwargs=next(parameters)) if isinstance(step, Step) and step.result == "scale" else step for step in call.steps
    )
    assert next(parameters, None) is None
    return replace(call, steps=steps)


def cells(dtype):
    return np.random.default_rng(0).integers(0 if dtype == "uint8" else -5, 9, (1, 4, 4, 1)).astype(dtype)


def jobs_of(entry, pool, dtype, **models):
    x = cells(dtype)
    call = entry.adapter.call(Ask(pool, x.shape, dtype, LAST), entry.target)
    return [Job(f"{pool.op} {dtype} {name}", quantise(call, *parameters), {"x": x}) for name, parameters in models.items()]


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_scale_and_a_zero_point_that_input_and_result_share_change_no_answer(ask, name):
    jobs = []
    for pool in POOLS:
        for dtype in DTYPES:
            points = (0, 0) if dtype == "int16" else (3, 3)  # int16 is symmetric
            jobs += jobs_of(RUNTIMES[name], pool, dtype, plain=((ONE, ONE),), scaled=((QUARTER, QUARTER), points))
    answers, _ = ask(jobs, name)
    pairs = [(answers[plain.id], answers[scaled.id]) for plain, scaled in zip(jobs[::2], jobs[1::2], strict=True)]
    assert [plain.outcome for plain, _ in pairs] == [scaled.outcome for _, scaled in pairs]
    accepted_pairs = [(plain.output, scaled.output) for plain, scaled in pairs if plain.outcome == "accepts"]
    assert len(accepted_pairs) >= len(POOLS)
    assert all(np.array_equal(plain, scaled) for plain, scaled in accepted_pairs)


KEPT, REFUSED = "keeps the integers", "rejects"
OTHER_SCALE = {
    ("litert", "max_pool"): REFUSED, ("litert", "avg_pool"): KEPT, ("litert+builtin", "max_pool"): KEPT, ("litert+builtin", "avg_pool"): KEPT,
    ("litert+reference", "max_pool"): KEPT, ("litert+reference", "avg_pool"): KEPT,
    ("tflite-micro", "max_pool"): REFUSED, ("tflite-micro", "avg_pool"): REFUSED,
}  # fmt: skip


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_result_of_another_scale_is_refused_or_has_the_integers_of_the_scale_of_the_input(ask, name):
    jobs = [job for pool in POOLS[:2] for job in jobs_of(RUNTIMES[name], pool, "int8", plain=((ONE, ONE),), other=((QUARTER, HALF),))]
    answers, _ = ask(jobs, name)
    for pool, plain, other in zip(POOLS, jobs[::2], jobs[1::2], strict=False):
        kept = answers[other.id].outcome == "accepts" and np.array_equal(answers[plain.id].output, answers[other.id].output)
        assert (KEPT if kept else answers[other.id].outcome) == OTHER_SCALE[name, pool.op]

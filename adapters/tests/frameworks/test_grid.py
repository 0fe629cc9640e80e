"""Every installed target on a grid of poolings: it answers by the definition, and its printed code answers the same.

Where cases share a program, each is answered bit by bit as by itself.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from itertools import product

import numpy as np
import pytest
from support.asking import answer_samples, translation
from support.poolings import first_of_each_kind, samples
from support.programs import find_second_compilers
from support.together import answer_together, jobs_of

from poolparity.adapters import Adapter, Unsupported
from poolparity.adapters.frameworks.litert.base import TfliteRunner
from poolparity.adapters.frameworks.numpy.adapter import Oracle
from poolparity.adapters.frameworks.onnx.base import OnnxRunner
from poolparity.adapters.parent.job import one_program
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets, is_installed
from poolparity.cases.judge.due import due_of
from poolparity.cases.model.pool import WINDOWED
from poolparity.cases.oracle.index_bases import indices_to_positions

FOUND = {entry.where: entry for entry in find_targets().values()}
TARGETS = [target for target in select_targets(["*"], find_targets()) if is_installed(target.target)]

SAMPLES = list(samples())
WRONG = {
    "equinox": ("adaptive_*",),
    "keras-torch+onnx": ("adaptive_*",),
    "ncnn": ("avg_pool?-*-same not counted-call",),
    "onnxruntime+opset22": ("global_lp_pool?-*",),
    "paddle": ("global_max_pool3-*-gradient",),
    "tfjs": ("max_pool3-*-indices",),
    "tfjs+wasm": ("*-ceil_mode-*", "*-ceil_mode *", "max_pool?-*-gradient", "conv3-*-gradient", "max_pool3-*-indices"),
    "tinygrad": ("max_unpool?-*-call", "max_unpool?-*-gradient"),
    "torch+onnx": ("adaptive_max_*",),
}
"""Samples that a target answers wrongly, or refuses: Equinox's adaptive bins are disjoint, exports of Keras and maxima in exports of torch need
bins of one size, ncnn counts same padding whatever is stated, ONNX Runtime has no GlobalLpPool of opset 22, Paddle's gradient is unwritten
memory, TensorFlow.js takes volumes for planes where it gives indices, and rounds up into unwritten memory on WebAssembly, and tinygrad adds
up the cells that an un-pooling puts in one place."""
SUMS = ("avg_pool", "lp_pool", "conv")
"""What operations end in whose arithmetic rounds."""


@pytest.fixture(scope="module", params=TARGETS, ids=[target.name for target in TARGETS])
def grid_target(request):
    return request.param


@pytest.fixture(scope="module")
def replies_by_target(request, tmp_path_factory, programs):
    """What the targets of the selected tests will have answered; as many are asked at once as there are processors.

    Targets that find compiled programs of another one are asked after all others.
    """
    tests_of_file = [parameters_of(item) for item in request.session.items if item.path == request.path]
    target_names = {parameters["grid_target"].name for parameters in tests_of_file if "grid_target" in parameters}
    second = find_second_compilers((target.name, target.target.compile_cache) for target in TARGETS)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            target.name: pool.submit(answer_samples, target, target.adapter, due_to(target), tmp_path_factory.mktemp("printed"), programs)
            for target in sorted(TARGETS, key=lambda target: target.name in second) if target.name in target_names
        }  # fmt: skip


def parameters_of(item):
    """The parameters of a test, by name."""
    return item.callspec.params if hasattr(item, "callspec") else {}


def due_to(grid_target):
    """All samples; where functions are compiled one of each kind, for that takes its time."""
    return first_of_each_kind(SAMPLES) if grid_target.target.mode else SAMPLES


@pytest.fixture(scope="module")
def replies(grid_target, replies_by_target):
    """All that a target answered."""
    return replies_by_target[grid_target.name].result()


def is_variant(target):
    """Whether a target runs the calls of another one, which is held to the definition: what it does otherwise is for its ledger to say."""
    return isinstance(target.adapter, OnnxRunner | TfliteRunner) and target.adapter.variant_of is not None


ANSWERS_BY_DEFINITION = pytest.mark.parametrize(
    "grid_target", [target for target in TARGETS if not is_variant(target)], ids=lambda target: target.name, indirect=True
)


@ANSWERS_BY_DEFINITION
def test_what_is_fully_stated_is_answered_by_the_definition(grid_target, replies):
    pinned_replies = [reply for reply in replies if reply.sample.pinned and not is_known_wrong(grid_target, reply)]
    wrong = [f"{reply.sample.name}\n{reply.code}\n{reason}" for reply in pinned_replies if (reason := differs(reply))]
    assert not wrong, f"{len(wrong)} answers are not those of the definition:\n" + "\n\n".join(wrong[:5])


def is_known_wrong(target, reply):
    return any(fnmatchcase(reply.sample.name, pattern) for pattern in WRONG.get(target.name, ()))


def differs(reply):
    """What is wrong with an answer; how it is rounded, and types that are refused, are the framework's own affair."""
    if reply.answer.outcome != "accepts":
        return "" if reply.sample.ask.dtype != "float32" and reply.answer.outcome == "rejects" else reply.answer.detail
    return next((f"{name} is {got}; {due} was due" for name, due, got in compare_reply(reply) if not is_same(reply, name, due, got)), "")


def compare_reply(reply):
    """Each result with what is due of it, indices as positions in their planes."""
    for name, got in results(reply.answer).items():
        attribute = "values" if name == "y" else name
        yield (
            name,
            due_of(reply.sample.case, attribute),
            indices_to_positions(got, reply.sample.case, reply.base) if name == "indices" else got,
        )


def results(answer):
    """What a target gave, by the names that its call knows."""
    return {**({} if answer.output is None else {"y": answer.output}), **answer.extra}


def is_same(reply, name, due, got):
    if name == "inferred_shape":
        return len(due) == len(got) and all(size in (-1, right) for size, right in zip(got, due, strict=True))
    near = 1e-3 if name == "gradient" or reply.sample.ask.pool.op.endswith(SUMS) else 0.0
    return due.shape == got.shape and np.allclose(due, got, rtol=near, atol=near)


class Liar(Oracle):
    """Asks for a window of the stride's size."""

    def arguments(self, ask, form):
        arguments, notes = super().arguments(ask, form)
        return {**arguments, "kernel": arguments["stride"]} if "stride" in arguments else arguments, notes


@pytest.mark.process
def test_an_adapter_that_asks_for_something_else_is_found(tmp_path, programs):
    [numpy_target] = [numpy_target for numpy_target in TARGETS if numpy_target.name == "numpy"]
    wrong_samples = {
        reply.sample.ask.pool.op
        for reply in answer_samples(numpy_target, Liar(), first_of_each_kind(SAMPLES), tmp_path, programs)
        if reply.sample.pinned and differs(reply)
    }
    assert wrong_samples == {*WINDOWED, "max_unpool", "conv"}


def test_printed_code_answers_as_the_worker_did(grid_target, replies):
    steady = [reply for reply in replies if not is_known_wrong(grid_target, reply)]
    wrong = [f"{reply.sample.name}\n{reply.code}" for reply in steady if reply.printed_answer != bytes_of_results(reply.answer)]
    assert not wrong, f"{len(wrong)} printed codes answer otherwise:\n" + "\n\n".join(wrong[:5])


def bytes_of_results(answer):
    if answer.outcome != "accepts":
        return None
    return {name: [array.dtype.name, list(array.shape), array.tobytes().hex()] for name, array in results(answer).items()}


@pytest.mark.parametrize(
    "grid_target", [target for target in TARGETS if target.target.together > 1], ids=lambda target: target.name, indirect=True
)
def test_cases_that_share_a_program_are_answered_as_each_by_itself(grid_target, replies, programs):
    """In two orders, so that each case has other companions; the programs of each by itself are those of the replies."""
    jobs = [job for job in jobs_of(grid_target) if one_program(job, grid_target.target)]
    middle = grid_target.target.together // 2
    [alone] = answer_together(grid_target, 1, programs, jobs)
    assert {outcome for outcome, *_ in alone.values()} >= {"accepts"}
    forwards, backwards = answer_together(grid_target, grid_target.target.together, programs, jobs, [*jobs[middle:], *jobs[:middle]][::-1])
    assert forwards == alone
    assert backwards == alone


@ANSWERS_BY_DEFINITION
def test_all_that_every_framework_has_was_asked_for_in_every_rank(grid_target, replies):
    samples_with_answer = {
        (reply.sample.ask.pool.op, reply.sample.ask.rank, reply.sample.question) for reply in replies if reply.answer.outcome == "accepts"
    }
    ops, ranks = (*WINDOWED[:2], "global_max_pool", "global_avg_pool"), (2,) if grid_target.target.mode else (1, 2, 3)
    infers = type(grid_target.adapter).inference_steps is not Adapter.inference_steps
    ways = ("call", "inferred") if infers else ("call",)
    assert {(op, rank, way) for op in ops for rank in ranks for way in ways} <= samples_with_answer


@pytest.mark.parametrize("entry", FOUND.values(), ids=[location.split(".")[-2] for location in FOUND])
def test_whatever_cannot_be_asked_for_is_a_declared_gap_and_no_gap_is_idle(entry):
    raised_gaps = set()
    for sample, target in product(SAMPLES, entry.adapter.targets):
        try:
            translation(entry.adapter, sample)(sample.ask, target)
        except Unsupported as refusal:
            raised_gaps.add(refusal.gap)
    assert set(entry.adapter.gaps) - raised_gaps == set()

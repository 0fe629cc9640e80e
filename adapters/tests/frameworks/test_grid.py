"""Every installed target on a grid of poolings: it answers by the definition, and its printed code answers the same."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest
from support.asking import answered, translation
from support.poolings import samples

from poolparity.adapters import Unsupported
from poolparity.adapters.frameworks.numpy.adapter import Oracle
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets, is_installed
from poolparity.cases.judge.due import due_of
from poolparity.cases.model.pool import WINDOWED
from poolparity.cases.oracle.index_bases import indices_to_positions

FOUND = {each.where: each for each in find_targets().values()}
TARGETS = [chosen for chosen in select_targets(["*"], find_targets()) if is_installed(chosen.target)]

SAMPLES = list(samples())
SUMS = ("avg_pool", "lp_pool", "conv")
"""What operations end in whose arithmetic rounds."""


@pytest.fixture(scope="module", params=TARGETS, ids=[chosen.name for chosen in TARGETS])
def chosen(request):
    return request.param


@pytest.fixture(scope="module")
def heard(request, tmp_path_factory, programs):
    """What the targets of the selected tests will have answered; as many are asked at once as there are processors."""
    ours = [called(item) for item in request.session.items if item.path == request.path]
    wanted = {parameters["chosen"].name for parameters in ours if "chosen" in parameters}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            chosen.name: pool.submit(answered, chosen, chosen.adapter, due_to(chosen), tmp_path_factory.mktemp("printed"), programs)
            for chosen in TARGETS if chosen.name in wanted
        }  # fmt: skip


def called(item):
    """The parameters of a test, by name."""
    return item.callspec.params if hasattr(item, "callspec") else {}


def due_to(chosen):
    """All samples; where functions are compiled one of each kind, for that takes its time."""
    return few(SAMPLES) if chosen.target.mode else SAMPLES


@pytest.fixture(scope="module")
def asked(chosen, heard):
    """All that a target answered."""
    return heard[chosen.name].result()


def few(every):
    """The first sample of each operation and attribute, in two dimensions."""
    return list({(sample.ask.pool.op, sample.asked): sample for sample in reversed(every) if sample.ask.rank == 2}.values())


def test_what_is_fully_stated_is_answered_by_the_definition(asked):
    wrong = [f"{each.sample.name}\n{each.code}\n{why}" for each in asked if each.sample.pinned and (why := differs(each))]
    assert not wrong, f"{len(wrong)} answers are not those of the definition:\n" + "\n\n".join(wrong[:5])


def differs(each):
    """What is wrong with an answer; how it is rounded, and types that are refused, are the framework's own affair."""
    if each.answer.outcome != "accepts":
        return "" if each.sample.ask.dtype != "float32" and each.answer.outcome == "rejects" else each.answer.detail
    return next((f"{name} is {got}; {due} was due" for name, due, got in compared(each) if not alike(each, name, due, got)), "")


def compared(each):
    """Each result with what is due of it, indices as positions in their planes."""
    for name, got in results(each.answer).items():
        attribute = "values" if name == "y" else name
        yield (
            name,
            due_of(each.sample.case, attribute),
            indices_to_positions(got, each.sample.case, each.base) if name == "indices" else got,
        )


def results(answer):
    """What a target gave, by the names that its call knows."""
    return {**({} if answer.output is None else {"y": answer.output}), **answer.extra}


def alike(each, name, due, got):
    if name == "inferred_shape":
        return len(due) == len(got) and all(size in (-1, right) for size, right in zip(got, due, strict=True))
    near = 1e-3 if name == "gradient" or each.sample.ask.pool.op.endswith(SUMS) else 0.0
    return due.shape == got.shape and np.allclose(due, got, rtol=near, atol=near)


class Liar(Oracle):
    """Asks for a window of the stride's size."""

    def arguments(self, ask, form):
        arguments, notes = super().arguments(ask, form)
        return {**arguments, "kernel": arguments["stride"]} if "stride" in arguments else arguments, notes


def test_an_adapter_that_asks_for_something_else_is_found(tmp_path, programs):
    [chosen] = [chosen for chosen in TARGETS if chosen.name == "numpy"]
    found = {
        each.sample.ask.pool.op
        for each in answered(chosen, Liar(), few(SAMPLES), tmp_path, programs)
        if each.sample.pinned and differs(each)
    }
    assert found == {*WINDOWED, "max_unpool", "conv"}


def test_printed_code_answers_as_the_worker_did(asked):
    wrong = [f"{each.sample.name}\n{each.code}" for each in asked if each.printed != told(each.answer)]
    assert not wrong, f"{len(wrong)} printed codes answer otherwise:\n" + "\n\n".join(wrong[:5])


def told(answer):
    if answer.outcome != "accepts":
        return None
    return {name: [each.dtype.name, list(each.shape), each.tobytes().hex()] for name, each in results(answer).items()}


def test_all_that_every_framework_has_was_asked_for_in_every_rank(chosen, asked):
    answered = {(each.sample.ask.pool.op, each.sample.ask.rank, each.sample.asked) for each in asked if each.answer.outcome == "accepts"}
    ops, ranks = (*WINDOWED[:2], "global_max_pool", "global_avg_pool"), (2,) if chosen.target.mode else (1, 2, 3)
    assert {(op, rank, way) for op in ops for rank in ranks for way in ("call", "inferred")} <= answered


@pytest.mark.parametrize("found", FOUND.values(), ids=[where.split(".")[-2] for where in FOUND])
def test_whatever_cannot_be_asked_for_is_a_declared_gap_and_no_gap_is_idle(found):
    raised = set()
    for sample, target in product(SAMPLES, found.adapter.targets):
        try:
            translation(found.adapter, sample)(sample.ask, target)
        except Unsupported as refused:
            raised.add(refused.gap)
    assert set(found.adapter.gaps) - raised == set()

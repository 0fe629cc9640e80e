"""Every installed target on a grid of poolings: it answers by the definition, and its printed code answers the same."""

import json
import os
import runpy
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from poolparity.adapters import Call, Unsupported
from poolparity.adapters._find import adapters, installed, select
from poolparity.adapters._host import Host
from poolparity.adapters._print import code
from poolparity.adapters._talk import Job, Limits
from poolparity.adapters.numpy import Oracle
from poolparity.cases.judge import Answer
from poolparity.cases.oracle import oracle
from poolparity.cases.pool import WINDOWED

FOUND = {each.where: each for each in adapters().values()}
TARGETS = [chosen for chosen in select(["*"], adapters()) if installed(chosen.target)]

SAMPLES = list(runpy.run_path(str(Path(__file__).with_name("poolings.py")))["samples"]())

FRESH = """
import contextlib, io, json, sys, numpy

def answer(code):
    scope = {}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, scope)
    except Exception as error:
        return None
    y = numpy.asarray(scope["y"])
    return [y.dtype.name, list(y.shape), y.tobytes().hex()]

with open(sys.argv[1]) as codes, open(sys.argv[2], "w") as answers:
    answers.writelines(json.dumps(answer(json.loads(code))) + "\\n" for code in codes)
"""


@dataclass(frozen=True)
class Asked:
    """A sample that a target can be asked for: what it answered, and what its printed code answered."""

    sample: Any
    call: Call
    code: str
    answer: Answer
    printed: list | None


@pytest.fixture(scope="module", params=TARGETS, ids=[chosen.name for chosen in TARGETS])
def asked(request, tmp_path_factory):
    """All samples, asked of a target."""
    return answered(request.param, request.param.adapter, tmp_path_factory.mktemp("printed"))


def answered(chosen, adapter, folder):
    """The samples as an adapter translates them, asked of a target's worker, and printed and executed in one other interpreter."""
    answers = {}
    calls = {sample.name: (sample, call) for sample in SAMPLES if (call := translated(adapter, sample))}
    host = Host(chosen.launch, Limits(), answers.__setitem__, dict(os.environ))
    host.feed(Job(name, call, {"x": sample.x.value}) for name, (sample, call) in calls.items())
    codes = {name: code(adapter, chosen.target, call, {"x": sample.x}) for name, (sample, call) in calls.items()}
    printed = executed(list(codes.values()), folder)
    host.join()
    return [Asked(*calls[name], codes[name], answers[name], told) for name, told in zip(calls, printed, strict=True)]


def translated(adapter, sample):
    try:
        return adapter.call(sample.ask)
    except Unsupported:
        return None


def executed(codes, folder):
    """What codes answer, in an interpreter whose environment says nothing of frameworks."""
    (folder / "codes").write_text("".join(json.dumps(each) + "\n" for each in codes))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KERAS")} | {"KERAS_HOME": str(folder)}
    command = [sys.executable, "-c", FRESH, str(folder / "codes"), str(folder / "answers")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in (folder / "answers").read_text().splitlines()]


def test_what_is_fully_stated_is_answered_by_the_definition(asked):
    wrong = [f"{each.sample.name}\n{each.code}\n{why}" for each in asked if each.sample.pinned and (why := differs(each))]
    assert not wrong, f"{len(wrong)} answers are not those of the definition:\n" + "\n\n".join(wrong[:5])


def differs(each):
    """What is wrong with an answer; how it is rounded, and types that are refused, are the framework's own affair."""
    ask, answer = each.sample.ask, each.answer
    if answer.outcome != "accepts":
        return "" if ask.dtype != "float32" and answer.outcome == "rejects" else answer.detail
    due, near = definition(each.sample), 0.0 if "max" in ask.pool.op else 1e-3
    same = due.shape == answer.output.shape and np.allclose(due, answer.output, rtol=near, atol=0)
    return "" if same else f"{answer.output} instead of {due}"


def definition(sample):
    ask = sample.ask
    return oracle(sample.x.value, replace(ask.pool, data_format=ask.layout), batched=ask.batched)


class Liar(Oracle):
    """Asks for a window of the stride's size."""

    def arguments(self, ask, form):
        arguments, notes = super().arguments(ask, form)
        return {**arguments, "kernel": arguments["stride"]} if "stride" in arguments else arguments, notes


def test_an_adapter_that_asks_for_something_else_is_found(tmp_path):
    [chosen] = [chosen for chosen in TARGETS if chosen.name == "numpy"]
    found = {each.sample.ask.pool.op for each in answered(chosen, Liar(), tmp_path) if each.sample.pinned and differs(each)}
    assert found == set(WINDOWED)


def test_printed_code_answers_as_the_worker_did(asked):
    wrong = [f"{each.sample.name}\n{each.code}" for each in asked if each.printed != told(each.answer)]
    assert not wrong, f"{len(wrong)} printed codes answer otherwise:\n" + "\n\n".join(wrong[:5])


def told(answer):
    y = answer.output
    return None if y is None else [y.dtype.name, list(y.shape), y.tobytes().hex()]


def test_all_that_every_framework_has_was_asked_for_in_every_rank(asked):
    answered = {(each.sample.ask.pool.op, each.sample.ask.rank) for each in asked if each.answer.outcome == "accepts"}
    common = {(op, rank) for op in (*WINDOWED[:2], "global_max_pool", "global_avg_pool") for rank in (1, 2, 3)}
    assert common <= answered


@pytest.mark.parametrize("found", FOUND.values(), ids=[where.rpartition(".")[2] for where in FOUND])
def test_whatever_cannot_be_asked_for_is_a_declared_gap_and_no_gap_is_idle(found):
    raised = set()
    for sample in SAMPLES:
        try:
            found.adapter.call(sample.ask)
        except Unsupported as refused:
            raised.add(refused.gap)
    assert set(found.adapter.gaps) - raised == set()

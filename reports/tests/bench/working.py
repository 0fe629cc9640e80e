"""What a worker costs beside a bare script that makes the same calls on the same arrays."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from figures import record
from jobs import job, questions_of
from timing import show

from poolparity.adapters.parent.host import Host, Limits
from poolparity.adapters.parent.launch import environment_of
from poolparity.adapters.parent.source_code import lines, moves
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.judge.answer import ANSWERED

TARGETS = ("torch", "tensorflow", "onnxruntime")
ROUNDS = 5
BARE = Path(__file__).with_name("bare.py")


def working(tier):
    rows, ratios = [], {}
    for target in select_targets(TARGETS, find_targets()):
        questions = answer_questions(target, questions_of(target, tier))
        rounds = [(*by_worker(target, questions), *by_script(target, questions)) for _ in range(ROUNDS)]
        start, span, bare_start, bare = map(statistics.median, zip(*rounds, strict=True))
        ratio = statistics.median(own / other for _, own, _, other in rounds)
        ratios[f"worker beside a bare script: {target.name}"] = ratio
        item = 1e6 / len(questions)
        rows.append(
            [
                target.name,
                len(questions),
                f"{start:.1f} s",
                f"{bare_start:.1f} s",
                f"{span * item:.0f} us",
                f"{bare * item:.0f} us",
                f"{ratio:.2f}",
            ]
        )
    show(
        f"A worker beside a bare script, medians of {ROUNDS} turns",
        ["target", "calls", "start", "bare start", "a call", "bare", "ratio"],
        rows,
    )
    record(ratios)


def answer_questions(target, questions):
    """What the target answers without dying of it, for a bare script would."""
    answers = {}
    host = Host(target.launch, Limits(), answers.__setitem__, dict(os.environ))
    host.feed([job(*item) for item in questions])
    host.join()
    return [item for item in questions if answers[job(*item).id].outcome in ANSWERED]


def by_worker(target, questions):
    """Seconds until the first answer, and from the first call to the last answer."""
    times = []
    host = Host(target.launch, Limits(), lambda name, answer: times.append((time.perf_counter(), answer.seconds)), dict(os.environ))
    jobs = [job(case, question) for case, question in questions]
    start = time.perf_counter()
    host.feed(jobs)
    host.join()
    first = times[0][0] - times[0][1]
    return first - start, times[-1][0] - first


def by_script(target, questions):
    """The same of a script of plain functions, one for each call, in an interpreter of its own."""
    with tempfile.TemporaryDirectory() as folder:
        arrays = {f"{place} {name}": array for place, (_, item) in enumerate(questions) for name, array in item.arrays().items()}
        half = [name for name, array in arrays.items() if array.dtype.name == "bfloat16"]  # which no file of NumPy's can hold
        np.savez(Path(folder, "arrays.npz"), **{name: array.view("int16") if name in half else array for name, array in arrays.items()})
        texts = [text_of(target, question) for _, question in questions]
        Path(folder, "calls.json").write_text(json.dumps({"modules": target.target.modules, "texts": texts, "bfloat16": half}))
        command = [sys.executable, str(BARE), folder]
        process = subprocess.run(command, env=environment_of(target.target, os.environ), capture_output=True, text=True, check=True)
        start, span = map(float, process.stdout.split())
        return start, span


def text_of(target, question):
    """A function that does what the printed code does."""
    arriving = [step for name, tensor in question.tensors.items() for step in target.adapter.to_native(name, tensor.dtype)]
    leaving = [step for name in question.call.results for step in target.adapter.to_numpy(name, question.tensors["x"].dtype)]
    steps = [
        *moves(question.tensors, question.call),
        *map(str, (*arriving, *question.call.steps, *leaving)),
        *moves(question.call.results, question.call),
    ]
    inner = [line for step in steps for line in lines(step)]
    return "\n    ".join(
        [
            f"def call({', '.join(question.tensors)}):",
            *(line.replace("\n", "\n    ") for line in inner),
            f"return {', '.join(question.call.results)}",
        ]
    )

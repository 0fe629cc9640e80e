"""What a worker costs beside a bare script that makes the same calls on the same arrays."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
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
    rows = []
    for chosen in select_targets(TARGETS, find_targets()):
        asked = answered(chosen, questions_of(chosen, tier))
        taken = [(*by_worker(chosen, asked), *by_script(chosen, asked)) for _ in range(ROUNDS)]
        start, span, bare_start, bare = map(min, zip(*taken, strict=True))
        each = 1e6 / len(asked)
        rows.append(
            [
                chosen.name,
                len(asked),
                f"{start:.1f} s",
                f"{bare_start:.1f} s",
                f"{span * each:.0f} us",
                f"{bare * each:.0f} us",
                f"{span / bare:.2f}",
            ]
        )
    show("A worker beside a bare script", ["target", "calls", "start", "bare start", "a call", "bare", "ratio"], rows)


def answered(chosen, asked):
    """What the target answers without dying of it, for a bare script would."""
    told = {}
    host = Host(chosen.launch, Limits(), told.__setitem__, dict(os.environ))
    host.feed([job(*each) for each in asked])
    host.join()
    return [each for each in asked if told[job(*each).id].outcome in ANSWERED]


def by_worker(chosen, asked):
    """Seconds until the first answer, and from the first call to the last answer."""
    times = []
    host = Host(chosen.launch, Limits(), lambda name, answer: times.append((time.perf_counter(), answer.seconds)), dict(os.environ))
    jobs = [job(case, question) for case, question in asked]
    begun = time.perf_counter()
    host.feed(jobs)
    host.join()
    first = times[0][0] - times[0][1]
    return first - begun, times[-1][0] - first


def by_script(chosen, asked):
    """The same of a script of plain functions, one for each call, in an interpreter of its own."""
    with tempfile.TemporaryDirectory() as folder:
        arrays = {f"{place} {name}": array for place, (_, each) in enumerate(asked) for name, array in each.arrays().items()}
        half = [name for name, array in arrays.items() if array.dtype.name == "bfloat16"]  # which no file of NumPy's can hold
        np.savez(Path(folder, "arrays.npz"), **{name: array.view("int16") if name in half else array for name, array in arrays.items()})
        texts = [text_of(chosen, question) for _, question in asked]
        Path(folder, "calls.json").write_text(json.dumps({"modules": chosen.target.modules, "texts": texts, "bfloat16": half}))
        command = [sys.executable, str(BARE), folder]
        done = subprocess.run(command, env=environment_of(chosen.target, os.environ), capture_output=True, text=True, check=True)
        started, span = map(float, done.stdout.split())
        return started, span


def text_of(chosen, question):
    """A function that does what the printed code does."""
    arriving = [step for name, tensor in question.tensors.items() for step in chosen.adapter.to_native(name, tensor.dtype)]
    leaving = [step for name in question.call.results for step in chosen.adapter.to_numpy(name, question.tensors["x"].dtype)]
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

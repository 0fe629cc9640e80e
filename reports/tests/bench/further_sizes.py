"""How far answers of `port` reach: random layers, each to one other framework, and every answer for any size on eight further sizes."""

import random
import sys
import traceback
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path

from timing import append_line, console, show

from poolparity.adapters.contract import Step
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.judge.answer import ACCEPTS
from poolparity.reports.port.answer import Porter
from poolparity.reports.port.request import Unportable
from poolparity.reports.port.samples import distinct_sample
from poolparity.reports.port.search import has_cells
from poolparity.reports.port.table import installed_frameworks
from poolparity.reports.port.workers import Workers

sys.path.append(str(Path(__file__).parents[1]))

from support.random_layers import draw_sources

FURTHER, DRAWS, LARGEST = 8, 24, 40
"""Sizes on which an answer is run, how many are drawn to find so many that the source accepts, and the largest size of an axis."""
INPUT = "onnx.helper.make_tensor_value_info"
RANGES = ("any size", "some sizes", "one size", "impossible", "refused", "error")


def further_sizes(options):
    """Port so many layers of each framework; print how many answers are valid for which sizes, and how many hold on further ones."""
    entries = find_targets()
    frameworks = installed_frameworks(entries)
    lines = []
    with Workers() as workers:
        for start in options.start or frameworks:
            for line in port_layers(workers, start, frameworks, entries, options):
                lines.append(line)
                append_line(options.answers, line)
                if line["wrong"] or line["range"] == "error":
                    console.print(line, markup=False)
    report(lines)


def report(lines):
    """Print the counts of answers by source."""
    counts = Counter((line["from"], line["range"]) for line in lines)
    ran = Counter(line["from"] for line in lines for _ in range(line["ran"]))
    wrong = Counter(line["from"] for line in lines for _ in line["wrong"])
    starts = dict.fromkeys(line["from"] for line in lines)
    rows = [[start, *(counts[start, kind] for kind in RANGES), f"{ran[start] - wrong[start]} of {ran[start]}"] for start in starts]
    show("Ranges of answers for random layers", ["from", *RANGES, "further sizes that agree"], rows)


def port_layers(workers, start, frameworks, entries, options):
    """What becomes of each layer of a framework on another one, chosen at random."""
    rng = random.Random(f"{start} {options.seed}")
    sources = islice(draw_sources(start, frameworks[start], entries, options.seed), options.first + options.layers)
    for number, (layer, source) in enumerate(sources):
        end = rng.choice([name for name in options.to or frameworks if name != start])
        shapes = [draw_shape(source.ask, rng) for _ in range(DRAWS)]
        if number < options.first:
            continue
        line = {"layer": layer.name, "of": layer.of, "pool": str(layer.pool), "input": source.ask.shape, "from": start, "to": end}
        try:
            yield {**line, **measure_answer(workers, source, frameworks[end], shapes)}
        except Unportable as refusal:
            yield {**line, "range": "refused", "ran": 0, "wrong": [], "why": str(refusal)}
        except Exception:  # noqa: BLE001 - whatever it is, it is what is counted
            yield {**line, "range": "error", "ran": 0, "wrong": [], "why": traceback.format_exc()}


def draw_shape(ask, rng):
    """The shape of another input for a layer: spatial sizes up to `LARGEST`, a few planes."""
    return tuple(
        rng.randint(1, LARGEST if ask.rank < 3 else LARGEST // 2) if axis in ask.spatial else rng.randint(1, 3)
        for axis in range(len(ask.shape))
    )


def with_open_sizes(step):
    """A step without the sizes of the input, which a graph of ONNX states, and which are no part of the lines to paste."""
    if isinstance(step, Step) and step.call == INPUT and step.args[0] == "x":
        return replace(step, args=(*step.args[:2], [None] * len(step.args[2])))
    return step


def measure_answer(workers, source, target, shapes):
    """The range of the answer for one layer, and where it differs from its source on further sizes."""
    porter = Porter(source, workers)
    port = porter.port(target, complete=False)
    if port.call is None or port.sizes is None:
        return {"range": "impossible", "ran": 0, "wrong": [], "why": port.reason}
    kind = "any size" if port.sizes.any_size else "one size" if port.sizes.one_size else "some sizes"
    answer = {"range": kind, "words": port.sizes.words, "why": port.why_not_any, "lines": port.lines(), "ran": 0, "wrong": []}
    shapes = [shape for shape in shapes if port.sizes.includes(shape)] if kind != "one size" else []
    samples = [distinct_sample(shape, source.ask.dtype) for shape in dict.fromkeys(shapes)]
    own = zip(samples, porter.source.run_samples(workers, samples), strict=True)
    due = dict(
        islice(((sample, own_answer) for sample, own_answer in own if own_answer.outcome == ACCEPTS and has_cells(own_answer)), FURTHER)
    )
    porter.reference.elsewhere.update(due)
    call = replace(port.call, steps=tuple(map(with_open_sizes, port.call.steps)))
    answers = workers.run(target, [(call, {"x": sample.tensor}) for sample in due])
    texts = {sample.tensor.shape: porter.reference.describe_difference(sample, one) for sample, one in zip(due, answers, strict=True)}
    wrong = [f"{shape}: {text}" for shape, text in texts.items() if text]
    return {**answer, "ran": len(due), "wrong": wrong}

"""How many layers move from each framework to each other one: random ones of its own parameter space, every answer kept as it comes."""

import sys
import time
import traceback
from collections import Counter
from itertools import islice
from pathlib import Path

from timing import append_line, console, show

from poolparity.adapters.targets.find import find_targets
from poolparity.reports.port.answer import Porter
from poolparity.reports.port.record import VERDICTS
from poolparity.reports.port.request import Unportable
from poolparity.reports.port.table import installed_frameworks
from poolparity.reports.port.workers import Workers

sys.path.append(str(Path(__file__).parents[1]))

from support.random_layers import draw_sources

OURS = "times_out"
"""What no answer of a search should come to: counted as an error, like exceptions."""


def ports(options):
    """Move so many layers of each framework; print how many of each pair move how."""
    entries = find_targets()
    frameworks = installed_frameworks(entries)
    answers = []
    with Workers() as workers:
        for start in options.start or frameworks:
            start_time = time.monotonic()
            for line in port_layers(workers, start, frameworks, entries, options):
                answers.append(line)
                append_line(options.answers, line)
            console.print(f"{options.layers} layers of {start}: {time.monotonic() - start_time:.0f} s")
    tables(answers, list(frameworks))


def port_layers(workers, start, frameworks, entries, options):
    """What becomes of each layer of a framework, as one line for each other framework, or one that says it was refused."""
    ends = [end for end in options.to or frameworks if end != start]
    for layer, source in islice(
        draw_sources(start, frameworks[start], entries, options.seed), options.first, options.first + options.layers
    ):
        line = {"layer": layer.name, "of": layer.of, "pool": str(layer.pool), "input": layer.shape, "from": start}
        try:
            porter = Porter(source, workers)
        except Unportable as refusal:
            yield {**line, "to": None, "outcome": "refused", "why": str(refusal)}
            continue
        yield from ({**line, **answer(porter, frameworks[end]), "to": end} for end in ends)


def answer(porter, target):
    """What becomes of a layer on a target; an exception of ours is an outcome, too."""
    try:
        port = porter.port(target, complete=False).as_json()
    except Exception:  # noqa: BLE001 - whatever it is, it is what is counted
        return {"outcome": "error", "why": traceback.format_exc()}
    message = f"{port['reason']} {port['drop_in']['differs']} {port['exceptions']}"
    if OURS in message:
        return {**port, "outcome": "error", "why": message}
    return {**port, "outcome": port["verdict"], "why": port["reason"]}


def tables(answers, frameworks):
    """The table of pairs, and why layers were refused, cannot be had, or failed."""
    counts = Counter((item["from"], item["to"], item["outcome"]) for item in answers)
    rows = [
        [f"{start} to {end}", *(counts[start, end, outcome] for outcome in (*VERDICTS, "error"))]
        for start in frameworks
        for end in frameworks
        if any(counts[start, end, outcome] for outcome in (*VERDICTS, "error"))
    ]
    show("Random layers", ["", *VERDICTS, "error"], rows)
    for outcome in ("refused", "impossible", "error"):
        reasons = Counter((item["from"], item["to"] or "", item["why"][-160:]) for item in answers if item["outcome"] == outcome)
        if reasons:
            show(
                outcome,
                ["why", "from", "to", "layers"],
                [[reason, start, end, count] for (start, end, reason), count in reasons.most_common()],
            )

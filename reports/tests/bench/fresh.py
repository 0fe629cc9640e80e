"""Code that porting printed, each in a fresh interpreter as one pastes it, beside the source's own code in its own."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from timing import console, show

SAVED = "\nwith open({!r}, 'wb') as file:\n    numpy.save(file, numpy.asarray(y))\n"
NEAR = 1e-5
"""How far apart averages and norms may be of the largest; maxima may not."""


def fresh(options):
    """Run every distinct code of a table of pairs, or of some of its ports, until the time is over."""
    ports = read_layers(Path(options.ports))
    random.Random(options.seed).shuffle(ports)
    ports = ports[: options.sample or None]
    places = {port["layer"]: place for place, port in enumerate(ports)}
    ports.sort(key=lambda port: places[port["layer"]])  # those of one layer share much code
    with tempfile.TemporaryDirectory() as folder:
        ran_count, outcomes, wrong = {}, Counter(), []
        start = time.monotonic()
        for process, port in enumerate(ports, 1):
            if time.monotonic() - start > 60 * options.minutes:
                break
            for code in codes(port):
                if code not in ran_count:
                    ran_count[code] = run_code(code, folder)
            text = compare(*map(ran_count.get, codes(port)), exact=is_max(port))
            outcomes[pair(port), not text] += 1
            if text:
                wrong.append([port["layer"], pair(port), text])
            if process % 20 == 0:
                console.print(f"{process} of {len(ports)} ports, {len(ran_count)} interpreters, {len(wrong)} differ")
    pairs = dict.fromkeys(name for name, _ in outcomes)
    agreeing = sum(count for (_, agrees), count in outcomes.items() if agrees)
    show(
        f"{agreeing} of {outcomes.total()} ports agree ({len(ports)} were asked for), in {len(ran_count)} interpreters",
        ["", "agree", "of"],
        [[name, outcomes[name, True], outcomes[name, True] + outcomes[name, False]] for name in sorted(pairs)],
    )
    if wrong:
        show("That differ", ["layer", "pair", "how"], wrong)


def read_layers(path):
    """The ports with code in a file that `poolparity port --table` or `bench ports --answers` wrote."""
    text = path.read_text(encoding="utf-8")
    document = [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)
    every = document if isinstance(document, list) else [{**port, "pool": layer_of(document)[port["layer"]]} for port in document["ports"]]
    return [port for port in every if port.get("code")]


def layer_of(record):
    """The operation of each layer of a table."""
    return {layer["name"]: layer["op"] for layer in record["layers"]}


def is_max(port):
    return "max_pool" in port["pool"].partition("(")[0]


def pair(port):
    return f"{port['from']} to {port['to']}"


def codes(port):
    """The source's own code, and the drop-in's or the recipe's."""
    return port["before"], port["code"]


def run_code(code, folder):
    """What a code leaves as `y`, or the end of what it said."""
    path = Path(folder, "y.npy")
    path.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KERAS")} | {"KERAS_HOME": folder}
    process = subprocess.run(
        [sys.executable, "-c", code + SAVED.format(str(path))], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    return np.load(path) if process.returncode == 0 else process.stderr[-300:]


def compare(due, got, *, exact):
    """How two answers differ, in words; nothing where they agree."""
    if isinstance(due, str) or isinstance(got, str):
        return due if isinstance(due, str) else got
    if due.shape != got.shape or due.dtype != got.dtype:
        return f"{got.dtype} {got.shape}; {due.dtype} {due.shape} was due"
    distance = np.abs(due.astype("float64") - got.astype("float64")).max(initial=0)
    limit = 0 if exact else NEAR * np.abs(due).max(initial=1)
    return "" if distance <= limit else f"{distance} apart"

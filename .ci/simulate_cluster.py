"""Calculate from the rows of a run how long it would take on clusters of several sizes, and what limits it.

`python .ci/simulate_cluster.py rows.jsonl` takes from the rows the seconds that each case took on each target. A machine stands for a
worker of one thread. Blocks are handed out as Dask does it with equal machines, in the order in which a run submits them: each goes to the
machine that is free first. A machine that begins with targets starts their frameworks, and keeps as many as a worker does. The
shortest possible time is no less than all work divided by the machines, and no less than the longest block.

`--start` and `--overhead` are what the rows do not tell: the seconds that a framework takes to start, and what judging, planning and
transfer take for each case beside the seconds of its calls. If the rows are those of one shard of N, `--shards N` lets each case stand
for N cases that take as long, one in each of N copies of the shard after each other.
"""

from __future__ import annotations

import argparse
import heapq
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from poolparity.reports.cluster.engine import BLOCK, WINDOW
from poolparity.reports.cluster.exchange import TOGETHER
from poolparity.reports.rows.reader import open_seekable, read_lines

MACHINES = (1, 2, 8, 32, 128)

Seconds = dict[str, dict[str, float]]
"""The seconds of each case by target."""


@dataclass(frozen=True)
class Block:
    """Cases for some targets: the seconds that they take in frameworks that run."""

    targets: tuple[str, ...]
    seconds: float


@dataclass(order=True)
class Machine:
    """A machine that is free at some time, and the targets whose frameworks it has."""

    free: float
    number: int
    targets: list[str] = field(default_factory=list, compare=False)

    def take(self, block: Block, start: float) -> float:
        """Answer a block; the seconds that starts of its frameworks took."""
        cost = start * len(set(block.targets) - set(self.targets))
        self.targets = [*(name for name in self.targets if name not in block.targets), *block.targets][-TOGETHER:]
        self.free += cost + block.seconds
        return cost


def read_seconds(path: Path) -> Seconds:
    """The seconds of the calls of each case on each target; rows of one way are about one call."""
    calls: dict[tuple[str, str, str], float] = {}
    with closing(open_seekable(path)) as stream:
        for _, line in read_lines(stream, path):
            if line["record"] == "row":
                key = line["target"], line["case"], line["way"]
                calls[key] = max(calls.get(key, 0.0), line["seconds"])
    seconds: Seconds = {}
    for (target, case, _), took in calls.items():
        cases = seconds.setdefault(target, {})
        cases[case] = cases.get(case, 0.0) + took
    return seconds


def repeat_cases(seconds: Seconds, shards: int) -> Seconds:
    """The seconds of all shards, if each case of the measured one stands for a case of each."""
    return {
        target: {f"{case} {shard}": took for shard in range(shards) for case, took in cases.items()} for target, cases in seconds.items()
    }


def make_blocks(seconds: Seconds, size: int, overhead: float) -> list[Block]:
    """The blocks in the order in which a run submits them: window after window, targets that are asked together after each other."""
    blocks = []
    cases = list({case: None for took in seconds.values() for case in took})
    groups = [list(seconds)[at : at + TOGETHER] for at in range(0, len(seconds), TOGETHER)]
    for window in (cases[at : at + WINDOW] for at in range(0, len(cases), WINDOW)):
        for group in groups:
            asked_cases = [case for case in window if any(case in seconds[name] for name in group)]
            for block_cases in (asked_cases[at : at + size] for at in range(0, len(asked_cases), size)):
                took = {name: [seconds[name][case] for case in block_cases if case in seconds[name]] for name in group}
                names = tuple(name for name, some in took.items() if some)
                blocks.append(Block(names, sum(sum(some) + overhead * len(some) for some in took.values())))
    return blocks


def simulate(blocks: Iterable[Block], machines: int, start: float) -> tuple[float, float]:
    """The time at which the last machine is done, and the seconds that starts of frameworks took on all of them together."""
    waiting = [Machine(0.0, number) for number in range(machines)]
    starts = 0.0
    for block in blocks:
        machine = heapq.heappop(waiting)
        starts += machine.take(block, start)
        heapq.heappush(waiting, machine)
    return max(machine.free for machine in waiting), starts


def describe(blocks: Sequence[Block], start: float) -> Iterable[str]:
    """A line for each number of machines."""
    work, targets = sum(block.seconds for block in blocks), {name for block in blocks for name in block.targets}
    longest = max(block.seconds + start * len(block.targets) for block in blocks)
    yield f"{len(blocks)} blocks of {len(targets)} targets; {work:,.0f} s of work beside starts; the longest block {longest:,.1f} s"
    yield "machines  Dask's order  lower bound  ratio  starts of frameworks  limited by"
    for machines in MACHINES:
        took, starts = simulate(blocks, machines, start)
        shared_time = (work + start * len(targets)) / machines
        lower_bound = max(shared_time, longest)
        limit = "starts of frameworks" if starts > work else "the longest block" if longest > shared_time else "work"
        yield f"{machines:8}  {took:10,.0f} s  {lower_bound:9,.0f} s  {took / lower_bound:5.2f}  {starts / (work + starts):20.0%}  {limit}"


def main() -> None:
    """Read the rows and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rows", type=Path)
    parser.add_argument("--block", type=int, default=BLOCK, metavar="CASES")
    parser.add_argument("--start", type=float, default=5.0, metavar="SECONDS")
    parser.add_argument("--overhead", type=float, default=0.01, metavar="SECONDS")
    parser.add_argument("--shards", type=int, default=1, metavar="N")
    options = parser.parse_args()
    seconds = repeat_cases(read_seconds(options.rows), options.shards)
    lines = describe(make_blocks(seconds, options.block, options.overhead), options.start)
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    main()

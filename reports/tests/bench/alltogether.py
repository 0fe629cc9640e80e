"""What all targets cost together, beside the slowest of them and half of the processor time, for there are two cores."""

import os
import resource
import time

from jobs import cases_of
from timing import show

from poolparity.adapters.ledger.ledger import Ledger
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets, is_installed
from poolparity.reports.run.engine import Engine
from poolparity.reports.run.run import Run


def all_together(tier):
    target = [entry for entry in select_targets(["*"], find_targets()) if is_installed(entry.target)]
    alone = {item.name: measure_run([item], tier)[0] for item in target}
    wall, processor = measure_run(target, tier)
    slowest = max(alone, key=alone.__getitem__)
    lower_bound = max(alone[slowest], processor / os.cpu_count())
    show(
        f"{len(cases_of(tier)):,} cases on {len(target)} targets, judged",
        ["", "seconds", "ratio"],
        [
            ["all together", f"{wall:.1f}", f"{wall / lower_bound:.2f}"],
            [f"the slowest alone, {slowest}", f"{alone[slowest]:.1f}", ""],
            [f"processor time by {os.cpu_count()} cores", f"{processor / os.cpu_count():.1f}", ""],
        ],
    )


def measure_run(targets, tier):
    """Seconds on the clock, and of the processor."""
    start, before = time.perf_counter(), processor()
    run = Run(Engine(targets), Ledger())
    for _ in run.answers(cases_of(tier)):
        pass
    run.close()
    return time.perf_counter() - start, processor() - before


def processor():
    """Seconds of the processor that this process and all that it has waited for have taken."""
    usages = [resource.getrusage(process_kind) for process_kind in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in usages)

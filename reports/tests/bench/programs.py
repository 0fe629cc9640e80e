"""What it saves to compile several cases in one program."""

import os
import time
from dataclasses import replace

from jobs import job, questions_of
from timing import show

from poolparity.adapters.parent.host import Host, Limits
from poolparity.adapters.parent.job import one_program
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets


def programs(tier):
    [target] = select_targets(["jax+jit"], find_targets())
    jobs = [job(case, question) for case, question in questions_of(target, tier)]
    joint = [item for item in jobs if one_program(item, target.target)]
    seconds = {size: measure_jobs(target, joint, size) for size in (target.target.together, 1)}
    alone = seconds[1]
    show(
        f"{len(joint)} calls of jax+jit, of {len(jobs)} questions; the others have programs of their own",
        ["in one program", "seconds", "a call", "ratio"],
        [[size, f"{span:.1f}", f"{span / len(joint) * 1e3:.1f} ms", f"{span / alone:.2f}"] for size, span in seconds.items()],
    )


def measure_jobs(target, jobs, together):
    """Seconds from the first call to the last answer."""
    times = []
    launch = replace(target.launch, target=replace(target.target, together=together))
    host = Host(launch, Limits(), lambda name, answer: times.append((time.perf_counter(), answer.seconds)), dict(os.environ))
    host.feed(jobs)
    host.join()
    first, seconds = times[0]
    return times[-1][0] - first + seconds * together

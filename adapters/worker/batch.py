"""Several jobs in one program, for frameworks whose compiler takes longer over two small programs than over one of both.

Every job's steps are done as they are printed, only that the arrays they begin with are those of the
program while it is traced. Whatever a job raises then is not believed: that job is done by itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..contract import Adapter, Target
from .answer import Arrays, PreparedJob, Reply, convert_arrays, convert_results, make_reply, run_job
from .steps import Scope, ready, run

ASIDE = "inferred_shape"
"""A result that is known when the program has been traced, and none of its arrays."""


def run_together(adapter: Adapter, target: Target, jobs: Sequence[PreparedJob]) -> list[Reply]:
    """Do jobs in one program of the target's mode; whatever that raises is nobody's yet."""
    scopes = [job.scope() for job in jobs]
    types = [scope["x"].dtype for scope in scopes]
    start = time.perf_counter()
    for job, scope in zip(jobs, scopes, strict=True):
        convert_arrays(adapter, job, scope)
    outputs = program(target, jobs, scopes)
    results = [
        convert_results(adapter, job, {**scope, **output}, dtype) if output is not None else None
        for job, scope, dtype, output in zip(jobs, scopes, types, outputs, strict=True)
    ]
    seconds = (time.perf_counter() - start) / len(jobs)
    return [
        run_job(adapter, job) if result is None else make_reply(adapter, job, scope, result, seconds)
        for job, scope, result in zip(jobs, scopes, results, strict=True)
    ]


def program(target: Target, jobs: Sequence[PreparedJob], scopes: Sequence[Scope]) -> Sequence[Arrays | None]:
    """What each job's steps leave that is an array, all compiled in the target's mode and run; None of one that cannot be traced."""
    assert len(target.mode) == 1, "a target that takes jobs together has a mode of one step"
    program_scope: Scope = {"f": lambda inputs: [trace(*arguments) for arguments in zip(jobs, scopes, inputs, strict=True)]}
    run(ready(target.mode), program_scope)
    outputs: Sequence[Arrays | None] = program_scope["f"](
        [{name: scope[name] for name in job.arrays} for job, scope in zip(jobs, scopes, strict=True)]
    )
    return outputs


def trace(job: PreparedJob, scope: Scope, arrays: Arrays) -> Arrays | None:
    """A job's steps, done on arrays that stand for its own; what else they leave stays in its scope."""
    try:
        inner = {**scope, **arrays}
        run(job.steps, inner)
    except Exception:  # noqa: BLE001 for the job will be done by itself, where it raises what is its own
        return None
    scope.update({name: value for name, value in inner.items() if name not in job.arrays})
    return {name: inner[name] for name in job.results if name != ASIDE}

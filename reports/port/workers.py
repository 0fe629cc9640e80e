"""Worker processes for the targets of one command: started when first used, and never sent the same calculation twice."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from ...adapters.common.packing import pack_steps
from ...adapters.contract import Call
from ...adapters.parent.compile_cache import CompileCache, compile_cache_path
from ...adapters.parent.host import Host, Job, Limits
from ...adapters.targets.choose import SelectedTarget
from ...cases.judge.answer import NOT_RUN, Answer
from ...cases.model.inputs import Tensor
from ...cases.model.mistake import UserError
from ..run.answer_cache import is_lasting

Inputs = Mapping[str, Tensor]
"""The arrays of a call by the names that its steps use."""

MAX_STORED_CELLS = 1 << 14
"""Answers with more cells are not stored for later calls."""


class NotRun(UserError):
    """A target that cannot run anything: its adapter is broken, or its worker does not start."""


class Workers:
    """Runs calls on targets, one worker process for each target; the same call on the same arrays runs once.

    `lasting` is whether all answers so far would be the same in another run.
    """

    def __init__(self, limits: Limits = Limits(), path: str | None = None) -> None:
        """`path` is an additional folder from which the workers can import modules."""
        self.limits, self.environment = limits, dict(os.environ)
        if path:
            self.environment["PYTHONPATH"] = os.pathsep.join(filter(None, (path, self.environment.get("PYTHONPATH"))))
        self.programs = CompileCache(compile_cache_path())
        self.hosts: dict[str, tuple[Host, SimpleQueue[tuple[str, Answer]]]] = {}
        self.lasting = True
        self.answers_by_call: dict[tuple[str, ...], tuple[Inputs, Answer]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every worker."""
        self.close()
        try:
            for host, _ in self.hosts.values():
                host.join()
        finally:
            self.programs.close()

    def close(self) -> None:
        """Have every worker killed, without waiting for it; what is not answered yet is not run."""
        for host, _ in list(self.hosts.values()):
            host.close()

    def run(self, target: SelectedTarget, calls: Sequence[tuple[Call, Inputs]]) -> list[Answer]:
        """The answers of a target to calls on arrays, in their order; raises `NotRun`."""
        keys = [key_of(target, call, inputs) for call, inputs in calls]
        new = {key: pair for key, pair in zip(keys, calls, strict=True) if key not in self.answers_by_call}
        host, queue = self.host_of(target)
        names = dict(zip(map(str, range(len(new))), new, strict=True))
        host.feed([Job(name, new[key][0], {label: tensor.value for label, tensor in new[key][1].items()}) for name, key in names.items()])
        answers_by_name = dict(queue.get() for _ in names)
        if broken_answer := next((answer for answer in answers_by_name.values() if answer.outcome == NOT_RUN), None):
            raise NotRun(broken_answer.detail)
        fresh = {key: answers_by_name[name] for name, key in names.items()}
        self.lasting = self.lasting and all(map(is_lasting, fresh.values()))
        # keys contain identities of arrays, which stay unique only while the arrays are alive: store them too
        self.answers_by_call.update({key: (new[key][1], answer) for key, answer in fresh.items() if is_small(answer)})
        return [fresh[key] if key in fresh else self.answers_by_call[key][1] for key in keys]

    def host_of(self, target: SelectedTarget) -> tuple[Host, SimpleQueue[tuple[str, Answer]]]:
        """The worker of a target, started if necessary, and the queue that its answers arrive in."""
        if target.name not in self.hosts:
            queue: SimpleQueue[tuple[str, Answer]] = SimpleQueue()
            host = Host(target.launch, self.limits, lambda name, answer: queue.put((name, answer)), self.environment, self.programs)
            self.hosts[target.name] = host, queue
        return self.hosts[target.name]


def is_small(answer: Answer) -> bool:
    """Whether an answer is small enough to be stored."""
    return answer.output is None or answer.output.size <= MAX_STORED_CELLS


def key_of(target: SelectedTarget, call: Call, inputs: Inputs) -> tuple[str, ...]:
    """A key that is equal for equal calculations: the target, the steps, and the identities of the arrays."""
    arrays = (f"{name}={id(tensor)}" for name, tensor in sorted(inputs.items()))
    return target.name, json.dumps([pack_steps(call.steps), sorted(call.moves.items()), call.results]), *arrays

"""Asking several targets, each in a worker that lives as long as it is needed, and nothing twice."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from ...adapters.common.packing import pack_steps
from ...adapters.contract import Call
from ...adapters.parent.host import Host, Job, Limits
from ...adapters.targets.choose import Chosen
from ...cases.judge.answer import Answer
from ...cases.model.inputs import Tensor

Tensors = Mapping[str, Tensor]

KEPT = 1 << 14
"""Answers of more cells are not kept."""


class Asker:
    """Puts calls to targets and waits for the answers; the same call on the same arrays is answered once."""

    def __init__(self, limits: Limits = Limits(), path: str | None = None) -> None:
        """`path` is a folder whose modules the workers may import besides."""
        self.limits, self.environment = limits, dict(os.environ)
        if path:
            self.environment["PYTHONPATH"] = os.pathsep.join(filter(None, (path, self.environment.get("PYTHONPATH"))))
        self.hosts: dict[str, tuple[Host, SimpleQueue[tuple[str, Answer]]]] = {}
        self.known: dict[tuple[str, ...], tuple[Tensors, Answer]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every worker."""
        for host, _ in self.hosts.values():
            host.close()
        for host, _ in self.hosts.values():
            host.join()

    def answers(self, chosen: Chosen, asked: Sequence[tuple[Call, Tensors]]) -> list[Answer]:
        """What a target answers to calls on arrays, in their order."""
        keys = [key(chosen, call, tensors) for call, tensors in asked]
        new = {each: pair for each, pair in zip(keys, asked, strict=True) if each not in self.known}
        host, told = self.host(chosen)
        names = dict(zip(map(str, range(len(new))), new, strict=True))
        host.feed(
            [Job(name, new[each][0], {label: tensor.value for label, tensor in new[each][1].items()}) for name, each in names.items()]
        )
        came = dict(told.get() for _ in names)
        fresh = {each: came[name] for name, each in names.items()}
        kept = {each: (new[each][1], answer) for each, answer in fresh.items() if small(answer)}
        self.known.update(kept)  # with their arrays, whose identities the keys are made of
        return [fresh[each] if each in fresh else self.known[each][1] for each in keys]

    def host(self, chosen: Chosen) -> tuple[Host, SimpleQueue[tuple[str, Answer]]]:
        """The target's worker and where its answers go."""
        if chosen.name not in self.hosts:
            told: SimpleQueue[tuple[str, Answer]] = SimpleQueue()
            host = Host(chosen.launch, self.limits, lambda name, answer: told.put((name, answer)), self.environment)
            self.hosts[chosen.name] = host, told
        return self.hosts[chosen.name]


def small(answer: Answer) -> bool:
    """Whether an answer is kept."""
    return answer.output is None or answer.output.size <= KEPT


def key(chosen: Chosen, call: Call, tensors: Tensors) -> tuple[str, ...]:
    """What makes two questions the same: the target, the steps, and the very arrays."""
    arrays = (f"{name}={id(tensor)}" for name, tensor in sorted(tensors.items()))
    return chosen.name, json.dumps([pack_steps(call.steps), sorted(call.moves.items()), call.results]), *arrays

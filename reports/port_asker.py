"""Asking several targets, each in a worker that lives as long as it is needed, and nothing twice."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from ..adapters import Call
from ..adapters._choose import Chosen
from ..adapters._host import Host, Job, Limits
from ..adapters._pack import pack_steps
from ..cases.answer import Answer
from ..cases.inputs import Tensor

Tensors = Mapping[str, Tensor]


class Asker:
    """Puts calls to targets and waits for the answers; the same call on the same arrays is answered once."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits, self.environment = limits, dict(os.environ)
        self.hosts: dict[str, tuple[Host, SimpleQueue[tuple[str, Answer]]]] = {}
        self.known: dict[tuple[str, ...], tuple[Tensors, Answer]] = {}
        self.count = 0

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
        for _ in names:
            name, answer = told.get()
            self.known[names[name]] = new[names[name]][1], answer  # with its arrays, whose identities the key is made of
        self.count += len(new)
        return [self.known[each][1] for each in keys]

    def host(self, chosen: Chosen) -> tuple[Host, SimpleQueue[tuple[str, Answer]]]:
        """The target's worker and where its answers go."""
        if chosen.name not in self.hosts:
            told: SimpleQueue[tuple[str, Answer]] = SimpleQueue()
            host = Host(chosen.launch, self.limits, lambda name, answer: told.put((name, answer)), self.environment)
            self.hosts[chosen.name] = host, told
        return self.hosts[chosen.name]


def key(chosen: Chosen, call: Call, tensors: Tensors) -> tuple[str, ...]:
    """What makes two questions the same: the target, the steps, and the very arrays."""
    arrays = (f"{name}={id(tensor)}" for name, tensor in sorted(tensors.items()))
    return chosen.name, json.dumps([pack_steps(call.steps), sorted(call.moves.items()), call.results]), *arrays

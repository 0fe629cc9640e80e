"""Ports the poolings of a model to one target: each distinct layer once for any size, and for its own sizes only if that has no answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...adapters.contract.model_files import Pooling, Sizes
from ...adapters.targets.choose import SelectedTarget
from ...adapters.targets.find import AdapterEntry
from ...cases.model.inputs import INTEGERS, PRECISION
from ..port.answer import Port, Porter
from ..port.record import VERDICTS
from ..port.request import Unportable, read_source
from ..port.workers import Workers

NOT_SUPPORTED = "not_supported"
"""The verdict on a pooling that scan cannot compare, which is different from one that the target cannot have."""
SCAN_VERDICTS = (*VERDICTS, NOT_SUPPORTED)
MAX_DIFFERENT = 200
"""Different layers of one model that are ported."""
TOO_MANY = f"not ported: the model has more than {MAX_DIFFERENT} different layers"

Key = tuple[str, str, Sizes | None]
"""What a layer is ported by: its text, the type of its elements, and the sizes of its input."""
Answer = Port | str
"""The port of a layer, or the reason why there is none."""


@dataclass(frozen=True)
class ScannedLayer:
    """A pooling of a model with its port, or the reason why there is none."""

    pooling: Pooling
    port: Port | None
    reason: str = ""

    @property
    def verdict(self) -> str:
        """The verdict of the port; `NOT_SUPPORTED` if there is none."""
        return self.port.verdict if self.port else NOT_SUPPORTED


@dataclass
class LayerPorter:
    """Ports layers to one target, equal ones once."""

    port: Callable[[Key], Answer]
    answers: dict[Key, Answer] = field(default_factory=dict)

    def find_answer(self, pooling: Pooling) -> Answer:
        """The answer for any size, or else for the sizes of the pooling's own input."""
        if reason := pooling.problem or describe_type(pooling.dtype):
            return reason
        dtype, shape = pooling.dtype or "float32", pooling.shape
        answer = self.look_up((pooling.text, dtype, shape and (None,) * len(shape)))
        if isinstance(answer, Port) and answer.sizes and answer.sizes.any_size:
            return answer
        own = shape if shape and None not in shape[1:] else pooling.hint
        return self.look_up((pooling.text, dtype, own)) if own else answer

    def look_up(self, key: Key) -> Answer:
        """The answer for a layer, found once."""
        if key not in self.answers:
            self.answers[key] = self.port(key) if len(self.answers) < MAX_DIFFERENT else TOO_MANY
        return self.answers[key]


def port_poolings(
    entries: Mapping[str, AdapterEntry], poolings: Sequence[Pooling], target: SelectedTarget, workers: Workers
) -> Iterator[ScannedLayer]:
    """The ports of poolings, in their order."""
    porter = LayerPorter(lambda key: port_pooling(entries, key, target, workers))
    for pooling in poolings:
        answer = porter.find_answer(pooling)
        yield ScannedLayer(pooling, answer) if isinstance(answer, Port) else ScannedLayer(pooling, None, answer)


def port_pooling(entries: Mapping[str, AdapterEntry], key: Key, target: SelectedTarget, workers: Workers) -> Answer:
    """The port of a layer, or the reason why there is none."""
    text, dtype, sizes = key
    try:
        return Porter(read_source(text, sizes, dtype, entries), workers).port(target, complete=False)
    except Unportable as error:
        return str(error)


def describe_type(dtype: str) -> str:
    """Why elements of a type are not compared; empty for those that are, and where the file states none."""
    if not dtype or dtype in (*PRECISION, *INTEGERS):
        return ""
    return f"not supported by scan: its elements are {dtype}; expected {', '.join((*PRECISION, *INTEGERS))}"

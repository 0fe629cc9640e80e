"""What a target is asked of a case: one question for each way, decided before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..adapters import Adapter, Ask, Call, Target, Unsupported
from ..adapters._print import code
from ..cases.answer import NOT_RUN, UNSUPPORTED, Answer
from ..cases.case import Case
from ..cases.inputs import Tensor
from ..cases.pool import Pool

WAYS = CALL, DROP_IN = "call", "drop_in"
EQUAL = "equals"
"""The name under which a case's other operation is asked; it has no rows of its own."""


@dataclass(frozen=True, eq=False)
class Question:
    """One case asked in one way: a call to run, or an answer that needs none."""

    way: str
    call: Call | None = None
    answer: Answer | None = None
    wants: frozenset[str] = frozenset()

    def code(self, adapter: Adapter, target: Target, case: Case) -> str | None:
        """The native code of the call."""
        return code(adapter, target, self.call, tensors(case)) if self.call else None


def questions(case: Case, adapter: Adapter) -> Iterator[Question]:
    """Everything a target is asked of a case."""
    if case.waiting:
        yield Question(CALL, answer=Answer(NOT_RUN, detail=f"waiting: {case.waiting}"))
        return
    if case.as_written:
        yield written(case, adapter)
        return
    yield asked(CALL, case, adapter, case.pool)
    if case.spelling:
        yield asked(DROP_IN, case, adapter, case.spelling.written)
    if case.due.equals:
        yield asked(EQUAL, case, adapter, case.due.equals)


def asked(way: str, case: Case, adapter: Adapter, pool: Pool) -> Question:
    """Ask for one pooling of the case's input."""
    wants = frozenset(name for name in ("indices", "parameters") if case.wants(name))
    ask = Ask(pool, case.input.shape, case.input.dtype, case.layout, case.batched, wants, case.rules)
    try:
        return Question(way, adapter.call(ask), wants=wants)
    except Unsupported as gap:
        return Question(way, answer=Answer(UNSUPPORTED, detail=str(gap)))


def written(case: Case, adapter: Adapter) -> Question:
    """Ask for a source's own text, unchanged, where it is the text of this framework."""
    assert case.spelling is not None
    framework = case.spelling.layer.framework
    if framework != adapter.framework:
        return Question(CALL, answer=Answer(UNSUPPORTED, detail=f"as written it runs on {framework} only"))
    name = case.spelling.layer.name
    wants = frozenset({"parameters"}) if case.due.parameters is not None else frozenset[str]()
    return Question(CALL, adapter.as_written(name, case.spelling.arguments), wants=wants)


def tensors(case: Case) -> dict[str, Tensor]:
    """The arrays of a case by the names that its calls know them by."""
    return {"x": case.input, **case.extra}

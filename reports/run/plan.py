"""The calls that a case needs on a target: one for each way and attribute, planned before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ...adapters.common.loading import describe_error
from ...adapters.contract import Adapter, Ask, Call, Target, Unsupported
from ...adapters.contract.memory import arrangement
from ...adapters.parent.source_code import code
from ...adapters.targets.requirements import require_version
from ...cases.judge.answer import NOT_RUN, UNSUPPORTED, Answer
from ...cases.model.arithmetic import Array
from ...cases.model.case import Case
from ...cases.model.inputs import Tensor
from ...cases.model.pool import Pool
from ...cases.oracle.index_bases import indices_to_positions, positions_to_indices
from ..rows.ways import CALL, DROP_IN

EQUAL = "equals"
"""The name under which a case's other operation is asked; it has no rows of its own."""
APART = INDICES, GRADIENT, INFERRED = "indices", "gradient", "inferred_shape"
"""Attributes of the way `call` that may have a call, and so an answer, of their own."""


@dataclass(frozen=True, eq=False)
class PlannedCall:
    """One call to make for a case, on some arrays; or the answer, where no call is needed.

    `base` is what the target's indices count.
    """

    name: str
    call: Call | None = None
    answer: Answer | None = None
    wants: frozenset[str] = frozenset()
    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    base: str = "plane"

    def code(self, adapter: Adapter, target: Target) -> str | None:
        """The native code of the call."""
        try:
            return code(adapter, target, self.call, self.tensors) if self.call else None
        except Exception:  # noqa: BLE001 - a faulty adapter, whose worker meets the same error and answers with it
            return None

    def arrays(self) -> dict[str, Array]:
        """The arrays that the call takes."""
        return {name: tensor.value for name, tensor in self.tensors.items()}

    def with_plane_indices(self, case: Case, answer: Answer) -> Answer:
        """The answer with indices as positions in their planes, whatever the target counts."""
        if INDICES not in answer.extra or self.base == "plane" or case.asks == "index_base":
            return answer
        positions = indices_to_positions(answer.extra[INDICES], case, self.base)
        return replace(answer, extra={**answer.extra, INDICES: positions})


def plan_calls(case: Case, adapter: Adapter, target: Target) -> Iterator[PlannedCall]:
    """Plan every call that a case needs on a target."""
    if case.waiting:
        yield PlannedCall(CALL, answer=Answer(NOT_RUN, detail=f"waiting: {case.waiting}"))
        return
    if case.as_written:
        yield plan_literal_call(case, adapter, target)
        return
    yield from plan_main_calls(case, adapter, target)
    if case.spelling:
        yield plan_call(DROP_IN, case, adapter, target, adapter.call, case.spelling.written_pool)
    if case.due.equals:
        yield plan_call(EQUAL, case, adapter, target, adapter.call, case.due.equals)
    if case.wants(GRADIENT):
        yield plan_call(GRADIENT, case, adapter, target, adapter.gradient)
    if case.kind == "conformance" and "shape" in case.attributes and not case.is_large:
        yield plan_call(INFERRED, case, adapter, target, adapter.inferred_shape)


def plan_main_calls(case: Case, adapter: Adapter, target: Target) -> Iterator[PlannedCall]:
    """Plan the call for the output and, where they are due, the indices; a target without indices is asked for the output alone."""
    both = plan_call(CALL, case, adapter, target, adapter.call, wants=INDICES if case.wants(INDICES) else None)
    if both.answer and case.wants(INDICES):
        yield plan_call(CALL, case, adapter, target, adapter.call)
        yield replace(both, name=INDICES)
    else:
        yield both


Translate = Callable[[Ask, Target], Call]


def plan_call(name: str, case: Case, adapter: Adapter, target: Target, translate: Translate, pool: Pool | None = None,
              wants: str | None = None) -> PlannedCall:  # fmt: skip
    """Plan one call of one pooling of the case's input."""
    extra_results = frozenset(filter(None, (wants, "parameters" if case.due.parameters is not None else None)))
    shapes = {extra: tensor.shape for extra, tensor in case.extra.items() if extra != "cotangent"}
    sizes = case.input.shape, case.input.dtype, case.layout, case.batched
    ask = Ask(pool or case.pool, *sizes, extra_results, case.rules, shapes, entry=case.entry)
    try:
        require_version(adapter, ask, target)
        call, base = translate(ask, target), adapter.index_base(ask, target)
        call = replace(call, before=arrangement(case.memory, target)) if case.memory else call
    except Unsupported as gap:
        return PlannedCall(name, answer=Answer(UNSUPPORTED, detail=str(gap)))
    except Exception as error:  # noqa: BLE001 - whatever a faulty adapter raises, other cases and targets go on
        return PlannedCall(name, answer=Answer(NOT_RUN, detail=describe_error(adapter, ask.pool.op, ask.rank, error)))
    return PlannedCall(name, call, None, extra_results, collect_tensors(case, base, name == GRADIENT), base)


def plan_literal_call(case: Case, adapter: Adapter, target: Target) -> PlannedCall:
    """Plan the call of a source's own text, unchanged, where it is the text of this framework."""
    assert case.spelling is not None
    framework = case.spelling.layer.framework
    if framework != adapter.framework:
        return PlannedCall(CALL, answer=Answer(UNSUPPORTED, detail=f"as written it runs on {framework} only"))
    extra_results = frozenset({"parameters"}) if case.due.parameters is not None else frozenset[str]()
    try:
        call = adapter.literal_call(case.spelling.layer.name, case.spelling.arguments, target)
    except Exception as error:  # noqa: BLE001 - as above
        return PlannedCall(CALL, answer=Answer(NOT_RUN, detail=describe_error(adapter, case.pool.op, case.spelling.layer.rank, error)))
    return PlannedCall(CALL, call, None, extra_results, {"x": case.input})


def collect_tensors(case: Case, base: str, cotangent: bool) -> dict[str, Tensor]:
    """The arrays of a case by the names that calls know them by; indices count what the target's do, unless the case asks for that."""
    tensors = {"x": case.input, **{name: tensor for name, tensor in case.extra.items() if cotangent or name != "cotangent"}}
    if INDICES in tensors and base != "plane" and case.asks != "index_base":
        tensors[INDICES] = positions_to_indices(tensors[INDICES], case, base)
    return tensors

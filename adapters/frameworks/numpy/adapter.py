"""NumPy: the oracle, which is the definition itself, run like any framework."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from ....cases.model.inputs import CELL_LIMIT
from ....cases.model.pool import ADAPTIVE, FIRST, OPS, PARAMETERS, WINDOWED
from ...contract import OPEN, Adapter, Ask, Call, Feature, Form, Gap, Ref, Step, Steps, Target
from ...contract.compose import array_moves

EVERY = {name: name for name in PARAMETERS}
OUTCOME = "poolparity.cases.oracle.outcome"
VECTORISED = "poolparity.cases.fast.vectorised.outcome"
"""The second oracle, which takes inputs of many cells as a whole."""
POOL = "poolparity.cases.pool.Pool"
BARE = f"{{call}}(x, {POOL}(op='{{op}}'))"
FIELDS = {"y": "output", "indices": "indices", "gradient": "gradient"}
"""The fields of an outcome, by the names of results."""

REQUIRED = {**dict.fromkeys(WINDOWED, ("kernel",)), **dict.fromkeys(ADAPTIVE, ("output_size",))}
INDEXED = ("max_pool", "global_max_pool", "adaptive_max_pool", "fractional_max_pool")


def form(op: str) -> Form:
    """The form of an operation; flattening an input, or returning it, does not depend on the layout."""
    return Form(OUTCOME, EVERY, required=REQUIRED.get(op, ()), any_layout=op in ("flatten", "input"), indices={} if op in INDEXED else None)


class Oracle(Adapter):
    """The oracle, the only target that follows the rules that a case pins."""

    targets = (Target("numpy", ("numpy",), ("numpy",)),)
    title = "NumPy"
    reference = True
    layout = FIRST
    unbatched = True
    forms = {op: form(op) for op in OPS}
    function_forms = forms
    gaps = (
        Gap("max_pool*|avg_pool*|lp_pool*", Feature("kernel", OPEN), "the oracle's windows have no default size", BARE),
        Gap("adaptive*", Feature("output_size", OPEN), "the oracle's adaptive pooling has no default size", BARE),
    )

    def gradient(self, ask: Ask, target: Target) -> Call:
        """Translate a case to a call that gives the gradient, which the oracle computes together with the output."""
        call = self.call(replace(ask, wants=frozenset({"gradient"})), target)
        moves = array_moves(call.moves.get("x"), ("cotangent",) if self.keeps_axes(ask) else (), ("gradient",))
        return replace(call, moves={**call.moves, **moves}, results=("gradient",))

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The shape of the output; the oracle does not infer it without running."""
        return (*call.steps, Step("inferred_shape", "y.__getattribute__", ("shape",)))

    def index_base(self, ask: Ask, target: Target) -> str:
        return ask.rules.get("index_base", "plane")

    def keeps_axes(self, ask: Ask) -> bool:
        """Whether the answer has as many axes as the input; if the case does not state it, by the rule that it pins."""
        default = ask.pool.keepdims is None and ask.rules.get("keepdims_default", "kept") == "kept"
        return super().keeps_axes(ask) or (ask.pool.op.startswith("global") and default)

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """The steps that make the pooling and the rules, compute the outcome, and read the fields that are wanted."""
        arguments, notes = self.arguments(ask, form)
        values = [Step("pool", POOL, (), {"op": ask.pool.op, **arguments})]
        if ask.rules:
            values.append(Step("rules", "poolparity.cases.rules.Rules", (), dict(ask.rules)))
        outcome = VECTORISED if math.prod(ask.shape) > CELL_LIMIT else form.call
        answer = Step("found", outcome, (Ref("x"), *(Ref(str(step.result)) for step in values)), oracle_arguments(ask))
        names = (*ask.results, *(["gradient"] if "gradient" in ask.wants else []))
        return (*values, answer, *(Step(name, "found.__getattribute__", (FIELDS[name],)) for name in names)), notes


def oracle_arguments(ask: Ask) -> dict[str, Any]:
    """The further arguments of the oracle: what it computes besides the output, and from what besides the input."""
    batched = {} if ask.batched else {"batched": False}
    cotangent = {"cotangent": Ref("cotangent")} if "gradient" in ask.wants else {}
    extra = {"extra": {name: Ref(name) for name in ask.shapes}} if ask.shapes else {}
    return {**batched, **cotangent, **extra, "located": "indices" in ask.wants}


ADAPTER = Oracle()

"""The oracle, standing in line with the frameworks: the definition, run like any of them."""

from __future__ import annotations

from ..cases.pool import ADAPTIVE, FIRST, GLOBAL, PARAMETERS, WINDOWED
from . import Adapter, Ask, Form, Gap, Ref, Step, Target

EVERY = {name: name for name in PARAMETERS}
ORACLE = "poolparity.cases.oracle.oracle"
POOL = "poolparity.cases.pool.Pool"


class Oracle(Adapter):
    """The oracle, which alone can follow any rules that a case pins."""

    targets = (Target("numpy", ("numpy",), ("numpy",)),)
    layout = FIRST
    unbatched = True
    forms = {
        **{op: Form(ORACLE, EVERY, required=("kernel",)) for op in WINDOWED},
        **{op: Form(ORACLE, EVERY, required=("output_size",)) for op in ADAPTIVE},
        **{op: Form(ORACLE, EVERY) for op in GLOBAL},
    }
    gaps = (
        Gap("max_pool*|avg_pool*|lp_pool*", "kernel open", "the oracle's windows have no default size", f"{{call}}(x, {POOL}(op='{{op}}'))"),
        Gap("adaptive*", "output_size open", "the oracle's adaptive pooling has no default size", f"{{call}}(x, {POOL}(op='{{op}}'))"),
    )

    def spelled(self, ask: Ask, form: Form) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The pooling and the rules as values, then the oracle on both."""
        arguments, notes = self.arguments(ask, form)
        steps = [Step("pool", POOL, (), {"op": ask.pool.op, **arguments})]
        if ask.rules:
            steps.append(Step("rules", "poolparity.cases.rules.Rules", (), dict(ask.rules)))
        args = (Ref("x"), Ref("pool"), *([Ref("rules")] if ask.rules else []))
        return (*steps, Step("y", form.call, args, {} if ask.batched else {"batched": False})), notes


ADAPTER = Oracle()

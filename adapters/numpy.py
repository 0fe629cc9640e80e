"""The oracle, standing in line with the frameworks: the definition, run like any of them."""

from __future__ import annotations

from . import Adapter, Ask, Form, Ref, Step, Target
from ..cases.pool import ADAPTIVE, FIRST, GLOBAL, PARAMETERS, WINDOWED

EVERY = Form("poolparity.cases.oracle.oracle", {name: name for name in PARAMETERS})


class Oracle(Adapter):
    targets = (Target("numpy", ("numpy",), ("numpy",)),)
    layout = FIRST
    unbatched = True
    forms = {op: EVERY for op in (*WINDOWED, *GLOBAL, *ADAPTIVE)}

    def spelled(self, ask: Ask, form: Form) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The pooling and the rules as values, then the oracle on both."""
        steps = [Step("pool", "poolparity.cases.pool.Pool", (), {"op": ask.pool.op, **ask.pool.stated()})]
        if ask.rules:
            steps.append(Step("rules", "poolparity.cases.rules.Rules", (), dict(ask.rules)))
        args = (Ref("x"), Ref("pool"), *([Ref("rules")] if ask.rules else []))
        steps.append(Step("y", form.call, args, {} if ask.batched else {"batched": False}))
        return tuple(steps), ()


ADAPTER = Oracle()

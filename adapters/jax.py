"""JAX: `jax.lax.reduce_window`, its windows given for every axis of the array; one operation at a time.

JAX has no average pooling. What its users write instead, the sums of the windows over a divisor,
serves every average whose divisor the case states.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from . import Adapter, Ask, Call, Form, Gap, Name, Ref, Step, Steps, Target
from ._compose import function

DOUBLE = Step("", "jax.config.update", ("jax_enable_x64", True))
"""Without it JAX makes float32 of float64, and int32 of int64."""

JIT = Step("f", "jax.jit", (Ref("f"),))

PULLED_BACK = (Step(("y", "pull_back"), "jax.vjp", (Ref("f"), Ref("x"))), Step(("gradient",), "pull_back", (Ref("cotangent"),)))
"""The gradient of a function `f`."""

WINDOW = {"kernel": "window_dimensions", "stride": "window_strides", "padding": "padding", "dilation": "window_dilation"}
ELSEWHERE = {"kernel": 1, "stride": 1, "padding": (0, 0), "dilation": 1}
"""What a window is along batch and channels."""

WHOLE = {
    "global_max_pool": Form("jax.numpy.max", {"keepdims": "keepdims"}, axes="axis"),
    "global_avg_pool": Form("jax.numpy.mean", {"keepdims": "keepdims"}, axes="axis"),
    "global_lp_pool": Form("jax.numpy.linalg.vector_norm", {"p": "ord", "keepdims": "keepdims"}, axes="axis"),
}


def inferring_shape(call: Call, target: Target) -> Steps:
    """The steps that trace a call without running it."""
    traced = Step("inferred", "jax.eval_shape", (Ref("f"), Ref("x")))
    return (*function(call, target), traced, Step("inferred_shape", "inferred.__getattribute__", ("shape",)))


def reduce_window(start: float, computation: str) -> Form:
    """A reduction over windows; before JAX 0.7 its padding had to be given."""
    fixed = {"init_value": start, "computation": Name(computation)}
    return Form("jax.lax.reduce_window", WINDOW, required=("kernel", "padding"), fixed=fixed)


class Jax(Adapter):
    """The functions of JAX, which know of no channels."""

    targets = tuple(
        Target(name, ("jax",), ("jax", "jaxlib"), "jax", prepare=(DOUBLE,), mode=mode) for name, mode in (("jax", None), ("jax+jit", JIT))
    )
    layout = None
    unbatched = True
    arrive = "jax.numpy.asarray"
    forms = {"max_pool": reduce_window(-math.inf, "jax.lax.max"), "avg_pool": reduce_window(0, "jax.lax.add"), **WHOLE}
    gaps = (
        Gap("max_pool*|avg_pool*", "kernel open", "JAX's windows have no default size", "{call}(x, -jax.numpy.inf, jax.lax.max)"),
        Gap("max_pool*|avg_pool*", "ceil_mode", "JAX has no ceil_mode",
            "{call}(x, -jax.numpy.inf, jax.lax.max, (1, 1) + (4,) * {rank}, ceil_mode=True)"),
        Gap("avg_pool*", "count_include_pad open", "JAX has no average pooling that chooses by itself whether padding counts",
            "{call}(x, 0, jax.numpy.mean, (1, 1) + (2,) * {rank}, (1, 1) + (2,) * {rank}, 'SAME')"),
        Gap("lp_pool*", "op", "JAX has no LP pooling", "jax.nn.lp_pool(x, (2,) * {rank})"),
        Gap("adaptive*", "op", "JAX has no adaptive pooling", "jax.nn.{op}(x, (2,) * {rank})"),
    )  # fmt: skip

    def differentiated(self, ask: Ask, target: Target) -> Steps:
        """By pulling the cotangent back."""
        return PULLED_BACK

    def inferring(self, ask: Ask, call: Call, target: Target) -> Steps:
        """By tracing."""
        return inferring_shape(call, target)

    def spelled(self, ask: Ask, form: Form) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """A reduction; for an average the sums of the windows, then their division."""
        if ask.pool.op != "avg_pool":
            return super().spelled(ask, form)
        (sums,), notes = super().spelled(replace(ask, pool=ask.pool.without("count_include_pad", "divisor_override")), form)
        counted, divisor = self.divided(sums, ask)
        return (replace(sums, result="sums"), *counted, Step("y", "jax.numpy.divide", (Ref("sums"), divisor))), notes

    def divided(self, sums: Step, ask: Ask) -> tuple[tuple[Step, ...], int | Ref]:
        """What the sums of an average are divided by, and the steps that make it: a number, or each window's cells."""
        pool = ask.pool
        if pool.divisor_override is not None:
            return (), pool.divisor_override
        if pool.pads() and pool.count_include_pad is None:
            self.refuse(ask, "count_include_pad open")
        if pool.kernel and (pool.count_include_pad or not pool.pads()):
            return (), math.prod(pool.kernel)
        return (Step("ones", "jax.numpy.ones_like", (Ref("x"),)), replace(sums, result="cells", args=(Ref("ones"),))), Ref("cells")

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value for every axis; padding by name in capitals."""
        if isinstance(value, str):
            return value.upper()
        if name not in ELSEWHERE:
            return value
        before, after = ask.spatial[0], len(ask.shape) - ask.spatial[-1] - 1
        return (ELSEWHERE[name],) * before + value + (ELSEWHERE[name],) * after


ADAPTER = Jax()

"""JAX: `jax.lax.reduce_window`, its windows given for every axis of the array; one operation at a time, or compiled.

JAX has no average pooling. What its users write instead, the sums of the windows over a divisor,
serves every average whose divisor the case states.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ....cases.model.pool import FIRST
from ...contract import OPEN, Ask, Call, Feature, Form, Gap, Name, Ref, Step, Steps, Target
from .layers import FUNCTIONS, METHODS, WINDOWS, with_spatial_windows
from .shared import ANYWHERE, COMPILE_CACHE, DOUBLE, GAPS, TOGETHER, OnJax, for_all_axes

WINDOW = {"kernel": "window_dimensions", "stride": "window_strides", "padding": "padding", "dilation": "window_dilation"}
ELSEWHERE = {"kernel": 1, "stride": 1, "padding": (0, 0), "dilation": 1}
"""The window along batch and channels."""

CONV = Form(
    "jax.lax.conv_general_dilated",
    {"stride": "window_strides", "padding": "padding", "dilation": "rhs_dilation"},
    required=("stride", "padding"),
    arrays=("weights",),
    any_layout=True,
)

COMPILED = Step("f", "jax.jit", (Ref("f"),))


def exported_steps(**options: Any) -> Steps:
    """The steps that export a function as StableHLO, write it as bytes, and read these again."""
    return (
        COMPILED,
        Step("exporter", "jax.export.export", (Ref("f"),)),
        Step("exported", "exporter", (Ref("x"),)),
        Step("data", "exported.serialize", (), options),
        Step("exported", "jax.export.deserialize", (Ref("data"),)),
        Step("f", "exported.__getattribute__", ("call",)),
    )


EXPORTED, DIFFERENTIABLE = exported_steps(), exported_steps(vjp_order=1)
"""An exported function, and one with its derivative."""
MODES: Mapping[str, dict[str, Any]] = {
    "jax": {},
    "jax+jit": {"mode": (COMPILED,), "together": TOGETHER},
    "jax+export": {
        "modules": ("jax", "flatbuffers"),
        "distributions": ("jax", "jaxlib", "flatbuffers"),
        "mode": EXPORTED,
        "tier": "smoke",
        "tag": "slow_modes",
    },
}
"""What each mode has beside the others; JAX serializes with FlatBuffers, which it does not require."""


def reduce_window(start: float, computation: str) -> Form:
    """A reduction over windows; before JAX 0.7 its padding had to be given."""
    fixed_arguments = {"init_value": start, "computation": Name(computation)}
    return Form("jax.lax.reduce_window", WINDOW, required=("kernel", "padding"), fixed=fixed_arguments)


class Jax(OnJax):
    """The functions of JAX, which have no notion of channels."""

    targets = tuple(
        Target(
            name,
            extra="jax",
            prepare=(DOUBLE,),
            compile_cache=COMPILE_CACHE,
            **{"modules": ("jax",), "distributions": ("jax", "jaxlib"), **mode},
        )
        for name, mode in MODES.items()
    )
    title = "JAX"
    ledger_versions = {"jax": ("0.4.30", "0.4.35", "0.10.2", "0.12")}
    layout = None
    forms = {
        "max_pool": reduce_window(-math.inf, "jax.lax.max"),
        "avg_pool": reduce_window(0, "jax.lax.add"),
        "conv": CONV,
        **ANYWHERE,
    }
    gaps = (
        Gap("max_pool*|avg_pool*", Feature("kernel", OPEN), "JAX's windows have no default size", "{call}(x, -jax.numpy.inf, jax.lax.max)"),
        Gap("max_pool*|avg_pool*", "ceil_mode", "JAX has no ceil_mode",
            "{call}(x, -jax.numpy.inf, jax.lax.max, (1, 1) + (4,) * {rank}, ceil_mode=True)"),
        Gap("avg_pool*", Feature("count_include_pad", OPEN), "JAX has no average pooling that chooses by itself whether padding counts",
            "{call}(x, 0, jax.numpy.mean, (1, 1) + (2,) * {rank}, (1, 1) + (2,) * {rank}, 'SAME')"),
        Gap("max_pool*", Feature("gradient", beside="dilation"), "JAX has no derivative of a dilated maximum",
            "jax.grad(lambda x: {call}(x, -jax.numpy.inf, jax.lax.max, (1, 1) + (2,) * {rank}, (1,) * x.ndim, 'VALID', None, (1, 1) + (2,) * {rank}).sum())(x)"),
        Gap("lp_pool*", "op", "JAX has no LP pooling", "jax.nn.lp_pool(x, (2,) * {rank})"),
        Gap("adaptive*", "op", "JAX has no adaptive pooling", "jax.nn.{op}(x, (2,) * {rank})"),
        Gap("conv*", Feature("weights", OPEN), "a convolution needs weights", "{call}(x, window_strides=(1,) * {rank}, padding='VALID')"),
        Gap("conv*", Feature("batched", "false"), "JAX's convolution needs a batch axis", "{call}(x[0], x[:, :, :2], (1,) * {rank}, 'VALID')"),
        *GAPS,
    )  # fmt: skip
    functions = FUNCTIONS
    methods = METHODS

    def layer_of(self, name: str, call: ast.Call) -> tuple[str, ast.Call]:
        """The pooling that a reduction over windows does."""
        return (WINDOWS, with_spatial_windows(call)) if name in (WINDOWS, "lax.reduce_window") else (name, call)

    def form(self, ask: Ask) -> Form:
        """The form of an operation; a convolution needs a batch axis."""
        if ask.pool.op == "conv" and not ask.batched:
            self.unsupported(ask, "batched", "false")
        return super().form(ask)

    def gradient(self, ask: Ask, target: Target) -> Call:
        """Translate a case to a call that gives the gradient; a dilated maximum has none."""
        if ask.pool.op == "max_pool" and max(ask.pool.dilation or (1,)) > 1:
            self.unsupported(ask, "gradient", beside="dilation")
        return super().gradient(ask, replace(target, mode=DIFFERENTIABLE) if target.mode == EXPORTED else target)

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The arguments that describe the axes and groups of a convolution."""
        if ask.pool.op != "conv":
            return super().fixed_arguments(ask, form)
        spatial = "DHW"[-ask.rank :]
        arrays = f"NC{spatial}" if ask.layout == FIRST else f"N{spatial}C"
        groups = {"feature_group_count": ask.groups} if ask.groups > 1 else {}
        return {"dimension_numbers": (arrays, f"OI{spatial}", arrays), **groups}

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """A reduction; for an average, the sums of windows divided by a number or by the windows' cell counts."""
        if ask.pool.op != "avg_pool":
            return super().operation_steps(ask, form)
        (sums,), notes = super().operation_steps(replace(ask, pool=ask.pool.without("count_include_pad", "divisor_override")), form)
        assert isinstance(sums, Step), "a reduction is one step"
        count_steps, divisor = self.divisor(sums, ask)
        return (replace(sums, result="sums"), *count_steps, Step("y", "jax.numpy.divide", (Ref("sums"), divisor))), notes

    def divisor(self, sums: Step, ask: Ask) -> tuple[tuple[Step, ...], int | Ref]:
        """The divisor of an average and the steps that compute it: a number, or the cell count of each window."""
        pool = ask.pool
        if pool.divisor_override is not None:
            return (), pool.divisor_override
        if pool.pads() and pool.count_include_pad is None:
            self.unsupported(ask, "count_include_pad", OPEN)
        if pool.kernel and (pool.count_include_pad or not pool.pads()):
            return (), math.prod(pool.kernel)
        return (Step("ones", "jax.numpy.ones_like", (Ref("x"),)), replace(sums, result="cells", args=(Ref("ones"),))), Ref("cells")

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value; those of a window have an item for every axis."""
        if isinstance(value, str) or ask.pool.op not in ("max_pool", "avg_pool"):
            return super().value(name, value, ask)
        return for_all_axes(value, (ELSEWHERE[name],) * len(ask.shape), ask)


ADAPTER = Jax()

"""Flax: the functions of `flax.linen`, channels last; the pooling of the whole input is `jax.numpy`'s."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, ClassVar

from ....cases.model.layers import Layer
from ....cases.model.pool import LAST
from ...contract import OPEN, Ask, Call, Feature, Form, Gap, Ref, Step, Steps, Target
from ...contract.compose import in_mode
from ...contract.random_values import constant, one_of, padding_pairs
from ..jax.shared import ANYWHERE, COMPILE_CACHE, DOUBLE, GAPS, OnJax
from .layers import FUNCTIONS, LAYERS, WINDOWS, with_named_reduction

WINDOW = {"kernel": "window_shape", "stride": "strides", "padding": "padding"}
CONV = {"kernel": "kernel_size", "stride": "strides", "padding": "padding", "dilation": "kernel_dilation"}


def forms_of(module: str) -> dict[str, Form]:
    """The forms of a module of Flax, completed with those that JAX has."""
    return {
        "max_pool": Form(f"{module}.max_pool", WINDOW, required=("kernel",)),
        "avg_pool": Form(f"{module}.avg_pool", {**WINDOW, "count_include_pad": "count_include_pad"}, required=("kernel",)),
        "conv": Form(f"{module}.Conv", CONV, layer=True, arrays=("weights",)),
        **ANYWHERE,
    }


class Flax(OnJax):
    """The functions and the convolution of `flax.linen`."""

    targets = (Target("flax", ("flax",), ("flax", "jax", "jaxlib"), "flax", prepare=(DOUBLE,), compile_cache=COMPILE_CACHE),)
    title = "Flax"
    ledger_versions = {"flax": ("0.8.5", "0.10.1", "0.12")}
    layout = LAST
    forms = forms_of("flax.linen")
    random_values = {"padding": one_of(constant("VALID"), constant("SAME"), padding_pairs)}
    gaps = (
        Gap("max_pool*|avg_pool*", Feature("kernel", OPEN), "flax's windows have no default size", "{call}(x)"),
        Gap("max_pool*|avg_pool*", "dilation", "flax's pooling has no dilation", "{call}(x, (2,) * {rank}, window_dilation=(2,) * {rank})"),
        Gap("max_pool*|avg_pool*", "ceil_mode", "flax's pooling has no ceil_mode", "{call}(x, (4,) * {rank}, ceil_mode=True)"),
        Gap("avg_pool*", "divisor_override", "flax's average pooling has no divisor_override",
            "{call}(x, (2,) * {rank}, divisor_override=3)"),
        Gap("max_pool*|avg_pool*", Feature("data_format", "channels_first"), "flax's pooling has no data_format: its arrays are channels last",
            "{call}(x, (2,) * {rank}, data_format='channels_first')"),
        Gap("conv*", Feature("data_format", "channels_first"), "flax's convolution has no data_format: its arrays are channels last",
            "{call}(2, (2,) * {rank}, data_format='channels_first')"),
        Gap("conv*", Feature("weights", OPEN), "a convolution needs weights", "{call}(kernel_size=(2,) * {rank})(x)"),
        Gap("lp_pool*|adaptive*", "op", "flax has no such pooling", "flax.linen.{op}(x, (2,) * {rank})"),
        *GAPS,
    )  # fmt: skip
    layers = LAYERS
    functions: ClassVar[Mapping[str, Layer]] = FUNCTIONS

    def layer_of(self, name: str, call: ast.Call) -> tuple[str, ast.Call]:
        """The pooling that a reduction over windows does."""
        return (WINDOWS, with_named_reduction(call)) if name in (WINDOWS, "linen.pool", "nn.pool") else (name, call)

    def literal_call(self, name: str, arguments: Mapping[str, Any], target: Target | None = None) -> Call:
        """A function exactly as its source writes it, as a call."""
        return in_mode(Call((Step("y", name, (Ref("x"),), dict(arguments)),)), target)

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The arguments of a convolution, which is built for its weights."""
        if ask.pool.op != "conv":
            return super().fixed_arguments(ask, form)
        groups = {"feature_group_count": ask.groups} if ask.groups > 1 else {}
        return {**self.channel_arguments(ask), "kernel_size": ask.weights[2], "use_bias": False, **groups}

    def channel_arguments(self, ask: Ask) -> dict[str, Any]:
        """The arguments for the channels of a convolution."""
        return {"features": ask.weights[0]}

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """A call of a function; for a convolution, a layer and its kernel, whose filters come last."""
        if ask.pool.op != "conv":
            return super().operation_steps(ask, form)
        arguments, notes = self.arguments(ask, form)
        kernel = Step("kernel", "jax.numpy.transpose", (Ref("weights"), (*range(2, ask.rank + 2), 1, 0)))
        return (kernel, *self.convolution_steps(form.call, arguments)), notes

    def convolution_steps(self, name: str, arguments: Mapping[str, Any]) -> tuple[Step, ...]:
        """The steps of a convolution with the given kernel."""
        return Step("layer", name, (), arguments), Step("y", "layer.apply", ({"params": {"kernel": Ref("kernel")}}, Ref("x")))


ADAPTER = Flax()

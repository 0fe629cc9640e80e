"""Haiku: the functions of `haiku`, compiled, their windows given for every axis of the array; and its convolution."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from ....cases.model.pool import LAST
from ...contract import Ask, Call, Def, Form, Ref, Step, Steps, Target
from ...contract.compose import in_mode
from ...contract.random_values import choice, constant, one_of
from ..jax.shared import ANYWHERE, COMPILE_CACHE, DOUBLE, TOGETHER, OnJax, for_all_axes
from .gaps import GAPS
from .layers import FUNCTIONS, LAYERS, with_spatial_arguments

WINDOW = {"kernel": "window_shape", "stride": "strides", "padding": "padding"}
REQUIRED = ("kernel", "stride", "padding")
CONVOLVED = {"stride": "stride", "padding": "padding", "dilation": "rate", "data_format": "data_format"}


class Haiku(OnJax):
    """The functions and the convolution of Haiku."""

    targets = (
        Target(
            "haiku",
            ("haiku", "jax"),
            ("dm-haiku", "jax", "jaxlib"),
            "haiku",
            prepare=(DOUBLE,),
            mode=(Step("f", "jax.jit", (Ref("f"),)),),
            together=TOGETHER,
            compile_cache=COMPILE_CACHE,
        ),
    )
    title = "Haiku"
    ledger_versions = {"dm-haiku": ("0.0.17",)}
    aliases = ("hk",)
    forms = {
        "max_pool": Form("haiku.max_pool", WINDOW, required=REQUIRED, any_layout=True),
        "avg_pool": Form("haiku.avg_pool", WINDOW, required=REQUIRED, any_layout=True),
        "conv": Form("haiku.ConvND", CONVOLVED, layer=True, arrays=("weights",)),
        **ANYWHERE,
    }
    layout = LAST
    gaps = GAPS
    layers = LAYERS
    plain_names = False
    functions = FUNCTIONS
    counts_padding = False
    random_values = {
        "padding": one_of(constant("VALID"), constant("SAME")),
        "window_shape": choice(2, 3),
        "strides": choice(1, 2),
        "channel_axis": constant(-1),
    }

    def plain_arguments(self, name: str, call: ast.Call, shape: Sequence[int | None], dtype: str) -> ast.Call:
        """A call with windows over the spatial axes alone, in which the place of the channels is a name."""
        return with_spatial_arguments(name, call, shape)

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The arguments of a convolution, which is built for its weights."""
        if ask.pool.op != "conv":
            return super().fixed_arguments(ask, form)
        filters, _, kernel = ask.weights
        groups = {"feature_group_count": ask.groups} if ask.groups > 1 else {}
        return {"num_spatial_dims": ask.rank, "output_channels": filters, "kernel_shape": kernel, "with_bias": False, **groups}

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """A call of a function; for a convolution, a transformed function and its weights, whose filters come last."""
        if ask.pool.op != "conv":
            return super().operation_steps(ask, form)
        arguments, notes = self.arguments(ask, form)
        return (
            Step("kernel", "jax.numpy.transpose", (Ref("weights"), (*range(2, ask.rank + 2), 1, 0))),
            Def("forward", (Step("layer", form.call, (), arguments), Step("y", "layer", (Ref("x"),)))),
            Step("model", "haiku.transform", (Ref("forward"),)),
            Step("y", "model.apply", ({"conv_nd": {"w": Ref("kernel")}}, None, Ref("x"))),
        ), notes

    def literal_call(self, name: str, arguments: Mapping[str, Any], target: Target | None = None) -> Call:
        """A layer exactly as its source writes it, inside a function that is transformed."""
        forward = Def("forward", (Step("layer", name, (), dict(arguments)), Step("y", "layer", (Ref("x"),))))
        apply_step = Step("y", "model.apply", ({}, None, Ref("x")))
        return in_mode(Call((forward, Step("model", "haiku.transform", (Ref("forward"),)), apply_step)), target)

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value; padding has a name, and a window has an item for every axis."""
        if ask.pool.op not in ("max_pool", "avg_pool"):
            return value if name == "data_format" else super().value(name, value, ask)
        if name == "padding":
            return self.padding(value, ask)
        return for_all_axes(value, (1,) * len(ask.shape), ask)

    def padding(self, value: Any, ask: Ask) -> str:
        """The name of a padding."""
        if not ask.pool.pads():
            return "VALID"
        return "SAME" if value == "same" else self.unsupported(ask, "padding", value if isinstance(value, str) else "explicit")


ADAPTER = Haiku()

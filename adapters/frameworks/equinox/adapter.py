"""Equinox: the layers of `equinox.nn`, channels first; compiled, and mapped over the batch by `jax.vmap`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...contract import Ask, Call, Form, Ref, Step, Steps, Target
from ...contract.random_values import half_padding, one_of
from ..jax.shared import ANYWHERE, COMPILE_CACHE, DOUBLE, TOGETHER, OnJax
from .gaps import GAPS
from .layers import LAYERS

WINDOW = {"kernel": "kernel_size", "stride": "stride", "padding": "padding", "ceil_mode": "use_ceil"}
SIZED = {"output_size": "target_shape"}
CONVOLVED = {"stride": "stride", "padding": "padding", "dilation": "dilation"}

MAPPED = Step("layer", "jax.vmap", (Ref("layer"),))
"""Has a layer take a batch, as its documentation says."""


class Equinox(OnJax):
    """The layers of `equinox.nn`."""

    targets = (
        Target(
            "equinox",
            ("equinox",),
            ("equinox", "jax", "jaxlib"),
            "equinox",
            prepare=(DOUBLE,),
            mode=(Step("f", "equinox.filter_jit", (Ref("f"),)),),
            together=TOGETHER,
            compile_cache=COMPILE_CACHE,
        ),
    )
    title = "Equinox"
    ledger_versions = {"equinox": ("0.13",)}
    aliases = ("eqx",)
    environment_prefixes = (*OnJax.environment_prefixes, "EQX_")
    forms = {
        "max_pool": Form("equinox.nn.MaxPool{rank}d", WINDOW, layer=True, required=("kernel",)),
        "avg_pool": Form("equinox.nn.AvgPool{rank}d", WINDOW, layer=True, required=("kernel",)),
        "adaptive_max_pool": Form("equinox.nn.AdaptiveMaxPool{rank}d", SIZED, layer=True, required=("output_size",)),
        "adaptive_avg_pool": Form("equinox.nn.AdaptiveAvgPool{rank}d", SIZED, layer=True, required=("output_size",)),
        "conv": Form("equinox.nn.Conv{rank}d", CONVOLVED, layer=True, arrays=("weights",)),
        **ANYWHERE,
    }
    gaps = GAPS
    layers = LAYERS
    plain_names = False
    counts_padding = True
    random_values = {"padding": one_of(half_padding)}

    def literal_call(self, name: str, arguments: Mapping[str, Any], target: Target | None = None) -> Call:
        """A layer exactly as its source writes it, mapped over the batch."""
        call = super().literal_call(name, arguments, target)
        return replace(call, steps=(call.steps[0], MAPPED, *call.steps[1:]))

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The arguments of a convolution, which is built for its weights."""
        if ask.pool.op != "conv":
            return super().fixed_arguments(ask, form)
        filters, inner, kernel = ask.weights
        groups = {"groups": ask.groups} if ask.groups > 1 else {}
        return {"in_channels": ask.groups * inner, "out_channels": filters, "kernel_size": kernel, "use_bias": False, **groups}

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """The steps of an operation; a layer is mapped over the batch, and a convolution gets its weights in place of random ones."""
        if not form.layer:
            return super().operation_steps(ask, form)
        arguments, notes = self.arguments(ask, form)
        name, map_steps = form.call.format(rank=ask.rank), (MAPPED,) if ask.batched else ()
        call_steps = (*map_steps, Step("y", "layer", (Ref("x"),)))
        if ask.pool.op != "conv":
            return (Step("layer", name, (), arguments), *call_steps), notes
        build_steps = (
            Step("key", "jax.random.key", (0,)),
            Step("layer", name, (), {**arguments, "key": Ref("key")}),
            Step("place", "operator.attrgetter", ("weight",)),
            Step("layer", "equinox.tree_at", (Ref("place"), Ref("layer"), Ref("weights"))),
        )
        return (*build_steps, *call_steps), notes

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value; only convolutions have paddings with names."""
        if name != "padding" or ask.pool.op == "conv" or not isinstance(value, str):
            return super().value(name, value, ask)
        return 0 if value == "valid" else self.unsupported(ask, "padding", "same")


ADAPTER = Equinox()

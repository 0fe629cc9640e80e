"""Flax NNX: the functions of `flax.nnx`, which are those of linen, and its own convolution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....cases.model.layers import with_aliases
from ...contract import Ask, Name, Ref, Step, Target
from ..flax.adapter import Flax, forms_of
from ..flax.layers import layers_of_module
from ..jax.shared import COMPILE_CACHE, DOUBLE


class FlaxNnx(Flax):
    """The functions and the convolution of `flax.nnx`."""

    targets = (
        Target(
            "flax-nnx",
            ("flax.nnx",),
            ("flax", "jax", "jaxlib"),
            "flax",
            prepare=(DOUBLE,),
            least={"flax": "0.8.4"},
            compile_cache=COMPILE_CACHE,
        ),
    )
    title = "Flax NNX"
    ledger_versions = {"flax": ("0.8.5", "0.10.1", "0.12")}
    variant_of = "flax"
    forms = forms_of("flax.nnx")
    layers = with_aliases(layers_of_module("flax.nnx", "flax_nnx"), "flax.nnx.", "nnx.")
    functions = {}

    def channel_arguments(self, ask: Ask) -> dict[str, Any]:
        """The arguments for the channels of a convolution; nnx needs those of the input as well."""
        filters, inner, _ = ask.weights
        return {"in_features": ask.groups * inner, "out_features": filters}

    def convolution_steps(self, name: str, arguments: Mapping[str, Any]) -> tuple[Step, ...]:
        """The steps of a convolution, which is built with zeros that are then replaced: random weights take long to compile."""
        return (
            Step("rngs", "flax.nnx.Rngs", (0,)),
            Step("layer", name, (), {**arguments, "kernel_init": Name("jax.nn.initializers.zeros"), "rngs": Ref("rngs")}),
            Step("kernel", "flax.nnx.Param", (Ref("kernel"),)),
            Step("", "layer.__setattr__", ("kernel", Ref("kernel"))),
            Step("y", "layer", (Ref("x"),)),
        )


ADAPTER = FlaxNnx()

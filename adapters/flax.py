"""Flax: the functions of `flax.linen`, channels last; the pooling of the whole input is `jax.numpy`'s."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases.layers import layers
from ..cases.pool import LAST
from . import Adapter, Ask, Call, Form, Gap, Ref, Step, Steps, Target
from ._compose import in_mode
from .jax import DOUBLE, PULLED_BACK, WHOLE, inferring_shape

MEANS = {"window_shape": "kernel", "strides": "stride", "padding": "padding", "count_include_pad": "count_include_pad"}
WINDOW = {"kernel": "window_shape", "stride": "strides", "padding": "padding"}
SIGNATURE = "window_shape, strides=None, padding='VALID'"


class Flax(Adapter):
    """The functions of linen."""

    targets = (Target("flax", ("flax",), ("flax", "jax", "jaxlib"), "flax", prepare=(DOUBLE,)),)
    layout = LAST
    unbatched = True
    arrive = "jax.numpy.asarray"
    forms = {
        "max_pool": Form("flax.linen.max_pool", WINDOW, required=("kernel",)),
        "avg_pool": Form("flax.linen.avg_pool", {**WINDOW, "count_include_pad": "count_include_pad"}, required=("kernel",)),
        **WHOLE,
    }
    gaps = (
        Gap("max_pool*|avg_pool*", "kernel open", "flax's windows have no default size", "{call}(x)"),
        Gap("max_pool*|avg_pool*", "dilation", "flax's pooling has no dilation", "{call}(x, (2,) * {rank}, window_dilation=(2,) * {rank})"),
        Gap("max_pool*|avg_pool*", "ceil_mode", "flax's pooling has no ceil_mode", "{call}(x, (4,) * {rank}, ceil_mode=True)"),
        Gap("avg_pool*", "divisor_override", "flax's average pooling has no divisor_override",
            "{call}(x, (2,) * {rank}, divisor_override=3)"),
        Gap("max_pool*|avg_pool*", "data_format=channels_first", "flax's pooling has no data_format: its arrays are channels last",
            "{call}(x, (2,) * {rank}, data_format='channels_first')"),
        Gap("lp_pool*", "op", "flax has no LP pooling", "flax.linen.lp_pool(x, (2,) * {rank})"),
        Gap("adaptive*", "op", "flax has no adaptive pooling", "flax.linen.{op}(x, (2,) * {rank})"),
    )  # fmt: skip
    layers = layers("flax", LAST, MEANS, {
        f"flax.linen.max_pool({SIGNATURE})": ("max_pool", 0),
        f"flax.linen.avg_pool({SIGNATURE}, count_include_pad=True)": ("avg_pool", 0),
    }, stride_default="one")  # fmt: skip

    def as_written(self, name: str, arguments: Mapping[str, Any], target: Target | None = None) -> Call:
        """The source's own text as a call of the function it names."""
        return in_mode(Call((Step("y", name, (Ref("x"),), dict(arguments)),)), target)

    def differentiated(self, ask: Ask, target: Target) -> Steps:
        """By JAX."""
        return PULLED_BACK

    def inferring(self, ask: Ask, call: Call, target: Target) -> Steps:
        """By JAX."""
        return inferring_shape(call, target)

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value; padding by name in capitals."""
        return value.upper() if isinstance(value, str) else value


ADAPTER = Flax()

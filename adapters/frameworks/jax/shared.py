"""What adapters on top of JAX share: arrays, gradients, tracing, and operations that take every layout."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from ....cases.model.pool import FIRST
from ...contract import OPEN, Adapter, Ask, Call, Feature, Form, Gap, Name, Ref, Step, Steps, Target
from ...contract.compose import as_function
from .recipes import VOCABULARY

DOUBLE = Step("", "jax.config.update", ("jax_enable_x64", True))
"""Without it JAX converts float64 to float32, and int64 to int32."""

COMPILE_CACHE = {
    "JAX_COMPILATION_CACHE_DIR": "{folder}",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}
"""Has JAX keep every compiled program, however small; it keys them by jaxlib's version, flags and the program itself."""

TOGETHER = 50
"""How many cases are compiled as one program, where they are compiled."""

PULLED_BACK = (
    Step(("y", "pull_back"), "jax.vjp", (Ref("f"), Ref("x"))),
    Step("cotangent", "jax.numpy.asarray", (Ref("cotangent"),), {"dtype": Name("y.dtype")}),
    Step(("gradient",), "pull_back", (Ref("cotangent"),)),
)
"""The gradient of a function `f`, for a cotangent of the type of its output."""

ANYWHERE = {
    "global_max_pool": Form("jax.numpy.max", {"keepdims": "keepdims"}, axes="axis"),
    "global_avg_pool": Form("jax.numpy.mean", {"keepdims": "keepdims"}, axes="axis"),
    "global_lp_pool": Form("jax.numpy.linalg.vector_norm", {"p": "ord", "keepdims": "keepdims"}, axes="axis"),
    "upsample_nearest": Form("jax.image.resize", {"kernel": "shape", "output_size": "shape"}, fixed={"method": "nearest"}, any_layout=True),
    "flatten": Form("jax.lax.collapse", {}, any_layout=True),
}
"""The forms of operations that take arrays in every layout."""

GAPS = (
    Gap("upsample_nearest*", Feature("output_size", OPEN), "jax.image.resize has no default size", "{call}(x, method='nearest')"),
    Gap("max_pool*", "indices", "there is no maximum in JAX that says where it was found", "{call}(x, (2,) * {rank}, return_indices=True)"),
    Gap("global_max_pool*", "indices", "jax.numpy.max does not say where it was found", "{call}(x, return_indices=True)"),
    Gap("max_unpool*|fractional*", "op", "JAX has no such pooling", "jax.nn.{op}(x, (2,) * {rank})"),
    Gap("input*", "op", "JAX has no layers", "jax.nn.Input(x.shape)"),
)  # fmt: skip


class OnJax(Adapter):
    """The base of adapters whose arrays are JAX's."""

    environment_prefixes: ClassVar[tuple[str, ...]] = ("JAX", "XLA_")
    unbatched = True
    vocabulary = VOCABULARY
    arrive = "jax.device_put"
    """Compiles nothing, whereas `jax.numpy.asarray` compiles a program for each shape."""
    sums = Form("jax.numpy.sum", {"keepdims": "keepdims"}, axes="axis")

    def gradient_steps(self, ask: Ask, target: Target) -> Steps:
        """The steps that pull the cotangent back through `f`."""
        return PULLED_BACK

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The steps that trace the function without running it."""
        trace_step = Step("inferred", "jax.eval_shape", (Ref("f"), Ref("x")))
        return (*as_function(call, target), trace_step, Step("inferred_shape", "inferred.__getattribute__", ("shape",)))

    def form(self, ask: Ask) -> Form:
        """The form of an operation; an up-sampling needs a factor or a size."""
        form = super().form(ask)
        if ask.pool.op == "upsample_nearest" and not (ask.pool.kernel or ask.pool.output_size):
            self.unsupported(ask, "output_size", OPEN)
        return form

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The first axis to flatten, which follows the batch axis."""
        return {"start_dimension": int(ask.batched)} if ask.pool.op == "flatten" else super().fixed_arguments(ask, form)

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value; names of paddings are in capitals, and the size of an up-sampling is that of all axes."""
        if isinstance(value, str):
            return value.upper()
        return upsampled_shape(name, value, ask) if ask.pool.op == "upsample_nearest" else value


def upsampled_shape(name: str, value: tuple[int, ...], ask: Ask) -> tuple[int, ...]:
    """The shape that an up-sampling gives, from a factor for each spatial axis or from their sizes."""
    sizes = [ask.shape[axis] for axis in ask.spatial]
    return for_all_axes(tuple(map(math.prod, zip(sizes, value, strict=False))) if name == "kernel" else value, ask.shape, ask)


def for_all_axes(value: tuple[Any, ...], others: tuple[Any, ...], ask: Ask) -> tuple[Any, ...]:
    """Values for every axis: those of the spatial axes, with others for batch and channels."""
    before, after = int(ask.batched) + (ask.layout == FIRST), int(ask.layout != FIRST)
    return others[:before] + value + others[len(others) - after :]

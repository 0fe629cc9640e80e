"""tinygrad: the methods of its tensors, channels first, with its device `PYTHON`, which needs no compiler."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from ....cases.model.pool import Pads
from ...contract import OPEN, Adapter, Ask, Call, Form, Name, Ref, Step, Steps, Target
from ...contract.random_values import half_padding, one_of
from .gaps import GAPS
from .layers import FUNCTIONS, METHODS, with_window_of_planes
from .recipes import VOCABULARY

WINDOW = {"kernel": "kernel_size", "stride": "stride", "padding": "padding", "dilation": "dilation"}
MAX = {**WINDOW, "ceil_mode": "ceil_mode"}
AVERAGE = {**MAX, "count_include_pad": "count_include_pad"}
UNPOOLED = {**WINDOW, "output_size": "output_size"}
CONVOLVED = {"stride": "stride", "padding": "padding", "dilation": "dilation"}
REDUCED = {"keepdims": "keepdim"}

BATCHES = ("max_unpool", "conv")
"""Operations whose arrays have a batch axis always."""

DIFFERENTIATED = (
    Step("y", "f", (Ref("x"),)),
    Step("gradients", "y.gradient", (Ref("x"),), {"gradient": Ref("cotangent")}),
    Step("gradient", "gradients.pop"),
)
"""The gradient of a function `f`."""


class Tinygrad(Adapter):
    """The methods of `tinygrad.Tensor`, which pool as many axes as the window has."""

    targets = (Target("tinygrad", ("tinygrad",), ("tinygrad",), "tinygrad", environment={"DEV": "PYTHON"}, tier="smoke", tag="slow_modes"),)
    title = "tinygrad"
    ledger_versions = {"tinygrad": ("0.14",)}
    unbatched = True
    environment_prefixes = ("DEV", "TINYGRAD")
    arrive = "tinygrad.Tensor"
    leave = ".numpy"
    forms = {
        "max_pool": Form("tinygrad.Tensor.max_pool2d", MAX, indices={"return_indices": True}),
        "avg_pool": Form("tinygrad.Tensor.avg_pool2d", AVERAGE),
        "global_max_pool": Form("tinygrad.Tensor.max", REDUCED, axes="axis"),
        "global_avg_pool": Form("tinygrad.Tensor.mean", REDUCED, axes="axis"),
        "max_unpool": Form("tinygrad.Tensor.max_unpool2d", UNPOOLED, arrays=("indices",)),
        "upsample_nearest": Form(
            "tinygrad.Tensor.interpolate", {"output_size": "size"}, required=("output_size",), fixed={"mode": "nearest"}
        ),
        "conv": Form("tinygrad.Tensor.conv2d", CONVOLVED, arrays=("weights",)),
        "flatten": Form("tinygrad.Tensor.flatten", {}, any_layout=True),
    }
    sums = Form("tinygrad.Tensor.sum", REDUCED, axes="axis")
    gaps = GAPS
    vocabulary = VOCABULARY
    functions = FUNCTIONS
    methods = METHODS
    plain_names = False
    random_values = {"padding": one_of(half_padding)}

    def plain_arguments(self, name: str, call: ast.Call, shape: Sequence[int | None], dtype: str) -> ast.Call:
        """A call whose window has an entry for each axis that it pools, and whose padding has a pair for each."""
        return with_window_of_planes(name, call)

    def to_native(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The conversion of an array; bfloat16, which NumPy lacks, is passed as its bits."""
        if dtype != "bfloat16":
            return super().to_native(name, dtype)
        bits = Step(name, f"{name}.view", ("uint16",))
        return (bits, *super().to_native(name, dtype), Step(name, f"{name}.bitcast", (Name("tinygrad.dtypes.bfloat16"),)))

    def to_numpy(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The conversion of a result; bfloat16, which NumPy lacks, is returned as its bits."""
        if dtype != "bfloat16" or name in ("indices", "inferred_shape"):
            return super().to_numpy(name, dtype)
        bits = Step(name, f"{name}.bitcast", (Name("tinygrad.dtypes.uint16"),))
        return (bits, *super().to_numpy(name, dtype), Step(name, f"{name}.view", (Name("ml_dtypes.bfloat16"),)))

    def gradient_steps(self, ask: Ask, target: Target) -> Steps:
        return DIFFERENTIATED

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The steps that build a tensor and read its shape, which computes nothing."""
        return (*call.steps, Step("inferred_shape", "y.__getattribute__", ("shape",)))

    def form(self, ask: Ask) -> Form:
        """The form of an operation; un-poolings and convolutions need a batch axis, and the default window has two axes."""
        form, pool = super().form(ask), ask.pool
        if pool.op in BATCHES and not ask.batched:
            self.unsupported(ask, "batched", "false")
        if "kernel" in form.names and not pool.kernel and ask.rank not in ((1, 2) if pool.op == "max_unpool" else (2,)):
            self.unsupported(ask, "kernel", OPEN)
        return form

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The first axis of a flattening, and the groups of a convolution."""
        match ask.pool.op:
            case "flatten":
                return {"start_dim": int(ask.batched)}
            case "conv" if ask.groups > 1:
                return {"groups": ask.groups}
        return super().fixed_arguments(ask, form)

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value; the padding of both sides of an axis may differ."""
        return self.padding(value, ask) if name == "padding" else value

    def padding(self, padding: str | Pads, ask: Ask) -> int | tuple[int, ...]:
        """Padding as the number of cells on both sides of each axis, or on each side of each axis, the last axis first."""
        if padding == "valid":
            return 0
        if isinstance(padding, str):
            self.unsupported(ask, "padding", "same")
        if all(low == high for low, high in padding):
            return tuple(low for low, _ in padding)
        return tuple(cells for sides in reversed(padding) for cells in sides)


ADAPTER = Tinygrad()

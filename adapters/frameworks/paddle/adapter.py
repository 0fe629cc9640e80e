"""Paddle: the layers and functions of `paddle.nn`, channels first unless an argument says otherwise."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from ....cases.model.pool import FIRST, LAST, Pads
from ...contract import OPEN, Adapter, Ask, Call, Form, LayerClass, Name, Ref, Step, Steps, Target, With
from ...contract.random_values import half_padding, one_of
from .gaps import GAPS
from .layers import FORMATS, FUNCTIONS, LAYERS, with_sides
from .recipes import VOCABULARY

WINDOW_1D = {"kernel": "kernel_size", "stride": "stride", "padding": "padding", "ceil_mode": "ceil_mode"}
WINDOW = {**WINDOW_1D, "data_format": "data_format"}
AVERAGE_1D = {**WINDOW_1D, "count_include_pad": "exclusive"}
AVERAGE = {**WINDOW, "count_include_pad": "exclusive", "divisor_override": "divisor_override"}
LP = {**WINDOW, "p": "norm_type"}
SIZED = {"output_size": "output_size"}
FORMATTED = {**SIZED, "data_format": "data_format"}
UNPOOLED = {"kernel": "kernel_size", "stride": "stride", "padding": "padding", **SIZED}
RESIZED = {"kernel": "scale_factor", "output_size": "size", "data_format": "data_format"}
CONVOLVED = {"stride": "stride", "padding": "padding", "dilation": "dilation", "data_format": "data_format"}

INDICES = {"return_mask": True}

OWN_ARGUMENTS = ("data_format", "exclusive", "return_mask")
"""Arguments that functions of the same names in torch do not take."""

WARM = (Step("", "paddle.disable_signal_handler"),)
"""Paddle's handler of signals hangs where the heap is damaged, so that a crash would end as a time-out."""

AUTOGRAD = (
    Step("", "x.__setattr__", ("stop_gradient", False)),
    Step("y", "f", (Ref("x"),)),
    Step(("gradient",), "paddle.grad", (Ref("y"), Ref("x"), Ref("cotangent"))),
)
"""The gradient of a function `f`."""


def layer(name: str, names: Mapping[str, str], *required_parameters: str, **more: Any) -> Form:
    """The form of a layer of `paddle.nn`."""
    return Form(f"paddle.nn.{name}", names, layer=True, required=required_parameters, **more)


class Paddle(Adapter):
    """The layers of `paddle.nn`, and its functions where there is no layer."""

    targets = (Target("paddle", ("paddle",), ("paddlepaddle",), "paddle", warm=WARM),)
    title = "Paddle"
    ledger_versions = {"paddlepaddle": ("3.3",)}
    aliases = ("paddlepaddle",)
    environment_prefixes = ("FLAGS_", "PADDLE_")
    arrive = "paddle.to_tensor"
    leave = ".numpy"
    forms = {
        "max_pool1": layer("MaxPool1D", WINDOW_1D, "kernel", indices=INDICES),
        "max_pool": layer("MaxPool{rank}D", WINDOW, "kernel", indices=INDICES),
        "avg_pool1": layer("AvgPool1D", AVERAGE_1D, "kernel"),
        "avg_pool": layer("AvgPool{rank}D", AVERAGE, "kernel"),
        "lp_pool1": layer("LPPool1D", LP, "p", "kernel"),
        "lp_pool2": layer("LPPool2D", LP, "p", "kernel"),
        "adaptive_max_pool": layer("AdaptiveMaxPool{rank}D", SIZED, "output_size", indices=INDICES),
        "adaptive_avg_pool1": layer("AdaptiveAvgPool1D", SIZED, "output_size"),
        "adaptive_avg_pool": layer("AdaptiveAvgPool{rank}D", FORMATTED, "output_size"),
        "global_max_pool": Form("paddle.amax", {"keepdims": "keepdim"}, axes="axis"),
        "global_avg_pool": Form("paddle.mean", {"keepdims": "keepdim"}, axes="axis"),
        "global_lp_pool": Form("paddle.linalg.vector_norm", {"p": "p", "keepdims": "keepdim"}, axes="axis"),
        "max_unpool": Form("paddle.nn.functional.max_unpool{rank}d", UNPOOLED, required=("kernel",), arrays=("indices",)),
        "upsample_nearest2": Form("paddle.nn.functional.interpolate", RESIZED, fixed={"mode": "nearest"}),
        "upsample_nearest3": Form("paddle.nn.functional.interpolate", RESIZED, fixed={"mode": "nearest"}),
        "conv": Form("paddle.nn.functional.conv{rank}d", CONVOLVED, arrays=("weights",)),
        "flatten": Form("paddle.flatten", {}, any_layout=True),
    }
    sums = Form("paddle.sum", {"keepdims": "keepdim"}, axes="axis")
    gaps = GAPS
    vocabulary = VOCABULARY
    layers = LAYERS
    plain_names = False
    functions = FUNCTIONS
    layer_class = LayerClass("paddle.nn.Layer", "forward")
    random_values = {"padding": one_of(half_padding), "data_format": lambda draw: FORMATS[draw.rank][draw.data_format == LAST]}

    def layer_of(self, name: str, call: ast.Call) -> tuple[str, ast.Call]:
        """The function of `paddle.nn.functional` that a call of `F` names, where its arguments are those of Paddle alone."""
        own = any(word.arg in OWN_ARGUMENTS for word in call.keywords)
        return (f"paddle.nn.functional.{name.removeprefix('F.')}", call) if own and name.startswith("F.") else (name, call)

    def plain_arguments(self, name: str, call: ast.Call, shape: Sequence[int | None], dtype: str) -> ast.Call:
        """A call whose padding has a pair for each axis if it states both sides."""
        return with_sides(name, call)

    def to_native(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The conversion of an array; bfloat16, which NumPy lacks, is passed as its bits."""
        if dtype != "bfloat16":
            return super().to_native(name, dtype)
        return Step(name, f"{name}.view", ("uint16",)), Step(name, "paddle.to_tensor", (Ref(name),), {"dtype": "bfloat16"})

    def to_numpy(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The conversion of a result; Paddle gives the bits of bfloat16, which NumPy lacks."""
        if dtype != "bfloat16" or name in ("indices", "inferred_shape"):
            return super().to_numpy(name, dtype)
        return (*super().to_numpy(name, dtype), Step(name, f"{name}.view", (Name("ml_dtypes.bfloat16"),)))

    def gradient_steps(self, ask: Ask, target: Target) -> Steps:
        return AUTOGRAD

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The shape in a static program, which is not run."""
        names = ("x", *ask.shapes)
        shapes = tuple(Step(f"shape_of_{name}", f"{name}.__getattribute__", ("shape",)) for name in names)
        inputs = tuple(Step(name, "paddle.static.data", (name, Ref(f"shape_of_{name}"), Name(f"{name}.dtype"))) for name in names)
        inside = (*inputs, *call.steps, Step("inferred_shape", "y.__getattribute__", ("shape",)))
        guarded_steps = With(Step("", "paddle.static.program_guard", (Ref("program"),)), inside)
        return (
            *shapes,
            Step("program", "paddle.static.Program"),
            With(Step("", "paddle.base.framework._dygraph_guard", (None,)), (guarded_steps,)),
        )

    def form(self, ask: Ask) -> Form:
        """The form of an operation; layers and convolutions need a batch axis, and an up-sampling needs a factor or a size."""
        form, pool = super().form(ask), ask.pool
        if pool.op == "upsample_nearest" and not (pool.kernel or pool.output_size):
            self.unsupported(ask, "kernel", OPEN)
        if pool.op == "max_pool" and ask.rank > 1 and pool.data_format == LAST and "indices" in ask.wants:
            self.unsupported(ask, "data_format", "channels_last", beside="indices")
        return form

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The first axis of a flattening, and the groups of a convolution."""
        more: dict[str, Any] = {}
        match ask.pool.op:
            case "flatten":
                more = {"start_axis": int(ask.batched)}
            case "conv" if ask.groups > 1:
                more = {"groups": ask.groups}
        return {**super().fixed_arguments(ask, form), **more}

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value; data formats are letters, and `exclusive` is the opposite of counting padding."""
        match name:
            case "data_format":
                return FORMATS[ask.rank][value != FIRST]
            case "count_include_pad":
                return not value
            case "padding":
                return self.padding(value, ask)
        alone = ask.rank == 1 and isinstance(value, tuple) and (name, ask.pool.op) != ("output_size", "max_unpool")
        return value[0] if alone else value

    def padding(self, padding: str | Pads, ask: Ask) -> Any:
        """Padding as a name, or as the number of cells on both sides of each axis, or on each side of each axis."""
        if padding == "same_lower" and ask.pool.op != "max_unpool":
            self.unsupported(ask, "padding", "same_lower")
        limited = ask.pool.op == "max_unpool" and ask.rank > 1
        if isinstance(padding, str):
            if limited:
                return 0 if padding == "valid" else self.unsupported(ask, "padding", "same")
            return padding.upper()
        if all(low == high for low, high in padding):
            return padding[0][0] if ask.rank == 1 else tuple(low for low, _ in padding)
        return self.unsupported(ask, "padding", "uneven") if limited else [cells for sides in padding for cells in sides]


ADAPTER = Paddle()

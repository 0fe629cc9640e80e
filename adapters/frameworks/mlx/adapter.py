"""MLX: the layers of `mlx.nn`, channels last; arrays are computed when they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....cases.model.pool import LAST, Pads
from ...contract import OPEN, Adapter, Ask, Call, Form, LayerClass, Name, Ref, Step, Steps, Target
from ...contract.random_values import half_padding, one_of
from .gaps import GAPS
from .layers import FUNCTIONS, LAYERS
from .recipes import VOCABULARY

WINDOW = {"kernel": "kernel_size", "stride": "stride", "padding": "padding"}
CONVOLVED = {"stride": "stride", "padding": "padding", "dilation": "kernel_dilation"}

PULLED_BACK = (
    Step(("outputs", "gradients"), "mlx.core.vjp", (Ref("f"), [Ref("x")], [Ref("cotangent")])),
    Step("gradient", "gradients.pop"),
)
"""The gradient of a function `f`."""


class Mlx(Adapter):
    """The layers of `mlx.nn`, and the functions of `mlx.core`."""

    targets = (Target("mlx", ("mlx.core", "mlx.nn"), ("mlx",), "mlx"),)
    title = "MLX"
    ledger_versions = {"mlx": ("0.32",)}
    layout = LAST
    environment_prefixes = ("MLX_",)
    arrive = "mlx.core.array"
    leave = "numpy.array"
    forms = {
        "max_pool": Form("mlx.nn.MaxPool{rank}d", WINDOW, layer=True, required=("kernel",)),
        "avg_pool": Form("mlx.nn.AvgPool{rank}d", WINDOW, layer=True, required=("kernel",)),
        "global_max_pool": Form("mlx.core.max", {"keepdims": "keepdims"}, axes="axis"),
        "global_avg_pool": Form("mlx.core.mean", {"keepdims": "keepdims"}, axes="axis"),
        "global_lp_pool1": Form("mlx.core.linalg.norm", {"p": "ord", "keepdims": "keepdims"}, axes="axis"),
        "upsample_nearest": Form("mlx.nn.Upsample", {"kernel": "scale_factor"}, layer=True, fixed={"mode": "nearest"}),
        "conv": Form("mlx.core.conv_general", CONVOLVED, arrays=("weights",)),
        "flatten": Form("mlx.core.flatten", {}, any_layout=True),
    }
    sums = Form("mlx.core.sum", {"keepdims": "keepdims"}, axes="axis")
    gaps = GAPS
    vocabulary = VOCABULARY
    layers = LAYERS
    plain_names = False
    functions = FUNCTIONS
    counts_padding = True
    layer_class = LayerClass("mlx.nn.Module", "__call__")
    random_values = {"padding": one_of(half_padding)}

    def to_native(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The conversion of an array; MLX converts float64 to float32 unless told otherwise."""
        if dtype != "float64":
            return super().to_native(name, dtype)
        return (Step(name, "mlx.core.array", (Ref(name),), {"dtype": Name("mlx.core.float64")}),)

    def to_numpy(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The conversion of a result; bfloat16, which NumPy lacks, is returned as its bits."""
        if dtype != "bfloat16" or name == "inferred_shape":
            return super().to_numpy(name, dtype)
        bits = Step(name, f"{name}.view", (Name("mlx.core.uint16"),))
        return (bits, *super().to_numpy(name, dtype), Step(name, f"{name}.view", (Name("ml_dtypes.bfloat16"),)))

    def gradient_steps(self, ask: Ask, target: Target) -> Steps:
        """The steps that pull the cotangent back through `f`."""
        return PULLED_BACK

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The steps that build an array and read its shape, which computes nothing."""
        return (*call.steps, Step("inferred_shape", "y.__getattribute__", ("shape",)))

    def form(self, ask: Ask) -> Form:
        """The form of an operation; layers and convolutions need a batch axis, and an up-sampling needs a factor."""
        form, pool = super().form(ask), ask.pool
        if pool.op == "upsample_nearest" and not (pool.kernel or pool.output_size):
            self.unsupported(ask, "kernel", OPEN)
        return form

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The first axis of a flattening, and the groups of a convolution."""
        match ask.pool.op:
            case "flatten":
                return {"start_axis": int(ask.batched)}
            case "conv" if ask.groups > 1:
                return {"groups": ask.groups}
        return super().fixed_arguments(ask, form)

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """The steps of an operation; the channels of a convolution's weights come last."""
        steps, notes = super().operation_steps(ask, form)
        transpose_step = Step("weights", "mlx.core.transpose", (Ref("weights"), (0, *range(2, ask.rank + 2), 1)))
        return (transpose_step, *steps) if ask.pool.op == "conv" else steps, notes

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value; padding is the same on both sides of an axis, except for convolutions."""
        return self.padding(value, ask) if name == "padding" else value

    def padding(self, padding: str | Pads, ask: Ask) -> Any:
        """Padding as the number of cells on both sides of each axis; for a convolution, all low sides and all high sides."""
        if padding == "valid":
            return 0
        if isinstance(padding, str):
            self.unsupported(ask, "padding", "same")
        if ask.pool.op == "conv":
            low, high = zip(*padding, strict=True)
            return low, high
        return tuple(low if low == high else self.unsupported(ask, "padding", "uneven") for low, high in padding)


ADAPTER = Mlx()

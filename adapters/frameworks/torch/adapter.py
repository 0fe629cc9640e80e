"""PyTorch: the layers and functions of `torch.nn`, channels first, padding in cells."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ....cases.model.pool import Pads
from ...contract import OPEN, Adapter, Ask, Call, Def, Form, LayerClass, Name, Ref, Step, Steps, Target, With
from ...contract.compose import as_function
from ...contract.model_files import ModelContents
from ...contract.random_values import choice, half_padding, one_of
from .gaps import GAPS
from .gradients import GRADIENT_OPERATIONS, backward_steps
from .layers import FUNCTIONS, LAYERS, METHODS, PRINTED, layer_of_function, with_kept_sizes, with_known_sizes
from .recipes import VOCABULARY
from .timm import hint_of_parts

WINDOW = {"kernel": "kernel_size", "stride": "stride", "ceil_mode": "ceil_mode"}
MAX = {**WINDOW, "padding": "padding", "dilation": "dilation"}
AVERAGE_1D = {**WINDOW, "padding": "padding", "count_include_pad": "count_include_pad"}
AVERAGE = {**AVERAGE_1D, "divisor_override": "divisor_override"}
LP = {**WINDOW, "p": "norm_type"}
SIZED = {"output_size": "output_size"}
FRACTIONAL = {"kernel": "kernel_size", **SIZED}
UNPOOLED = {"kernel": "kernel_size", "stride": "stride", "padding": "padding", **SIZED}
CONVOLVED = {"stride": "stride", "padding": "padding", "dilation": "dilation"}

INDICES = {"return_indices": True}

COMPILED = Step("f", "torch.compile", (Ref("f"),))
MODULE = Step("module", "torch.nn.Module"), Step("", "module.__setattr__", ("forward", Ref("f")))
"""A function as the only method of a module, which exporters take."""
EXPORTED = (
    *MODULE,
    Step("program", "torch.export.export", (Ref("module"), (Ref("x"),))),
    Step("f", "program.module"),
)
"""A function as the module of an exported program."""
TO_ONNX = Step("f", "torch.onnx.export", (Ref("module"), (Ref("x"),)), {"dynamo": True, "verbose": False})
"""The exporter that is based on `torch.export`; the program that it returns runs its ONNX model in ONNX Runtime."""
IN_EXECUTORCH = (
    *MODULE,
    Step("program", "torch.export.export", (Ref("module"), (Ref("x"),))),
    Step("edge", "executorch.exir.to_edge", (Ref("program"),)),
    Step("model", "edge.to_executorch"),
    Step("runtime", "executorch.runtime.Runtime.get"),
    Step("loaded", "runtime.load_program", (Name("model.buffer"),)),
    Step("method", "loaded.load_method", ("forward",)),
    Def("f", (Step("results", "method.execute", ([Ref("x")],)),), ("results",)),
)
"""A function as a program of ExecuTorch, which its portable kernels run."""
IN_ONNX = (*MODULE, Step("", "module.eval"), TO_ONNX)
"""A function as a program that runs an ONNX model."""
WARM = (
    Step("f", "torch.compile", (Name("torch.neg"),)),
    Step("x", "torch.zeros", (8,)),
    Step("", "f", (Ref("x"),)),
)
"""The first compilation, which takes many times longer than later ones."""

COMPILE_CACHE = {"TORCHINDUCTOR_CACHE_DIR": "{folder}/{versions}"}
"""Has inductor keep its programs where they take a limited space; otherwise they stay in the folder for temporary files."""

WARM_EXPORTER = Step("module", "torch.nn.Identity"), Step("x", "torch.zeros", (8,)), TO_ONNX
"""The first export, which imports the exporter's operators."""

FAKE = Step("mode", "torch._subclasses.FakeTensorMode")
"""The mode in which shapes are inferred for functions that are traced."""

RUNTIMES: Mapping[str, tuple[str, Steps]] = {
    "torch+onnx": (
        "ONNX Runtime",
        (
            Step("data", "f.model_proto.SerializeToString"),
            Step("session", "onnxruntime.InferenceSession", (Ref("data"),)),
            Step(("output",), "session.get_outputs"),
            Step("inferred_shape", "output.__getattribute__", ("shape",)),
        ),
    ),
    "torch+executorch": (
        "ExecuTorch",
        (
            Step("metadata", "method.__getattribute__", ("metadata",)),
            Step("output", "metadata.output_tensor_meta", (0,)),
            Step("inferred_shape", "output.sizes"),
        ),
    ),
}
"""The runtimes of exported models, which do not differentiate, and the steps from a loaded model to the shape that they infer."""

AUTOGRAD = (
    Step("", "x.requires_grad_"),
    Step("y", "f", (Ref("x"),)),
    Step(("gradient",), "torch.autograd.grad", (Ref("y"), Ref("x"), Ref("cotangent"))),
)
"""The gradient of a function `f`."""


def layer(name: str, names: Mapping[str, str], *required_parameters: str, **more: Any) -> Form:
    """The form of a layer of `torch.nn`."""
    return Form(f"torch.nn.{name}", names, layer=True, required=required_parameters, **more)


class Torch(Adapter):
    targets = (
        Target("torch", ("torch",), ("torch",), "torch"),
        Target(
            "torch+compile",
            ("torch",),
            ("torch",),
            "torch",
            warm=WARM,
            mode=(COMPILED,),
            together=8,
            tier="smoke",
            tag="slow_modes",
            compile_cache=COMPILE_CACHE,
        ),
        Target("torch+export", ("torch",), ("torch",), "torch", mode=EXPORTED, tier="smoke", tag="slow_modes", least={"torch": "2.5"}),
        Target(
            "torch+onnx",
            ("torch", "onnxscript", "onnxruntime"),
            ("torch", "onnxscript", "onnx", "onnxruntime"),
            "torch,exporters",
            warm=WARM_EXPORTER,
            mode=IN_ONNX,
            lists_results=True,
            tier="smoke",
            tag="slow_modes",
            least={"torch": "2.9"},
        ),
        Target(
            "torch+executorch",
            ("torch", "executorch.exir", "executorch.runtime"),
            ("torch", "executorch"),
            "torch,executorch",
            mode=IN_EXECUTORCH,
            lists_results=True,
            tier="smoke",
            tag="slow_modes",
            groups=("mobile",),
            least={"torch": "2.9"},
        ),
    )
    title = "PyTorch"
    ledger_versions = {"torch": ("2.13",)}
    environment_prefixes = ("ATEN_", "PYTORCH_", "TORCH")
    unbatched = True
    arrive = "torch.from_numpy"
    leave = ".numpy"
    forms = {
        "max_pool": layer("MaxPool{rank}d", MAX, "kernel", indices=INDICES),
        "avg_pool1": layer("AvgPool1d", AVERAGE_1D, "kernel"),
        "avg_pool": layer("AvgPool{rank}d", AVERAGE, "kernel"),
        "lp_pool": layer("LPPool{rank}d", LP, "p", "kernel"),
        "adaptive_max_pool": layer("AdaptiveMaxPool{rank}d", SIZED, "output_size", indices=INDICES),
        "adaptive_avg_pool": layer("AdaptiveAvgPool{rank}d", SIZED, "output_size"),
        "global_max_pool": Form("torch.amax", {"keepdims": "keepdim"}, axes="dim"),
        "global_avg_pool": Form("torch.mean", {"keepdims": "keepdim"}, axes="dim"),
        "global_lp_pool": Form("torch.linalg.vector_norm", {"p": "ord", "keepdims": "keepdim"}, axes="dim"),
        "max_unpool": Form("torch.nn.functional.max_unpool{rank}d", UNPOOLED, required=("kernel",), arrays=("indices",)),
        "fractional_max_pool2": layer("FractionalMaxPool{rank}d", FRACTIONAL, "kernel", "output_size", indices=INDICES),
        "fractional_max_pool3": layer("FractionalMaxPool{rank}d", FRACTIONAL, "kernel", "output_size", indices=INDICES),
        "upsample_nearest": layer("Upsample", {"kernel": "scale_factor", "output_size": "size"}, fixed={"mode": "nearest"}),
        "conv": Form("torch.nn.functional.conv{rank}d", CONVOLVED, arrays=("weights",)),
        "flatten": layer("Flatten", {}, any_layout=True),
    }  # fmt: skip
    function_forms = {
        "max_pool": Form("torch.max_pool{rank}d", MAX, required=("kernel",)),
        "avg_pool1": Form("torch.avg_pool1d", AVERAGE_1D, required=("kernel",)),
        "avg_pool": Form("torch.nn.functional.avg_pool{rank}d", AVERAGE, required=("kernel",)),
    }
    gradient_operations = GRADIENT_OPERATIONS
    gaps = GAPS
    vocabulary = VOCABULARY
    layers = LAYERS
    functions = FUNCTIONS
    layer_class = LayerClass("torch.nn.Module", "forward")
    methods = METHODS
    sums = Form("torch.sum", {"keepdims": "keepdim"}, axes="dim")
    random_values = {"padding": one_of(half_padding), "return_indices": choice(True, False)}
    random_unbatched = 0.1
    model_suffixes = (".pt2",)
    module_lister = "poolparity.adapters.frameworks.torch.modules.list_layers"

    def layer_of(self, name: str, call: ast.Call) -> tuple[str, ast.Call]:
        """The layer that does what a function of `torch.nn.functional` does."""
        return layer_of_function(name, call)

    def as_python(self, text: str) -> str:
        """A printed module without the names before its layers."""
        return PRINTED.sub("", text)

    def hint(self, text: str) -> str:
        """What layers of timm are made of that are no single pooling."""
        return hint_of_parts(text)

    def plain_arguments(self, name: str, call: ast.Call, shape: Sequence[int | None], dtype: str) -> ast.Call:
        """A call with numbers for sizes of the input, and for those that are None in an adaptive pooling."""
        call = with_known_sizes(call, shape)
        return with_kept_sizes(call, shape) if "Adaptive" in name else call

    def read_model(self, path: Path) -> ModelContents:
        """The poolings of an exported program."""
        from .model_file import read_poolings  # imported here because no worker needs it

        return read_poolings(path)

    def to_native(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The conversion of an array; bfloat16, which NumPy lacks, is passed as its bits."""
        if dtype != "bfloat16":
            return super().to_native(name, dtype)
        bits = Step(name, f"{name}.view", ("int16",))
        return (bits, *super().to_native(name, dtype), Step(name, f"{name}.view", (Name("torch.bfloat16"),)))

    def to_numpy(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The conversion of a result; bfloat16, which NumPy lacks, is returned as its bits."""
        if dtype != "bfloat16" or name in ("indices", "inferred_shape"):
            return super().to_numpy(name, dtype)
        bits = Step(name, f"{name}.view", (Name("torch.int16"),))
        return (bits, *super().to_numpy(name, dtype), Step(name, f"{name}.view", (Name("ml_dtypes.bfloat16"),)))

    def call(self, ask: Ask, target: Target | None = None) -> Call:
        """Translate a case; exporters have no kernels for some operations."""
        call = super().call(ask, target)
        if target and target.name in RUNTIMES:
            self.raise_declared_gap(ask, "op", beside=RUNTIMES[target.name][0])
        return call

    def gradient_steps(self, ask: Ask, target: Target) -> Steps:
        """The steps of autograd, which the runtimes of exported models do not have."""
        if target.name in RUNTIMES:
            self.unsupported(ask, "gradient", beside=RUNTIMES[target.name][0])
        return AUTOGRAD

    def gradient_operation_steps(self, ask: Ask, forward: Call, target: Target) -> Steps:
        """The steps of the operation that autograd calls, with the arguments of the layer."""
        [layer_step, _] = forward.steps
        assert isinstance(layer_step, Step)
        return backward_steps(self.gradient_operations[f"{ask.pool.op}{ask.rank}"], layer_step.kwargs)

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The shape on the `meta` device, with the fake tensors that `torch.compile` and `torch.export` trace with, or that a runtime infers."""
        if target.name in RUNTIMES:
            self.raise_declared_gap(ask, "op", beside=RUNTIMES[target.name][0])
            return (*as_function(call, target), *RUNTIMES[target.name][1])
        names, all_steps = ("x", *ask.shapes), (*call.steps, Step("inferred_shape", "y.size"))
        if not target.mode:
            return (*(Step(name, f"{name}.to", ("meta",)) for name in names), *all_steps)
        return (With(FAKE, (*(Step(name, "mode.from_tensor", (Ref(name),)) for name in names), *all_steps)),)

    def form(self, ask: Ask) -> Form:
        """The form of an operation; up-sampling needs a batch axis, and a factor or a size."""
        form, pool = super().form(ask), ask.pool
        if pool.op == "upsample_nearest" and not ask.batched:
            self.unsupported(ask, "batched", "false")
        if pool.op == "upsample_nearest" and not (pool.kernel or pool.output_size):
            self.unsupported(ask, "kernel", OPEN)
        return form

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """The steps of an operation; samples need a batch axis."""
        steps, notes = super().operation_steps(ask, form)
        alone = "samples" in ask.shapes and not ask.batched
        return (Step("samples", "samples.unsqueeze", (0,)), *steps) if alone else steps, notes

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The first axis of a flattening, the groups of a convolution, and the samples of a fractional pooling, which torch draws otherwise."""
        more: dict[str, Any] = {}
        match ask.pool.op:
            case "flatten" if not ask.batched:
                more = {"start_dim": 0}
            case "conv" if ask.groups > 1:
                more = {"groups": ask.groups}
            case "fractional_max_pool" if "samples" in ask.shapes:
                more = {"_random_samples": Ref("samples")}
        return {**super().fixed_arguments(ask, form), **more}

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        if name == "padding":
            value = self.padding(value, ask)
        alone = ask.rank == 1 and isinstance(value, tuple) and (name, ask.pool.op) != ("output_size", "max_unpool")
        return value[0] if alone else value

    def padding(self, padding: str | Pads, ask: Ask) -> str | int | tuple[int, ...]:
        """Padding as the number of cells on both sides of each axis, or as a name for a convolution."""
        if padding == "valid":
            return 0
        if isinstance(padding, str):
            return self.padding_name(padding, ask)
        return tuple(low if low == high else self.unsupported(ask, "padding", "uneven") for low, high in padding)

    def padding_name(self, padding: str, ask: Ask) -> str:
        """The name of a padding, which only convolutions have."""
        if ask.pool.op != "conv":
            self.unsupported(ask, "padding", "same")
        if padding == "same_lower":
            self.unsupported(ask, "padding", "same_lower")
        return self.unsupported(ask, "padding", "same", beside="stride") if max(ask.pool.stride or (1,)) > 1 else padding

    def count_parameters(self, scope: Mapping[str, Any]) -> int | None:
        return sum(values.numel() for values in scope["layer"].parameters()) if "layer" in scope else None


ADAPTER = Torch()

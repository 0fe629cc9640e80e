"""Keras: the layers of `keras.layers`, channels last, on each of its backends."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ....cases.model.case import FUNCTION
from ....cases.model.pool import LAST
from ...contract import OPEN, Adapter, Ask, Call, Def, Form, LayerClass, Name, Ref, Step, Steps, Target
from ...contract.compose import as_function, form_steps
from ...contract.model_files import ModelContents
from ..jax.shared import COMPILE_CACHE, DOUBLE, PULLED_BACK
from ..tensorflow.adapter import TAPE, WITH_ONEDNN
from ..torch.adapter import AUTOGRAD
from .gaps import GAPS
from .layers import FUNCTIONS, LAYERS, without_idle_arguments
from .recipes import VOCABULARY

WINDOW = {"kernel": "pool_size", "stride": "strides", "padding": "padding", "data_format": "data_format"}
GLOBAL = {"keepdims": "keepdims", "data_format": "data_format"}
ADAPTIVE = {"output_size": "output_size", "data_format": "data_format"}
CONVOLVED = {"kernel": "kernel_size", "stride": "strides", "padding": "padding", "dilation": "dilation_rate", "data_format": "data_format"}

IN_ONNX = (
    Step("entry", "keras.layers.Input", (), {"batch_shape": Name("x.shape"), "dtype": Name("x.dtype"), "name": "x"}),
    Step("output", "f", (Ref("entry"),)),
    Step("model", "keras.Model", (Ref("entry"), Ref("output"))),
    Step("", "model", (Ref("x"),)),
    Step("file", "tempfile.NamedTemporaryFile", (), {"suffix": ".onnx"}),
    Step("", "model.export", (Name("file.name"),), {"format": "onnx", "verbose": False}),
    Step("exported", "onnx.load", (Name("file.name"),)),
    Step("data", "exported.SerializeToString"),
    Step("session", "onnxruntime.InferenceSession", (Ref("data"),)),
    Def("f", (Step("results", "session.run", (None, {"x": Ref("x")})),), ("results",)),
)
"""A function as a model that Keras exports to ONNX, and ONNX Runtime runs; Keras exports only models that were called."""
SHAPE_IN_ONNX = Step(("output",), "session.get_outputs"), Step("inferred_shape", "output.__getattribute__", ("shape",))
"""The shape that ONNX Runtime infers for the result of an exported model."""

GRADIENTS: dict[str, Steps] = {"keras-tensorflow": TAPE, "keras-jax": PULLED_BACK, "keras-torch": AUTOGRAD}


def target(
    backend: str, distributions: str, prepare: tuple[Step, ...] = (), needs: str = "", imports: tuple[str, ...] = (), **more: Any
) -> Target:
    """The target of Keras with a backend, which may be functions on the arrays of what it `needs`.

    `imports` are distributions, and modules of the same names, that Keras imports with the backend although neither requires them.
    """
    environment = {"KERAS_BACKEND": backend, **(WITH_ONEDNN if backend == "tensorflow" else {})}
    return Target(
        f"keras-{backend}",
        ("keras", needs or backend, *imports),
        ("keras", distributions, *imports),
        f"keras,{needs or backend}",
        environment,
        prepare,
        least={"keras": "3"},
        **more,
    )


def make_export_target(backend: str, distributions: str, exporter: str) -> Target:
    """The target of Keras with a backend, whose models an exporter writes as ONNX."""
    plain = target(backend, distributions)
    return replace(
        plain,
        name=f"{plain.name}+onnx",
        modules=(*plain.modules, exporter, "onnx", "onnxruntime"),
        distributions=(*plain.distributions, exporter, "onnx", "onnxruntime"),
        extra=f"{plain.extra},exporters",
        mode=IN_ONNX,
        lists_results=True,
        tier="smoke",
        tag="slow_modes",
    )


def layer(name: str, names: Mapping[str, str], *required_parameters: str, **more: Any) -> Form:
    """The form of a layer of `keras.layers`."""
    return Form(f"keras.layers.{name}", names, layer=True, required=required_parameters, **more)


class Keras(Adapter):
    """The layers of Keras, on each backend."""

    targets = (
        target("tensorflow", "tensorflow|tensorflow-cpu"),
        target("jax", "jax", (DOUBLE,), compile_cache=COMPILE_CACHE),
        target("torch", "torch"),
        target("numpy", "jax", needs="jax", compile_cache=COMPILE_CACHE, tier="smoke", tag="slow_modes"),
        target("openvino", "openvino", imports=("scipy",), tier="smoke", tag="slow_modes"),
        make_export_target("tensorflow", "tensorflow|tensorflow-cpu", "tf2onnx"),
        make_export_target("torch", "torch", "onnxscript"),
    )
    title = "Keras"
    ledger_versions = {"keras": ("3.0.5", "3.15")}
    environment_prefixes = ("KERAS_",)
    layout = LAST
    leave = "keras.ops.convert_to_numpy"
    forms = {
        "max_pool": layer("MaxPooling{rank}D", WINDOW),
        "avg_pool": layer("AveragePooling{rank}D", WINDOW, "kernel"),
        "global_max_pool": layer("GlobalMaxPooling{rank}D", GLOBAL),
        "global_avg_pool": layer("GlobalAveragePooling{rank}D", GLOBAL),
        "adaptive_max_pool": layer("AdaptiveMaxPooling{rank}D", ADAPTIVE, "output_size", since={"keras": "3.13"}),
        "adaptive_avg_pool": layer("AdaptiveAveragePooling{rank}D", ADAPTIVE, "output_size", since={"keras": "3.13"}),
        "upsample_nearest1": layer("UpSampling1D", {"kernel": "size"}),
        "upsample_nearest": layer("UpSampling{rank}D", {"kernel": "size", "data_format": "data_format"}),
        "conv": layer("Conv{rank}D", CONVOLVED),
        "flatten": layer("Flatten", {"data_format": "data_format"}),
        "input": Form("keras.layers.Input", {}, any_layout=True),
    }
    masked_forms = {"global_avg_pool1": layer("GlobalAveragePooling1D", GLOBAL, arrays=("mask",))}
    function_forms = {
        "max_pool": Form("keras.ops.max_pool", WINDOW, required=("kernel",)),
        "avg_pool": Form("keras.ops.average_pool", WINDOW, required=("kernel",)),
    }
    gaps = GAPS
    vocabulary = VOCABULARY
    layers = LAYERS
    functions = FUNCTIONS
    layer_class = LayerClass("keras.layers.Layer", "call", "**kwargs")
    idle_arguments = {"dtype": "float32"}
    reductions = {
        "global_max_pool": Form("keras.ops.max", {"keepdims": "keepdims"}, axes="axis"),
        "global_avg_pool": Form("keras.ops.mean", {"keepdims": "keepdims"}, axes="axis"),
    }
    sums = Form("keras.ops.sum", {"keepdims": "keepdims"}, axes="axis")
    model_suffixes = (".keras", ".h5", ".hdf5", ".json")

    def plain_arguments(self, name: str, call: ast.Call, shape: Sequence[int | None], dtype: str) -> ast.Call:
        """A layer's call without arguments that do not affect its answer."""
        return without_idle_arguments(call, dtype)

    def read_model(self, path: Path) -> ModelContents:
        """The poolings of a model's configuration."""
        from .model_file import read_poolings  # imported here because no worker needs it

        return read_poolings(path, self.layers)

    def literal_call(self, name: str, arguments: Mapping[str, Any], target: Target | None = None) -> Call:
        """A layer exactly as its source writes it, built and called; `Input` is the start of a model instead."""
        if name.endswith(".Input"):
            return Call(input_steps(name, arguments))
        return super().literal_call(name, arguments, target)

    def call(self, ask: Ask, target: Target | None = None) -> Call:
        """Translate a case; on JAX a layer is given an array of JAX's, for it would compile a program for the shape of any other."""
        self.check_export(ask, target)
        call = super().call(ask, target)
        if target is None or target.name != "keras-jax" or ask.pool.op == "input":
            return call
        return replace(call, steps=(convert_step("x"), *call.steps))

    def check_export(self, ask: Ask, target: Target | None) -> None:
        """Raise `Unsupported` for an input alone, which cannot be a part of the model that is exported."""
        if target and target.mode == IN_ONNX and ask.pool.op == "input":
            self.unsupported(ask, "op", beside="ONNX Runtime")

    def gradient_steps(self, ask: Ask, target: Target) -> Steps:
        """The steps of the backend, on its own arrays."""
        if target.mode == IN_ONNX:
            self.unsupported(ask, "gradient", beside="ONNX Runtime")
        if target.name not in GRADIENTS:
            self.unsupported(ask, "gradient", beside=f"{target.environment['KERAS_BACKEND']} as backend")
        return (*map(convert_step, ("x", "cotangent")), *GRADIENTS[target.name])

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The shape from `compute_output_shape`, that of the input of a model, or that of an exported model."""
        self.check_export(ask, target)
        if target.mode == IN_ONNX:
            return (*as_function(call, target), *SHAPE_IN_ONNX)
        *build_steps, _ = call.steps
        if ask.entry == FUNCTION:
            self.wholly_unsupported(ask, "inferred_shape")
        if ask.pool.op == "input":
            return (*build_steps, Step("inferred_shape", "entry.__getattribute__", ("shape",)))
        return (*build_steps, Step("inferred_shape", "layer.compute_output_shape", (Name("x.shape"),)))

    def form(self, ask: Ask) -> Form:
        """The form of an operation; an input needs a batch axis, a convolution its weights, and only the average of a line takes a mask."""
        if ask.pool.op == "input" and not ask.batched:
            self.unsupported(ask, "batched", "false")
        if ask.pool.op == "conv" and "weights" not in ask.shapes:
            self.unsupported(ask, "weights", OPEN)
        if "mask" in ask.shapes:
            return self.masked_forms.get(f"{ask.pool.op}{ask.rank}") or self.unsupported(ask, "mask")
        return super().form(ask)

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """A layer built and called; a convolution is given its weights in between, the kernel's axes first and the filters last."""
        kwargs, notes = self.arguments(ask, form)
        if ask.pool.op == "input":
            return input_steps(form.call, kwargs), notes
        if not form.layer:
            return form_steps(form, ask, kwargs), notes
        build_step, call_step = form_steps(form, ask, kwargs)
        return (build_step, *(weight_steps(ask) if ask.pool.op == "conv" else ()), call_step), notes

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The arguments that every layer gets: the case's floating type, which a layer would otherwise replace by its default.

        The weights of a convolution are set after it is built; JAX would compile a program for random ones, which takes longest of all.
        """
        own = {"dtype": ask.dtype} if "float" in ask.dtype and not form.axes and ask.entry != FUNCTION else {}
        match ask.pool.op:
            case "conv":
                filters, _, *kernel = ask.shapes["weights"]
                groups = {"groups": ask.groups} if ask.groups > 1 else {}
                conv_arguments = {"filters": filters, "kernel_size": tuple(kernel), "use_bias": False, "kernel_initializer": "zeros"}
                return {**conv_arguments, **groups, **own}
            case "input":
                return {"shape": ask.shape[1:], "dtype": ask.dtype}
        return own

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value; padding is a name, and the factor of up-sampling in one dimension a number."""
        if name == "padding":
            return self.padding(value, ask)
        if (ask.pool.op, ask.rank) == ("upsample_nearest", 1):
            return value[0]
        if name == "dilation" and max(value) > 1 and max(ask.pool.stride or (1,)) > 1:
            self.unsupported(ask, "stride", beside="dilation")
        return value

    def padding(self, padding: Any, ask: Ask) -> str:
        """The name of a padding, which Keras has for two kinds only."""
        if not ask.pool.pads():
            return "valid"
        return "same" if padding == "same" else self.unsupported(ask, "padding", padding if isinstance(padding, str) else "explicit")

    def count_parameters(self, scope: Mapping[str, Any]) -> int | None:
        """The number of parameters that the layer counts itself."""
        return int(scope["layer"].count_params()) if "layer" in scope else None


def convert_step(name: str) -> Step:
    """The step that makes an array the backend's, without a program for its shape, which JAX compiles where no type is given."""
    return Step(name, "keras.ops.convert_to_tensor", (Ref(name), Name(f"{name}.dtype")))


def input_steps(name: str, kwargs: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps that build a model with nothing but an input, and call it."""
    entry, model = Step("entry", name, (), kwargs), Step("model", "keras.Model", (Ref("entry"), Ref("entry")))
    return entry, model, Step("y", "model", (Ref("x"),))


def weight_steps(ask: Ask) -> tuple[Step, ...]:
    """The steps that set the weights of a convolution, with the kernel's axes first and the filters last."""
    transpose_step = Step("weights", "numpy.transpose", (Ref("weights"), (*range(2, ask.rank + 2), 1, 0)))
    return transpose_step, Step("", "layer.build", (ask.shape,)), Step("", "layer.set_weights", ([Ref("weights")],))


ADAPTER = Keras()

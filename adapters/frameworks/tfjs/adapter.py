"""TensorFlow.js in Node: functions of `tf` in two and three dimensions, layers of `tf.layers` in one, channels last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ....cases.model.pool import LAST
from ...contract import NODE, OPEN, Adapter, Ask, Call, Form, Name, Ref, Step, Steps, Target
from .gaps import GAPS

CORE, WASM = "@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"
PADDING = {"same": "same", "valid": "valid"}
WINDOW = {"kernel": "filterSize", "stride": "strides", "padding": "pad", "ceil_mode": "dimRoundingMode", "dilation": "dilations"}
CONVOLVED = {"stride": "strides", "padding": "pad", "dilation": "dilations"}
DATA_FORMATS = {1: "NWC", 2: "NHWC", 3: "NDHWC"}
LAYER = {"kernel": "poolSize", "stride": "strides", "padding": "padding"}


def prepare(backend: str, *packages: str) -> tuple[Step, ...]:
    """The steps that load the packages and select a backend."""
    further = (Step("", "require", (package,)) for package in packages)
    return Step("tf", "require", (CORE,)), *further, Step("", "tf.setBackend", (backend,)), Step("", "tf.ready")


class TensorFlowJs(Adapter):
    """The functions that pool, called on tensors."""

    targets = (
        Target("tfjs", (CORE,), (CORE,), prepare=prepare("cpu"), groups=("web",), program=NODE),
        Target("tfjs+wasm", (CORE, WASM), (CORE, WASM), prepare=prepare("wasm", WASM), groups=("web",), program=NODE),
    )
    title = "TensorFlow.js"
    ledger_versions = {"@tensorflow/tfjs": ("4.22",)}
    layout = LAST
    unbatched = True
    forms = {
        "max_pool1": Form("tf.layers.maxPooling1d", LAYER, layer=True),
        "avg_pool1": Form("tf.layers.averagePooling1d", LAYER, layer=True),
        "max_pool2": Form("tf.maxPool", WINDOW, required=("kernel", "stride", "padding"), indices={}),
        "avg_pool2": Form("tf.avgPool", WINDOW, required=("kernel", "stride", "padding")),
        "max_pool3": Form("tf.maxPool3d", WINDOW, required=("kernel", "stride", "padding"), indices={}),
        "avg_pool3": Form("tf.avgPool3d", WINDOW, required=("kernel", "stride", "padding")),
        "conv": Form("tf.conv{rank}d", CONVOLVED, required=("stride", "padding", "dilation"), arrays=("weights",)),
        "upsample_nearest2": Form("tf.image.resizeNearestNeighbor", {"output_size": "size"}, required=("output_size",)),
        "flatten": Form("tf.layers.flatten", {}, layer=True, any_layout=True),
        "global_max_pool": Form("tf.max", {"keepdims": "keepDims"}, axes="axis"),
        "global_avg_pool": Form("tf.mean", {"keepdims": "keepDims"}, axes="axis"),
    }
    sums = Form("tf.sum", {"keepdims": "keepDims"}, axes="axis")
    gaps = GAPS

    def index_base(self, ask: Ask, target: Target) -> str:
        """`maxPoolWithArgmax` counts the cells and channels of one example, channels last."""
        return "channels_last"

    def call(self, ask: Ask, target: Target | None = None) -> Call:
        """The call, between the steps that make tensors of arrays and arrays of tensors."""
        return with_conversions(super().call(ask, target), ("x", *ask.shapes))

    def gradient(self, ask: Ask, target: Target) -> Call:
        """The gradient, likewise."""
        return with_conversions(super().gradient(ask, target), ("x", *ask.shapes, "cotangent"))

    def gradient_steps(self, ask: Ask, target: Target) -> Steps:
        """The gradient of a function at `x`."""
        return Step("g", "tf.grad", (Ref("f"),)), Step("gradient", "g", (Ref("x"), Ref("cotangent")))

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """A function with its arguments by position; a layer with an object of them."""
        arguments, notes = self.arguments(ask, form)
        if ask.pool.op == "conv":
            return self.convolution(ask, form, arguments), notes
        if ask.pool.op == "upsample_nearest":
            return (Step("y", form.call, (Ref("x"), arguments["size"])),), notes
        if ask.pool.op == "flatten" and not ask.batched:
            self.unsupported(ask, "batched", "false")
        if form.layer:
            return (Step("layer", form.call, (), arguments), Step("y", "layer.apply", (Ref("x"),))), notes
        if form.axes:
            return (Step("y", form.call, (Ref("x"), list(ask.spatial), bool(arguments.get("keepDims", False)))),), notes
        return self.window_steps(ask, form, arguments), notes

    def window_steps(self, ask: Ask, form: Form, arguments: Mapping[str, Any]) -> tuple[Step, ...]:
        """A pooling by windows: `tf.pool` if it is dilated, and the function of both results if indices are wanted."""
        size, strides, pad = window = [arguments[name] for name in ("filterSize", "strides", "pad")]
        rounding = [arguments["dimRoundingMode"]] if ask.pool.ceil_mode else []  # to round down takes no named padding, if stated
        if "dilations" in arguments:
            kind = "max" if ask.pool.op == "max_pool" else "avg"
            return (Step("y", "tf.pool", (Ref("x"), size, kind, pad, arguments["dilations"], strides, *rounding)),)
        if "indices" in ask.wants:
            both = Step("both", "tf.maxPoolWithArgmax", (Ref("x"), *window))
            return both, Step("y", "Object", (Name("both.result"),)), Step("indices", "Object", (Name("both.indexes"),))
        return (Step("y", form.call, (Ref("x"), *window, *rounding)),)

    def convolution(self, ask: Ask, form: Form, arguments: Mapping[str, Any]) -> tuple[Step, ...]:
        """A convolution, whose weights have the kernel's axes first and the filters last; in one dimension by numbers."""
        if ask.groups > 1:
            self.unsupported(ask, "weights", "groups")
        if max(arguments["strides"]) > 1 and max(arguments["dilations"]) > 1:
            self.unsupported(ask, "stride", beside="dilation")
        kernel = Step("kernel", "tf.transpose", (Ref("weights"), [*range(2, ask.rank + 2), 1, 0]))
        strides, pad, dilations = (arguments[name] for name in ("strides", "pad", "dilations"))
        if ask.rank == 1:
            strides, dilations = strides[0], dilations[0]
        window = Ref("x"), Ref("kernel"), strides, pad, DATA_FORMATS[ask.rank], dilations
        return kernel, Step("y", form.call.format(rank=ask.rank), window)

    def arguments(self, ask: Ask, form: Form) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The native arguments; those that TensorFlow.js has not together are gaps."""
        arguments, notes = super().arguments(ask, form)
        pool = ask.pool
        if pool.op == "conv":
            return arguments, notes
        if set(pool.dilation or (1,)) == {1}:
            arguments.pop("dilations", None)
        self.refuse_combinations(ask, "dilations" in arguments, pool.op == "max_pool" and "indices" in ask.wants)
        return arguments, notes

    def refuse_combinations(self, ask: Ask, dilated: bool, wants_indices: bool) -> None:
        """Raise `Unsupported` for a dilation, or indices, beside what their function does not have."""
        pool = ask.pool
        if dilated and (pool.stride is None or set(pool.stride) != {1}):
            self.unsupported(ask, "stride", beside="dilation")
        if dilated and ask.rank == 3:
            self.unsupported(ask, "dilation")
        if dilated and wants_indices:
            self.unsupported(ask, "indices", beside="dilation")
        if wants_indices and pool.ceil_mode:
            self.unsupported(ask, "ceil_mode", beside="indices")
        if wants_indices and not ask.batched:
            self.unsupported(ask, "batched", "false", beside="indices")

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value as TensorFlow.js writes it."""
        if name == "ceil_mode":
            return "ceil" if value else "floor"
        if name == "padding":
            return self.padding(value, ask)
        return list(value) if isinstance(value, tuple) else value

    def padding(self, value: Any, ask: Ask) -> Any:
        """Padding by name or, in two dimensions, as pairs for all four axes."""
        if isinstance(value, str):
            return PADDING.get(value) or self.unsupported(ask, "padding", value)
        if all(pair == (0, 0) for pair in value) and not ask.pool.ceil_mode:
            return "valid"
        if ask.rank != 2:
            self.unsupported(ask, "padding", "explicit")
        return [[0, 0], *(list(pair) for pair in value), [0, 0]]

    def neutral_value(self, name: str, ask: Ask) -> Any:
        """Kernels, strides and sizes have no defaults in the functions; a convolution without a stride has strides of one."""
        if ask.pool.op == "conv" and name != "padding":
            return [1] * ask.rank
        if (name, ask.pool.op, ask.rank) == ("kernel", "max_pool", 3):
            return None  # which it takes, and pools windows of one cell
        if name in ("kernel", "stride", "output_size"):
            self.unsupported(ask, name, OPEN)
        return ((0, 0),) * ask.rank if ask.pool.ceil_mode else "valid"


def with_conversions(call: Call, arrays: Sequence[str]) -> Call:
    """A call between the steps that make tensors of its arrays, and arrays of its results."""
    arriving = [Step(name, "tf.tensor", (Name(f"{name}.data"), Name(f"{name}.shape"), Name(f"{name}.dtype"))) for name in arrays]
    leaving = [
        step
        for name in call.results
        for step in (
            Step("data", f"{name}.data"),
            Step("", f"{name}.dispose"),
            Step(name, "Object", ({"data": Ref("data"), "shape": Name(f"{name}.shape"), "dtype": Name(f"{name}.dtype")},)),
        )
    ]
    disposing = [Step("", f"{name}.dispose") for name in arrays]  # or WebAssembly's memory grows with every case
    return replace(call, steps=(*arriving, *call.steps, *leaving, *disposing))


ADAPTER = TensorFlowJs()

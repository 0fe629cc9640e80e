"""TensorFlow: the pooling and convolution of `tf.nn`, channels last; reductions are the global pooling."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ....cases.model.case import BATCH_IN_INDEX, GRADIENT_OPERATION
from ....cases.model.pool import FIRST, LAST, WINDOWED, Pads
from ...contract import Adapter, Ask, Call, Def, Form, Name, Ref, Step, Steps, Target, With
from ...contract.compose import as_function, in_mode
from ...contract.random_values import constant, one_of, padding_pairs_of_all_axes
from .gaps import GAPS, PLAIN
from .gradients import GRADIENT_OPERATIONS, backward_steps
from .layers import FORMATS, FUNCTIONS, LAYERS, with_present_names
from .recipes import VOCABULARY

WINDOW = {"kernel": "ksize", "stride": "strides", "padding": "padding"}
FORMATTED = {**WINDOW, "data_format": "data_format"}
DILATED = {"kernel": "window_shape", "stride": "strides", "padding": "padding", "data_format": "data_format", "dilation": "dilations"}
CONVOLVED = {"stride": "strides", "padding": "padding", "dilation": "dilations", "data_format": "data_format"}
REQUIRED = ("kernel", "stride", "padding")

NONE = [0, 0]
"""The explicit padding of batch and channels."""

ARGMAX = Form("tensorflow.nn.max_pool_with_argmax", WINDOW, required=REQUIRED, fixed={"include_batch_in_index": False}, indices={})
ARGMAX_IN_BATCH = replace(ARGMAX, fixed={"include_batch_in_index": True})
RESIZE = Form("tensorflow.image.resize", {"output_size": "size"}, required=("output_size",), fixed={"method": "nearest"})


def trace_step(**more: Any) -> Step:
    """The step that traces a function `f` to a graph; straight-line code needs no AutoGraph."""
    return Step("f", "tensorflow.function", (Ref("f"),), {"autograph": False, **more})


INTERPRETER = Step("interpreter", "ai_edge_litert.interpreter.Interpreter", (), {"model_content": Ref("data"), "num_threads": 1})
IN_LITERT = (
    trace_step(),
    Step("graph", "f.get_concrete_function", (Ref("x"),)),
    Step("module", "tensorflow.Module"),
    Step("", "module.__setattr__", ("f", Ref("f"))),
    Step("converter", "tensorflow.lite.TFLiteConverter.from_concrete_functions", ([Ref("graph")], Ref("module"))),
    Step("data", "converter.convert"),
    INTERPRETER,
    Step("run", "interpreter.get_signature_runner"),
    Def(
        "f",
        (
            Step("array", "x.numpy"),
            Step("results", "run", (), {"x": Ref("array")}),
            Step("results", "tensorflow.nest.flatten", (Ref("results"),)),
            Step("results", "tensorflow.nest.map_structure", (Name("tensorflow.convert_to_tensor"), Ref("results"))),
        ),
        ("results",),
    ),
)
"""A function as a `.tflite` model that TensorFlow's converter makes, and LiteRT runs."""
SHAPE_IN_LITERT = (
    INTERPRETER,
    Step("", "interpreter.allocate_tensors"),
    Step(("output",), "interpreter.get_output_details"),
    Step("shape", "output.get", ("shape",)),
    Step("inferred_shape", "shape.tolist"),
)
"""The shape that LiteRT infers for the result of a converted model; one whose runner exists allocates nothing any more."""

LITERT = "tensorflow+litert"
MODES: Mapping[str, Steps] = {
    "tensorflow": (),
    "tensorflow+function": (trace_step(),),
    "tensorflow+xla": (trace_step(jit_compile=True),),
    PLAIN: (),
}

WITH_ONEDNN, WITHOUT_ONEDNN = {"TF_ENABLE_ONEDNN_OPTS": "1"}, {"TF_ENABLE_ONEDNN_OPTS": "0"}
"""Has TensorFlow use oneDNN on every processor, or on none; by itself it does so only where there are certain extensions, such as AVX-512."""

COMPILE_CACHES = {
    "tensorflow+xla": {
        "TF_XLA_FLAGS": '--tf_xla_persistent_cache_directory="{folder}/{versions}" --tf_xla_persistent_cache_device_types=CPU'
    }
}
"""Has TensorFlow keep the programs of XLA, in a folder for its versions, which their keys do not contain."""

TAPE = (
    With(Step("tape", "tensorflow.GradientTape"), (Step("", "tape.watch", (Ref("x"),)), Step("y", "f", (Ref("x"),)))),
    Step("gradient", "tape.gradient", (Ref("y"), Ref("x"), Ref("cotangent"))),
)
"""The gradient of a function `f`."""


class TensorFlow(Adapter):
    targets = (
        *(
            Target(
                name,
                ("tensorflow",),
                ("tensorflow|tensorflow-cpu",),
                "tensorflow",
                WITHOUT_ONEDNN if name == PLAIN else WITH_ONEDNN,
                mode=mode,
                beside=name == PLAIN,
                compile_cache=COMPILE_CACHES.get(name, {}),
                compile_cache_least={"tensorflow": "2.16"},  # with a cache folder, XLA of 2.15 refuses almost every case
            )
            for name, mode in MODES.items()
        ),
        Target(
            LITERT,
            ("tensorflow", "ai_edge_litert", "ai_edge_litert.interpreter"),
            ("tensorflow|tensorflow-cpu", "ai-edge-litert"),
            "tensorflow,litert",
            WITH_ONEDNN,
            mode=IN_LITERT,
            lists_results=True,
            tier="smoke",
            tag="slow_modes",
            groups=("mobile",),
        ),
    )
    title = "TensorFlow"
    ledger_versions = {"tensorflow": ("2.15", "2.18", "2.21")}
    environment_prefixes = ("TF_", "XLA_")
    layout = LAST
    unbatched = True
    arrive = "tensorflow.convert_to_tensor"
    leave = ".numpy"
    forms = {
        "max_pool": Form("tensorflow.nn.max_pool{rank}d", FORMATTED, required=REQUIRED),
        "avg_pool": Form("tensorflow.nn.avg_pool{rank}d", FORMATTED, required=REQUIRED),
        "global_max_pool": Form("tensorflow.reduce_max", {"keepdims": "keepdims"}, axes="axis"),
        "global_avg_pool": Form("tensorflow.reduce_mean", {"keepdims": "keepdims"}, axes="axis"),
        "upsample_nearest2": RESIZE,
        "conv1": Form("tensorflow.nn.conv1d", {**CONVOLVED, "stride": "stride"}, required=("stride", "padding"), arrays=("weights",)),
        "conv": Form("tensorflow.nn.conv{rank}d", CONVOLVED, required=("stride", "padding"), arrays=("weights",)),
        "flatten": Form("tensorflow.reshape", {}, any_layout=True),
    }
    function_forms = {
        "max_pool": Form("tensorflow.nn.max_pool", FORMATTED, required=REQUIRED),
        "avg_pool": Form("tensorflow.nn.avg_pool", FORMATTED, required=REQUIRED),
    }
    dilated_forms = {
        "max_pool": Form("tensorflow.nn.pool", DILATED, required=("kernel",), fixed={"pooling_type": "MAX"}),
        "avg_pool": Form("tensorflow.nn.pool", DILATED, required=("kernel",), fixed={"pooling_type": "AVG"}),
    }
    counts_batch = True
    gradient_operations = GRADIENT_OPERATIONS
    gaps = GAPS
    vocabulary = VOCABULARY
    layers = LAYERS
    functions = FUNCTIONS
    sums = Form("tensorflow.reduce_sum", {"keepdims": "keepdims"}, axes="axis")
    random_values = {
        "padding": one_of(*2 * (constant("VALID"), constant("SAME")), padding_pairs_of_all_axes),
        "data_format": lambda draw: FORMATS[draw.data_format][draw.rank],
    }

    def plain_arguments(self, name: str, call: ast.Call, shape: Sequence[int | None], dtype: str) -> ast.Call:
        """A call with the present names of its arguments."""
        return with_present_names(call) if "reduce_" in name else call

    def literal_call(self, name: str, arguments: Mapping[str, Any], target: Target | None = None) -> Call:
        """A function exactly as its source writes it, as a call."""
        return in_mode(Call((Step("y", name, (Ref("x"),), dict(arguments)),)), target)

    def call(self, ask: Ask, target: Target | None = None) -> Call:
        """Translate a case; with XLA there are no indices, and some modes lack operators."""
        call = super().call(ask, target)
        if "indices" in ask.wants and target and target.mode == MODES["tensorflow+xla"]:
            self.unsupported(ask, "indices", beside="XLA")
        self.check_onednn(ask, target)
        self.check_operators(ask, target)
        return call

    def gradient_steps(self, ask: Ask, target: Target) -> Steps:
        """The gradient from a tape, which does not record what LiteRT computes."""
        self.check_onednn(ask, target)
        if target.name == LITERT:
            self.unsupported(ask, "gradient", beside="LiteRT")
        return TAPE

    def gradient_operation_steps(self, ask: Ask, forward: Call, target: Target) -> Steps:
        """The steps of the operation that a tape calls, with the arguments of the pooling; none has a dilation."""
        self.check_onednn(ask, target)
        if is_dilated(ask):
            self.wholly_unsupported(ask, GRADIENT_OPERATION)
        [pool_step] = forward.steps
        assert isinstance(pool_step, Step)
        return backward_steps(self.gradient_operations[f"{ask.pool.op}{ask.rank}"], pool_step)

    def check_onednn(self, ask: Ask, target: Target | None) -> None:
        """Raise `Unsupported` without oneDNN for windows over arrays with channels first, and for volumes convolved with holes."""
        if not target or target.environment != WITHOUT_ONEDNN or ask.pool.op not in (*WINDOWED, "conv"):
            return
        if ask.pool.data_format == FIRST:
            self.unsupported(ask, "data_format", FIRST, beside=PLAIN)
        if (ask.pool.op, ask.rank) == ("conv", 3) and max(ask.pool.dilation or (1,)) > 1:
            self.unsupported(ask, "dilation", beside=PLAIN)

    def check_operators(self, ask: Ask, target: Target | None) -> None:
        """Raise `Unsupported` for windows in volumes and for indices, for which models of LiteRT have no operators."""
        if target is None or target.name != LITERT:
            return
        if ask.pool.op in WINDOWED and ask.rank == 3:
            self.unsupported(ask, "op", beside="LiteRT")
        if ask.pool.op == "max_pool" and "indices" in ask.wants:
            self.unsupported(ask, "indices", beside="LiteRT")

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The shape from a traced graph, in the target's mode if it has one, or from a converted model."""
        if target.name == LITERT:
            self.check_operators(ask, target)
            return (*as_function(call, target), *SHAPE_IN_LITERT)
        graph = (*as_function(call, target), *([] if target.mode else [trace_step()]))
        concrete = Step("graph", "f.get_concrete_function", (Ref("x"),))
        return (*graph, concrete, Step("inferred_shape", "graph.output_shapes.as_list"))

    def index_base(self, ask: Ask, target: Target) -> str:
        if ask.pool.op != "max_pool":
            return super().index_base(ask, target)
        return "channels_last_batch" if ask.entry == BATCH_IN_INDEX else "channels_last"

    def form(self, ask: Ask) -> Form:
        """The form of an operation; only `tf.nn.pool` has dilation, and only `max_pool_with_argmax` gives indices."""
        form, op = super().form(ask), ask.pool.op
        if not ask.batched and op in (*WINDOWED, "conv"):
            self.unsupported(ask, "batched", "false")
        if op == "max_pool" and "indices" in ask.wants:
            return self.argmax_form(ask)
        if not is_dilated(ask) or op == "conv":
            return form
        if max(ask.pool.stride or (1,)) > 1:
            self.unsupported(ask, "stride", beside="dilation")
        return self.dilated_forms[op]

    def argmax_form(self, ask: Ask) -> Form:
        """The form of a maximum with indices."""
        if ask.rank != 2:
            self.unsupported(ask, "indices")
        if is_dilated(ask):
            self.unsupported(ask, "indices", beside="dilation")
        return ARGMAX_IN_BATCH if ask.entry == BATCH_IN_INDEX else ARGMAX

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """The steps of an operation; weights are transposed, with the kernel's axes first and the filters last."""
        steps, notes = super().operation_steps(ask, form)
        axes = (*range(2, ask.rank + 2), 1, 0)
        transpose_step = Step("weights", "tensorflow.transpose", (Ref("weights"), axes))
        return (transpose_step, *steps) if ask.pool.op == "conv" else steps, notes

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The shape of a flattened array."""
        if ask.pool.op != "flatten":
            return super().fixed_arguments(ask, form)
        return {"shape": (*ask.shape[: int(ask.batched)], math.prod(ask.shape[int(ask.batched) :]))}

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value; data formats are letters, and explicit padding has a pair for every axis."""
        match name:
            case "data_format":
                return FORMATS[value][ask.rank]
            case "padding":
                return self.padding(value, ask) if ask.pool.pads() else "VALID"
            case "stride" | "dilation" if (ask.pool.op, ask.rank) == ("conv", 3):
                return for_all_axes(1, value, ask)
        return value

    def padding(self, padding: str | Pads, ask: Ask) -> Any:
        """Padding as a name, or as a pair for every axis."""
        pooled = ask.pool.op != "conv"
        companion = "dilation" if is_dilated(ask) and pooled else "indices" if "indices" in ask.wants else ""
        if padding == "same_lower":
            self.unsupported(ask, "padding", "same_lower")
        if isinstance(padding, str):
            self.raise_declared_gap(ask, "padding", "same", companion)
            return "SAME"
        self.raise_declared_gap(ask, "padding", "explicit", companion)
        return list(for_all_axes(NONE, tuple(list(sides) for sides in padding), ask))


def for_all_axes(other_value: Any, value: tuple[Any, ...], ask: Ask) -> tuple[Any, ...]:
    """A value for every axis: those of the spatial axes, with another one for batch and channels."""
    return (other_value, other_value, *value) if ask.layout == FIRST else (other_value, *value, other_value)


def is_dilated(ask: Ask) -> bool:
    """Whether the window is dilated."""
    return any(step != 1 for step in ask.pool.dilation or ())


ADAPTER = TensorFlow()

"""The base of adapters that run ONNX models: ONNX's nodes as forms, channels first. A runtime adds how it loads and runs a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from ...contract import OPEN, Adapter, Ask, Call, Form, Gap, Step, Steps, Target, Verb
from ...contract.adapter import is_sum
from ...contract.call import flatten
from .gaps import GAPS
from .model import OPSET, node_steps
from .recipes import recipe_nodes

AUTO_PAD = {"valid": "VALID", "same": "SAME_UPPER", "same_lower": "SAME_LOWER"}

SLIDING = {"stride": "strides", "padding": "pads", "dilation": "dilations"}
WINDOW = {"kernel": "kernel_shape", **SLIDING, "ceil_mode": "ceil_mode"}
UNPOOL = {"kernel": "kernel_shape", "stride": "strides", "padding": "pads", "output_size": "output_shape"}
RESIZE = {"kernel": "scales", "output_size": "sizes"}
REDUCTIONS: dict[tuple[str, float | None], str] = {
    ("global_max_pool", None): "ReduceMax", ("global_avg_pool", None): "ReduceMean",
    ("global_lp_pool", 1.0): "ReduceL1", ("global_lp_pool", 2.0): "ReduceL2",
}  # fmt: skip
"""What global pooling is without its axes, which ONNX's global pooling always keeps: a node for each operation and p."""


class OnnxRunner(Adapter):
    """The nodes of ONNX, in models that a runtime loads and runs. A subclass sets the attributes below."""

    loader: ClassVar[tuple[Step, ...]]
    """The steps from `model` to the object that runs it."""
    inference: ClassVar[Steps | None] = None
    """The steps from the loaded model to `inferred_shape`; None if the runtime does not say which shapes it infers."""
    opset: int = OPSET
    """The opset of the models."""
    states_ranks: ClassVar[bool] = False
    """Whether the model states the number of axes of its results, for a runtime that requires it."""
    states_sizes: ClassVar[bool] = False
    """Whether the model of a recipe states the sizes of its input, for a runtime that runs no model with open ones."""
    stored_names: ClassVar[frozenset[str]] = frozenset()
    """The arrays beside the input that the model holds as constants, for a runtime that reads them there."""
    family = "onnx"
    forms: ClassVar[Mapping[str, Form]] = {
        "max_pool": Form("MaxPool", WINDOW, required=("kernel",), indices={}),
        "avg_pool": Form("AveragePool", {**WINDOW, "count_include_pad": "count_include_pad"}, required=("kernel",)),
        "lp_pool": Form("LpPool", {**WINDOW, "p": "p"}, required=("kernel",)),
        "global_max_pool": Form("GlobalMaxPool", {}),
        "global_avg_pool": Form("GlobalAveragePool", {}),
        "global_lp_pool": Form("GlobalLpPool", {"p": "p"}),
        "max_unpool": Form("MaxUnpool", UNPOOL, required=("kernel",), arrays=("indices",)),
        "upsample_nearest": Form("Resize", RESIZE, fixed={"mode": "nearest"}),
        "conv": Form("Conv", {"kernel": "kernel_shape", **SLIDING}, arrays=("weights",)),
        "flatten": Form("Flatten", {}, fixed={"axis": 1}, any_layout=True),
    }
    sums = Form("ReduceSum", {"keepdims": "keepdims"}, axes="axes")
    gaps: tuple[Gap, ...] = GAPS

    def run_steps(self, arrays: Sequence[str], results: tuple[str, ...]) -> tuple[Step, ...]:
        """The steps that give the loaded model its arrays and assign its results."""
        raise NotImplementedError

    def snippet_parts(self, steps: Steps) -> tuple[Steps, Mapping[str, str]]:
        """The steps that make nodes and constants, and the lists of both for a graph."""
        graph = next(step for step in flatten(steps) if step.call == "onnx.helper.make_graph")
        parts = tuple(step for step in flatten(steps[: steps.index(graph)]) if step.call != "onnx.helper.make_tensor_value_info")
        return parts, {"nodes": repr(graph.args[0]), "initializers": repr(graph.kwargs.get("initializer", []))}

    def index_base(self, ask: Ask, target: Target) -> str:
        """ONNX counts positions in the whole tensor."""
        return "tensor"

    def recipe_steps(self, ask: Ask, verbs: Sequence[Verb]) -> Steps:
        """The steps of a recipe as one model of several nodes, which need a batch axis."""
        if not ask.batched:
            self.unsupported(ask, "batched", "false")
        rank = len(ask.shape) if self.states_ranks else None
        return (
            *recipe_nodes(self, ask, verbs, rank, states_sizes=self.states_sizes),
            *self.loader,
            *self.run_steps(("x", *ask.shapes), ("y",)),
        )

    def keeps_axes(self, ask: Ask) -> bool:
        """Always true, because a node that drops axes takes every layout and needs no move."""
        return True

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The shape that the runtime infers before it runs the model."""
        if self.inference is None:
            self.wholly_unsupported(ask, "inferred_shape")
        return (*call.steps[: -len(self.run_steps(("x",), call.results))], *self.inference)

    def form(self, ask: Ask) -> Form:
        """The form of an operation, with padding as a name or in cells."""
        pool, form = ask.pool, super().form(ask)
        if pool.op == "flatten" and not ask.batched:
            self.unsupported(ask, "batched", "false")
        if pool.op == "upsample_nearest" and not (pool.kernel or pool.output_size):
            self.unsupported(ask, "output_size", OPEN)
        if (pool.keepdims is False or ask.reduction) and not is_sum(pool) and (node := REDUCTIONS.get((pool.op, pool.p))):
            return Form(node, {"keepdims": "keepdims"}, axes="axes")
        return replace(form, names=names_for_named_padding(form)) if isinstance(pool.padding, str) else form

    def has_counterpart(self, name: str, ask: Ask, form: Form) -> bool:
        """Whether a stated parameter has an attribute; kept axes and the p of a reduction need none."""
        if (name == "keepdims" and ask.pool.keepdims and not form.axes) or (name == "p" and form.axes):
            return False
        return super().has_counterpart(name, ask, form)

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """The steps that make a node and a model, load it, and run it."""
        arguments, notes = self.arguments(ask, form)
        rank = rank_of_result(ask) if self.states_ranks else None
        arrays = ("x", *(name for name in form.arrays if name not in self.stored_names))
        model = node_steps(form, arguments, ask, rank, self.opset, self.stored_names)
        return (*model, *self.loader, *self.run_steps(arrays, ask.results)), notes

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The groups of a convolution, if there are several."""
        return {"group": ask.groups} if ask.pool.op == "conv" and ask.groups > 1 else super().fixed_arguments(ask, form)

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value as an attribute or a constant input."""
        match name, value:
            case _, str():
                return AUTO_PAD[value]
            case "p", _ if not float(value).is_integer():
                self.unsupported(ask, "p", "fraction")
            case "padding", _:
                return (*(low for low, _ in value), *(high for _, high in value))
            case "kernel", _ if ask.pool.op == "upsample_nearest":
                return (1.0, 1.0, *map(float, value))
            case "output_size", _:
                return (*ask.shape[:2], *value)
        return int(value) if isinstance(value, bool | float) and float(value).is_integer() else value


def names_for_named_padding(form: Form) -> dict[str, str]:
    """The names of a node's attributes if padding is a name; MaxUnpool has no attribute for it."""
    padding_names = {} if form.call == "MaxUnpool" else {"padding": "auto_pad"}
    return {name: native for name, native in form.names.items() if name != "padding"} | padding_names


def rank_of_result(ask: Ask) -> int:
    """The number of axes of a node's result."""
    drops_axes = ask.pool.op == "flatten" or (ask.pool.op.startswith("global") and ask.pool.keepdims is False)
    return 2 if drops_axes else len(ask.shape)


def without_operations(*ops: str) -> tuple[dict[str, Form], tuple[Gap, ...]]:
    """The forms and the gaps for a runtime that lacks some operations of ONNX; the runtime adds gaps for these operations themselves."""
    forms = {name: form for name, form in OnnxRunner.forms.items() if name not in ops}
    return forms, tuple(gap for gap in GAPS if gap.ops.removesuffix("*") not in ops)

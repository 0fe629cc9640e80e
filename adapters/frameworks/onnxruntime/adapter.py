"""ONNX Runtime: models of one node, made by `onnx.helper`, channels first."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...contract import OPEN, Adapter, Ask, Call, Form, Step, Steps, Target, Verb
from ...contract.adapter import is_sum
from ...contract.model_files import Pooling
from ...contract.random_values import choice, integer_flag
from .gaps import GAPS
from .layers import FUNCTIONS, LAYERS, layer_of_node, with_constant_inputs
from .model import INFERRED, run_step, session_steps
from .recipes import recipe_model_steps

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


class OnnxRuntime(Adapter):
    """The nodes of ONNX, run by ONNX Runtime."""

    targets = (Target("onnxruntime", ("onnxruntime", "onnx"), ("onnxruntime", "onnx"), "onnx"),)
    title = "ONNX Runtime"
    environment_prefixes = ("ONNX", "ORT_")
    forms = {
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
    gaps = GAPS
    layers = LAYERS
    functions = FUNCTIONS
    sums = Form("ReduceSum", {"keepdims": "keepdims"}, axes="axes")
    aliases = ("onnx",)
    random_values = {
        "padding": choice("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"),
        "ceil_mode": integer_flag,
        "count_include_pad": integer_flag,
        "keepdims": integer_flag,
        "p": choice(1, 2, 3),
        "storage_order": choice(0, 1),
    }
    model_suffixes = (".onnx",)

    def layer_of(self, name: str, call: ast.Call) -> tuple[str, ast.Call]:
        """The node that `onnx.helper.make_node` makes."""
        return layer_of_node(name, call)

    def resolve(self, call: ast.Call, values: Mapping[str, ast.expr]) -> ast.Call:
        """The call with the values of inputs that are constants of the model."""
        return with_constant_inputs(call, values)

    def read_model(self, path: Path) -> list[Pooling]:
        """The pooling nodes of an ONNX file."""
        from .model_file import read_poolings  # imported here because no worker needs it

        return read_poolings(path)

    def index_base(self, ask: Ask, target: Target) -> str:
        """ONNX counts positions in the whole tensor."""
        return "tensor"

    def recipe_steps(self, ask: Ask, verbs: Sequence[Verb]) -> Steps:
        """The steps of a recipe as one model of several nodes, which need a batch axis."""
        if not ask.batched:
            self.unsupported(ask, "batched", "false")
        return recipe_model_steps(self, ask, verbs)

    def keeps_axes(self, ask: Ask) -> bool:
        """Always true, because a node that drops axes takes every layout and needs no move."""
        return True

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The shape that ONNX Runtime infers while it loads the model."""
        if ask.pool.op == "max_unpool" and ask.pool.output_size:
            self.unsupported(ask, "inferred_shape")
        return (*call.steps[:-1], *INFERRED)

    def form(self, ask: Ask) -> Form:
        """The form of an operation, with padding as a name or in cells."""
        pool, form = ask.pool, super().form(ask)
        if pool.op == "flatten" and not ask.batched:
            self.unsupported(ask, "batched", "false")
        if pool.op == "upsample_nearest" and not (pool.kernel or pool.output_size):
            self.unsupported(ask, "output_size", OPEN)
        if (pool.keepdims is False or ask.reduced) and not is_sum(pool) and (node := REDUCTIONS.get((pool.op, pool.p))):
            return Form(node, {"keepdims": "keepdims"}, axes="axes")
        return replace(form, names=names_for_named_padding(form)) if isinstance(pool.padding, str) else form

    def has_counterpart(self, name: str, ask: Ask, form: Form) -> bool:
        """Whether a stated parameter has an attribute; kept axes and the p of a reduction need none."""
        if (name == "keepdims" and ask.pool.keepdims and not form.axes) or (name == "p" and form.axes):
            return False
        return super().has_counterpart(name, ask, form)

    def operation_steps(self, ask: Ask, form: Form) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The steps that make a node, a model and a session, and run it."""
        arguments, notes = self.arguments(ask, form)
        return (*session_steps(form, arguments, ask), run_step(form, ask)), notes

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
    renamed = {} if form.call == "MaxUnpool" else {"padding": "auto_pad"}
    return {name: native for name, native in form.names.items() if name != "padding"} | renamed


ADAPTER = OnnxRuntime()

"""ONNX Runtime: ONNX models in its sessions.

A session gets one thread and no graph optimisation, for then a new one costs far less. About one node
there is nothing to optimise, and the tests hold that the answers are those of the defaults.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...contract import Ask, Call, Name, Ref, Step, Steps, Target
from ...contract.model_files import ModelContents
from ...contract.random_values import choice, integer_flag
from ..onnx.base import OnnxRunner
from ..onnx.gaps import GAPS
from .gaps import RUNTIME_GAPS
from .layers import FUNCTIONS, LAYERS, layer_of_node, with_constant_inputs


class OnnxRuntime(OnnxRunner):
    """ONNX models in sessions of ONNX Runtime."""

    targets = (Target("onnxruntime", ("onnxruntime", "onnx"), ("onnxruntime", "onnx"), "onnx"),)
    title = "ONNX Runtime"
    environment_prefixes = ("ONNX", "ORT_")
    loader = (
        Step("options", "onnxruntime.SessionOptions"),
        Step("", "options.__setattr__", ("intra_op_num_threads", 1)),
        Step("", "options.__setattr__", ("graph_optimization_level", Name("onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL"))),
        Step("data", "model.SerializeToString"),
        Step("session", "onnxruntime.InferenceSession", (Ref("data"), Ref("options"))),
    )
    inference = Step(("output",), "session.get_outputs"), Step("inferred_shape", "output.__getattribute__", ("shape",))
    gaps = (*RUNTIME_GAPS, *GAPS)
    layers = LAYERS
    functions = FUNCTIONS
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

    def read_model(self, path: Path) -> ModelContents:
        """The poolings of an ONNX file."""
        from .model_file import read_poolings  # imported here because no worker needs it

        return read_poolings(path)

    def run_steps(self, arrays: Sequence[str], results: tuple[str, ...]) -> tuple[Step, ...]:
        """The run of the session."""
        return (Step(results, "session.run", (None, {name: Ref(name) for name in arrays})),)

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The shape that ONNX Runtime infers while it loads the model."""
        if ask.pool.op == "max_unpool" and ask.pool.output_size:
            self.unsupported(ask, "inferred_shape")
        return super().inference_steps(ask, call, target)


ADAPTER = OnnxRuntime()

"""ONNX Runtime: ONNX models in its sessions.

A session gets one thread and no graph optimisation, for then a new one costs far less. Modes are the
optimisations of a session by default, and other opsets.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ...contract import Ask, Call, Form, Name, Ref, Step, Steps, Target
from ...contract.model_files import ModelContents
from ...contract.random_values import choice, integer_flag
from ..onnx.base import OnnxRunner
from ..onnx.gaps import GAPS
from ..onnx.opsets import form_in, gaps_of
from .gaps import RUNTIME_GAPS
from .layers import FUNCTIONS, LAYERS, layer_of_node, with_constant_inputs
from .printed import as_python

OPTIONS = Step("options", "onnxruntime.SessionOptions"), Step("", "options.__setattr__", ("intra_op_num_threads", 1))
NOT_OPTIMISED = Step("", "options.__setattr__", ("graph_optimization_level", Name("onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL")))
LOADED = Step("data", "model.SerializeToString"), Step("session", "onnxruntime.InferenceSession", (Ref("data"), Ref("options")))

OPTIMISED = "onnxruntime+optimized"
OPSETS = {7: "", 10: "", 11: "", 19: "", 22: "1.21"}
"""The opsets that are modes, and the first version of ONNX Runtime that loads each, empty if every supported one does."""


def target(name: str, onnxruntime: str = "", **more: Any) -> Target:
    """A target of ONNX Runtime, perhaps from some version on."""
    least = {"onnxruntime": onnxruntime} if onnxruntime else {}
    return Target(name, ("onnxruntime", "onnx"), ("onnxruntime", "onnx"), "onnx", least=least, **more)


def opset_target(opset: int) -> str:
    """The name of the target that runs models of an opset."""
    return f"onnxruntime+opset{opset}"


class OnnxRuntime(OnnxRunner):
    """ONNX models in sessions of ONNX Runtime."""

    targets = (
        target("onnxruntime"),
        target(OPTIMISED, tier="smoke", tag="slow_modes"),
        *(target(opset_target(opset), first, tier="smoke", tag="slow_modes") for opset, first in OPSETS.items()),
    )
    modes: Mapping[str, OnnxRuntime] = {}
    """The adapters of other modes, by the names of their targets."""
    title = "ONNX Runtime"
    ledger_versions = {"onnxruntime": ("1.19", "1.31", "1.32")}
    environment_prefixes = ("ONNX", "ORT_")
    loader: ClassVar[tuple[Step, ...]] = (*OPTIONS, NOT_OPTIMISED, *LOADED)
    inference = Step(("output",), "session.get_outputs"), Step("inferred_shape", "output.__getattribute__", ("shape",))
    gaps = (*RUNTIME_GAPS, *GAPS, *(gap for opset in OPSETS for gap in gaps_of(opset)))
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

    def as_python(self, text: str) -> str:
        """A text with Python in place of the nodes that it prints."""
        return as_python(text)

    def resolve(self, call: ast.Call, values: Mapping[str, ast.expr]) -> ast.Call:
        """The call with the values of inputs that are constants of the model."""
        return with_constant_inputs(call, values)

    def read_model(self, path: Path) -> ModelContents:
        """The poolings of an ONNX file."""
        from .model_file import read_poolings  # imported here because no worker needs it

        return read_poolings(path)

    def call(self, ask: Ask, target: Target | None = None) -> Call:
        """Translate a case to a call in the target's mode."""
        mode = self.mode_of(target)
        return mode.call(ask, target) if mode else super().call(ask, target)

    def gradient(self, ask: Ask, target: Target) -> Call:
        """Raise `Unsupported`, because ONNX Runtime does not differentiate."""
        mode = self.mode_of(target)
        return mode.gradient(ask, target) if mode else super().gradient(ask, target)

    def inferred_shape(self, ask: Ask, target: Target) -> Call:
        """Translate a case to a call in the target's mode that gives the inferred shape."""
        mode = self.mode_of(target)
        return mode.inferred_shape(ask, target) if mode else super().inferred_shape(ask, target)

    def mode_of(self, target: Target | None) -> OnnxRuntime | None:
        """The adapter of a target's mode, None if it is this one."""
        return self.modes.get(target.name) if target else None

    def run_steps(self, arrays: Sequence[str], results: tuple[str, ...]) -> tuple[Step, ...]:
        """The run of the session."""
        return (Step(results, "session.run", (None, {name: Ref(name) for name in arrays})),)

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The shape that ONNX Runtime infers while it loads the model."""
        if ask.pool.op == "max_unpool" and ask.pool.output_size:
            self.unsupported(ask, "inferred_shape")
        return super().inference_steps(ask, call, target)


class Optimized(OnnxRuntime):
    """The graph optimisations of a session by default."""

    loader = (*OPTIONS, *LOADED)


class InOpset(OnnxRuntime):
    """The nodes of another opset."""

    def __init__(self, opset: int) -> None:
        self.opset = opset
        self.gaps = (*RUNTIME_GAPS, *GAPS, *gaps_of(opset))

    def form(self, ask: Ask) -> Form:
        """The form of an operation, without what its node does not have in the opset."""
        form = form_in(super().form(ask), ask.pool.op, self.opset)
        self.raise_declared_gap(ask, "op")
        return form


class OnnxRuntimeModes(OnnxRuntime):
    """ONNX Runtime in each of its modes."""

    modes = {OPTIMISED: Optimized(), **{opset_target(opset): InOpset(opset) for opset in OPSETS}}


ADAPTER = OnnxRuntimeModes()

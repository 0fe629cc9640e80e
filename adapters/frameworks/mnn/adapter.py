"""MNN: ONNX models, which its converter writes as models of its own, in sessions on the processor with one thread.

The converter is called in the extension module `_tools`. `MNN.tools`, from which MNN's documents call it, installs packages
with pip when it is imported, and reports usage to a server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...contract import Ask, Form, Name, Ref, Step, Steps, Target, Verb
from ..onnx.base import AUTO_PAD, OnnxRunner
from .gaps import MNN_GAPS

LAYOUT = Name("MNN.Tensor_DimensionType_Caffe")
"""How MNN calls arrays with channels first."""


class Mnn(OnnxRunner):
    """ONNX models in MNN's sessions."""

    targets = (Target("mnn", ("MNN", "_tools", "onnx"), ("MNN", "onnx"), "mnn", groups=("mobile",)),)
    title = "MNN"
    ledger_versions = {"MNN": ("3.6",)}
    variant_of = "onnxruntime"
    environment_prefixes = ("MNN_",)
    stored_names = frozenset({"weights"})
    gaps = MNN_GAPS
    loader = (
        Step("file", "tempfile.NamedTemporaryFile", (), {"suffix": ".onnx"}),
        Step("", "onnx.save", (Ref("model"), Name("file.name"))),
        Step("converted", "tempfile.NamedTemporaryFile", (), {"suffix": ".mnn"}),
        Step("", "_tools.mnnconvert", (
            ["MNNConvert", "-f", "ONNX", "--modelFile", Name("file.name"), "--MNNModel", Name("converted.name"), "--bizCode", "MNN"],
        )),
        Step("interpreter", "MNN.Interpreter", (Name("converted.name"),)),
        Step("session", "interpreter.createSession", ({"numThread": 1},)),
    )  # fmt: skip
    inference = (
        Step("y_tensor", "interpreter.getSessionOutput", (Ref("session"), "y")),
        Step("inferred_shape", "y_tensor.getShape"),
    )

    def form(self, ask: Ask) -> Form:
        """The form of an operation; norms, indices and convolutions are those of some ranks, and windows in volumes state their padding."""
        form, op, volume = super().form(ask), ask.pool.op, ask.rank == 3
        if (op, ask.rank) in (("lp_pool", 3), ("conv", 1)):
            self.unsupported(ask, "op")
        if "indices" in ask.wants and op == "max_pool" and volume:
            self.unsupported(ask, "indices")
        if not (volume and op in ("max_pool", "avg_pool")):
            return form
        # the session's process ends where a model states no pads, which ONNX takes as zeros
        names = {**form.names, "padding": "auto_pad" if ask.pool.padding in AUTO_PAD and ask.pool.padding != "valid" else "pads"}
        return replace(form, names=names, required=(*form.required, "padding"))

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value; in a volume no padding is padding of no cells."""
        return (0,) * 6 if (name, value, ask.rank) == ("padding", "valid", 3) and ask.pool.op != "conv" else super().value(name, value, ask)

    def fixed_arguments(self, ask: Ask, form: Form) -> Mapping[str, Any]:
        """The window of a convolution of volumes as well, which MNN does not take from the weights."""
        arguments = super().fixed_arguments(ask, form)
        return {**arguments, "kernel_shape": ask.shapes["weights"][2:]} if ask.pool.op == "conv" and ask.rank == 3 else arguments

    def index_base(self, ask: Ask, target: Target) -> str:
        """MNN counts positions in their planes, where ONNX counts them in the whole tensor."""
        return "plane"

    def recipe_steps(self, ask: Ask, verbs: Sequence[Verb]) -> Steps:
        """The steps of a recipe; the sizes of its input, which the model leaves open, are set before it runs."""
        steps = super().recipe_steps(ask, verbs)
        after = next(count for count, step in enumerate(steps, 1) if isinstance(step, Step) and step.result == "x_tensor")
        resize = (
            Step("", "interpreter.resizeTensor", (Ref("x_tensor"), Name("x.shape"))),
            Step("", "interpreter.resizeSession", (Ref("session"),)),
        )
        return (*steps[:after], *resize, *steps[after:])

    def run_steps(self, arrays: Sequence[str], results: tuple[str, ...]) -> tuple[Step, ...]:
        """The copies to MNN's tensors, which have int32 in place of int64, the run, whose status must be zero, and the copies back."""
        return (
            *(Step(name, f"{name}.astype", ("int32",)) for name in arrays if name == "indices"),
            *(step for name in arrays for step in (
                Step(f"{name}_tensor", "interpreter.getSessionInput", (Ref("session"), name)),
                Step(f"{name}_type", f"{name}_tensor.getDataType"),
                Step(f"{name}_values", "MNN.Tensor", (Name(f"{name}.shape"), Ref(f"{name}_type"), Ref(name), LAYOUT)),
                Step("", f"{name}_tensor.copyFrom", (Ref(f"{name}_values"),)),
            )),
            Step("status", "interpreter.runSession", (Ref("session"),)),
            Step("", "operator.getitem", ({0: "completed"}, Ref("status"))),
            *(step for name in results for step in (
                Step(f"{name}_tensor", "interpreter.getSessionOutput", (Ref("session"), name)),
                Step(f"{name}_values", "MNN.Tensor", (Ref(f"{name}_tensor"), LAYOUT)),
                Step("", f"{name}_tensor.copyToHostTensor", (Ref(f"{name}_values"),)),
                Step(name, f"{name}_values.getNumpyData"),
                Step(name, "numpy.array", (Ref(name),)),
            )),
        )  # fmt: skip


ADAPTER = Mnn()

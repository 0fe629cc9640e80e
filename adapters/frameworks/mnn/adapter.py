"""MNN: ONNX models, which its converter writes as models of its own, in sessions on the processor with one thread.

The converter is called in the extension module `_tools`. `MNN.tools`, from which MNN's documents call it, installs packages
with pip when it is imported, and reports usage to a server.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...contract import Ask, Name, Ref, Step, Steps, Target, Verb
from ..onnx.base import OnnxRunner
from .gaps import MNN_GAPS

LAYOUT = Name("MNN.Tensor_DimensionType_Caffe")
"""How MNN calls arrays with channels first."""


class Mnn(OnnxRunner):
    """ONNX models in MNN's sessions."""

    targets = (Target("mnn", ("MNN", "_tools", "onnx"), ("MNN", "onnx"), "mnn", groups=("mobile",)),)
    title = "MNN"
    variant_of = "onnxruntime"
    environment_prefixes = ("MNN_",)
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
        """The copies to MNN's tensors, the run, whose status must be zero, and the copies back."""
        return (
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

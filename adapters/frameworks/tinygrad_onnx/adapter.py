"""tinygrad's own runner of ONNX models, with its device `PYTHON`, which needs no compiler."""

from __future__ import annotations

from collections.abc import Sequence

from ...contract import Name, Ref, Step, Target
from ..onnx.base import OnnxRunner
from .gaps import FORMS, RUNNER_GAPS


class TinygradOnnx(OnnxRunner):
    """ONNX models in tinygrad. It takes some 0.3 seconds of processor time for a case, so only some cases run by default."""

    targets = (
        Target(
            "tinygrad-onnx", ("tinygrad", "tinygrad.nn.onnx", "onnx"), ("tinygrad", "onnx"), "tinygrad",
            environment={"DEV": "PYTHON"}, tier="smoke", tag="slow_modes",
        ),
    )  # fmt: skip
    title = "tinygrad's ONNX runner"
    ledger_versions = {"tinygrad": ("0.14",)}
    variant_of = "onnxruntime"
    environment_prefixes = ("DEV", "TINYGRAD")
    states_sizes = True
    forms = FORMS
    gaps = RUNNER_GAPS
    loader = (
        Step("file", "tempfile.NamedTemporaryFile", (), {"suffix": ".onnx"}),
        Step("", "onnx.save", (Ref("model"), Name("file.name"))),
        Step("session", "tinygrad.nn.onnx.OnnxRunner", (Name("file.name"),)),
    )

    def run_steps(self, arrays: Sequence[str], results: tuple[str, ...]) -> tuple[Step, ...]:
        """The run of the model, whose results are tensors of tinygrad until the last step."""
        return (
            Step("answer", "session", ({name: Ref(name) for name in arrays},)),
            *(step for name in results for step in (Step(name, "answer.get", (name,)), Step(name, f"{name}.numpy"))),
        )


ADAPTER = TinygradOnnx()

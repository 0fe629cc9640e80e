"""OpenVINO: ONNX models, compiled for the processor, with one thread and without replacing float32 by a smaller type."""

from __future__ import annotations

from collections.abc import Sequence

from ...contract import Name, Ref, Step, Target
from ..onnx.base import OnnxRunner
from .gaps import FORMS, GAPS


class OpenVino(OnnxRunner):
    """ONNX models in OpenVINO's runtime for the processor."""

    targets = (Target("openvino", ("openvino", "onnx"), ("openvino", "onnx"), "openvino"),)
    title = "OpenVINO"
    ledger_versions = {"openvino": ("2026.4",)}
    variant_of = "onnxruntime"
    environment_prefixes = ("OV_", "OPENVINO")
    forms = FORMS
    gaps = GAPS
    loader = (
        Step("core", "openvino.Core"),
        Step("data", "model.SerializeToString"),
        Step("network", "core.read_model", (Ref("data"),)),
        Step("session", "core.compile_model", (Ref("network"), "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})),
    )
    inference = Step("output", "network.output", (0,)), Step("inferred_shape", "output.get_shape")

    def run_steps(self, arrays: Sequence[str], results: tuple[str, ...]) -> tuple[Step, ...]:
        """The run of the compiled model."""
        return Step("answer", "session", ({name: Ref(name) for name in arrays},)), Step(results, "answer.to_tuple")

    def to_numpy(self, name: str, dtype: str) -> tuple[Step, ...]:
        """The bits of bfloat16 arrive as float16, because NumPy by itself has no such type."""
        return (Step(name, f"{name}.view", (Name("ml_dtypes.bfloat16"),)),) if (name, dtype) == ("y", "bfloat16") else ()


ADAPTER = OpenVino()

"""The reference evaluator of the onnx package: ONNX models, run node by node in NumPy."""

from __future__ import annotations

from collections.abc import Sequence

from ...contract import Gap, Ref, Step, Target
from .base import OnnxRunner, without_operations
from .gaps import model_code

FORMS, GAPS = without_operations("global_lp_pool")


def run_code(attributes: str, node: str, domain: str = "") -> str:
    """Native code that runs a model of a node with these attributes."""
    return f"onnx.reference.ReferenceEvaluator({model_code(attributes, node, domain=domain)}).run(None, dict(x=x))"


class OnnxReference(OnnxRunner):
    """ONNX models in the reference evaluator, which infers no shapes."""

    targets = (Target("onnx-reference", ("onnx", "onnx.reference"), ("onnx",), "onnx"),)
    title = "ONNX reference"
    ledger_versions = {"onnx": ("1.23",)}
    variant_of = "onnxruntime"
    environment_prefixes = ("ONNX",)
    loader = (Step("session", "onnx.reference.ReferenceEvaluator", (Ref("model"),)),)
    forms = FORMS
    gaps = (
        Gap("*", "gradient", "ONNX's reference evaluator does not differentiate",
            run_code("xs=['x'], y='y'", "Gradient", "ai.onnx.preview.training")),
        Gap("global_lp_pool*", "op", "ONNX's reference evaluator has no GlobalLpPool", run_code("p=2", "GlobalLpPool")),
        *GAPS,
    )  # fmt: skip

    def run_steps(self, arrays: Sequence[str], results: tuple[str, ...]) -> tuple[Step, ...]:
        """The run of the evaluator."""
        return (Step(results, "session.run", (None, {name: Ref(name) for name in arrays})),)


ADAPTER = OnnxReference()

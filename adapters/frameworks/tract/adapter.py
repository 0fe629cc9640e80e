"""tract: ONNX models in the inference engine for Rust, which reads them from a file."""

from __future__ import annotations

from collections.abc import Sequence

from ...contract import Name, Ref, Step, Target
from ..onnx.base import OnnxRunner
from .gaps import FORMS, GAPS


class Tract(OnnxRunner):
    """ONNX models in tract."""

    targets = (Target("tract", ("tract", "onnx"), ("tract", "onnx"), "tract"),)
    title = "tract"
    ledger_versions = {"tract": ("0.23",)}
    variant_of = "onnxruntime"
    environment_prefixes = ("TRACT_",)
    states_sizes = True
    forms = FORMS
    gaps = GAPS
    loader = (
        Step("file", "tempfile.NamedTemporaryFile", (), {"suffix": ".onnx"}),
        Step("", "onnx.save", (Ref("model"), Name("file.name"))),
        Step("reader", "tract.onnx"),
        Step("network", "reader.load", (Name("file.name"),)),
        Step("network", "network.into_model"),
        Step("session", "network.into_runnable"),
    )
    inference = (
        Step("fact", "session.output_fact", (0,)),
        Step("dims", "fact.dims"),
        Step("sizes", "builtins.map", (Name("tract.dim.Dim.to_int64"), Ref("dims"))),
        Step("inferred_shape", "builtins.list", (Ref("sizes"),)),
    )

    def run_steps(self, arrays: Sequence[str], results: tuple[str, ...]) -> tuple[Step, ...]:
        """The run of the model, whose results are tensors of tract until the last step."""
        return (
            Step(results, "session.run", (list(map(Ref, arrays)),)),
            *(Step(name, f"{name}.to_numpy") for name in results),
        )


ADAPTER = Tract()

"""TVM: ONNX models, which its importer turns into Relax programs, compiled by LLVM for the processor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from ...contract import Form, Ref, Step, Target
from ..onnx.base import OnnxRunner
from .gaps import TVM_GAPS


class Tvm(OnnxRunner):
    """ONNX models in TVM. It compiles each case, so only some cases run by default."""

    targets = (
        Target(
            "tvm", ("tvm", "tvm.relax", "tvm.relax.frontend.onnx", "onnx"), ("apache-tvm", "onnx"), "tvm", tier="smoke", tag="slow_modes"
        ),
    )
    title = "TVM"
    ledger_versions = {"apache-tvm": ("0.27",)}
    variant_of = "onnxruntime"
    environment_prefixes = ("TVM_",)
    forms: ClassVar[Mapping[str, Form]] = {**OnnxRunner.forms, "max_pool": replace(OnnxRunner.forms["max_pool"], indices=None)}
    states_sizes = True
    gaps = TVM_GAPS
    loader = (
        Step("module", "tvm.relax.frontend.onnx.from_onnx", (Ref("model"),)),
        Step("program", "tvm.compile", (Ref("module"),), {"target": "llvm"}),
        Step("device", "tvm.cpu"),
        Step("session", "tvm.relax.VirtualMachine", (Ref("program"), Ref("device"))),
    )

    def run_steps(self, arrays: Sequence[str], results: tuple[str, ...]) -> tuple[Step, ...]:
        """The copies to TVM's tensors, the run, and the copy back."""
        return (
            *(Step(f"{name}_tensor", "tvm.runtime.tensor", (Ref(name),)) for name in arrays),
            Step("function", "session.__getitem__", ("main",)),
            Step("y", "function", tuple(Ref(f"{name}_tensor") for name in arrays)),
            Step("y", "y.numpy"),
        )


ADAPTER = Tvm()

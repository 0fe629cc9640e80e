"""IREE: ONNX models, which its importer turns into MLIR, compiled by LLVM for the processor that runs them."""

from __future__ import annotations

from collections.abc import Sequence

from ...contract import Name, Ref, Step, Target
from ...contract.compose import result_names
from ..onnx.base import OnnxRunner
from .gaps import IREE_GAPS

IMPORTER = "iree.compiler.extras.onnx_importer"


class Iree(OnnxRunner):
    """ONNX models in IREE. It compiles each case for about a second, so only some cases run by default."""

    targets = (
        Target(
            "iree", ("iree.compiler", "iree.compiler.ir", IMPORTER, "iree.runtime", "onnx"),
            ("iree-base-compiler", "iree-base-runtime", "onnx"), "iree", tier="smoke", tag="slow_modes",
        ),
    )  # fmt: skip
    title = "IREE"
    ledger_versions = {"iree-base-compiler": ("3.13",)}
    variant_of = "onnxruntime"
    environment_prefixes = ("IREE_",)
    gaps = IREE_GAPS
    loader = (
        Step("model", "onnx.shape_inference.infer_shapes", (Ref("model"),)),
        Step("info", f"{IMPORTER}.ModelInfo", (Ref("model"),)),
        Step("context", "iree.compiler.ir.Context"),
        Step("module", "info.create_module", (), {"context": Ref("context")}),
        Step("nodes", f"{IMPORTER}.NodeImporter.define_function", (Name("info.main_graph"), Name("module.operation"))),
        Step("", "nodes.import_all"),
        Step("text", "module.operation.get_asm"),
        Step("program", "iree.compiler.compile_str", (Ref("text"),), {
            "input_type": "onnx", "target_backends": ["llvm-cpu"], "extra_args": ["--iree-llvmcpu-target-cpu=host"],
        }),
        Step("session", "iree.runtime.load_vm_flatbuffer", (Ref("program"),), {"driver": "local-sync"}),
    )  # fmt: skip

    def run_steps(self, arrays: Sequence[str], results: tuple[str, ...]) -> tuple[Step, ...]:
        """The run of the compiled graph, whose results are arrays on IREE's device until the last step."""
        return (
            Step(result_names(results), "session.pooling", tuple(map(Ref, arrays))),
            *(Step(name, f"{name}.to_host") for name in results),
        )


ADAPTER = Iree()

"""LiteRT for microcontrollers: `.tflite` models in its interpreter, which takes the shapes of results from the model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...contract import Ask, Gap, Ref, Step, Target
from ..litert.base import TfliteRunner, without_operations
from ..litert.gaps import CONVOLVED, Codes, format_gaps

SCHEMA = "tflite_micro.tensorflow.lite.micro.python.schema_py_generated"
INTERPRETER = "tflite_micro.runtime.Interpreter.from_bytes"
CODES = Codes(SCHEMA, f"(i := {INTERPRETER}({{data}}), i.set_input({{x}}, 0), i.invoke())", "i.get_output({number})")

ARENA = 1 << 16
"""Bytes of memory beyond what the arrays of a case need."""


class TfliteMicro(TfliteRunner):
    """`.tflite` models in the interpreter for microcontrollers."""

    targets = (
        Target("tflite-micro", ("tflite_micro", SCHEMA, "flatbuffers"), ("tflite-micro", "flatbuffers"), "tflite", groups=("mobile",)),
    )
    title = "LiteRT for Microcontrollers"
    ledger_versions = {"tflite-micro": ("0.dev20261023182759",)}
    variant_of = "tensorflow"
    environment_prefixes = ("TFLITE_",)
    schema = SCHEMA
    forms = without_operations("conv3")
    gaps = (
        Gap("conv3", "op", "LiteRT for microcontrollers has no CONV_3D", CODES.run("CONV_3D", "Conv3DOptions", CONVOLVED)),
        *format_gaps(CODES, f"{INTERPRETER}.gradient"),
    )

    def run_steps(self, ask: Ask, arrays: Sequence[str]) -> tuple[Step, ...]:
        """The run of the interpreter, with memory for twice all arrays of a case in the largest type."""
        cells = sum(map(math.prod, (ask.shape, ask.shape, *ask.shapes.values())))
        return (
            Step("interpreter", INTERPRETER, (Ref("data"),), {"arena_size": ARENA + 16 * cells}),
            *(Step("", "interpreter.set_input", (Ref(name), number)) for number, name in enumerate(arrays)),
            Step("", "interpreter.invoke"),
            Step("y", "interpreter.get_output", (0,)),
        )


ADAPTER = TfliteMicro()

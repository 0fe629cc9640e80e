"""LiteRT: `.tflite` models in its interpreter, with one thread.

By default the interpreter hands what it can to XNNPACK. `litert+builtin` runs LiteRT's own optimised kernels, and
`litert+reference` its reference kernels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...contract import Ask, Call, Name, Ref, Step, Steps, Target
from .base import TfliteRunner
from .gaps import Codes, format_gaps

INTERPRETER = "ai_edge_litert.interpreter.Interpreter"
RESOLVERS = {"litert": None, "litert+builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES", "litert+reference": "BUILTIN_REF"}
"""The kernels that each target asks for; None for those of the default."""
SCHEMA = "ai_edge_litert.schema_py_generated"
CODES = Codes(
    SCHEMA,
    f"(i := {INTERPRETER}(model_content={{data}}), i.allocate_tensors(), i.set_tensor(0, {{x}}), i.invoke())",
    "i.get_tensor({number} + 1)",
)


class LiteRt(TfliteRunner):
    """`.tflite` models in LiteRT's interpreter."""

    targets = tuple(
        Target(
            name,
            ("ai_edge_litert", "ai_edge_litert.interpreter", SCHEMA, "flatbuffers"),
            ("ai-edge-litert", "flatbuffers"),
            "litert",
            groups=("mobile",),
        )
        for name in RESOLVERS
    )
    title = "LiteRT"
    ledger_versions = {"ai-edge-litert": ("2.3",)}
    variant_of = "tensorflow"
    environment_prefixes = ("TFLITE_", "LITERT_")
    schema = SCHEMA
    gaps = format_gaps(CODES, f"{INTERPRETER}.gradient")

    def run_steps(self, ask: Ask, arrays: Sequence[str]) -> tuple[Step, ...]:
        """The run of the interpreter; its tensors have the numbers of the model's."""
        return (
            Step("interpreter", INTERPRETER, (), {"model_content": Ref("data"), "num_threads": 1}),
            Step("", "interpreter.allocate_tensors"),
            *(Step("", "interpreter.set_tensor", (number, Ref(name))) for number, name in enumerate(arrays)),
            Step("", "interpreter.invoke"),
            Step(("output",), "interpreter.get_output_details"),
            Step("number", "output.get", ("index",)),
            Step("y", "interpreter.get_tensor", (Ref("number"),)),
        )

    def call(self, ask: Ask, target: Target | None = None) -> Call:
        """Translate a case, with the kernels of the target."""
        return with_kernels(super().call(ask, target), target)

    def inferred_shape(self, ask: Ask, target: Target) -> Call:
        """Translate a case to the shape that LiteRT infers, with the kernels of the target."""
        return with_kernels(super().inferred_shape(ask, target), target)

    def inference_steps(self, ask: Ask, call: Call, target: Target) -> Steps:
        """The shape that LiteRT infers while it allocates its tensors."""
        [allocation] = [
            count for count, step in enumerate(call.steps) if isinstance(step, Step) and step.call == "interpreter.allocate_tensors"
        ]
        return (
            *call.steps[: allocation + 1],
            Step(("output",), "interpreter.get_output_details"),
            Step("shape", "output.get", ("shape",)),
            Step("inferred_shape", "shape.tolist"),
        )


def with_kernels(call: Call, target: Target | None) -> Call:
    """A call that asks the interpreter for the kernels of a target."""
    resolver = RESOLVERS[target.name] if target else None
    if resolver is None:
        return call
    kernels = {"experimental_op_resolver_type": Name(f"ai_edge_litert.interpreter.OpResolverType.{resolver}")}
    steps = tuple(
        replace(step, kwargs={**step.kwargs, **kernels}) if isinstance(step, Step) and step.call == INTERPRETER else step
        for step in call.steps
    )
    return replace(call, steps=steps)


ADAPTER = LiteRt()

"""ONNX Runtime for JavaScript: ONNX models in its sessions, natively in Node, and in the WebAssembly that browsers run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...contract import NODE, Adapter, Ask, Call, Form, Name, Ref, Step, Steps, Target, Verb
from ..onnx.base import OnnxRunner
from ..onnx.model import CONSTANTS, ELEMENTS, IR, OPSET, input_names
from .gaps import GAPS

NATIVE, WEB, PROTO = "onnxruntime-node", "onnxruntime-web", "onnx-proto"
KINDS = {
    "FLOAT": 1, "UINT8": 2, "INT8": 3, "INT16": 5, "INT32": 6, "INT64": 7, "BOOL": 9, "FLOAT16": 10, "DOUBLE": 11, "BFLOAT16": 16,
}  # fmt: skip
"""The numbers of ONNX's element types, by which its messages name them."""
OPTIONS = {"graphOptimizationLevel": "disabled", "intraOpNumThreads": 1}
"""As the target in Python: nothing is optimised, and one thread runs."""


def prepare(package: str) -> tuple[Step, ...]:
    """The steps that load a package of ONNX Runtime, and the messages of ONNX."""
    return Step("ort", "require", (package,)), Step("protos", "require", (PROTO,))


class OnnxRuntimeJs(OnnxRunner):
    """ONNX models in sessions of ONNX Runtime in Node."""

    targets = (
        Target(NATIVE, (NATIVE, PROTO), (NATIVE, PROTO), prepare=prepare(NATIVE), program=NODE),
        Target(WEB, (WEB, PROTO), (WEB, PROTO), prepare=prepare(WEB), groups=("web",), program=NODE),
    )
    title = "ONNX Runtime for JavaScript"
    ledger_versions = {"onnxruntime-node": ("1.30",), "onnxruntime-web": ("1.30",)}
    variant_of = "onnxruntime"
    gaps = GAPS

    def call(self, ask: Ask, target: Target | None = None) -> Call:
        """The call, between the steps that make tensors of arrays and arrays of tensors."""
        call = super().call(ask, target)
        arrays = ("x", *(name for name in ask.shapes if name in self.form(ask).arrays))
        arriving = [Step(name, "new ort.Tensor", (Name(f"{name}.dtype"), Name(f"{name}.data"), Name(f"{name}.shape"))) for name in arrays]
        return replace(call, steps=(*arriving, *call.steps))

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """The steps that make a model as a message, load it, and run it."""
        arguments, notes = self.arguments(ask, form)
        texts = {name: value for name, value in arguments.items() if isinstance(value, str)}
        arrays = ("x", *form.arrays)
        return (
            *(Step(name, "Buffer.from", (value,)) for name, value in texts.items()),
            Step("model", "protos.onnx.ModelProto.fromObject", (model_message(form, arguments, ask),)),
            Step("writer", "protos.onnx.ModelProto.encode", (Ref("model"),)),
            Step("bytes", "writer.finish"),
            Step("session", "ort.InferenceSession.create", (Ref("bytes"), OPTIONS)),
            Step("answer", "session.run", ({name: Ref(name) for name in arrays},)),
            *(Step(name, "Object", ({key: Name(f"answer.{name}.{native}") for key, native in FIELDS.items()},)) for name in ask.results),
        ), notes

    def recipe_steps(self, ask: Ask, verbs: Sequence[Verb]) -> Steps:
        """A pooling alone."""
        return Adapter.recipe_steps(self, ask, verbs)


FIELDS = {"data": "data", "shape": "dims", "dtype": "type"}
"""What a tensor of ONNX Runtime calls the parts of an array."""


def model_message(form: Form, arguments: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    """A model of one node as an object that its message is made of."""
    constants = {name: value for name, value in arguments.items() if name in CONSTANTS}
    attributes = {name: value for name, value in arguments.items() if name not in CONSTANTS}
    arrays = ("x", *form.arrays)
    shapes = {name: ask.shapes[name] if name == "weights" else ask.shape for name in arrays}
    node = {
        "opType": form.call, "input": input_names(form, constants), "output": list(ask.results),
        "attribute": list(attribute_messages(attributes)),
    }  # fmt: skip
    graph = {
        "name": "pooling", "node": [node], "initializer": [constant_message(name, value) for name, value in constants.items()],
        "input": [info_message(name, shapes[name], ask) for name in arrays], "output": [info_message(name, None, ask) for name in ask.results],
    }  # fmt: skip
    return {"irVersion": IR, "opsetImport": [{"domain": "", "version": OPSET}], "graph": graph}


def attribute_messages(attributes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The attributes of a node; a text is a reference to its bytes."""
    for name, value in attributes.items():
        if isinstance(value, str):
            yield {"name": name, "type": "STRING", "s": Ref(name)}
        elif isinstance(value, tuple | list):
            yield {"name": name, "type": "INTS", "ints": list(value)}
        elif isinstance(value, float):
            yield {"name": name, "type": "FLOAT", "f": value}
        else:
            yield {"name": name, "type": "INT", "i": int(value)}


def constant_message(name: str, value: Sequence[float]) -> dict[str, Any]:
    """A constant of the model."""
    kind = CONSTANTS[name]
    return {"name": name, "dims": [len(value)], "dataType": KINDS[kind], "floatData" if kind == "FLOAT" else "int64Data": list(value)}


def info_message(name: str, shape: Sequence[int] | None, ask: Ask) -> dict[str, Any]:
    """The type of an array, and its shape unless it is to be inferred."""
    kind = KINDS["INT64"] if name == "indices" else KINDS[ELEMENTS.get(ask.dtype, ask.dtype.upper())]
    sizes = {} if shape is None else {"shape": {"dim": [{"dimValue": size} for size in shape]}}
    return {"name": name, "type": {"tensorType": {"elemType": kind, **sizes}}}


ADAPTER = OnnxRuntimeJs()

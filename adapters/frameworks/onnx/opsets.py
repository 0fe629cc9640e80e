"""Earlier opsets of ONNX: which attributes, inputs and outputs their nodes lack, each proved by a model that `onnx.checker` refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...contract import Form, Gap
from .gaps import SIZE, check_code

EMPTY = "onnx.helper.make_tensor('v', onnx.TensorProto.FLOAT, [0], [])"
POSITIONS = "onnx.helper.make_tensor('v', onnx.TensorProto.INT64, x.shape, [0] * x.size)"
SIZES = "onnx.helper.make_tensor('v', onnx.TensorProto.INT64, [x.ndim], [1, 2] + [9] * {rank})"


def constant_code(name: str, tensor: str) -> str:
    """Native code of a node that makes a constant, as every opset has it."""
    return f"onnx.helper.make_node('Constant', [], ['{name}'], value={tensor}), "


@dataclass(frozen=True)
class Addition:
    """Something that a node has since an opset: a parameter of an operation, 'indices', or 'op' for the node itself.

    `arguments` are the arguments of `check_code` that ask for it.
    """

    op: str
    feature: str
    since: int
    name: str
    arguments: Mapping[str, str]

    def gap(self, opset: int) -> Gap:
        """The gap of an opset before the addition."""
        why = f"ONNX has {self.name} since opset {self.since}, and this is opset {opset}"
        return Gap(f"{self.op}*", self.feature, why, check_code(**self.arguments, opset=opset))


ADDITIONS = (
    Addition("max_pool", "indices", 8, "indices of MaxPool", {"attributes": SIZE, "outputs": "'y', 'z'"}),
    Addition(
        "max_unpool", "op", 9, "MaxUnpool",
        {"attributes": SIZE, "node": "MaxUnpool", "inputs": "'x', 'i'", "before": constant_code("i", POSITIONS)},
    ),
    Addition("max_pool", "ceil_mode", 10, "ceil_mode of MaxPool", {"attributes": f"{SIZE}, ceil_mode=1"}),
    Addition("avg_pool", "ceil_mode", 10, "ceil_mode of AveragePool", {"attributes": f"{SIZE}, ceil_mode=1"}),
    Addition("lp_pool", "ceil_mode", 18, "ceil_mode of LpPool", {"attributes": f"{SIZE}, ceil_mode=1"}),
    Addition("max_pool", "dilation", 10, "dilations of MaxPool", {"attributes": f"{SIZE}, dilations=[2] * {{rank}}"}),
    Addition("avg_pool", "dilation", 19, "dilations of AveragePool", {"attributes": f"{SIZE}, dilations=[2] * {{rank}}"}),
    Addition("lp_pool", "dilation", 18, "dilations of LpPool", {"attributes": f"{SIZE}, dilations=[2] * {{rank}}"}),
    Addition(
        "upsample_nearest", "output_size", 11, "sizes of Resize",
        {"attributes": "mode='nearest'", "node": "Resize", "inputs": "'x', 'e', 'e', 's'", "before": constant_code("e", EMPTY) + constant_code("s", SIZES)},
    ),
)  # fmt: skip
"""What the nodes of later opsets have beyond those of opset 7, as far as cases ask for it."""

RESIZE = 10
"""The opset since which there is Resize; before, Upsample takes its scales as an attribute."""


def gaps_of(opset: int) -> tuple[Gap, ...]:
    """What ONNX lacks in an opset and has in later ones."""
    return tuple(addition.gap(opset) for addition in ADDITIONS if addition.since > opset)


def form_in(form: Form, op: str, opset: int) -> Form:
    """A form without the parameters that its node does not have in an opset."""
    later = {addition.feature for addition in ADDITIONS if addition.op == op and addition.since > opset}
    if form.call == "Resize" and opset < RESIZE:
        form = replace(form, call="Upsample")
    return replace(
        form,
        names={name: native for name, native in form.names.items() if name not in later},
        indices=None if "indices" in later else form.indices,
    )

"""The base of adapters that run `.tflite` models: its operators as forms, channels last. A runtime adds how it loads and runs a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ....cases.model.pool import LAST, WINDOWED
from ...contract import OPEN, Adapter, Ask, Form, Ref, Step, Steps
from .model import flat_shape, model_steps

WINDOW = {"kernel": "filter", "stride": "stride", "padding": "padding"}
CONVOLVED = {"stride": "stride", "padding": "padding", "dilation": "dilation"}
REDUCED = {"keepdims": "keepDims"}


class TfliteRunner(Adapter):
    """The operators of the `.tflite` format, in models that a runtime loads and runs. A subclass sets the attributes below."""

    schema: ClassVar[str]
    """The module with the objects of the format's schema."""
    layout = LAST
    unbatched = True
    family = "tflite"
    forms: ClassVar[Mapping[str, Form]] = {
        "max_pool2": Form("MAX_POOL_2D", WINDOW, required=("padding",)),
        "avg_pool2": Form("AVERAGE_POOL_2D", WINDOW, required=("padding",)),
        "global_max_pool": Form("REDUCE_MAX", REDUCED, axes="constant"),
        "global_avg_pool": Form("MEAN", REDUCED, axes="constant"),
        "upsample_nearest2": Form("RESIZE_NEAREST_NEIGHBOR", {"output_size": "constant"}, required=("output_size",)),
        "conv2": Form("CONV_2D", CONVOLVED, required=("stride", "padding"), arrays=("weights",)),
        "conv3": Form("CONV_3D", CONVOLVED, required=("stride", "padding"), arrays=("weights",)),
        "flatten": Form("RESHAPE", {}, any_layout=True),
    }
    sums = Form("SUM", REDUCED, axes="constant")

    def run_steps(self, ask: Ask, arrays: Sequence[str]) -> tuple[Step, ...]:
        """The steps from the bytes `data` of a model and its arrays to `y`."""
        raise NotImplementedError

    def form(self, ask: Ask) -> Form:
        """The form of an operation; windows and convolutions need a batch axis."""
        form = super().form(ask)
        if not ask.batched and not form.takes_any_layout:
            self.unsupported(ask, "batched", "false")
        for name in ("kernel", "stride") if ask.pool.op in WINDOWED else ():
            if getattr(ask.pool, name) is None:
                self.unsupported(ask, name, OPEN)
        return form

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """The steps that make a model and run it; weights are turned as the operator takes them, and a bias of zero is added, which it requires."""
        arguments, notes = self.arguments(ask, form)
        if ask.pool.op == "flatten":
            arguments["newShape"] = flat_shape(ask)
        if ask.pool.op == "conv":
            arguments["constant"] = (0,) * ask.weights[0]
        arrays = ("x", *form.arrays)
        weight_steps = turn_weights(form) if "weights" in arrays else ()
        return (*model_steps(self.schema, form, arguments, ask), *weight_steps, *self.run_steps(ask, arrays)), notes

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A parameter's value as an option; padding is one of two names."""
        return self.padding(value, ask) if name == "padding" else value

    def padding(self, padding: Any, ask: Ask) -> str:
        """The name of the padding."""
        if padding == "same_lower":
            self.unsupported(ask, "padding", "same_lower")
        if isinstance(padding, str):
            return padding.upper()
        if ask.pool.pads():
            self.unsupported(ask, "padding", "explicit")
        return "VALID"


def turn_weights(form: Form) -> tuple[Step, ...]:
    """The steps that order the axes of weights: filters first and channels last on planes, kernels first in volumes."""
    axes = (0, 2, 3, 1) if form.call == "CONV_2D" else (2, 3, 4, 1, 0)
    transpose_step = Step("weights", "weights.transpose", axes)
    return transpose_step, Step("weights", "numpy.ascontiguousarray", (Ref("weights"),))


def without_operations(*names: str) -> Mapping[str, Form]:
    """The forms for a runtime that lacks some operations."""
    return {name: form for name, form in TfliteRunner.forms.items() if name not in names}

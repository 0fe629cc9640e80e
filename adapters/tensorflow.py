"""TensorFlow: the pooling of `tf.nn`, channels last; reductions are the global ones."""

from __future__ import annotations

from typing import Any

from ..cases.pool import FIRST, LAST, Pads
from . import Adapter, Ask, Form, Gap, Target

WINDOW = {"kernel": "ksize", "stride": "strides", "padding": "padding", "data_format": "data_format"}
DILATED = {"kernel": "window_shape", "stride": "strides", "padding": "padding", "data_format": "data_format", "dilation": "dilations"}
REQUIRED = ("kernel", "stride", "padding")

FORMATS = {FIRST: {1: "NCW", 2: "NCHW", 3: "NCDHW"}, LAST: {1: "NWC", 2: "NHWC", 3: "NDHWC"}}
NONE = [0, 0]
"""The padding of batch and channels."""

WINDOWED = "max_pool*|avg_pool*"


class TensorFlow(Adapter):
    """TensorFlow, one operation at a time."""

    targets = (Target("tensorflow", ("tensorflow",), ("tensorflow|tensorflow-cpu",), "tensorflow"),)
    layout = LAST
    arrive = "tensorflow.convert_to_tensor"
    leave = ".numpy"
    forms = {
        "max_pool": Form("tensorflow.nn.max_pool{rank}d", WINDOW, required=REQUIRED),
        "avg_pool": Form("tensorflow.nn.avg_pool{rank}d", WINDOW, required=REQUIRED),
        "global_max_pool": Form("tensorflow.reduce_max", {"keepdims": "keepdims"}, axes="axis"),
        "global_avg_pool": Form("tensorflow.reduce_mean", {"keepdims": "keepdims"}, axes="axis"),
    }
    dilated = {
        "max_pool": Form("tensorflow.nn.pool", DILATED, required=("kernel",), fixed={"pooling_type": "MAX"}),
        "avg_pool": Form("tensorflow.nn.pool", DILATED, required=("kernel",), fixed={"pooling_type": "AVG"}),
    }
    gaps = (
        Gap("lp_pool*", "op", "tf.nn has no LP pooling", "tensorflow.nn.pool(x, (2,) * {rank}, 'LP')"),
        Gap("global_lp_pool*|adaptive*", "op", "tf.nn has no such pooling", "tensorflow.nn.{op}{rank}d(x, 2)"),
        Gap(WINDOWED, "batched=false", "tf.nn's pooling needs a batch axis",
            "assert {call}(x[0], 2, 2, 'VALID').shape == (3,) * {rank} + (2,)"),
        Gap(WINDOWED, "kernel open", "tf.nn's windows have no default size", "{call}(x, strides=2, padding='VALID')"),
        Gap(WINDOWED, "stride open", "tf.nn's strides have no default", "{call}(x, ksize=2, padding='VALID')"),
        Gap(WINDOWED, "padding=same_lower", "tf.nn's padding is VALID, SAME or, for some, explicit", "{call}(x, 2, 2, 'SAME_LOWER')"),
        Gap("max_pool3|avg_pool*", "padding=explicit", "tf.nn takes explicit padding for maxima in 1 and 2 dimensions only",
            "{call}(x, 2, 2, [[0, 0]] + [[1, 1]] * {rank} + [[0, 0]])"),
        Gap(WINDOWED, "ceil_mode", "tf.nn's pooling has no ceil_mode", "{call}(x, 2, 2, 'VALID', ceil_mode=True)"),
        Gap("avg_pool*", "count_include_pad", "tf.nn's averages have no count_include_pad", "{call}(x, 2, 2, 'SAME', count_include_pad=True)"),
        Gap("avg_pool*", "divisor_override", "tf.nn's averages have no divisor_override", "{call}(x, 2, 2, 'VALID', divisor_override=3)"),
        Gap(WINDOWED, "stride with dilation", "tf.nn.pool takes a stride over one or a dilation over one, not both",
            "tensorflow.nn.pool(x, (2,) * {rank}, '{op}'[:3].upper(), strides=(2,) * {rank}, dilations=(2,) * {rank})"),
        Gap(WINDOWED, "padding=same with dilation", "tf.nn.pool dilates without padding only",
            "tensorflow.nn.pool(x, (2,) * {rank}, '{op}'[:3].upper(), padding='SAME', dilations=(2,) * {rank})"),
        Gap("max_pool1|max_pool3|avg_pool1|avg_pool3", "padding=explicit with dilation", "tf.nn.pool takes explicit padding in 2 dimensions only",
            "tensorflow.nn.pool(x, (2,) * {rank}, '{op}'[:3].upper(), padding=[[0, 0]] + [[1, 1]] * {rank} + [[0, 0]], dilations=(2,) * {rank})"),
    )  # fmt: skip

    def form(self, ask: Ask) -> Form:
        """The form of an operation; `tf.nn.pool` alone has dilation."""
        form = super().form(ask)
        if not dilated(ask):
            return form
        if max(ask.pool.stride or (1,)) > 1:
            self.refuse(ask, "stride with dilation")
        return self.dilated[ask.pool.op]

    def value(self, name: str, value: Any, ask: Ask) -> Any:
        """A data format by its letters, padding by its name or with the pairs of all axes."""
        match name:
            case "data_format":
                return FORMATS[value][ask.rank]
            case "padding":
                return self.padding(value, ask) if ask.pool.pads() else "VALID"
        return value

    def padding(self, padding: str | Pads, ask: Ask) -> Any:
        """Padding by its name, or as pairs for all axes."""
        suffix = " with dilation" if dilated(ask) else ""
        if padding == "same_lower":
            self.refuse(ask, "padding=same_lower")
        if isinstance(padding, str):
            self.admit(ask, f"padding=same{suffix}")
            return "SAME"
        self.admit(ask, f"padding=explicit{suffix}")
        cells = [list(sides) for sides in padding]
        return [NONE, NONE, *cells] if ask.layout == FIRST else [NONE, *cells, NONE]


def dilated(ask: Ask) -> bool:
    """Whether the cells of a window stand apart."""
    return max(ask.pool.dilation or (1,)) > 1


ADAPTER = TensorFlow()

"""ncnn: layers written as text, which a net loads; images without a batch axis, channels first, in 32-bit floats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....cases.model.formula import Variable
from ....cases.model.pool import FIRST
from ...contract import Adapter, Ask, Call, Def, Form, Gap, Part, Ref, Step, Steps, Target, Unsupported
from ...contract.call import Each
from .gaps import GAPS

WINDOW = {name: name for name in ("kernel", "stride", "padding", "ceil_mode")}
SIZED = {"output_size": "output_size"}
MAXIMUM, AVERAGE = {"type": 0}, {"type": 1}
KINDS = {"max": MAXIMUM, "avg": AVERAGE}
NAMES = {1: "Pooling1D", 2: "Pooling", 3: "Pooling3D"}

PER_AXIS = {"kernel": (1, 11, 21), "stride": (2, 12, 22), "output_size": (8, 18, 28)}
"""The numbers of the parameters of each axis, the last axis first."""
LOW, HIGH = (3, 13, 23), (14, 15, 16)
"""Likewise, of the padding on both sides."""
TYPE, GLOBAL, PAD_MODE, COUNTED, ADAPTIVE = 0, 4, 5, 6, 7
PAD_MODES = {"ceil": 0, "valid": 1, "same": 2, "same_lower": 3}

HEAD = "7767517\n{layers} {blobs}\nInput x 0 1 x\n"
CHECK = Step("", "numpy.testing.assert_equal", (Ref("status"), 0))
"""ncnn returns the number of an error, and raises none."""


def pooling_forms(rank: int) -> dict[str, Form]:
    """The forms of the poolings over so many axes."""
    name = NAMES[rank]
    return {
        f"max_pool{rank}": Form(name, WINDOW, required=("kernel", "ceil_mode"), fixed=MAXIMUM),
        f"avg_pool{rank}": Form(
            name, {**WINDOW, "count_include_pad": "count_include_pad"}, required=("kernel", "ceil_mode"), fixed=AVERAGE
        ),
        **{
            f"adaptive_{kind}_pool{rank}": Form(name, SIZED, required=("output_size",), fixed=parameters)
            for kind, parameters in KINDS.items()
        },
        **{f"global_{kind}_pool{rank}": Form(name, {}, fixed=parameters) for kind, parameters in KINDS.items()},
    }


class Ncnn(Adapter):
    """Nets of one layer."""

    targets = (Target("ncnn", ("ncnn",), ("ncnn",), "ncnn", groups=("mobile",)),)
    title = "ncnn"
    ledger_versions = {"ncnn": ("1.0.20261020",)}
    layout = FIRST
    unbatched = True
    environment_prefixes = ("NCNN_", "OMP_")
    forms = {
        **{name: form for rank in NAMES for name, form in pooling_forms(rank).items()},
        "conv1": Form("Convolution1D", {"stride": "stride", "padding": "padding", "dilation": "dilation"}, arrays=("weights",)),
        "conv2": Form("Convolution", {"stride": "stride", "padding": "padding", "dilation": "dilation"}, arrays=("weights",)),
        "upsample_nearest1": Form("Interp", {"kernel": "kernel", "output_size": "output_size"}),
        "upsample_nearest2": Form("Interp", {"kernel": "kernel", "output_size": "output_size"}),
        "flatten": Form("Flatten", {}, any_layout=True),
        "input": Form("Input", {}, any_layout=True),
    }
    gaps = GAPS

    def translate(self, ask: Ask) -> tuple[Call, Any]:
        """Translate the operation; ncnn's layers read their arrays as 32-bit floats whatever these are."""
        call = super().translate(ask)
        if ask.dtype != "float32":
            self.unsupported(ask, "dtype")
        if ask.batched and not ask.shape[0]:
            raise Unsupported(Gap("*", "batched", "ncnn takes images one by one: a batch without images asks nothing of it", ""))
        return call

    def form(self, ask: Ask) -> Form:
        """The form of an operation; an up-sampling needs a factor or a size."""
        form, pool = super().form(ask), ask.pool
        if pool.op == "upsample_nearest" and not (pool.kernel or pool.output_size):
            self.unsupported(ask, "kernel", "open")
        return form

    def neutral_value(self, name: str, ask: Ask) -> Any:
        """The value of a parameter that has no effect; ncnn rounds sizes up unless told otherwise."""
        return False if name == "ceil_mode" else super().neutral_value(name, ask)

    def has_counterpart(self, name: str, ask: Ask, form: Form) -> bool:
        """Whether ncnn has an argument for a parameter; it drops the axes of a global pooling without one."""
        return False if name == "keepdims" and ask.pool.keepdims is False else super().has_counterpart(name, ask, form)

    def keeps_axes(self, ask: Ask) -> bool:
        """Whether the answer has as many axes as the input; global poolings have one axis, the channels."""
        return super().keeps_axes(ask) and not ask.pool.op.startswith("global")

    def operation_steps(self, ask: Ask, form: Form) -> tuple[Steps, tuple[str, ...]]:
        """The steps that load a net of one layer, and run it on each image of a batch."""
        arguments, notes = self.arguments(ask, form)
        parameters = " ".join(f"{number}={value}" for number, value in sorted(self.parameters(ask, arguments).items()))
        weighted = ask.pool.op == "conv"
        inputs = "Input w 0 1 w\n" if weighted else ""
        name = form.call.replace("Convolution", "ConvolutionDepthWise") if weighted and ask.groups > 1 else form.call
        layer = f"{name} y {'2 1 x w' if weighted else '1 1 x'} y {parameters}".rstrip()
        text = HEAD.format(layers=2 + weighted, blobs=2 + weighted) + inputs + layer + "\n"
        output = "y"
        if ask.pool.op == "input":
            text, output = HEAD.format(layers=1, blobs=1), "x"
        load = (Step("net", "ncnn.Net"), Step("status", "net.load_param_mem", (text,)), CHECK, Step("", "net.load_model_mem", ("",)))
        weights = (Step("w", "ncnn.Mat", (Ref("weights"),)), Step("", "extractor.input", ("w", Ref("w")))) if weighted else ()
        run = (
            Step("image", "ncnn.Mat", (Ref("x"),)),
            Step("extractor", "net.create_extractor"),
            Step("", "extractor.input", ("x", Ref("image"))),
            *weights,
            Step(("status", "y"), "extractor.extract", (output,)),
            CHECK,
            Step("y", "numpy.array", (Ref("y"),)),
        )
        if not ask.batched:
            return (*load, *run), notes
        image = Part("x", 0, Variable("i"), Variable("i") + 1)
        each = Def("run", (Step("x", "numpy.squeeze", (Ref("x"), 0)), *run))
        return (*load, each, Each("outputs", Step("", "run", (image,)), ask.shape[0]), Step("y", "numpy.stack", (Ref("outputs"),))), notes

    def parameters(self, ask: Ask, arguments: Mapping[str, Any]) -> dict[int, Any]:
        """The parameters of a layer by their numbers."""
        match ask.pool.op:
            case "conv":
                return self.convolution(ask, arguments)
            case "upsample_nearest":
                scales = {number: float(cells) for number, cells in zip((2, 1), reversed(arguments.get("kernel", ())), strict=False)}
                sizes = arguments.get("output_size", ())
                sizes_by_number = dict(zip((4, 3), (*reversed(sizes), 1), strict=False)) if sizes else {}
                return {0: 1, **scales, **sizes_by_number}  # a width counts only beside a height, which a line has not
            case "flatten" | "input":
                return {}
        kind: dict[int, Any] = {TYPE: arguments["type"]}
        if ask.pool.op.startswith("global"):
            return {**kind, GLOBAL: 1}
        if "output_size" in arguments:
            return {**kind, ADAPTIVE: 1, **by_axis("output_size", arguments["output_size"])}
        count_flag = {COUNTED: int(arguments["count_include_pad"])} if "count_include_pad" in arguments else {}
        windows = {
            number: value for name in ("kernel", "stride") if name in arguments for number, value in by_axis(name, arguments[name]).items()
        }
        return {**kind, **windows, **self.padding(ask, arguments), **count_flag}

    def padding(self, ask: Ask, arguments: Mapping[str, Any]) -> dict[int, int]:
        """The padding, and how sizes are rounded, which is one parameter with the names of paddings."""
        padding = arguments.get("padding", "valid")
        if padding in ("same", "same_lower"):
            return {PAD_MODE: PAD_MODES[padding]}  # which covers the input, so that nothing is left to round
        mode = {PAD_MODE: PAD_MODES["ceil" if arguments["ceil_mode"] else "valid"]}
        if padding == "valid":
            return mode
        sides = reversed(padding)
        return {
            **mode,
            **{
                number: cells
                for pair, numbers in zip(sides, zip(LOW, HIGH, strict=True), strict=False)
                for number, cells in zip(numbers, pair, strict=True)
            },
        }

    def convolution(self, ask: Ask, arguments: Mapping[str, Any]) -> dict[int, Any]:
        """The parameters of a convolution, whose weights are its second input."""
        filters, _, kernel = ask.weights
        padding = arguments.get("padding", "valid")
        code_by_name = {"same": -233, "same_lower": -234}
        pads = {4: code_by_name[padding]} if padding in code_by_name else {} if padding == "valid" else dict(
            pair for (low, high), numbers in zip(reversed(padding), ((4, 15), (14, 16)), strict=False) for pair in zip(numbers, (low, high), strict=True)
        )  # fmt: skip
        more = {
            number: value
            for name, numbers in (("stride", (3, 13)), ("dilation", (2, 12)))
            for number, value in zip(numbers, reversed(arguments.get(name, ())), strict=False)
        }
        groups = {7: ask.groups} if ask.groups > 1 else {}
        return {0: filters, **groups, **dict(zip((1, 11), reversed(kernel), strict=False)), **more, **pads, 19: 1}


def by_axis(name: str, values: tuple[int, ...]) -> dict[int, int]:
    """A parameter of each axis, by number."""
    return dict(zip(PER_AXIS[name], reversed(values), strict=False))


ADAPTER = Ncnn()

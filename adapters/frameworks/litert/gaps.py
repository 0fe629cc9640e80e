"""What the `.tflite` format and its runtimes do not have, each with a model that cannot be made or is not run."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap

WINDOW = "filterHeight=2, filterWidth=2, strideH=2, strideW=2, padding={s}.Padding.VALID"


EVERY = "slice(1, None, 2)"
POOLED = f"x[(slice(None), *[{EVERY}] * {{rank}})]"
"""The maxima of the input of attempts, whose cells grow along each axis, with a window and a stride of two."""
POOLED_WITHOUT_BATCH = f"x[0][(*[{EVERY}] * {{rank}},)]"
PLACES = f"numpy.arange(36).reshape(6, 6)[{EVERY}, {EVERY}]"
"""Where these maxima are in a plane."""


class Codes:
    """Native code for models of one operator, with the schema of a runtime, run by that runtime."""

    def __init__(self, schema: str, run: str, result: str) -> None:
        """`run` runs the bytes that `{data}` stands for on `{x}`, with the interpreter `i`; `result` gets its result of a `{number}`."""
        self.schema, self.runtime, self.answer = schema, run, result

    def model(self, operator: str, table: str, options: str, x: str, due: str, outputs: int = 1) -> str:
        """Native code for the bytes of a model of an operator with these options, for `x` and results of the shape of `due`, which are expressions."""
        s, numbers = self.schema, list(range(1, outputs + 1))
        tensors = [f"{s}.TensorT(name='t', shape=list({array}.shape), type={s}.TensorType.FLOAT32)" for array in (x, *[due] * outputs)]
        return (
            f"(m := {s}.ModelT(version=3, buffers=[{s}.BufferT()], operatorCodes=[{s}.OperatorCodeT(builtinCode={s}.BuiltinOperator.{operator})], "
            f"subgraphs=[{s}.SubGraphT(tensors=[{', '.join(tensors)}], inputs=[0], outputs={numbers}, "
            f"operators=[{s}.OperatorT(inputs=[0], outputs={numbers}, builtinOptionsType={s}.BuiltinOptions.{table}, "
            f"builtinOptions={s}.{table}T({options.replace('{s}', s)}))])]), b := flatbuffers.Builder(0), "
            f"b.Finish(m.Pack(b), b'TFL3'), bytes(b.Output()))[-1]"
        )

    def run(self, operator: str, table: str, options: str, x: str = "x", due: str = "x", outputs: int = 1) -> str:
        """Native code that runs such a model."""
        return self.runtime.replace("{data}", self.model(operator, table, options, x, due, outputs)).replace("{x}", x)

    def pool(self, options: str = WINDOW, x: str = "x", due: str = POOLED, operator: str = "MAX_POOL_2D") -> str:
        """Native code that pools, and asserts that the result is `due`."""
        run = self.run(operator, "Pool2DOptions", options, x, due)
        return f"assert numpy.array_equal(({run}, {self.answer.replace('{number}', '0')})[-1], {due})"

    def locate(self) -> str:
        """Native code that asks a maximum for a second result, and asserts that it has the places of the maxima."""
        run = self.run("MAX_POOL_2D", "Pool2DOptions", WINDOW, due=POOLED, outputs=2)
        return f"assert numpy.array_equal(({run}, {self.answer.replace('{number}', '1')})[-1][0, ..., 0], {PLACES})"


CONVOLVED = "strideH=1, strideW=1, padding={s}.Padding.VALID"


def format_gaps(codes: Codes, gradient: str) -> tuple[Gap, ...]:
    """The gaps of the format, tried in a runtime; `gradient` is code that asks it for a gradient."""
    pool, s = codes.pool, codes.schema
    absent = f"{s}.BuiltinOperator."
    return (
        Gap("*", "gradient", "runtimes of .tflite models do not differentiate", gradient),
        Gap("max_pool1|avg_pool1|lp_pool1|max_pool3|avg_pool3|lp_pool3", "op", "the .tflite format pools planes only", pool()),
        Gap("lp_pool2", "op", "the .tflite format's L2_POOL_2D averages the squares, which an LP norm sums",
            pool(x="numpy.ones_like(x)", due=f"(2 * numpy.ones_like({POOLED}))", operator="L2_POOL_2D")),
        Gap("global_lp_pool*", "op", "the .tflite format has no global LP pooling", f"{absent}REDUCE_L2"),
        Gap("adaptive*", "op", "the .tflite format has no adaptive pooling", f"{absent}ADAPTIVE_POOL_2D"),
        Gap("fractional*", "op", "the .tflite format has no fractional pooling", f"{absent}FRACTIONAL_MAX_POOL"),
        Gap("max_unpool*", "op", "the .tflite format has no un-pooling", f"{absent}MAX_UNPOOL_2D"),
        Gap("input*", "op", "the .tflite format has no layers", f"{absent}INPUT"),
        Gap("conv1", "op", "the .tflite format convolves planes and volumes", f"{absent}CONV_1D"),
        Gap("upsample_nearest1|upsample_nearest3", "op", "the .tflite format resizes planes only",
            f"{s}.BuiltinOperator.RESIZE_NEAREST_NEIGHBOR_{{rank}}D"),
        Gap("max_pool2|avg_pool2", Feature("batched", "false"), "the .tflite format's pooling has a batch axis always", pool(x="x[0]", due=POOLED_WITHOUT_BATCH)),
        Gap("conv2|conv3", Feature("batched", "false"), "the .tflite format's convolutions have a batch axis always",
            codes.run("CONV_2D", "Conv2DOptions", CONVOLVED, "x[0]", "x[0]")),
        Gap("upsample_nearest2", Feature("batched", "false"), "the .tflite format's resizing has a batch axis always",
            codes.run("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions", "", "x[0]", "x[0]")),
        Gap("conv2|conv3", Feature("weights", OPEN), "a convolution needs weights", codes.run("CONV_{rank}D", "Conv{rank}DOptions", CONVOLVED)),
        Gap("conv2|conv3|max_pool2|avg_pool2", Feature("padding", "explicit"), "the .tflite format's padding is SAME or VALID",
            f"{s}.Padding.EXPLICIT"),
        Gap("conv2|conv3|max_pool2|avg_pool2", Feature("padding", "same_lower"), "the .tflite format's padding is SAME or VALID",
            f"{s}.Padding.SAME_LOWER"),
        Gap("conv2|conv3|max_pool2|avg_pool2|upsample_nearest2|global*", Feature("data_format", "channels_first"),
            "the .tflite format's arrays are channels last", pool(WINDOW + ", dataFormat='NCHW'")),
        Gap("max_pool2|avg_pool2", "dilation", "the .tflite format's pooling has no dilation", pool(WINDOW + ", dilationHFactor=2")),
        Gap("max_pool2|avg_pool2", "ceil_mode", "the .tflite format's pooling has no ceil_mode", pool(WINDOW + ", ceilMode=True")),
        Gap("avg_pool2", "count_include_pad", "the .tflite format's averages have no count_include_pad", pool(WINDOW + ", countIncludePad=True")),
        Gap("avg_pool2", "divisor_override", "the .tflite format's averages have no divisor_override", pool(WINDOW + ", divisorOverride=3")),
        Gap("max_pool2|avg_pool2", Feature("kernel", OPEN), "the .tflite format's windows have no cells if a model does not state their size",
            pool("strideH=2, strideW=2, padding={s}.Padding.VALID")),
        Gap("max_pool2|avg_pool2", Feature("stride", OPEN), "the .tflite format's strides are zero if a model does not state them",
            pool("filterHeight=2, filterWidth=2, padding={s}.Padding.VALID")),
        Gap("max_pool2", "indices", "the .tflite format's maxima do not say where they were found", codes.locate()),
        Gap("global_max_pool*", "indices", "the .tflite format's maxima do not say where they were found",
            codes.run("REDUCE_MAX", "ReducerOptions", "", outputs=2)),
        Gap("upsample_nearest2", "kernel", "the .tflite format resizes to a size, not by a factor",
            codes.run("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions", "scale=2")),
        Gap("upsample_nearest2", Feature("output_size", OPEN), "the .tflite format resizes to a size that the model states",
            codes.run("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions", "")),
    )  # fmt: skip

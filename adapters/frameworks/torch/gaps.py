"""What PyTorch does not have."""

from __future__ import annotations

from ...contract import OPEN, Feature, Gap

WINDOWED = "max_pool*|avg_pool*"
FRACTIONAL = "fractional_max_pool2|fractional_max_pool3"
FORMAT = "torch has no data_format: its arrays are channels first"
SIZELESS = "torch's windows have no default size"
CONVOLVED = "{call}(x, torch.ones((2, 2) + (2,) * {rank}), "

LOWERED = (
    "executorch.runtime.Runtime.get().load_program(executorch.exir.to_edge("
    "torch.export.export(torch.nn.Module.eval({{call}}({})), (x,))).to_executorch().buffer).load_method('forward')"
)

GAPS = (
    Gap("*", Feature("gradient", beside="ONNX Runtime"), "an ONNX model that torch exports does not differentiate", "torch.onnx.ONNXProgram.backward",
        "torch+onnx"),
    Gap(FRACTIONAL, Feature("op", beside="ONNX Runtime"), "torch's exporter to ONNX has no fractional pooling",
        "torch.onnx.export(torch.nn.Module.eval({call}(2, output_size=2)), (x,), dynamo=True, verbose=False)", "torch+onnx"),
    Gap("*", Feature("gradient", beside="ExecuTorch"), "a program of ExecuTorch does not differentiate", "executorch.runtime.Method.backward",
        "torch+executorch"),
    Gap("max_pool3|avg_pool3|adaptive_max_pool*", Feature("op", beside="ExecuTorch"), "ExecuTorch has no kernel for it", LOWERED.format("2"), "torch+executorch"),
    Gap(FRACTIONAL, Feature("op", beside="ExecuTorch"), "ExecuTorch has no kernel for it", LOWERED.format("2, output_size=2"), "torch+executorch"),
    Gap("fractional_max_pool1", "op", "torch has no fractional pooling in one dimension", "torch.nn.FractionalMaxPool1d(2, output_size=2)(x)"),
    Gap("input*", "op", "torch has no layer for its input", "torch.nn.Input((6,) * {rank})"),
    Gap("upsample_nearest*", Feature("batched", "false"), "torch's up-sampling needs a batch axis",
        "assert {call}(scale_factor=2)(x[0]).shape == (2,) + (12,) * {rank}"),
    Gap("global_avg_pool*", "mask", "torch.mean takes no mask", "{call}(x, dim=(2,), mask=x > 0)"),
    Gap("global_max_pool*", "indices", "torch.amax does not say where its maxima are", "{call}(x, dim=(2,), return_indices=True)"),
    Gap("conv*", Feature("weights", OPEN), "torch's convolution needs weights", "{call}(x)"),
    Gap("max_unpool*", Feature("indices", OPEN), "torch's un-pooling needs indices", "{call}(x, kernel_size=2)"),
    Gap(WINDOWED, Feature("kernel", OPEN), SIZELESS, "{call}()(x)"),
    Gap("lp_pool*", Feature("kernel", OPEN), SIZELESS, "{call}(norm_type=2)(x)"),
    Gap("max_unpool*", Feature("kernel", OPEN), SIZELESS, "{call}(x, x.long())"),
    Gap(FRACTIONAL, Feature("kernel", OPEN), SIZELESS, "{call}(output_size=2)(x)"),
    Gap("upsample_nearest*", Feature("kernel", OPEN), "torch's up-sampling has no default factor", "{call}()(x)"),
    Gap("lp_pool*", Feature("p", OPEN), "torch's LP pooling has no default exponent", "{call}(kernel_size=2)(x)"),
    Gap("adaptive*", Feature("output_size", OPEN), "torch's adaptive pooling has no default size", "{call}()(x)"),
    Gap(FRACTIONAL, Feature("output_size", OPEN), "torch's fractional pooling has no default size", "{call}(2)(x)"),
    Gap(WINDOWED, Feature("padding", "same"), "torch's pooling has no padding by name", "{call}(2, padding='same')(x)"),
    Gap("max_unpool*", Feature("padding", "same"), "torch's un-pooling has no padding by name", "{call}(x, x.long(), 2, padding='same')"),
    Gap("conv*", Feature("padding", "same_lower"), "torch's padding is valid, same, or in cells", CONVOLVED + "padding='same_lower')"),
    Gap("conv*", Feature("padding", "same", beside="stride"), "torch pads by 'same' with a stride of one only", CONVOLVED + "padding='same', stride=2)"),
    Gap(WINDOWED, Feature("padding", "uneven"), "torch pads both sides of an axis alike", "{call}(2, padding=((0, 1),) * {rank})(x)"),
    Gap("max_unpool*", Feature("padding", "uneven"), "torch pads both sides of an axis alike", "{call}(x, x.long(), 2, padding=((0, 1),) * {rank})"),
    Gap("conv*", Feature("padding", "uneven"), "torch pads both sides of an axis alike", CONVOLVED + "padding=((0, 1),) * {rank})"),
    Gap("lp_pool*", "padding", "torch's LP pooling has no padding", "{call}(2, 2, padding=1)(x)"),
    Gap("avg_pool*", "dilation", "torch's average pooling has no dilation", "{call}(2, dilation=2)(x)"),
    Gap("lp_pool*", "dilation", "torch's LP pooling has no dilation", "{call}(2, 2, dilation=2)(x)"),
    Gap("avg_pool1", "divisor_override", "torch.nn.AvgPool1d has no divisor_override", "{call}(2, divisor_override=3)(x)"),
    Gap(f"{WINDOWED}|adaptive*", Feature("data_format", "channels_last"), FORMAT, "{call}(2, data_format='channels_last')(x)"),
    Gap(f"lp_pool*|{FRACTIONAL}", Feature("data_format", "channels_last"), FORMAT, "{call}(2, 2, data_format='channels_last')(x)"),
    Gap("upsample_nearest*", Feature("data_format", "channels_last"), FORMAT, "{call}(scale_factor=2, data_format='channels_last')(x)"),
    Gap("max_unpool*", Feature("data_format", "channels_last"), FORMAT, "{call}(x, x.long(), 2, data_format='channels_last')"),
    Gap("conv*", Feature("data_format", "channels_last"), FORMAT, CONVOLVED + "data_format='channels_last')"),
)  # fmt: skip

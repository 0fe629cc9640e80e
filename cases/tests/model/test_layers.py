"""Layers as documents spell them."""

import pytest

from poolparity.cases.model.layers import BadSpelling, framework_defaults, make_layers, parse_layer
from poolparity.cases.model.pool import FIRST, LAST, Pool

MEANS = {
    "kernel": "kernel",
    "kernel_size": "kernel",
    "stride": "stride",
    "padding": "padding",
    "pads": "pads",
    "dilation": "dilation",
    "ceil_mode": "ceil_mode",
    "count_include_pad": "count_include_pad",
    "divisor_override": "divisor_override",
    "p": "p",
    "keepdims": "keepdims",
    "output_size": "output_size",
    "data_format": "data_format",
}
KNOWN = {
    **make_layers("torch", FIRST, MEANS, {
        "torch.nn.AvgPool2d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None)":
            ("avg_pool", 2),
        "torch.nn.LPPool2d(p, kernel_size, stride=None)": ("lp_pool", 2),
        "torch.nn.AdaptiveMaxPool2d(output_size, return_indices=False)": ("adaptive_max_pool", 2),
    }, words={"padding": {"notset": "valid", "same_upper": "same"}}),
    **make_layers("keras", LAST, MEANS, {
        "keras.layers.GlobalMaxPooling1D(data_format='channels_last', keepdims=False)": ("global_max_pool", 1),
    }),
    **make_layers("onnx", FIRST, MEANS, {"onnx.MaxPool(*, kernel, pads=None, stride=None, ceil_mode=0)": ("max_pool", 0)}, "one"),
    **make_layers("tensorflow", LAST, {"ksize": "kernel", "strides": "stride", "padding": "padding", "data_format": "data_format"}, {
        "tf.nn.max_pool2d(ksize, strides, padding, data_format='NHWC')": ("max_pool", 2),
    }, everywhere=True, words={"data_format": {"NCHW": FIRST, "NHWC": LAST}}),
    **make_layers("keras", LAST, {"padding": "padding", "border_mode": "padding"}, {
        "keras.layers.Pool(padding='valid', border_mode=None)": ("max_pool", 2),
    }),
}  # fmt: skip


def stated_pool(text):
    return parse_layer(text, KNOWN).full_pool


def test_defaults_are_stated_and_not_written():
    spelling = parse_layer("torch.nn.AvgPool2d(3)", KNOWN)
    zero = ((0, 0), (0, 0))
    assert spelling.full_pool == Pool(op="avg_pool", kernel=(3, 3), stride=(3, 3), padding=zero, ceil_mode=False, count_include_pad=True)
    assert spelling.written_pool == Pool(op="avg_pool", kernel=(3, 3))
    assert spelling.arguments == {"kernel_size": 3}
    assert (spelling.layer.framework, spelling.layer.rank, spelling.data_format) == ("torch", 2, FIRST)


def test_a_default_format_is_neither_stated_nor_written():
    spelling = parse_layer("keras.layers.GlobalMaxPooling1D()", KNOWN)
    assert (spelling.full_pool.data_format, spelling.written_pool.data_format, spelling.data_format) == (None, None, LAST)
    spelling = parse_layer("keras.layers.GlobalMaxPooling1D('channels_first')", KNOWN)
    assert (spelling.full_pool.data_format, spelling.written_pool.data_format, spelling.data_format) == (FIRST, FIRST, FIRST)


def test_stride_is_the_window_or_one():
    assert stated_pool("torch.nn.LPPool2d(2, (2, 3))").stride == (2, 3)
    assert stated_pool("onnx.MaxPool(kernel=[2, 3])").stride == (1, 1)


def test_the_kernel_tells_the_rank_where_one_name_serves_all():
    spelling = parse_layer("onnx.MaxPool(kernel=[2, 3, 4], pads=[0, 1, 2, 3, 4, 5])", KNOWN)
    assert spelling.layer.rank == 3
    assert spelling.full_pool.padding == ((0, 3), (1, 4), (2, 5))


@pytest.mark.parametrize(
    ("padding", "expected"),
    [
        ("1", ((1, 1), (1, 1))),
        ("(0, 1)", ((0, 0), (1, 1))),
        ("((0, 1), (2, 3))", ((0, 1), (2, 3))),
        ("'SAME'", "same"),
        ("'same_upper'", "same"),
        ("'SAME_LOWER'", "same_lower"),
        ("'VALID'", "valid"),
        ("'NOTSET'", "valid"),
    ],
)
def test_padding_is_read_as_each_framework_spells_it(padding, expected):
    assert stated_pool(f"torch.nn.AvgPool2d(2, padding={padding})").padding == expected


def test_arguments_without_a_meaning_say_nothing():
    assert stated_pool("torch.nn.AdaptiveMaxPool2d(3, return_indices=True)") == Pool(op="adaptive_max_pool", output_size=(3, 3))


def test_truth_values_and_numbers_are_of_one_type():
    assert stated_pool("onnx.MaxPool(kernel=[2], ceil_mode=1)").ceil_mode is True
    assert repr(stated_pool("torch.nn.LPPool2d(2, 2)").p) == "2.0"
    assert stated_pool("torch.nn.AvgPool2d(2, divisor_override=3)").divisor_override == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a call; expected a layer with literal arguments, as in keras.layers.MaxPooling1D(2)"),
        (r"a('\d')", r""""a('\\d')" is not a call; expected a layer with literal arguments, as in keras.layers.MaxPooling1D(2)"""),
        ("2 +", "'2 +' is not a call; expected a layer with literal arguments, as in keras.layers.MaxPooling1D(2)"),
        ("a.b()()", "'a.b()()' is not a call; expected a layer with literal arguments, as in keras.layers.MaxPooling1D(2)"),
        ("torch.nn.AvgPool(2)", "'torch.nn.AvgPool' is not a known layer; expected torch.nn.AvgPool2d"),
        ("torch.nn.LPPool2d(2)", "torch.nn.LPPool2d lacks its kernel_size; expected torch.nn.LPPool2d(p, kernel_size, stride=None)"),
        ("torch.nn.LPPool2d(1, 2, 3, 4)",
         "torch.nn.LPPool2d got 4 positional arguments; expected torch.nn.LPPool2d(p, kernel_size, stride=None)"),
        ("torch.nn.LPPool2d(1, 2, p=1)", "torch.nn.LPPool2d got p twice; expected each argument once"),
        ("torch.nn.LPPool2d(1, 2, **{})", "torch.nn.LPPool2d has no argument **; expected torch.nn.LPPool2d(p, kernel_size, stride=None)"),
        ("torch.nn.LPPool2d(1, *[2])",
         "kernel_size of torch.nn.LPPool2d is not a literal; expected a number, text, tuple, True, False or None"),
        ("torch.nn.LPPool2d(1, 2 ** 9)",
         "kernel_size of torch.nn.LPPool2d is not a literal; expected a number, text, tuple, True, False or None"),
        ("torch.nn.LPPool2d('1', 2)", "p='1' has no meaning for torch.nn.LPPool2d; expected a number"),
        ("torch.nn.LPPool2d(True, 2)", "p=true has no meaning for torch.nn.LPPool2d; expected a number"),
        ("torch.nn.AvgPool2d(2.5)", "kernel_size=2.5 has no meaning for torch.nn.AvgPool2d; expected an integer, or one for each spatial axis"),
        ("torch.nn.AvgPool2d((2, True))",
         "kernel_size=[2, true] has no meaning for torch.nn.AvgPool2d; expected an integer, or one for each spatial axis"),
        ("torch.nn.AvgPool2d(2, padding='full')", ("padding='full' has no meaning for torch.nn.AvgPool2d; "
         "expected 'valid', 'same', an integer, one for each spatial axis, or a (low, high) pair for each")),
        ("torch.nn.AvgPool2d(2, ceil_mode=[])", "ceil_mode=[] has no meaning for torch.nn.AvgPool2d; expected True or False"),
        ("torch.nn.AvgPool2d(2, divisor_override=True)", "divisor_override=true has no meaning for torch.nn.AvgPool2d; expected an integer"),
        ("keras.layers.GlobalMaxPooling1D('NHWC')",
         "data_format='NHWC' has no meaning for keras.layers.GlobalMaxPooling1D; expected 'channels_first' or 'channels_last'"),
        ("onnx.MaxPool(kernel=2)", "kernel=2 has no meaning for onnx.MaxPool; expected one integer for each spatial axis"),
        ("onnx.MaxPool(kernel=[2], pads=[1])",
         "pads=[1] has no meaning for onnx.MaxPool; expected an integer for the low side of each spatial axis, then one for each high side"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(text, message):
    with pytest.raises(BadSpelling) as error_info:
        parse_layer(text, KNOWN)
    assert str(error_info.value) == message
    assert f"{error_info.value.what}; expected {error_info.value.expected}" == message


@pytest.mark.parametrize("text", ["a" + ".b" * 50_000 + "()", "a(" * 5_000, "a(" + "-" * 50_000 + "1)", "a(" + "[" * 150 + "]" * 150 + ")"])
def test_no_text_is_too_deep_to_be_refused(text):
    with pytest.raises(BadSpelling):
        parse_layer(text, KNOWN)


def test_what_a_source_leaves_open_follows_its_own_framework():
    table = {"a.Mean(size, stride=None, counted=True)": ("avg_pool", 1), "a.Whole(keepdims=False)": ("global_max_pool", 1)}
    means = {"size": "kernel", "stride": "stride", "counted": "count_include_pad", "keepdims": "keepdims"}
    layers = make_layers("a", "channels_first", means, table, "one")
    assert framework_defaults(parse_layer("a.Mean(2)", layers)) == {"stride_default": "one", "include_default": "padded"}
    assert framework_defaults(parse_layer("a.Mean(2, 2, False)", layers)) == {}
    assert framework_defaults(parse_layer("a.Whole()", layers)) == {"keepdims_default": "dropped"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tf.nn.max_pool2d([1, 2, 3, 1], [1, 2, 2, 1], 'SAME')", {"kernel": (2, 3), "stride": (2, 2), "padding": "same"}),
        ("tf.nn.max_pool2d([1, 1, 2, 3], 2, 'SAME', 'NCHW')", {"kernel": (2, 3), "stride": (2, 2), "padding": "same"}),
        ("tf.nn.max_pool2d([2], 1, [[0, 0], [1, 0], [1, 1], [0, 0]])", {"kernel": (2, 2), "stride": (1, 1), "padding": ((1, 0), (1, 1))}),
    ],
)
def test_values_for_batch_and_channels_are_dropped_from_those_of_the_spatial_axes(text, expected):
    assert {name: getattr(stated_pool(text), name) for name in expected} == expected


def test_a_window_over_channels_is_no_pooling_of_ours():
    with pytest.raises(
        BadSpelling, match=r"ksize=\[1, 2, 2, 2\] has no meaning for tf.nn.max_pool2d; expected an integer, or one for each"
    ):
        stated_pool("tf.nn.max_pool2d([1, 2, 2, 2], 2, 'SAME')")


def test_letters_of_another_number_of_axes_are_what_has_no_meaning():
    with pytest.raises(BadSpelling, match=r"data_format='NWC' has no meaning for tf.nn.max_pool2d; expected 'channels_first' or"):
        stated_pool("tf.nn.max_pool2d(2, 2, 'VALID', 'NWC')")


def test_of_two_arguments_that_tell_one_thing_the_default_gives_way_and_others_clash():
    assert stated_pool("keras.layers.Pool(border_mode='same')").padding == "same"
    assert stated_pool("keras.layers.Pool(padding='same', border_mode='same')").padding == "same"
    with pytest.raises(BadSpelling, match=r"padding and border_mode of keras\.layers\.Pool both tell the padding; expected one of them"):
        stated_pool("keras.layers.Pool(padding='same', border_mode='valid')")

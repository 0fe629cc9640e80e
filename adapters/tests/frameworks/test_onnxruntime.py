"""What ONNX Runtime is asked: models of one node, in sessions that answer as a session by default does."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from poolparity.adapters import Ask, Call, Ref, Step, Unsupported
from poolparity.adapters.frameworks.onnx.gaps import POOLED, SCALES, SIZE
from poolparity.adapters.frameworks.onnxruntime.adapter import ADAPTER
from poolparity.adapters.frameworks.onnxruntime.gaps import SIZED, run_code
from poolparity.adapters.parent.host import Job
from poolparity.cases.model.layers import BadSpelling, parse_layer
from poolparity.cases.model.pool import LAST, Pool


@pytest.mark.parametrize(
    ("pool", "node"),
    [
        (Pool(op="max_pool", kernel=(2, 2)), "'MaxPool', ['x'], ['y'], kernel_shape=(2, 2)"),
        (
            Pool(op="max_pool", kernel=(2, 3), stride=(2, 1), padding=((0, 1), (2, 0)), dilation=(1, 2), ceil_mode=True),
            "'MaxPool', ['x'], ['y'], kernel_shape=(2, 3), strides=(2, 1), pads=(0, 2, 1, 0), dilations=(1, 2), ceil_mode=1",
        ),
        (
            Pool(op="avg_pool", kernel=(2, 2), padding="same_lower", count_include_pad=False),
            "'AveragePool', ['x'], ['y'], kernel_shape=(2, 2), auto_pad='SAME_LOWER', count_include_pad=0",
        ),
        (Pool(op="avg_pool", kernel=(2, 2), padding="same"), "'AveragePool', ['x'], ['y'], kernel_shape=(2, 2), auto_pad='SAME_UPPER'"),
        (Pool(op="max_pool", kernel=(2, 2), padding="valid"), "'MaxPool', ['x'], ['y'], kernel_shape=(2, 2), auto_pad='VALID'"),
        (Pool(op="lp_pool", kernel=(2, 2), p=3.0), "'LpPool', ['x'], ['y'], kernel_shape=(2, 2), p=3"),
        (Pool(op="global_max_pool"), "'GlobalMaxPool', ['x'], ['y']"),
        (Pool(op="global_avg_pool", keepdims=True), "'GlobalAveragePool', ['x'], ['y']"),
        (Pool(op="global_avg_pool", keepdims=False), "'ReduceMean', ['x', 'axes'], ['y'], keepdims=0"),
        (Pool(op="global_lp_pool", p=1.0, keepdims=False), "'ReduceL1', ['x', 'axes'], ['y'], keepdims=0"),
        (Pool(op="global_lp_pool", p=3.0, keepdims=True), "'GlobalLpPool', ['x'], ['y'], p=3"),
        (Pool(op="flatten"), "'Flatten', ['x'], ['y'], axis=1"),
        (Pool(op="upsample_nearest", kernel=(2, 3)), "'Resize', ['x', '', 'scales'], ['y'], mode='nearest'"),
        (Pool(op="upsample_nearest", output_size=(7, 8)), "'Resize', ['x', '', '', 'sizes'], ['y'], mode='nearest'"),
    ],
)
def test_a_pooling_is_a_node(lines, pool, node):
    assert f"node = onnx.helper.make_node({node})" in lines(ADAPTER, pool)


def test_the_node_stands_in_a_model_whose_output_shape_is_open(lines):
    assert lines(ADAPTER, Pool(op="max_pool", kernel=(2, 2)), dtype="float16") == [
        "node = onnx.helper.make_node('MaxPool', ['x'], ['y'], kernel_shape=(2, 2))",
        "x_info = onnx.helper.make_tensor_value_info('x', onnx.TensorProto.FLOAT16, (1, 2, 6, 6))",
        "y_info = onnx.helper.make_tensor_value_info('y', onnx.TensorProto.FLOAT16, None)",
        "graph = onnx.helper.make_graph([node], 'pooling', [x_info], [y_info])",
        "opset = onnx.helper.make_opsetid('', 21)",
        "model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=10)",
        "options = onnxruntime.SessionOptions()",
        "options.intra_op_num_threads = 1",
        "options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL",
        "data = model.SerializeToString()",
        "session = onnxruntime.InferenceSession(data, options)",
        "[y] = session.run(None, {'x': x})",
    ]


def test_a_reduction_is_given_its_axes_as_a_constant(lines):
    code = lines(ADAPTER, Pool(op="global_max_pool", keepdims=False, data_format=LAST), (1, 6, 6, 2), layout=LAST)
    assert "axes = onnx.helper.make_tensor('axes', onnx.TensorProto.INT64, (2,), (1, 2))" in code
    assert "graph = onnx.helper.make_graph([node], 'pooling', [x_info], [y_info], initializer=[axes])" in code


def test_a_node_takes_further_arrays(lines):
    unpool = lines(ADAPTER, Pool(op="max_unpool", kernel=(2, 2), output_size=(9, 9)), shapes={"indices": (1, 2, 6, 6)})
    assert "output_shape = onnx.helper.make_tensor('output_shape', onnx.TensorProto.INT64, (4,), (1, 2, 9, 9))" in unpool
    assert "node = onnx.helper.make_node('MaxUnpool', ['x', 'indices', 'output_shape'], ['y'], kernel_shape=(2, 2))" in unpool
    assert "indices_info = onnx.helper.make_tensor_value_info('indices', onnx.TensorProto.INT64, (1, 2, 6, 6))" in unpool
    assert unpool[-1] == "[y] = session.run(None, {'x': x, 'indices': indices})"
    conv = lines(ADAPTER, Pool(op="conv", padding="same", stride=(2, 1)), shapes={"weights": (4, 1, 3, 3)})
    assert "node = onnx.helper.make_node('Conv', ['x', 'weights'], ['y'], group=2, strides=(2, 1), auto_pad='SAME_UPPER')" in conv


def test_indices_are_a_second_output(lines):
    code = lines(ADAPTER, Pool(op="max_pool", kernel=(2, 2)), wants=frozenset({"indices"}))
    assert "node = onnx.helper.make_node('MaxPool', ['x'], ['y', 'indices'], kernel_shape=(2, 2))" in code
    assert code[-1] == "[y, indices] = session.run(None, {'x': x})"
    assert ADAPTER.index_base(Ask(Pool(op="max_pool"), (1, 2, 6, 6), "float32"), ADAPTER.targets[0]) == "tensor"


def test_a_shape_is_inferred_by_loading_the_model():
    steps = ADAPTER.inferred_shape(Ask(Pool(op="max_pool", kernel=(2, 2)), (1, 2, 6, 6), "float32"), ADAPTER.targets[0]).steps
    assert list(map(str, steps[-3:])) == [
        "session = onnxruntime.InferenceSession(data, options)", "[output] = session.get_outputs()", "inferred_shape = output.shape",
    ]  # fmt: skip


def test_arrays_that_are_written_channels_last_are_turned_there_and_back(lines, answers_of):
    x = np.arange(12, dtype="float32").reshape(1, 3, 2, 2)
    for pool in (Pool(op="global_max_pool"), Pool(op="max_pool", kernel=(3, 2), stride=(1, 1))):
        assert "x_info = onnx.helper.make_tensor_value_info('x', onnx.TensorProto.FLOAT, (1, 2, 3, 2))" in lines(
            ADAPTER, pool, x.shape, layout=LAST
        )
        (y,) = answers_of("onnxruntime", x, pool, layout=LAST)
        assert y.tolist() == [[[[10, 11]]]]


@pytest.mark.parametrize(
    ("parameters", "options", "reason"),
    [
        ({"op": "max_pool", "kernel": (2, 2), "data_format": LAST}, {"layout": LAST}, "no data_format"),
        ({"op": "avg_pool", "kernel": (2, 2), "divisor_override": 3}, {}, "no divisor_override"),
        ({"op": "max_pool", "kernel": (2, 2, 2)}, {"batched": False}, "batch axis"),
        ({"op": "global_lp_pool", "keepdims": False, "p": 3.0}, {}, "keeps its axes"),
        ({"op": "flatten"}, {"batched": False}, "two axes always"),
        ({"op": "upsample_nearest"}, {}, "no default size"),
        ({"op": "conv"}, {}, "needs weights"),
        ({"op": "max_unpool", "padding": "same", "kernel": (2, 2)}, {"shapes": {"indices": (1, 2, 6, 6)}}, "no padding by name"),
        ({"op": "fractional_max_pool", "kernel": (2, 2)}, {}, "no fractional pooling"),
    ],
)
def test_what_onnx_lacks_is_unsupported(lines, parameters, options, reason):
    with pytest.raises(Unsupported, match=reason):
        lines(ADAPTER, Pool(**parameters), **options)


def test_neither_gradients_nor_the_shape_of_a_sized_un_pooling_are_to_be_had():
    ask = Ask(Pool(op="max_unpool", kernel=(2,), output_size=(9,)), (1, 1, 4), "float32", shapes={"indices": (1, 1, 4)})
    with pytest.raises(Unsupported, match="does not differentiate"):
        ADAPTER.gradient(ask, ADAPTER.targets[0])
    with pytest.raises(Unsupported, match="infers no shape"):
        ADAPTER.inferred_shape(ask, ADAPTER.targets[0])


def test_the_code_of_the_gaps_fails_for_their_features_alone(entries, answers_of, ask):
    answers_of("onnxruntime", np.zeros((1, 1, 2), "float32"), Pool(op="global_max_pool"))
    codes = [
        *(run_code("kernel_shape=[2] * 2", node) for node in ("MaxPool", "AveragePool")),
        run_code("p=2", "GlobalLpPool"),
        run_code("axis=0", "Flatten"),
        run_code("strides=[1] * 2", "Conv", inputs="'x', 'x'"),
        run_code("mode='nearest'", "Resize", inputs="'x', '', 's'", before=SCALES).replace("{rank}", "2"),
        run_code(SIZE, "MaxUnpool", inputs="'p', 'i'", before=POOLED).replace("{rank}", "2"),
        run_code(SIZE, "MaxUnpool", inputs="'p', 'i', 'o'", before=SIZED).replace("{rank}", "2"),
        run_code("", "Identity", domain="").replace("'ai.onnx.ml'", "'ai.onnx.preview.training'"),
    ]
    x = np.zeros((1, 2, 6, 6), "float32")
    jobs = [
        Job(code, Call((Step("y", "poolparity.adapters.targets.gap_trials.run", (code, False, Ref("x"))),)), {"x": x}) for code in codes
    ]
    assert [answer.detail for answer in ask(jobs, "onnxruntime")[0].values() if answer.outcome != "accepts"] == []


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"])
def test_every_type_has_its_name(answers_of, dtype):
    (y,) = answers_of("onnxruntime", np.ones((1, 1, 2), dtype), Pool(op="max_pool", kernel=(2,)))
    assert (isinstance(y, str) and f"Type 'tensor({dtype})'" in y) or (y.dtype == dtype and y.tolist() == [[[1]]])


def test_its_sessions_answer_as_a_session_by_default_does(answers_of, ask):
    x = np.random.default_rng(0).normal(size=(2, 3, 9, 8)).astype("float32")
    x[0, 0, 2, 3], x[1, 2, 4] = np.nan, -np.inf
    pools = [
        Pool(op=op, kernel=kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
        for op, kernel, stride, padding, dilation, ceil_mode in product(
            ("max_pool", "avg_pool"), ((2, 2), (3, 2)), ((1, 1), (2, 3)), ("same", ((1, 1), (0, 1))), ((1, 1), (2, 1)), (True, False)
        )
    ] + [Pool(op=op, keepdims=keepdims) for op in ("global_max_pool", "global_avg_pool") for keepdims in (True, False)]
    session_answers = answers_of("onnxruntime", x, *pools)
    jobs = [Job(str(count), by_default(ADAPTER.call(Ask(pool, x.shape, "float32"))), {"x": x}) for count, pool in enumerate(pools)]
    default_answers = [answer.detail if answer.output is None else answer.output for answer in ask(jobs, "onnxruntime")[0].values()]
    assert sum(isinstance(y, np.ndarray) for y in default_answers) > len(pools) / 2
    assert [pool for pool, one, other in zip(pools, session_answers, default_answers, strict=True) if not same(one, other)] == []


def by_default(call):
    """The same call in a session without options."""
    steps = [
        replace(step, args=step.args[:1]) if step.result == "session" else step
        for step in call.steps
        if "options" not in (step.result, step.call.partition(".")[0])
    ]
    return replace(call, steps=tuple(steps))


def same(one, other):
    """Whether two answers are alike to the last bit."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("onnx.MaxPool(kernel_shape=[2, 3])", Pool(op="max_pool", kernel=(2, 3), stride=(1, 1), padding="valid", ceil_mode=False)),
        (
            "onnx.MaxPool(kernel_shape=[2, 3], pads=[0, 1, 2, 3], strides=[2, 2], ceil_mode=1)",
            Pool(op="max_pool", kernel=(2, 3), stride=(2, 2), padding=((0, 2), (1, 3)), ceil_mode=True),
        ),
        (
            "onnx.AveragePool([3], auto_pad='SAME_UPPER', count_include_pad=1)",
            Pool(op="avg_pool", kernel=(3,), stride=(1,), padding="same", ceil_mode=False, count_include_pad=True),
        ),
        ("onnx.LpPool([3])", Pool(op="lp_pool", kernel=(3,), stride=(1,), padding="valid", ceil_mode=False, p=2)),
    ],
)
def test_spellings_are_nodes_with_their_attributes(text, parameters):
    assert parse_layer(text, ADAPTER.layers).full_pool == parameters


def test_pads_that_are_too_few_are_no_spelling():
    with pytest.raises(BadSpelling, match=r"pads=\[1, 1\] has no meaning for onnx.MaxPool; expected an integer for the low side"):
        parse_layer("onnx.MaxPool([2, 2], pads=[1, 1])", ADAPTER.layers)

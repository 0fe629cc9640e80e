"""What all runtimes of ONNX models share: gaps whose models fail for their feature alone, and models that every runtime loads."""

import numpy as np
import pytest

from poolparity.adapters import Call, Ref, Step, Unsupported
from poolparity.adapters.frameworks.onnx.adapter import ADAPTER
from poolparity.adapters.frameworks.onnx.base import OnnxRunner
from poolparity.adapters.frameworks.onnx.gaps import POOLED, SCALES, SIZE, check_code, infer_code
from poolparity.adapters.frameworks.onnx.opsets import ADDITIONS
from poolparity.adapters.parent.host import Job
from poolparity.adapters.targets.find import find_targets, is_installed
from poolparity.cases.model.pool import Pool

RUNTIMES = [name for name, entry in find_targets().items() if isinstance(entry.adapter, OnnxRunner)]


def test_onnx_accepts_the_models_of_the_gaps_without_their_feature(ask):
    codes = [
        check_code(SIZE, "MaxPool"),
        check_code(SIZE, "AveragePool"),
        check_code(f"{SIZE}, p=2", "LpPool"),
        check_code("p=2", "GlobalLpPool"),
        check_code("", "GlobalMaxPool"),
        check_code(SIZE, "MaxUnpool", inputs="'p', 'i'", before=POOLED),
        check_code("mode='nearest'", "Resize", inputs="'x', '', 's'", before=SCALES),
        check_code("strides=[1] * {rank}", "Conv", inputs="'x', 'x'"),
        f"assert len({infer_code('axis=1', 'Flatten')}.shape.dim) == 2",
    ]
    x = np.zeros((1, 2, 6, 6), "float32")
    jobs = [
        Job(
            code, Call((Step("y", "poolparity.adapters.targets.gap_trials.run", (code.replace("{rank}", "2"), False, Ref("x"))),)), {"x": x}
        )
        for code in codes
    ]
    assert [answer.detail for answer in ask(jobs, "onnx-reference")[0].values() if answer.outcome != "accepts"] == []


@pytest.mark.parametrize("name", RUNTIMES)
def test_every_runtime_loads_and_runs_a_model(answers_of, name):
    x = np.arange(12, dtype="float32").reshape(1, 1, 3, 4)
    maximum, average, total = answers_of(
        name,
        x,
        Pool(op="max_pool", kernel=(2, 2), stride=(1, 2), padding="valid"),
        Pool(op="avg_pool", kernel=(2, 2), stride=(1, 2), padding=((0, 0), (0, 0))),
        Pool(op="global_avg_pool", keepdims=False),
    )
    assert maximum.tolist() == [[[[5, 7], [9, 11]]]]
    assert average.tolist() == [[[[2.5, 4.5], [6.5, 8.5]]]]
    assert total.tolist() == [[5.5]]


@pytest.mark.skipif(not is_installed(find_targets()["mnn"].target), reason="MNN is not installed")
def test_mnn_gets_what_it_does_not_take_from_the_defaults_of_onnx(answers_of):
    x = np.arange(8, dtype="float32").reshape(1, 1, 2, 2, 2)
    volumes = (
        Pool(op="max_pool", kernel=(2, 2, 2), stride=(1, 1, 1)),
        Pool(op="avg_pool", kernel=(2, 2, 2), stride=(1, 1, 1), padding="valid"),
    )
    assert [answer.tolist() for answer in answers_of("mnn", x, *volumes)] == [[[[[[7]]]]], [[[[[3.5]]]]]]
    weights = {"weights": np.ones((1, 1, 2, 2, 2), "float32")}
    assert answers_of("mnn", x, Pool(op="conv", padding="valid"), extra=weights)[0].tolist() == [[[[[28]]]]]
    indices = {"indices": np.asarray([[[1, 2]]])}
    output = answers_of("mnn", x.reshape(1, 1, 8)[..., 6:], Pool(op="max_unpool", kernel=(2,), stride=(2,)), extra=indices)
    assert output[0].tolist() == [[[0, 6, 7, 0]]]


def test_a_runtime_lacks_an_operation_with_its_gaps(lines):
    with pytest.raises(Unsupported, match="has no GlobalLpPool"):
        lines(ADAPTER, Pool(op="global_lp_pool", p=2.5))


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda addition: f"{addition.op}-{addition.feature}")
def test_an_opset_has_its_additions_and_the_one_before_lacks_them(ask, addition):
    node = {"max_pool": "MaxPool", "avg_pool": "AveragePool", "lp_pool": "LpPool"}.get(addition.op, "")
    codes = [
        check_code(**addition.arguments, opset=opset).replace("{call}", node).replace("{rank}", "2")
        for opset in (addition.since, addition.since - 1)
    ]
    jobs = [
        Job(
            code,
            Call((Step("y", "poolparity.adapters.targets.gap_trials.run", (code, False, Ref("x"))),)),
            {"x": np.zeros((1, 2, 6, 6), "float32")},
        )
        for code in codes
    ]
    assert [answer.outcome for answer in ask(jobs, "onnx-reference")[0].values()] == ["accepts", "rejects"]


@pytest.mark.parametrize("opset", [7, 10, 11, 19, 22])
def test_every_opset_has_the_nodes_that_it_is_asked_for(answers_of, opset):
    x = np.arange(12, dtype="float32").reshape(1, 1, 3, 4)
    maximum, total, repeats = answers_of(
        f"onnxruntime+opset{opset}",
        x,
        Pool(op="max_pool", kernel=(2, 2), stride=(1, 2)),
        Pool(op="global_avg_pool", keepdims=False),
        Pool(op="upsample_nearest", kernel=(1, 2)),
    )
    assert maximum.tolist() == [[[[5, 7], [9, 11]]]]
    assert total.tolist() == [[5.5]]
    assert repeats.tolist() == x.repeat(2, axis=3).tolist()

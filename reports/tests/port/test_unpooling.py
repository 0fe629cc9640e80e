"""Un-poolings are ported with their indices, which count the places of a plane or of the whole tensor."""

import math

import numpy as np
import pytest

from poolparity.adapters.contract import Ask
from poolparity.adapters.parent.recipe import recipe
from poolparity.adapters.parent.snippet import FORMS, snippet
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.model.pool import FIRST, LAST, Pool, Refused
from poolparity.cases.model.rules import Rules
from poolparity.cases.sizes.axis_windows import windows_of_pool
from poolparity.cases.sizes.proof import agreeing_sizes
from poolparity.reports.port.answer import Porter
from poolparity.reports.port.plans import Plan
from poolparity.reports.port.record import DROP_IN, RECIPE
from poolparity.reports.port.request import Unportable, read_source
from poolparity.reports.port.unpooling import PLACED, make_indices

FOUND = find_targets()
PLAIN = "torch.nn.MaxUnpool2d(2, stride=2)"
NODE = "onnx.helper.make_node('MaxUnpool', ['x', 'i'], ['y'], kernel_shape=[2, 2], strides=[2, 2])"


def port_text(workers, text, target, **more):
    return Porter(read_source(text, None, "float32", FOUND, **more), workers).port(select_targets([target], FOUND)[0])


@pytest.mark.parametrize("layout", [FIRST, LAST])
@pytest.mark.parametrize("batched", [True, False])
def test_indices_are_other_places_of_each_plane_and_have_an_expression_that_makes_them(layout, batched):
    pool = Pool(op="max_unpool", kernel=(3, 2), stride=(2, 2), padding=((1, 1), (0, 0)))
    shape = (2, 3, 4, 5) if layout == FIRST else (2, 4, 5, 3)
    shape = shape if batched else shape[1:]
    count, places = (6 if batched else 3), (2 * 3 - 2 + 3) * (2 * 4 + 2)
    for base in ("plane", "tensor"):
        tensor = make_indices(shape, pool, layout, base, batched=batched)
        assert np.array_equal(eval(tensor.expression, {"numpy": np}), tensor.value)
        assert tensor.value.shape == shape
        planes = np.moveaxis(tensor.value, int(batched) if layout == FIRST else -1, int(batched)).reshape(count, -1)
        starts = np.arange(count)[:, None] * places if base == "tensor" else 0
        assert all(len(set(plane)) == math.prod(planes.shape[1:]) for plane in planes)
        assert ((planes >= starts) & (planes < starts + places)).all()
    with pytest.raises(Refused, match="20 cells of a plane go to 12 places"):
        make_indices(
            (1, 1, 4, 5), Pool(op="max_unpool", kernel=(2, 2), stride=(1, 1), padding=((1, 1), (1, 1))), FIRST, "plane", batched=True
        )


@pytest.mark.parametrize(
    ("other", "everywhere"),
    [({"kernel": (5,), "padding": ((2, 2),)}, True), ({"kernel": (4,)}, False), ({"stride": (3,)}, False), ({"output_size": (9,)}, False)],
)
def test_the_sizes_for_which_two_unpoolings_agree_are_those_with_as_many_places(other, everywhere):
    given_parameters = {"kernel": (3,), "stride": (2,), "padding": ((1, 1),)}
    first, second = (
        windows_of_pool(Pool(op="max_unpool", **parameters), 0, Rules()) for parameters in (given_parameters, {**given_parameters, **other})
    )
    sizes = agreeing_sizes(first, second)
    assert sizes.everywhere is everywhere
    for n in range(1, 30):
        covers = first.at(n), second.at(n)
        assert (n in sizes.agree) == (covers[1] is not None and covers[0].axis.size == covers[1].axis.size)


WRITERS = {
    entry.adapter.framework: entry
    for entry in reversed(FOUND.values())
    if entry.adapter.vocabulary and "scatter" in entry.adapter.vocabulary.names
}
"""One target of each framework whose recipes scatter cells."""
POOLS = [
    (Pool(op="max_unpool", kernel=(3,), stride=(2,), padding=((1, 1),)), (-1,)),
    (Pool(op="max_unpool", kernel=(2, 3), stride=(2, 1), padding=((0, 0), (0, 0))), (0, 2)),
    (Pool(op="max_unpool", kernel=(2, 2, 2), stride=(2, 2, 2), padding=((0, 0),) * 3), (0, 0, 0)),
]
"""Un-poolings, and the number of places along each axis beyond the stride times its size."""


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(("pool", "more"), POOLS)
@pytest.mark.parametrize("form", FORMS)
def test_scattered_cells_are_read_as_the_unpooling_that_they_are(name, pool, more, form):
    entry, rank = WRITERS[name], len(pool.kernel)
    layout = entry.adapter.layout or FIRST
    shape = (2, 3, *(5,) * rank) if layout == FIRST else (2, *(5,) * rank, 3)
    ask = Ask(pool, shape, "float32", layout, shapes={"indices": shape})
    text = snippet(entry.adapter, entry.target, recipe(entry.adapter, entry.target, ask, Plan(pool, Rules(), PLACED).verbs), form)
    source = read_source(text, shape, "float32", FOUND)
    assert (source.way, source.pool.op, source.ask.layout, source.pool.stride) == (PLACED, "max_unpool", layout, pool.stride)
    sides = (sum(each) for each in source.pool.padding)
    assert tuple(taps - step - side for taps, step, side in zip(source.pool.kernel, source.pool.stride, sides, strict=True)) == more


@pytest.mark.needs("jax", "torch")
def test_scattered_cells_run_as_a_source(workers):
    text = (
        "y = jax.numpy.zeros((x.shape[0], x.shape[1] * 2, x.shape[2]), dtype=x.dtype)\n"
        "y = jax.numpy.put_along_axis(y, indices, x, 1, inplace=False)\n"
    )
    port = port_text(workers, text, "torch")
    assert (port.source.ask.layout, port.verdict, port.sizes.words) == (LAST, DROP_IN, "any size")
    assert "torch.nn.functional.max_unpool1d(x, indices, kernel_size=2, stride=2" in port.lines()


@pytest.mark.needs("torch", "onnxruntime")
@pytest.mark.parametrize("text", [PLAIN, "torch.nn.MaxUnpool1d(3, stride=2, padding=1)", "torch.nn.MaxUnpool3d(2)"])
def test_indices_of_torch_are_renumbered_for_onnx(workers, text):
    port = port_text(workers, text, "onnxruntime")
    assert (port.verdict, port.sizes.words, port.exceptions) == (RECIPE, "any size", {})
    assert "onnx.helper.make_node('MaxUnpool', ['x', 'places'], ['y']" in port.lines()
    assert "indices count the cells of the whole tensor" in port.drop_in.why
    assert port.indices.startswith("if the indices come from onnxruntime's own maximum pooling, where indices count the cells of the whole")
    assert "import indices" not in port.lines()


@pytest.mark.needs("torch", "onnxruntime")
def test_indices_of_onnx_are_renumbered_for_torch(workers):
    port = port_text(workers, NODE, "torch")
    assert (port.verdict, port.sizes.words, port.exceptions) == (RECIPE, "any size", {})
    assert "torch.remainder(indices, x.shape[2] * 2 * (x.shape[3] * 2))" in port.lines()
    assert "def forward(self, x, indices):" in port.lines("layer")


@pytest.mark.needs("torch", "onnxruntime")
def test_a_stated_size_is_kept(workers):
    port = port_text(workers, "F.max_unpool2d(x, indices, 2, 2, output_size=[9, 9])", "onnxruntime")
    assert (port.verdict, port.sizes.words) == (RECIPE, "any size")
    assert "[0, 0, 9, 9]" in port.lines()


@pytest.mark.needs("torch", "jax")
@pytest.mark.parametrize("gradient", [False, True])
def test_a_target_without_an_unpooling_scatters(workers, gradient):
    port = port_text(workers, PLAIN, "jax", gradient=gradient)
    assert (port.verdict, port.sizes.words, port.exceptions, port.no_gradient) == (RECIPE, "any size", {}, "")
    assert "jax.numpy.put_along_axis" in port.lines()
    assert "def pool(x, indices):" in port.lines("function")


@pytest.mark.needs("torch", "tensorflow", "keras-tensorflow")
@pytest.mark.parametrize(
    ("target", "call"), [("tensorflow", "tensorflow.tensor_scatter_nd_update"), ("keras-tensorflow", "keras.ops.scatter_update")]
)
def test_frameworks_with_channels_last_scatter_rows_of_coordinates(workers, target, call):
    port = port_text(workers, PLAIN, target)
    assert (port.verdict, port.sizes.words) == (RECIPE, "any size")
    assert call in port.lines()


@pytest.mark.needs("torch", "openvino")
def test_a_runtime_without_the_node_scatters(workers):
    port = port_text(workers, PLAIN, "openvino")
    assert (port.verdict, port.sizes.words) == (RECIPE, "any size")
    assert "ScatterElements" in port.lines()


@pytest.mark.needs("torch", "paddle")
def test_a_framework_that_counts_alike_takes_the_same_arguments(workers):
    assert (port := port_text(workers, PLAIN, "paddle")).verdict == DROP_IN
    assert port.indices == ""


def test_an_unpooling_whose_cells_share_places_is_refused():
    with pytest.raises(Unportable, match="which of several at one place stays is not defined"):
        read_source("torch.nn.MaxUnpool2d(2, 1, 1)", None, "float32", FOUND)


def test_a_shape_that_is_not_in_the_text_is_refused():
    with pytest.raises(Unportable, match="the output_shape of MaxUnpool is the input 's', whose value is not in the text"):
        read_source(NODE.replace("'i'", "'i', 's'"), None, "float32", FOUND)
    shape = "s = onnx.helper.make_tensor('s', onnx.TensorProto.INT64, (4,), (1, 2, 9, 9))\n"
    assert read_source(shape + NODE.replace("'i'", "'i', 's'"), None, "float32", FOUND).pool.output_size == (9, 9)


@pytest.mark.parametrize(
    "text",
    [
        "F.max_unpool2d(x, indices, 2, 2, output_size=(9, 9))",
        "torch.nn.functional.max_unpool2d(x, indices, 2, 2, 0, [1, 2, 9, 9])",
        "paddle.nn.functional.max_unpool2d(x, indices, kernel_size=2, stride=2, output_size=[9, 9])",
    ],
)
def test_the_size_of_the_answer_is_read(text):
    assert read_source(text, None, "float32", FOUND).pool.output_size == (9, 9)

"""What `port` prints can be passed back to `port`: every recipe, layer and line that it may write is read as poolings."""

import ast

import pytest

from poolparity.adapters.contract import Ask, Unsupported
from poolparity.adapters.contract.compose import moved_axes
from poolparity.adapters.frameworks.onnx.base import OnnxRunner
from poolparity.adapters.parent.recipe import arrange, recipe
from poolparity.adapters.parent.snippet import FORMS, snippet
from poolparity.adapters.parent.source_code import code
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.model.inputs import full
from poolparity.cases.model.pool import FIRST, LAST, UPSAMPLING, Pool, Refused
from poolparity.cases.model.rules import Rules
from poolparity.reports.port.answer import Porter
from poolparity.reports.port.plans import BINNED, STATED, SUMMED, generate_plans
from poolparity.reports.port.reading import Input, collect_tables, find_readings
from poolparity.reports.port.record import DROP_IN
from poolparity.reports.port.request import Unportable, read_source
from poolparity.reports.port.table import read_standard_layers

FOUND = find_targets()
TABLES = collect_tables(FOUND)
WRITTEN_ONLY = {"litert", "ncnn", "onnxruntime_js", "tfjs", "tflite"}
"""Frameworks whose lines `port` does not read: builders of model files, text parameters, and JavaScript."""
TARGETS = {
    entry.adapter.framework: entry
    for entry in reversed(FOUND.values())
    if not entry.adapter.reference and entry.adapter.framework not in WRITTEN_ONLY
}
"""One target of each other framework: the others print the same."""
ALIKE = {name for name, entry in TARGETS.items() if isinstance(entry.adapter, OnnxRunner)} - {"onnxruntime"}
"""Frameworks whose recipes are nodes of ONNX, as those of ONNX Runtime are: the quick test reads these alone."""


WHOLE = (
    Pool(op="global_avg_pool", keepdims=False),
    Pool(op="global_avg_pool", keepdims=True),
    Pool(op="global_max_pool", keepdims=False),
    Pool(op="global_lp_pool", p=2.0, keepdims=True),
    Pool(op="global_lp_pool", p=3.0, keepdims=False),
    Pool(op="adaptive_max_pool", output_size=(2, 3)),
    Pool(op="upsample_nearest", kernel=(2, 3)),
    Pool(op="global_avg_pool", divisor_override=1, keepdims=False),
    Pool(op="lp_pool", p=3.0, kernel=(3, 2), stride=(2, 2)),
    Pool(op="avg_pool", kernel=(3, 3), stride=(2, 2), divisor_override=4),
)
READ_BY_NOTHING = (BINNED, SUMMED)
"""Plans whose text has no pooling as nodes of ONNX: many for each axis."""
LAYERS_THAT_REPEAT = ("torch", "keras")
"""Frameworks with a layer for it: the functions of the others, which resize to a shape, are read as nothing."""
LAYERS = [(layer.pool, (*layer.shape[:2], *(min(size, 32) for size in layer.shape[2:]))) for layer in read_standard_layers()] + [
    (pool, (1, 4, 9, 8)) for pool in WHOLE
]


def find_plans(entry, pool, shape):
    """What `port` may try for a pooling on a target: the question, and each plan."""
    layout = entry.adapter.layout or FIRST
    sizes = tuple(shape[axis] for axis in moved_axes(len(shape), (1, len(shape) - 1))) if layout == LAST else shape
    ask = Ask(pool, sizes, "float32", layout)
    for plan in generate_plans(pool, Rules(), arrange(entry.adapter, ask)[0]):
        if plan.way in READ_BY_NOTHING and not entry.adapter.vocabulary:
            continue
        if plan.way == STATED and pool.op in UPSAMPLING and entry.adapter.framework not in LAYERS_THAT_REPEAT:
            continue
        yield ask, plan


def write_recipe(entry, ask, plan):
    """The calls of a plan, None where the target has none."""
    try:
        return recipe(entry.adapter, entry.target, ask, plan.verbs)
    except (Unsupported, Refused):
        return None


def check_readings(text, pool, shape):
    ast.parse(text)
    readings = find_readings(text, TABLES, Input(shape))
    assert readings, text
    if reading_way := next((reading.way for reading in readings if reading.way), ""):
        assert [(reading.way, reading.spelling.full_pool) for reading in readings] == [(reading_way, pool)], text
    assert [reading.problem for reading in readings] == [None] * len(readings), text


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_every_recipe_is_read_as_poolings_of_its_own_framework(name):
    entry, read = TARGETS[name], 0
    for pool, shape in LAYERS:
        for ask, plan in find_plans(entry, pool, shape):
            if call := write_recipe(entry, ask, plan):
                check_readings(snippet(entry.adapter, entry.target, call, FORMS[read % len(FORMS)]), pool, ask.shape)
                check_readings(code(entry.adapter, entry.target, call, {"x": full(ask.shape, 0, "float32")}), pool, ask.shape)
                read += 2
    assert read > 50


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in ALIKE])
def test_one_recipe_of_each_kind_is_read_as_poolings_of_its_own_framework(name):
    """A kind is an operation on a rank, moved in a way. Its recipe is read in one form or as a script, each of them in turn."""
    entry, kinds, forms = TARGETS[name], set(), [*FORMS, None]
    for pool, shape in LAYERS:
        for ask, plan in find_plans(entry, pool, shape):
            kind = pool.op, ask.rank, plan.way
            if kind not in kinds and (call := write_recipe(entry, ask, plan)):
                form = forms[len(kinds) % len(forms)]
                script = None if form else code(entry.adapter, entry.target, call, {"x": full(ask.shape, 0, "float32")})
                check_readings(script or snippet(entry.adapter, entry.target, call, form), pool, ask.shape)
                kinds.add(kind)
    assert len(kinds) > 15


@pytest.mark.parametrize("name", TARGETS)
def test_the_line_of_a_layer_means_the_layer(name):
    entry, read = TARGETS[name], 0
    for pool, shape in LAYERS:
        if pool.op in UPSAMPLING and entry.adapter.framework not in LAYERS_THAT_REPEAT:
            continue
        layout = entry.adapter.layout or FIRST
        sizes = tuple(shape[axis] for axis in moved_axes(len(shape), (1, len(shape) - 1))) if layout == LAST else shape
        ask = Ask(pool, sizes, "float32", layout)
        try:
            line = snippet(entry.adapter, entry.target, entry.adapter.call(ask, entry.target))
        except Unsupported:
            continue
        [reading] = find_readings(line, TABLES, Input(ask.shape))
        assert reading.problem is None, line
        parameters = {
            name: value for name, value in reading.spelling.full_pool.stated_parameters().items() if name in pool.stated_parameters()
        }
        assert reading.spelling.data_format == layout or not entry.adapter.layout
        differing = [name for name, value in parameters.items() if value != getattr(pool, name)]
        assert all(pool.neutral(name) and reading.spelling.full_pool.neutral(name) for name in differing), line
        read += 1
    assert read > 10


@pytest.mark.needs("jax", "torch")
def test_a_recipe_that_goes_axis_by_axis_runs_as_a_source(workers):
    text = (
        "bins = [jax.numpy.mean(x[:, :, i * x.shape[2] // 6 : ((i + 1) * x.shape[2] + 5) // 6], axis=2, keepdims=True) for i in range(6)]\n"
        "y = jax.numpy.concatenate(bins, axis=2)\n"
        "y = jax.numpy.mean(y, axis=3, keepdims=True)\n"
    )
    source = read_source(text, None, "float32", FOUND)
    assert (source.framework, source.way, source.pool.output_size) == ("jax", BINNED, (6, 1))
    port = Porter(source, workers).port(select_targets(["torch"], FOUND)[0], complete=False)
    assert (port.verdict, port.sizes.words) == (DROP_IN, "any size")
    assert "torch.nn.AdaptiveAvgPool2d(output_size=(6, 1))" in port.lines()
    other = text.replace("+ 5", "+ 4")
    with pytest.raises(Unportable):
        read_source(other, [2, 3, 12, 12], "float32", FOUND)

"""tinygrad: windows and paddings as people write them, and steps of recipes, which its tensors do as NumPy does."""

import ast

import numpy as np
import pytest

from poolparity.adapters import Ask, Call, Step, Unsupported
from poolparity.adapters.contract.call import Ref
from poolparity.adapters.contract.compose import as_function
from poolparity.adapters.contract.verbs import Verb
from poolparity.adapters.frameworks.tinygrad.adapter import ADAPTER, DIFFERENTIATED
from poolparity.adapters.frameworks.tinygrad.layers import with_window_of_planes
from poolparity.adapters.frameworks.tinygrad.recipes import VOCABULARY
from poolparity.adapters.parent.host import Job
from poolparity.cases.model.pool import Pool
from poolparity.cases.oracle.lowering import Gather

X = np.arange(1, 29, dtype="float32").reshape(1, 1, 7, 4) % 11


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("f(3)", "f(kernel_size=(3, 3))"),
        ("f((2, 3), 1)", "f(kernel_size=(2, 3), stride=1)"),
        ("f(padding=(1, 0, 2, 3))", "f(padding=((2, 3), (1, 0)))"),
        ("f((2,), padding=(1, 0))", "f(kernel_size=(2,), padding=((1, 0),))"),
        ("f((2, 2), padding=(1, 0))", "f(kernel_size=(2, 2), padding=(1, 0))"),
        ("f((2, 2), kernel_size=2)", "f((2, 2), kernel_size=2)"),
    ],
)
def test_one_number_is_a_window_of_a_plane_and_padding_of_each_side_begins_with_the_last_axis(text, read):
    call = ast.parse(text, mode="eval").body
    assert ast.unparse(with_window_of_planes("tinygrad.Tensor.max_pool2d", call)) == read
    assert with_window_of_planes("tinygrad.Tensor.mean", call) is call


def test_padding_that_differs_between_sides_is_written_with_the_last_axis_first():
    [step] = ADAPTER.call(Ask(Pool(op="avg_pool", kernel=(2, 2), padding=((1, 0), (2, 3))), X.shape, "float32")).steps
    assert step.kwargs == {"kernel_size": (2, 2), "padding": (2, 3, 1, 0)}


@pytest.mark.parametrize(("kind", "reduce"), [("max", np.max), ("avg", np.mean), ("lp", np.sum)])
def test_windows_with_holes_are_combined_without_a_list(ask, kind, reduce):
    due = reduce(np.stack([X[:, :, 0:4:2], X[:, :, 3:7:2]]), axis=0)
    steps = VOCABULARY.steps(Verb("y", "slices", (Ref("x"), 2, 2, 3, 2, kind)))
    gradient = Call((*as_function(Call(steps), None), *DIFFERENTIATED), results=("gradient",))
    jobs = [Job("values", Call(steps), {"x": X}), Job("gradient", gradient, {"x": X, "cotangent": np.ones(due.shape, "float32")})]
    answers, _ = ask(jobs, "tinygrad")
    assert np.allclose(answers["values"].output, due)
    shares = 2 if kind == "lp" else 1
    assert answers["gradient"].extra["gradient"].sum() == pytest.approx(due.size * shares)


@pytest.mark.parametrize("axis", [2, 3])
def test_cells_at_places_of_an_axis_are_taken(ask, axis):
    places = (0, 1, 1, 3)
    steps = VOCABULARY.steps(Verb("y", "take", (Ref("x"), axis, Gather(range(0), range(0), places))))
    answers, _ = ask([Job("cells", Call(steps), {"x": X})], "tinygrad")
    assert answers["cells"].output.tolist() == np.take(X, places, axis).tolist()


def test_an_axis_is_reduced_to_one_bin_and_not_to_several():
    [step] = VOCABULARY.steps(Verb("y", "bins", (Ref("x"), 2, 1, "avg")))
    assert str(step) == "y = tinygrad.Tensor.mean(x, axis=2, keepdim=True)"
    with pytest.raises(Unsupported, match="joins a list"):
        VOCABULARY.steps(Verb("y", "bins", (Ref("x"), 2, 3, "avg")))


def test_a_sum_and_a_flattening_are_asked_of_tensors():
    total = ADAPTER.call(Ask(Pool(op="global_avg_pool", divisor_override=1), X.shape, "float32")).steps
    flat = ADAPTER.call(Ask(Pool(op="flatten"), X.shape, "float32")).steps
    assert (total, flat) == (
        (Step("y", "tinygrad.Tensor.sum", (Ref("x"),), {"axis": (2, 3)}),),
        (Step("y", "tinygrad.Tensor.flatten", (Ref("x"),), {"start_dim": 1}),),
    )

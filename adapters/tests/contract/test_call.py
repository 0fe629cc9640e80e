"""Steps do what their printed lines say, in functions and contexts too, and travel unchanged."""

import importlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolparity.adapters import Call, Def, Name, Ref, Step, Target, With
from poolparity.adapters.common.packing import KNOWN, Numbered, Numbers
from poolparity.adapters.contract.call import Each, Part, split_by_array
from poolparity.adapters.contract.compose import as_function, in_mode, reorder_shape
from poolparity.adapters.contract.verbs import rename
from poolparity.adapters.worker.steps import ready, run
from poolparity.cases.model.formula import Size, Variable, at_least

HALF = Step("half", "numpy.float32", (0.5,))
SCALED = Step("y", "numpy.multiply", (Ref("x"), Ref("half")))
BOTH = Def("f", (SCALED, Step("size", "y.__getattribute__", ("size",))), ("y", "size"))
IGNORED = With(Step("state", "numpy.errstate", (), {"divide": "raise"}), (Step("y", "numpy.divide", (Ref("x"), 0.0)),))
ENTERED = With(Step("", "contextlib.suppress", (Name("builtins.FloatingPointError"),)), (IGNORED,))


def run_steps(*steps, **scope):
    """What steps leave, and what their printed lines leave."""
    printed_scope = {**scope, **{name: importlib.import_module(name) for name in ("builtins", "contextlib", "numpy", "operator")}}
    run(ready(steps), scope)
    exec("\n".join(map(str, steps)), printed_scope)
    return scope, printed_scope


def test_a_function_is_printed_as_one_that_gives_what_it_returns():
    assert str(BOTH) == "def f(x):\n    y = numpy.multiply(x, half)\n    size = y.size\n    return y, size"
    for scope in run_steps(HALF, BOTH, Step(("y", "size"), "f", (Ref("x"),)), x=np.ones(3, "float32")):
        assert (scope["y"].tolist(), scope["size"]) == ([0.5] * 3, 3)


def test_a_function_is_the_text_that_is_printed_and_sees_what_was_there():
    scope = {"x": 1, "half": 2}
    run(ready([BOTH]), scope)
    scope["half"] = 3
    assert scope["f"].__code__.co_filename == "<f>"
    assert scope["f"](np.ones(1))[0].tolist() == [2]


def test_a_function_imports_what_it_names():
    scope = {}
    run(ready([Def("f", (Step("y", "xml.dom.minidom.parseString", (Ref("x"),)),))]), scope)
    assert scope["f"]("<a/>").documentElement.tagName == "a"


def test_the_text_of_a_source_stays_a_literal_inside_a_function():
    text = "')\nimport os\nos._exit(1)\n('"
    for scope in run_steps(Def("f", (Step("y", "numpy.char.add", (Ref("x"), text)),)), Step("y", "f", ("-",))):
        assert str(scope["y"]) == f"-{text}"


def test_steps_in_a_context_are_done_there():
    assert str(ENTERED).splitlines() == [
        "with contextlib.suppress(builtins.FloatingPointError):",
        "    with numpy.errstate(divide='raise') as state:",
        "        y = numpy.divide(x, 0.0)",
    ]
    for scope in run_steps(ENTERED, x=np.ones(1)):
        assert "y" not in scope
    with pytest.raises(FloatingPointError):
        run(ready([IGNORED]), {"x": np.ones(1)})


CELLS = Each("cells", Part("x", 1, Variable("i") * 2, Size("x", 1) - 4 + Variable("i") * 2, 2), 3)
SUMS = Each(
    "sums", Step("", "numpy.sum", (Part("x", 1, Variable("i") * Size("x", 1, "numpy.shape") // 3, at_least(Variable("i"), 2) + 1),)), 3
)
PADDED = Step("y", "numpy.pad", (Ref("x"), [[0, 0], [-Size("x", 1) % 4, 1]]))


def test_lists_parts_and_formulas_of_sizes_are_what_their_printed_lines_give():
    assert [str(step) for step in (CELLS, SUMS, PADDED)] == [
        "cells = [x[:, i * 2 : x.shape[1] - 4 + i * 2 : 2] for i in range(3)]",
        "sums = [numpy.sum(x[:, i * numpy.shape(x)[1] // 3 : max(i, 2) + 1]) for i in range(3)]",
        "y = numpy.pad(x, [[0, 0], [-x.shape[1] % 4, 1]])",
    ]
    x = np.arange(18).reshape(2, 9)
    for scope in run_steps(CELLS, SUMS, PADDED, x=x):
        assert [cells.tolist() for cells in scope["cells"]] == [x[:, start : 5 + start : 2].tolist() for start in (0, 2, 4)]
        assert scope["sums"] == [x[:, 3 * i // 1 : 3].sum() for i in range(3)]
        assert scope["y"].shape == (2, 9 + 3 + 1)


def test_what_a_list_or_a_formula_needs_depends_on_the_array():
    before, after = split_by_array((HALF, CELLS, SUMS, PADDED))
    assert (before, after) == ((HALF,), (CELLS, SUMS, PADDED))


def test_lists_parts_and_formulas_travel_as_json():
    numbers, numbered_steps = Numbers(), Numbered(tuple)
    assert numbered_steps.unpack(json.loads(json.dumps(numbers.pack([(CELLS, SUMS, PADDED)])))) == [(CELLS, SUMS, PADDED)]


def test_slices_are_printed_as_people_write_them_and_travel_as_json():
    picked = Step("y", "x.__getitem__", ((slice(None), slice(1, None, 2)),))
    assert str(picked) == "y = x.__getitem__((slice(None), slice(1, None, 2)))"
    numbers, numbered_steps = Numbers(), Numbered(tuple)
    assert numbered_steps.unpack(json.loads(json.dumps(numbers.pack([(picked,)])))) == [(picked,)]


def test_sizes_are_renamed_with_their_array():
    assert str(rename(CELLS, {"x": "padded", "cells": "taps"})) == (
        "taps = [padded[:, i * 2 : padded.shape[1] - 4 + i * 2 : 2] for i in range(3)]"
    )
    assert str(rename(PADDED, {"x": "a"})) == "y = numpy.pad(a, [[0, 0], [-a.shape[1] % 4, 1]])"


def test_what_needs_no_input_is_done_before_a_mode_s_function():
    layer, kernel = Step("layer", "numpy.ones", (2,)), Step("kernel", "numpy.transpose", (Ref("weights"),))
    consumer = Step("y", "numpy.add", (Name("layer.T"), Ref("z")))
    steps = (layer, Step("z", "x.copy"), kernel, consumer, Step("", "y.sort"))
    assert split_by_array(steps) == ((layer, kernel), (steps[1], consumer, steps[4]))


def test_a_name_that_is_assigned_anew_keeps_each_of_its_values():
    first, second = (Step("count", "numpy.int64", (number,)) for number in (2, 3))
    steps = (first, Step("y", "numpy.multiply", (Ref("x"), Ref("count"))), second, Step("y", "numpy.add", (Ref("y"), Ref("count"))))
    assert split_by_array(steps) == ((), steps)
    scope = {}
    run(ready(as_function(Call((HALF, *steps)), None)), scope)
    assert scope["f"](10) == 23


def test_a_name_that_is_assigned_anew_before_it_is_needed_is_not_kept():
    first, second = Step("half", "numpy.float64", (0.5,)), Step("half", "numpy.float32", (Ref("half"),))
    assert split_by_array((first, second, SCALED)) == ((first, second), (SCALED,))


def test_a_target_s_mode_makes_of_a_call_a_function():
    call = Call((HALF, SCALED))
    assert in_mode(call, None) == in_mode(call, Target("plain", (), ())) == call
    call_in_mode = in_mode(call, Target("mode", (), (), mode=(Step("f", "numpy.vectorize", (Ref("f"),)),)))
    assert list(map(str, call_in_mode.steps)) == [
        "half = numpy.float32(0.5)", "def f(x):\n    y = numpy.multiply(x, half)\n    return y", "f = numpy.vectorize(f)", "y = f(x)",
    ]  # fmt: skip
    assert in_mode(Call((HALF, SCALED), results=("y", "indices")), Target("mode", (), (), mode=(HALF,))).steps[-1].result == (
        "y",
        "indices",
    )


def test_a_shape_is_written_as_the_case_writes_it():
    scope, printed = run_steps(*reorder_shape(4, (1, 3)), inferred_shape=("batch", "high", "wide", "channels"))
    assert scope["inferred_shape"] == printed["inferred_shape"] == ("batch", "channels", "high", "wide")


NAMES = st.sampled_from(["x", "y.shape", "numpy.float32"])
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(), st.floats(allow_nan=False), st.builds(Ref, NAMES), st.builds(Name, NAMES)
    ),
    lambda inner: st.lists(inner, max_size=2) | st.tuples(inner) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
PLAIN = st.builds(Step, NAMES | st.tuples(NAMES, NAMES), NAMES, st.tuples(VALUES), st.dictionaries(NAMES, VALUES, max_size=2))
STEPS = st.recursive(
    st.tuples(PLAIN),
    lambda inner: st.tuples(st.builds(Def, NAMES, inner, st.tuples(NAMES, NAMES)) | st.builds(With, PLAIN, inner)),
    max_leaves=3,
)


@pytest.mark.parametrize(
    "step", [Step("y", "numpy.add(1)"), Step("y", "numpy.add", (), {"a b": 1}), Step("y", "x.from"), Step("y", "f", (Name("x;y"),))]
)
def test_a_step_that_is_no_code_fails_where_it_is_done(step):
    [doing] = ready([step])
    with pytest.raises(SyntaxError):
        doing({"x": 1})


@given(st.lists(st.lists(STEPS, max_size=2), max_size=3))
def test_steps_travel_as_json(batches):
    numbers, numbered_steps = Numbers(), Numbered(tuple)
    for calls in batches:
        assert numbered_steps.unpack(json.loads(json.dumps(numbers.pack(calls)))) == calls


def test_a_step_travels_once_until_the_numbers_begin_anew():
    numbers, numbered_steps = Numbers(), Numbered(tuple)
    many = [(Step("y", "f", (count,)), Step("y", "g")) for count in range(KNOWN + 2)]
    messages = [numbers.pack([steps]) for steps in (*many, many[0], many[-1])]
    assert [len(message["new"]) for message in messages] == [2] + [1] * (KNOWN - 1) + [2, 1, 1, 0]
    assert [numbered_steps.unpack(message) for message in messages] == [[steps] for steps in (*many, many[0], many[-1])]

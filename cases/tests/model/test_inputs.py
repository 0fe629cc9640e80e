"""Arrays that specs name: their cells, and the expressions that make them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolparity.cases.model.inputs import (
    CELL_LIMIT,
    DTYPES,
    arange,
    distinct,
    dtype_of,
    full,
    is_uniform,
    literal,
    normal,
    stored_cells,
    whole_range,
)

NUMPY_DTYPES = [dtype for dtype in DTYPES if dtype != "bfloat16"]
FLOATS = ["float16", "float32", "float64"]
SHAPES = [(), (0,), (0, 3), (1, 1, 0, 2), (2, 3, 4)]

DISTINCT = [[3, 2, 1, 6], [0, 7, 4, 5]]
NORMAL = [[0.3236971818841994, -0.606242953799665], [1.0826583970338106, 0.6250104727223516]]


def identical(tensor):
    """Whether a tensor's expression makes the very same bits."""
    namespace = {"numpy": np}
    if tensor.dtype == "bfloat16":
        namespace["ml_dtypes"] = pytest.importorskip("ml_dtypes")
    array = eval(tensor.expression, namespace)
    return (array.dtype, array.shape, array.tobytes()) == (tensor.value.dtype, tensor.shape, tensor.value.tobytes())


@pytest.mark.parametrize("dtype", NUMPY_DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_expressions_make_the_same_bits(shape, dtype):
    tensors = [
        arange(shape, dtype),
        arange(shape, dtype, 1),
        full(shape, True, dtype),
        distinct(shape, 3, dtype),
        distinct(shape, 3, dtype, 5),
    ]
    tensors += [normal(shape, 3, dtype)] if dtype in FLOATS else []
    for tensor in tensors:
        assert (tensor.shape, tensor.dtype) == (shape, dtype)
        assert identical(tensor)


def test_every_kind_of_expression_makes_bfloat16():
    pytest.importorskip("ml_dtypes")
    for tensor in (
        arange((2, 3), "bfloat16"),
        full((2,), 0.1, "bfloat16"),
        normal((4,), 0, "bfloat16"),
        literal([0.1, math.nan], "bfloat16"),
    ):
        assert tensor.dtype == "bfloat16"
        assert identical(tensor)


@given(st.lists(st.floats(width=32, allow_nan=False) | st.just(math.nan) | st.integers(-(2**24), 2**24), min_size=1))
def test_literals_make_the_same_bits(cells):
    for dtype in ("float32", "float64"):
        assert identical(literal([cells, cells], dtype))


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_literal_integers_make_the_same_bits(cells):
    assert identical(literal([[cells]], "int64"))


def test_literals_are_written_as_one_would():
    cells = [[1.0, -0.0, 0.1], [math.nan, math.inf, -math.inf]]
    assert literal(cells, "float32").expression == "numpy.array([[1, -0.0, 0.1], [numpy.nan, numpy.inf, -numpy.inf]], dtype='float32')"
    assert literal([True, False], "bool").expression == "numpy.array([True, False], dtype='bool')"
    assert literal([[[]]], "int8").expression == "numpy.array([[[]]], dtype='int8')"
    assert full((0, 3), -0.0, "float64").expression == "numpy.full((0, 3), -0.0, dtype='float64')"
    assert arange((2, 2), "int8").expression == "numpy.arange(4).astype('int8').reshape((2, 2))"


@given(st.lists(st.integers(0, 5), min_size=1, max_size=3), st.integers(0, 2**64 - 1))
def test_distinct_is_a_permutation(shape, seed):
    cells = distinct(shape, seed, "int64").value
    assert cells.shape == tuple(shape)
    assert sorted(cells.ravel().tolist()) == list(range(cells.size))


def test_counting_begins_at_the_start():
    assert arange((3,), "int8", -1).value.tolist() == [-1, 0, 1]
    assert (distinct((9,), 2, "int8", -4).value == distinct((9,), 2, "int8").value - 4).all()


def test_arrays_are_the_same_on_every_platform_and_for_good():
    assert distinct((2, 4), 0, "int64").value.tolist() == DISTINCT
    assert normal((2, 2), 0, "float64").value.tolist() == NORMAL


def test_seeds_differ():
    assert distinct((20,), 0, "int64").value.tolist() != distinct((20,), 1, "int64").value.tolist()
    assert normal((20,), 0, "float64").value.tolist() != normal((20,), 1, "float64").value.tolist()


def test_normal_numbers_are_nearly_normal():
    cells = normal((10_000,), 7, "float64").value
    assert abs(cells.mean()) < 0.05
    assert abs(cells.std() - 1) < 0.05


@pytest.mark.parametrize("dtype", NUMPY_DTYPES)
def test_every_integer_in_the_whole_range_is_held_and_the_next_is_not(dtype):
    low, high = whole_range(dtype)
    for cell in (low, high):
        assert int(np.array(cell, dtype).item()) == cell
    if dtype in FLOATS:
        assert float(np.array(high + 1).astype(dtype)) != high + 1


def test_types_have_names():
    assert [dtype_of(dtype).name for dtype in NUMPY_DTYPES] == NUMPY_DTYPES


def test_expressions_of_large_arrays_make_the_same_bits():
    for make, last in (full, 7), (arange, -2):
        tensor = make([1, CELL_LIMIT + 1, 1], *((last, "int8") if make is full else ("float32", last)))
        assert identical(tensor)
        assert (tensor.shape, tensor.dtype) == (tensor.value.shape, tensor.value.dtype.name)


def test_a_large_array_of_one_value_takes_one_cell():
    large, small = full([2, 1, CELL_LIMIT], 7, "int8"), full([2, 3], 7, "int8")
    assert large.is_uniform
    assert stored_cells(large.value).tolist() == [[[7]]]
    assert not is_uniform(small.value)
    assert stored_cells(small.value) is small.value


def test_a_large_count_is_made_when_it_is_used():
    tensor = arange([1, 1, CELL_LIMIT + 1], "float64", 3)
    assert not tensor.is_uniform
    assert "value" not in vars(tensor)
    assert tensor.value[0, 0, -1] == CELL_LIMIT + 3
    assert tensor.value is tensor.value

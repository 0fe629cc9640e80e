"""Formulas of sizes are computed, printed and replaced as the integers that they stand for."""

from hypothesis import given
from hypothesis import strategies as st

from poolparity.cases.model.formula import Size, Variable, at_least, at_most, ceil_div, evaluate, substitute

LEAVES = {"n": Size("x", 2), "i": Variable("i")}
OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // (b if isinstance(b, int) and b else 3),
    "%": lambda a, b: a % (b if isinstance(b, int) and b else 5),
    "max": lambda a, b: at_least(a, b if isinstance(b, int) else 2),
    "min": at_most,
    "ceil": lambda a, b: ceil_div(a, b if isinstance(b, int) and b else 4),
    "neg": lambda a, b: -a,
}
trees = st.recursive(
    st.one_of(st.sampled_from(sorted(LEAVES)), st.integers(-4, 9)),
    lambda inner: st.tuples(st.sampled_from(sorted(OPERATIONS)), inner, inner),
    max_leaves=6,
)


def build(tree, leaves):
    """A tree of operations on leaves."""
    if isinstance(tree, tuple):
        operator, left, right = tree
        return OPERATIONS[operator](build(left, leaves), right if isinstance(right, int) else build(right, leaves))
    return leaves.get(tree, tree)


class Shaped:
    shape = (1, 1, 7)


@given(trees)
def test_a_formula_is_the_integer_that_its_source_code_gives(tree):
    formula = build(tree, LEAVES)
    value = evaluate(formula, lambda leaf: 7 if isinstance(leaf, Size) else 3)
    assert value == eval(repr(formula), {"x": Shaped, "i": 3})
    assert substitute(formula, lambda leaf: 7 if isinstance(leaf, Size) else 3) == value


def test_terms_that_change_nothing_are_not_printed():
    n = Size("x", 2)
    assert [repr(amount) for amount in (n + 0, n * 1, n // 1, n - 4 + 2, n + 3 - 3, n - n, 0 * n, n % 1)] == [
        "x.shape[2]", "x.shape[2]", "x.shape[2]", "x.shape[2] - 2", "x.shape[2]", "0", "0", "0"
    ]  # fmt: skip
    assert repr(-n % 2 + 1) == "-x.shape[2] % 2 + 1"
    assert repr(Size("x", 1, "tensorflow.shape") // 2) == "tensorflow.shape(x)[1] // 2"

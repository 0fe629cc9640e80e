"""Constant expressions have a value within limits, and nothing else has one."""

import ast
import math

import pytest

from poolparity.cases.model.constants import NotConstant, evaluate_constant


def value(text):
    return evaluate_constant(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3),
        ("-2.5", -2.5),
        ("(3 - 1) // 2", 1),
        ("7 % 4 + 2 * 3", 9),
        ("3 / 2", 1.5),
        ("(2,) * 3", (2, 2, 2)),
        ("3 * [1]", [1, 1, 1]),
        ("(1,) + (2 * 2, 2) + (1,)", (1, 4, 2, 1)),
        ("tuple([2, 3])", (2, 3)),
        ("[1 + 1, (2, -3)]", [2, (2, -3)]),
        ("float('inf')", math.inf),
        ("-float('inf')", -math.inf),
        ("float('-inf')", -math.inf),
        ("-jnp.inf", -math.inf),
        ("-numpy.inf", -math.inf),
        ("'SAME'", "SAME"),
        ("None", None),
        ("{'a': 1}", {"a": 1}),
    ],
)
def test_literals_and_arithmetic_on_them_have_a_value(text, expected):
    got = value(text)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    "text",
    [
        "x", "x + 1", "f(2)", "2 ** 9", "1 << 9", "9999999999 * 9999999999", "(0,) * 65", "(0,) * -1", "1 // 0", "1 % 0", "'a' * 3", "True + 1",
        "[1] + (2,)", "tuple(3)", "float('1')", "float(x='inf')", "2 if 1 else 3", "-'a'", "(lambda: 3)()", "__import__('os')",
        "1" + " + 1" * 3000,
    ],
)  # fmt: skip
def test_other_expressions_have_none(text):
    with pytest.raises((NotConstant, RecursionError)):
        value(text)

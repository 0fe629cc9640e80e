"""The two oracles agree, over every rule, operation, rank and type."""

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from support.drawn import questions, rules, rules_near_reference

from poolparity.cases.fast import vectorised as fast
from poolparity.cases.model.pool import Refused
from poolparity.cases.oracle import definition as oracle

pytestmark = pytest.mark.slow

EXAMPLES = 4 * settings().max_examples


def outcome_or_refusal(module, question, rules, **options):
    """What an oracle makes of a question: an outcome, or the kind of refusal."""
    x, pool, extra, batched = question
    try:
        return module.outcome(x, pool, rules, batched=batched, extra=extra, **options)
    except Refused as refusal:
        return type(refusal)


def agree(question, rules):
    """Assert that both oracles answer alike: bit by bit, but for powers and for sums of gradients."""
    slow, quick = (outcome_or_refusal(module, question, rules) for module in (oracle, fast))
    if isinstance(slow, type) or isinstance(quick, type):
        assert slow is quick
        return
    exactly(quick.indices, slow.indices)
    exactly(quick.output, slow.output) if "lp" not in question[1].op else nearly(quick.output, slow.output)
    if question[0].dtype.kind in "fV":
        seed = (np.arange(slow.output.size) % 7 - 2.0).reshape(slow.output.shape).astype(question[0].dtype)
        slow, quick = (outcome_or_refusal(module, question, rules, cotangent=seed, located=False) for module in (oracle, fast))
        assert (slow.indices, quick.indices) == (None, None)
        nearly(quick.gradient, slow.gradient)


def exactly(got, due):
    if due is None or got is None:
        assert got is due
        return
    assert (got.dtype, got.shape) == (due.dtype, due.shape)
    if due.dtype.kind in "fV":
        got, due = got.astype("float64"), due.astype("float64")
        np.testing.assert_array_equal(np.signbit(got) & ~np.isnan(got), np.signbit(due) & ~np.isnan(due))
    np.testing.assert_array_equal(got, due)


def nearly(got, due):
    assert (got.dtype, got.shape) == (due.dtype, due.shape)
    ulp = {2: 2e-2, 4: 1e-5, 8: 1e-10}[due.dtype.itemsize] if due.dtype.kind in "fV" else 0
    np.testing.assert_allclose(got.astype("float64"), due.astype("float64"), rtol=ulp, atol=ulp)


@settings(max_examples=EXAMPLES)
@given(questions(), rules_near_reference())
def test_the_oracles_agree_near_the_reference(question, rules):
    agree(question, rules)


@settings(max_examples=EXAMPLES)
@given(questions(), rules)
def test_the_oracles_agree_on_any_combination_of_rules(question, rules):
    agree(question, rules.but(pad_limit="none", empty_input="accept", small_input="accept"))


def test_the_vectorised_oracle_takes_no_arithmetic_from_the_other():
    folder = Path(fast.__file__).parent
    imported_names = {
        node.module
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
    }
    assert {name.partition(".")[2] for name in imported_names if name.startswith("model.")} == {
        "arithmetic",
        "operation",
        "pool",
        "rules",
    }

"""Targets that are wrong in one dimension alone are caught by its cases and, where they follow a rule there, named."""

import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from support.bugs import BugCase, spoil
from support.followers import answer_from, answer_under

from poolparity.cases.judge.answer import AGREES, Answer
from poolparity.cases.judge.cause import add_causes
from poolparity.cases.judge.dimensions import DIMENSIONS, SLOW
from poolparity.cases.judge.judge import judge
from poolparity.cases.model.pool import Refused
from poolparity.cases.read.schema import SCHEMA
from poolparity.cases.read.spec import read_spec

FILES = [
    f"{op}/{name}.yaml"
    for op, names in {
        "max_pool": (
            "batch_in_index", "functions", "gradient_operations", "huge_parameters", "lanes", "large_sizes", "memory", "minus_infinity_alone", "named_padding_and_ceil_mode", "with_indices",
            "rules/all_minus_inf", "rules/empty_gradient", "rules/empty_index", "rules/pad_limit",
        ),
        "avg_pool": ("functions", "huge_parameters", "lanes", "large_sizes", "low_precision_planes", "memory", "named_padding_and_ceil_mode", "printed_digits"),
        "global_avg_pool": ("mask",),
    }.items()
    for name in names
]  # fmt: skip

RULES = {
    "positions in windows of padding alone, several channels": ("empty_gradient", "window_start"),
    "positions of -inf alone, several channels": ("pad_candidate", "yes"),
    "values of NaN or -inf together with indices": ("nan", "seeded"),
    "padding by name with ceil_mode": ("overhang", "counted"),
    "padding over half the undilated window": ("pad_limit", "below_window"),
    "average of a whole plane in low precision": ("accumulator", "input"),
    "maximum of -inf at the ends of rows": ("all_minus_inf", "lowest_at_edges"),
    "functions in place of layers": ("stride_default", "one"),
    "parameters of 32 bits and more": ("size_negative", "empty"),
    "inputs of more cells than float32 counts": ("accumulator", "float32"),
}
"""A rule that a target may follow in a dimension alone."""
LARGE = {"inputs of more cells than float32 counts", "positions in windows of padding alone, several channels"}
"""Dimensions whose true answers take seconds."""


@cache
def cases():
    specs = [read_spec(SCHEMA.parent / file, {}) for file in FILES]
    assert not any(spec.mistakes for spec in specs)
    return [case for spec in specs for case in spec.cases]


def wrong(case, findings):
    return [one for one in findings if one.verdict != AGREES or (one.probe_value and one.probe_value != getattr(case.reference, case.asks))]


def single_causes(case, finding):
    """The changes of one rule that explain a finding each; of a probe's answer, the value that it shows."""
    if finding.probe_value:
        return {(case.asks, finding.probe_value)}
    return {(one["axis"], one["value"]) for cause in finding.cause or () if len(cause) == 1 for one in cause}


def spoil_answer(case):
    """The true answer with every part of it changed; a refusal where there is nothing to change."""
    try:
        truth = BugCase(case, case.pool).honestly()
    except Refused:
        return Answer("accepts", np.zeros(1, "float32")), {}
    if not truth.output.size:
        return Answer("rejects"), {}
    others = {name: getattr(truth, name) for name in ("indices", "gradient")}
    return answer_from(
        replace(truth, output=spoil(truth.output), **{name: one + 1 for name, one in others.items() if one is not None}), case
    )


def mark_large(names):
    """The names as parameters, those of large dimensions marked `slow`."""
    return [pytest.param(name, marks=[pytest.mark.slow] * (name in LARGE)) for name in names]


@pytest.mark.parametrize("name", mark_large(DIMENSIONS))
def test_a_target_that_is_wrong_in_one_dimension_alone_is_caught_in_each_rank(name):
    caught_ranks = set()
    for case in cases():
        if DIMENSIONS[name](case):
            answer, further = spoil_answer(case)
            if wrong(case, judge(case, answer, separate_answers=further)):
                caught_ranks.add(case.rank)
            truth, further = answer_under(case)
            assert wrong(case, judge(case, truth, separate_answers=further)) == []
    assert caught_ranks == {1, 2, 3}


@pytest.mark.parametrize("name", mark_large(RULES))
def test_a_target_that_follows_a_rule_in_one_dimension_alone_is_named(name):
    axis, value = RULES[name]
    causes_by_case = []
    for case in cases():
        if DIMENSIONS[name](case):
            answer, further = answer_under(case, [(axis, value)])
            findings = add_causes(case, judge(case, answer, separate_answers=further), answer, further)
            if wrong_findings := wrong(case, findings):
                causes_by_case.append([single_causes(case, finding) for finding in wrong_findings])
    assert causes_by_case
    shared_causes = set.intersection(*(causes for wrong_findings in causes_by_case for causes in wrong_findings))
    assert (axis, value) in shared_causes


def test_every_dimension_has_a_liar(capsys):
    with capsys.disabled():
        sys.stdout.write(f"\n  dimensions: {len(DIMENSIONS)}, of which a rule can be followed in {len(RULES)}\n")
    assert RULES.keys() <= DIMENSIONS.keys()
    assert SLOW in {tag for case in cases() for tag in case.tags}

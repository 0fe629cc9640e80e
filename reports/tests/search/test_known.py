"""What the ledger pins is known, whatever pattern names its cases; what it says of other operations and types is not."""

import pytest

from poolparity.adapters.ledger.conditions import When
from poolparity.adapters.ledger.entry import Entry
from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.reports.search.finds import Kind
from poolparity.reports.search.judgement import Anomaly
from poolparity.reports.search.known import KnownAnswers

LAYERS = layers_of(find_targets())
DILATED = [{"axis": "same_dilation", "value": "ignored"}]
OTHER = [{"axis": "same_split", "value": "low"}]


def find(entry, op, anomaly, *features):
    """The entry that pins an anomaly, if this one does."""
    kind = Kind("torch", op, anomaly.attribute, anomaly.failure, frozenset(features))
    return KnownAnswers({"torch": [entry]}, LAYERS).find(kind, anomaly)


@pytest.mark.parametrize(("case", "op", "is_known"), [
    ("specs/*", "max_pool", True),
    ("specs/max_pool/*", "max_pool", True),
    ("specs/max_pool/rules/same_dilation.yaml::*", "max_pool", True),
    ("specs/max_pool/*", "avg_pool", False),
    ("specs/found/*", "max_pool", True),
    ("specs/found/*", "fractional_max_pool", False),
])  # fmt: skip
def test_a_cause_is_known_of_the_operations_whose_cases_an_entry_names(case, op, is_known):
    entry = Entry(case, "torch", None, None, "", cause=frozenset({("same_dilation", "ignored")}))
    assert bool(find(entry, op, Anomaly("torch", "values", "explained", causes=[OTHER, DILATED]))) == is_known
    assert not find(entry, op, Anomaly("torch", "values", "explained", causes=[OTHER, DILATED + OTHER]))


@pytest.mark.parametrize(("entry", "features", "is_known"), [
    (Entry("specs/max_pool/too_large.yaml::one_larger_*", "torch", "acceptance", "crashes: SIGFPE", "why"), (), True),
    (Entry("specs/max_pool/too_large.yaml::no_such_case_*", "torch", "acceptance", "crashes: SIGFPE", "why"), (), False),
    (Entry("specs/max_pool/too_large.yaml::one_larger_*", "torch", "acceptance", "rejects", "why"), (), False),
    (Entry("specs/max_pool/too_large.yaml::*", "torch", "acceptance", "crashes", "why", when=When(dtype=("int8",))), (), False),
    (Entry("specs/max_pool/too_large.yaml::*", "torch", "acceptance", "crashes", "why", when=When(rank=(1,))), ("rank 2",), False),
])  # fmt: skip
def test_a_failure_is_known_of_cases_that_a_pattern_names(entry, features, is_known):
    assert bool(find(entry, "max_pool", Anomaly("torch", "acceptance", "crashes with SIGFPE"), *features)) == is_known


def test_a_failure_of_a_case_of_the_full_tier_is_known():
    entry = Entry("specs/found/tract_crashes.yaml::*", "torch", "acceptance", "crashes: SIGABRT", "why")
    assert find(entry, "conv", Anomaly("torch", "acceptance", "crashes with SIGABRT"))
    assert not find(entry, "flatten", Anomaly("torch", "acceptance", "crashes with SIGABRT"))

"""Claims are judged once, over all the targets that were attempted."""

import pytest

from poolparity.adapters.ledger.ledger import Entry, Ledger
from poolparity.reports.rows.tables import tally_rows
from poolparity.reports.run.claims import claims, stands


def claims_of(rows):
    [claim] = claims(tally_rows(rows))
    return claim.measured_standing


def test_a_claim_that_every_target_follows_is_upheld(keep, make_claim, answers):
    assert claims_of(keep((make_claim("upheld"), {"torch": answers["agrees"], "jax": answers["agrees"]}))) == "upheld"


@pytest.mark.parametrize("verdict", ["differs", "rejects", "crashes"])
def test_one_target_that_differs_contradicts_a_claim(keep, make_claim, answers, verdict):
    assert claims_of(keep((make_claim("upheld"), {"torch": answers["agrees"], "jax": answers[verdict]}))) == "contradicted"


@pytest.mark.parametrize("verdict", ["unsupported", "not_run", "times_out"])
def test_a_target_without_an_answer_decides_nothing(keep, make_claim, answers, verdict):
    claim = make_claim("upheld")
    assert claims_of(keep((claim, {"torch": answers[verdict]}))) == "undecided"
    assert claims_of(keep((claim, {"torch": answers[verdict], "jax": answers["agrees"]}))) == "upheld"


def test_what_a_drop_in_gives_decides_nothing(keep, make_claim, answers):
    both = {"call": answers["agrees"], "drop_in": answers["differs"]}
    assert claims_of(keep((make_claim("upheld"), {"torch": both}))) == "upheld"


def test_a_case_that_is_no_claim_is_not_judged(keep, make, answers):
    assert claims(tally_rows(keep((make(), {"torch": answers["differs"]})))) == []


def absent_targets(rows, *entries):
    [claim] = stands(tally_rows(rows), Ledger(entries))
    return claim


def test_a_claim_passes_where_it_stands_as_the_spec_says(keep, make_claim, answers):
    claim = absent_targets(keep((make_claim("contradicted"), {"torch": answers["differs"]})))
    assert (claim.outcome, claim.text) == ("passed", "")


def test_a_claim_that_stands_otherwise_fails_and_names_who_says_so(keep, make_claim, answers):
    claim = absent_targets(keep((make_claim("upheld"), {"torch": answers["differs"], "flax": answers["unsupported"]})))
    assert claim.outcome == "failed"
    assert claim.text == "specs/max_pool/pairs.yaml::claimed: contradicted (torch differs); the spec says stands: upheld"


def test_a_contradiction_is_not_missed_where_those_who_are_known_for_it_were_not_asked(keep, make_claim, answers):
    entry = Entry("specs/max_pool/pairs.yaml::claimed", "onnx*", "shape", [1, 1, 3], "it strides by one")
    rows = keep((make_claim("contradicted"), {"torch": answers["agrees"]}))
    claim = absent_targets(rows, entry)
    assert claim.outcome == "skipped"
    assert "onnx*, known to contradict it, not asked here" in claim.text
    assert absent_targets(rows).outcome == "failed"


def test_a_known_contradiction_that_was_asked_for_and_did_not_come_fails(keep, make_claim, answers):
    entry = Entry("specs/max_pool/pairs.yaml::claimed", "onnx*", "shape", [1, 1, 3], "it strides by one")
    assert absent_targets(keep((make_claim("contradicted"), {"onnxruntime": answers["agrees"]})), entry).outcome == "failed"

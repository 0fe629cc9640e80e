"""The cases of a tier as a target is asked for them."""

from functools import cache

from poolparity.adapters.parent.job import Job
from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.cases.model.case import tiers_up_to
from poolparity.cases.read.check import find_spec_files
from poolparity.cases.read.spec import read_spec
from poolparity.reports.ledger.suite import SPECS
from poolparity.reports.run.plan import plan_calls


@cache
def cases_of(tier):
    """Our own cases of a tier and below."""
    tiers, entries = tiers_up_to(tier), layers_of(find_targets())
    return [case for path in find_spec_files([SPECS]) for case in read_spec(path, entries, SPECS.parent, tiers).cases if case.tier in tiers]


def questions_of(target, tier):
    """Everything that a target is asked."""
    questions = [(case, item) for case in cases_of(tier) if target.takes(case) for item in plan_calls(case, target.adapter, target.target)]
    return [(case, question) for case, question in questions if question.call]


def job(case, question):
    return Job(f"{question.name} {case.id}", question.call, question.arrays(), question.wants)

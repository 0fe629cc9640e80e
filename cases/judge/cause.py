"""Causes: the fewest changes of rules that reproduce an answer which is not the expected one.

A difference in acceptance is explained first, and the rest under the rules that explain it. Several
explanations of the same length are all given; an answer that nothing reproduces is unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np

from ..fast.vectorised import outcome
from ..model.arithmetic import Array, is_floating
from ..model.case import Case
from ..model.operation import Result
from ..model.pool import Crashed, Refused
from ..model.rules import AXES, AXIS_VALUES
from .answer import ACCEPTS, CRASHES, DIFFERS, REJECTS, Answer, Cause, Finding
from .consistent import consistent_sets
from .memo import keep_results
from .relevance import Facts, relevant_axes
from .tolerance import Tolerance, gradient_tolerance, tolerance_of

ACCEPTANCE = frozenset(name for name, axis in AXES.items() if axis.acceptance)
FORWARD = frozenset({"acceptance", "shape", "dtype", "values"})
LONGEST = 3
"""Changes that an explanation has at most."""
TRIES = 400
"""Combinations that are tried at most for explanations of one length."""

Change = tuple[str, str]
OracleAnswer = Result | str
"""What the oracle comes to: an outcome, or that it rejects or crashes."""


@keep_results
def oracle_under(case: Case, changes: tuple[Change, ...], gradient: bool) -> OracleAnswer:
    """The oracle's answer to a case with some rules changed, cached for all answers that are explained by it."""
    extra = {name: tensor.value for name, tensor in case.extra.items()}
    cotangent = extra.pop("cotangent", None)
    rules = case.reference.but(**dict(changes))
    try:
        return outcome(case.input.value, case.stated_pool, rules, batched=case.batched,
                       cotangent=cotangent if gradient else None, extra=extra, located=case.wants("indices"))  # fmt: skip
    except Crashed:
        return CRASHES
    except Refused:
        return REJECTS


@dataclass(frozen=True, eq=False)
class CauseSearch:
    """The search for the causes of the answers to one case."""

    case: Case

    def under(self, changes: Sequence[Change], gradient: bool = False) -> OracleAnswer:
        """The oracle's answer with some rules changed."""
        return oracle_under(self.case, tuple(changes), gradient)

    def options(self, gradient: bool) -> Iterator[tuple[str, list[str]]]:
        """The axes that can matter, each with the values that are not in force."""
        case = self.case
        facts = Facts(case.input.value, case.stated_pool, case.batched, case.wants("indices"), gradient)
        for name in relevant_axes(facts):
            yield name, [value for value in AXIS_VALUES[name] if value != getattr(case.reference, name)]

    def explain(
        self, matches: Callable[[OracleAnswer], bool], gradient: bool = False, allowed_changes: Sequence[Change] = ()
    ) -> list[Cause] | None:
        """All explanations with the fewest changes beyond those in `allowed_changes`; None if there are none."""
        options = [(name, values) for name, values in self.options(gradient) if name not in dict(allowed_changes)]
        if self.under(allowed_changes, gradient) != REJECTS:
            options = [(name, values) for name, values in options if name not in ACCEPTANCE or not allowed_changes]
        if matches(self.under(allowed_changes, gradient)):
            return None  # nothing has to change, so what is due is not what the rules of the case give
        for count in range(1, LONGEST + 1):
            candidates = list(combine(options, count))
            if len(candidates) > TRIES:
                return None
            if explanations := [changes for changes in candidates if matches(self.under([*allowed_changes, *changes], gradient))]:
                return [as_cause([*allowed_changes, *changes]) for changes in explanations]
        return None


def combine(options: Sequence[tuple[str, Sequence[str]]], count: int) -> Iterator[tuple[Change, ...]]:
    """Every choice of one value for each of `count` axes."""
    for subset in combinations(options, count):
        for values in product(*(values for _, values in subset)):
            yield tuple(zip((name for name, _ in subset), values, strict=True))


def as_cause(changes: Sequence[Change]) -> Cause:
    """Changes as rows hold them."""
    return [{"axis": axis, "value": value} for axis, value in changes]


def add_causes(case: Case, findings: Sequence[Finding], answer: Answer, separate_answers: Mapping[str, Answer]) -> list[Finding]:
    """The findings, with causes for those that are not as expected; a finding whose cause a probe already names keeps it.

    An output that must equal that of another operation has none: what that operation gives follows from no rule of the case.
    """
    unexplained = {finding.attribute for finding in findings if finding.verdict in (DIFFERS, REJECTS, CRASHES) and finding.cause is None}
    if not unexplained or (case.due.equals and answer.outcome == ACCEPTS) or case.as_written or case.stands == "contradicted":
        return list(findings)
    search = CauseSearch(case)
    causes: dict[str, list[Cause] | None] = {}
    if unexplained & FORWARD:
        causes |= dict.fromkeys(FORWARD if answer.outcome == ACCEPTS else unexplained, explain_output(search, answer))
    if "indices" in unexplained:
        causes["indices"] = explain_indices(search, separate_answers.get("indices", answer))
    if "gradient" in unexplained and "gradient" in separate_answers:
        causes["gradient"] = explain_gradient(search, separate_answers["gradient"], answer)
    if "inferred_shape" in unexplained and "inferred_shape" in separate_answers:
        causes["inferred_shape"] = explain_inferred_shape(search, separate_answers["inferred_shape"])
    sets = consistent_sets(case, answer.output) if causes.get("values", []) is None and answer.output is not None else []
    return [
        with_cause(finding, causes.get(finding.attribute), sets) if finding.attribute in unexplained else finding for finding in findings
    ]


def with_cause(finding: Finding, cause: list[Cause] | None, sets: list[Cause]) -> Finding:
    """A finding with its causes; unexplained values may fit a set of possible answers."""
    return replace(finding, cause=cause, consistent=sets if finding.attribute == "values" else [])


def explain_output(search: CauseSearch, answer: Answer) -> list[Cause] | None:
    """The causes of an output, or of its absence."""
    if answer.outcome != ACCEPTS or answer.output is None:
        return search.explain(lambda result: result == answer.outcome)
    got, due = answer.output, search.under(())
    tolerance = tolerance_of(search.case)
    loose = loosened(tolerance, search.case)
    if isinstance(due, Result) and same_arrays(due.output, got, loose):
        loose = tolerance  # what is due differs by less than other rules may be off by
    causes = explain_past_refusal(search, lambda result: isinstance(result, Result) and same_arrays(result.output, got, loose))
    return explain_by_accumulator(search, got, loose) if causes is None and loose.least is not None else causes


def explain_by_accumulator(search: CauseSearch, got: Array, tolerance: Tolerance) -> list[Cause] | None:
    """The causes of an output whose sums are kept in the type of the cells, in whatever order they are added up.

    One after another they lose most; sums in lanes or pairs lose a part of that, so that an answer may be anywhere between.
    """
    sums: Change = ("accumulator", "input")
    any_order, lossless = replace(tolerance, least=None), search.under(())

    def matches(result: OracleAnswer) -> bool:
        if not isinstance(result, Result) or (result.output.dtype, result.output.shape) != (got.dtype, got.shape):
            return False
        same = any_order.same(result.output, got)
        if isinstance(lossless, Result) and lossless.output.shape == got.shape:
            same |= is_between(lossless.output, result.output, got)
        return bool(same.all())

    return [as_cause([sums])] if matches(search.under([sums])) else search.explain(matches, allowed_changes=[sums])


def is_between(first: Array, second: Array, got: Array) -> Array:
    """Where numbers are between two others, or equal to one of them."""
    one, other, between = (array.astype("float64") for array in (first, second, got))
    return np.asarray((np.minimum(one, other) <= between) & (between <= np.maximum(one, other)))


def explain_past_refusal(search: CauseSearch, matches: Callable[[OracleAnswer], bool]) -> list[Cause] | None:
    """The causes of an answer where the reference refuses: what makes the oracle accept, then what explains the answer."""
    if search.under(()) != REJECTS:
        return search.explain(matches)
    openings = search.explain(lambda causes: isinstance(causes, Result)) or []
    direct = [opening for opening in openings if matches(search.under(as_changes(opening)))]
    if direct or not openings:
        return direct or None
    if search.case.expected.invalid:
        return openings
    causes = [cause for opening in openings for cause in search.explain(matches, allowed_changes=as_changes(opening)) or []]
    return [cause for cause in causes if len(cause) == min(map(len, causes))] or None


def as_changes(cause: Cause) -> list[Change]:
    """The changes that a row holds."""
    return [(change["axis"], change["value"]) for change in cause]


def explain_indices(search: CauseSearch, answer: Answer) -> list[Cause] | None:
    """The causes of the positions of maxima, or of their absence."""
    if "indices" not in answer.extra:
        return search.explain(lambda result: result == answer.outcome)
    got = answer.extra["indices"]
    return explain_past_refusal(
        search, lambda result: isinstance(result, Result) and result.indices is not None and same_cells(result.indices, got)
    )


def explain_gradient(search: CauseSearch, answer: Answer, pooled: Answer) -> list[Cause] | None:
    """The causes of a gradient.

    If the target accepts the pooling itself, a refused gradient is explained by the type, or by an output of another
    shape, which the cotangent does not fit.
    """
    if answer.outcome != ACCEPTS:
        causes = search.explain(lambda result: result == answer.outcome, gradient=True) or []
        return [cause for cause in causes if pooled.output is None or refuses_gradient_alone(search, cause, pooled.output)] or None
    got, tolerance = answer.extra["gradient"], gradient_tolerance(search.case)
    return search.explain(
        lambda result: isinstance(result, Result) and result.gradient is not None and same_arrays(result.gradient, got, tolerance),
        gradient=True,
    )


def refuses_gradient_alone(search: CauseSearch, cause: Cause, output: Array) -> bool:
    """Whether a cause that refuses a gradient allows the output: it is about the type, or gives the output its shape."""
    forward = search.under(as_changes(cause))
    return {change["axis"] for change in cause} == {"element_type"} or (
        isinstance(forward, Result) and forward.output.shape == output.shape
    )


def explain_inferred_shape(search: CauseSearch, answer: Answer) -> list[Cause] | None:
    """The causes of a shape that was inferred without running."""
    if answer.outcome != ACCEPTS:
        return search.explain(lambda result: result == answer.outcome)
    got = tuple(int(size) for size in answer.extra["inferred_shape"])
    return explain_past_refusal(search, lambda result: isinstance(result, Result) and result.output.shape == got)


def loosened(tolerance: Tolerance, case: Case) -> Tolerance:
    """A tolerance that allows for the rounding of other rules where the reference is exact."""
    return tolerance if "max" in case.pool.op or not is_floating(case.input.value.dtype) else replace(tolerance, ulp=max(tolerance.ulp, 2))


def same_arrays(due: Array, got: Array, tolerance: Tolerance) -> bool:
    """Whether two arrays have the same type and shape, and cells within the tolerance."""
    return due.dtype == got.dtype and due.shape == got.shape and bool(tolerance.same(due, got).all())


def same_cells(due: Array, got: Array) -> bool:
    """Whether two arrays of integers are equal, whatever their types."""
    return due.shape == got.shape and bool((due == got).all())

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
LONGEST_IN_STAGES = 4
"""Changes that an explanation has at most where some of them are found by the shape and the type of the output."""
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
        facts = Facts(case.input.value, case.stated_pool, case.batched, case.wants("indices"), gradient, "mask" in case.extra)
        for name in relevant_axes(facts):
            yield name, [value for value in AXIS_VALUES[name] if value != getattr(case.reference, name)]

    def explain(
        self,
        matches: Callable[[OracleAnswer], bool],
        gradient: bool = False,
        allowed_changes: Sequence[Change] = (),
        most: int = LONGEST,
    ) -> list[Cause] | None:
        """All explanations with the fewest changes, at most `most`, beyond those in `allowed_changes`; None if there are none."""
        options = [(name, values) for name, values in self.options(gradient) if name not in dict(allowed_changes)]
        if self.under(allowed_changes, gradient) != REJECTS:
            options = [(name, values) for name, values in options if name not in ACCEPTANCE or not allowed_changes]
        if matches(self.under(allowed_changes, gradient)):
            return None  # nothing has to change, so what is due is not what the rules of the case give
        for count in range(1, most + 1):
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
    unexplained_attributes = {
        finding.attribute for finding in findings if finding.verdict in (DIFFERS, REJECTS, CRASHES) and finding.cause is None
    }
    if not unexplained_attributes or not is_searched(case, answer):
        return list(findings)
    search = CauseSearch(case)
    causes: dict[str, list[Cause] | None] = {}
    if unexplained_attributes & FORWARD:
        causes |= dict.fromkeys(FORWARD if answer.outcome == ACCEPTS else unexplained_attributes, explain_output(search, answer))
    if "indices" in unexplained_attributes:
        causes["indices"] = explain_indices(search, separate_answers.get("indices", answer), causes.get("values") or ())
    if "gradient" in unexplained_attributes and "gradient" in separate_answers:
        causes["gradient"] = explain_gradient(search, separate_answers["gradient"], answer)
    if "inferred_shape" in unexplained_attributes and "inferred_shape" in separate_answers:
        causes["inferred_shape"] = explain_inferred_shape(search, separate_answers["inferred_shape"])
    sets = consistent_sets(case, answer.output) if causes.get("values", []) is None and answer.output is not None else []
    return [
        with_cause(finding, causes.get(finding.attribute), sets) if finding.attribute in unexplained_attributes else finding
        for finding in findings
    ]


def is_searched(case: Case, answer: Answer) -> bool:
    """Whether causes are looked for in an answer: where the rules of the case say what is due."""
    return not ((case.due.equals and answer.outcome == ACCEPTS) or case.as_written or case.stands == "contradicted")


def with_cause(finding: Finding, cause: list[Cause] | None, sets: list[Cause]) -> Finding:
    """A finding with its causes; unexplained values may fit a set of possible answers."""
    return replace(finding, cause=cause, consistent=sets if finding.attribute == "values" else [])


def explain_output(search: CauseSearch, answer: Answer) -> list[Cause] | None:
    """The causes of an output, or of its absence."""
    if answer.outcome != ACCEPTS or answer.output is None:
        return search.explain(lambda result: result == answer.outcome)
    got, due = answer.output, search.under(())
    tolerance = tolerance_of(search.case)
    loose = loosen_tolerance(tolerance, search.case)
    if isinstance(due, Result) and same_arrays(due.output, got, loose):
        loose = tolerance  # what is due differs by less than other rules may be off by

    def matches(result: OracleAnswer) -> bool:
        return isinstance(result, Result) and same_arrays(result.output, got, loose)

    causes = explain_past_refusal(search, matches) or explain_in_stages(search, got, matches)
    return explain_by_accumulator(search, got, loose) if causes is None and loose.least is not None else causes


def explain_in_stages(search: CauseSearch, got: Array, matches: Callable[[OracleAnswer], bool]) -> list[Cause] | None:
    """The causes of an output whose shape or type is another: the fewest changes that give the shape, then the type, then the rest."""
    due = search.under(())
    if not isinstance(due, Result) or (due.output.shape, due.output.dtype) == (got.shape, got.dtype):
        return None

    def has_type(result: OracleAnswer) -> bool:
        return isinstance(result, Result) and (result.output.shape, result.output.dtype) == (got.shape, got.dtype)

    causes = find_changes_of_shape(search, got.shape)
    for fits in (has_type, matches):
        causes = [longer_cause for cause in causes for longer_cause in extend_cause(search, cause, fits)]
    return [as_cause(cause) for cause in causes if len(cause) == min(map(len, causes))] or None


def find_changes_of_shape(search: CauseSearch, shape: tuple[int, ...]) -> list[list[Change]]:
    """The fewest changes that give an output its shape, each of which alters the shape that those before it give."""
    changes = [(name, value) for name, values in search.options(gradient=False) if name not in ACCEPTANCE for value in values]
    paths: list[tuple[Change, ...]] = [()]
    for _ in range(LONGEST + 1):
        if fitting_paths := [sorted(path, key=changes.index) for path in paths if shape_of(search.under(path)) == shape]:
            return fitting_paths
        if len(paths) * len(changes) > TRIES:
            break
        paths = list({frozenset(longer_path): longer_path for path in paths for longer_path in alter_shape(search, path, changes)}.values())
    return []


def alter_shape(search: CauseSearch, path: tuple[Change, ...], changes: Sequence[Change]) -> Iterator[tuple[Change, ...]]:
    """Some changes with one more, of another axis, that gives the output another shape."""
    for change in changes:
        if change[0] not in dict(path) and shape_of(search.under([*path, change])) not in (None, shape_of(search.under(path))):
            yield (*path, change)


def shape_of(result: OracleAnswer) -> tuple[int, ...] | None:
    """The shape of an output, None where there is none."""
    return result.output.shape if isinstance(result, Result) else None


def extend_cause(search: CauseSearch, cause: list[Change], fits: Callable[[OracleAnswer], bool]) -> list[list[Change]]:
    """The cause if what it gives fits, else that with the fewest further changes."""
    if fits(search.under(cause)):
        return [cause]
    causes = search.explain(fits, allowed_changes=cause, most=LONGEST_IN_STAGES - len(cause)) or []
    return [as_changes(longer_cause) for longer_cause in causes]


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
    if search.case.reference_due.invalid:
        return openings
    causes = [cause for opening in openings for cause in search.explain(matches, allowed_changes=as_changes(opening)) or []]
    return [cause for cause in causes if len(cause) == min(map(len, causes))] or None


def as_changes(cause: Cause) -> list[Change]:
    """The changes that a row holds."""
    return [(change["axis"], change["value"]) for change in cause]


def explain_indices(search: CauseSearch, answer: Answer, output_causes: Sequence[Cause] = ()) -> list[Cause] | None:
    """The causes of the positions of maxima, or of their absence; those of the output where they are too many to be found alone."""
    if "indices" not in answer.extra:
        return search.explain(lambda result: result == answer.outcome)
    got = answer.extra["indices"]

    def matches(result: OracleAnswer) -> bool:
        return isinstance(result, Result) and result.indices is not None and same_cells(result.indices, got)

    causes = explain_past_refusal(search, matches)
    return causes or [cause for cause in output_causes if matches(search.under(as_changes(cause)))] or None


def explain_gradient(search: CauseSearch, answer: Answer, pooling_answer: Answer) -> list[Cause] | None:
    """The causes of a gradient.

    If the target accepts the pooling itself, a refused gradient is explained by an output of another shape, which the
    cotangent does not fit, or by the type.
    """
    if answer.outcome != ACCEPTS:
        causes = search.explain(lambda result: result == answer.outcome, gradient=True) or []
        output = pooling_answer.output
        fitting_causes = [cause for cause in causes if output is None or refuses_gradient_alone(search, cause, output)]
        shape_causes = [] if output is None else explain_shape(search, output) or []
        return [*shape_causes, *(cause for cause in fitting_causes if cause not in shape_causes)] or None
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


def explain_shape(search: CauseSearch, output: Array) -> list[Cause] | None:
    """The causes of the shape of an output alone."""
    return search.explain(lambda result: isinstance(result, Result) and result.output.shape == output.shape)


def explain_inferred_shape(search: CauseSearch, answer: Answer) -> list[Cause] | None:
    """The causes of a shape that was inferred without running."""
    if answer.outcome != ACCEPTS:
        return search.explain(lambda result: result == answer.outcome)
    got = tuple(int(size) for size in answer.extra["inferred_shape"])
    return explain_past_refusal(search, lambda result: isinstance(result, Result) and result.output.shape == got)


def loosen_tolerance(tolerance: Tolerance, case: Case) -> Tolerance:
    """A tolerance that allows for the rounding of other rules where the reference is exact."""
    return tolerance if "max" in case.pool.op or not is_floating(case.input.value.dtype) else replace(tolerance, ulp=max(tolerance.ulp, 2))


def same_arrays(due: Array, got: Array, tolerance: Tolerance) -> bool:
    """Whether two arrays have the same type and shape, and cells within the tolerance."""
    return due.dtype == got.dtype and due.shape == got.shape and bool(tolerance.same(due, got).all())


def same_cells(due: Array, got: Array) -> bool:
    """Whether two arrays of integers are equal, whatever their types."""
    return due.shape == got.shape and bool((due == got).all())

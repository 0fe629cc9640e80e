"""Causes: the fewest changes of rules that reproduce an answer which is not the one that was due.

What is refused is explained first, the rest with that opened. Several explanations of the same length
are all given; an answer that nothing reproduces is unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, product

from ..fast.vectorised import outcome
from ..model.arithmetic import Array, is_floating
from ..model.case import Case
from ..model.operation import Result
from ..model.pool import Crashed, Refused
from ..model.rules import AXES, AXIS_VALUES
from .answer import ACCEPTS, CRASHES, DIFFERS, REJECTS, Answer, Cause, Finding
from .consistent import consistent_sets
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


@lru_cache(maxsize=1024)
def oracle_under(case: Case, changes: tuple[Change, ...], gradient: bool) -> OracleAnswer:
    """What the oracle comes to in a case with some rules changed, once for all answers that are explained by it."""
    extra = {name: tensor.value for name, tensor in case.extra.items()}
    cotangent = extra.pop("cotangent", None)
    rules = case.reference.but(**dict(changes))
    try:
        return outcome(case.input.value, replace(case.pool, data_format=case.layout), rules, batched=case.batched,
                       cotangent=cotangent if gradient else None, extra=extra, located=case.wants("indices"))  # fmt: skip
    except Crashed:
        return CRASHES
    except Refused:
        return REJECTS


@dataclass(frozen=True, eq=False)
class CauseSearch:
    """Explains the answers to one case."""

    case: Case

    def under(self, changes: Sequence[Change], gradient: bool = False) -> OracleAnswer:
        """What the oracle comes to with some rules changed."""
        return oracle_under(self.case, tuple(changes), gradient)

    def options(self, gradient: bool) -> Iterator[tuple[str, list[str]]]:
        """The axes that can matter, each with the values that are not in force."""
        case = self.case
        pool = replace(case.pool, data_format=case.layout)
        facts = Facts(case.input.value, pool, case.batched, case.wants("indices"), gradient)
        for name in relevant_axes(facts):
            yield name, [value for value in AXIS_VALUES[name] if value != getattr(case.reference, name)]

    def explain(self, same: Callable[[OracleAnswer], bool], gradient: bool = False, opened: Sequence[Change] = ()) -> list[Cause] | None:
        """All explanations of the fewest changes, beyond those that are made already; None if there is none."""
        options = [(name, values) for name, values in self.options(gradient) if name not in dict(opened)]
        if self.under(opened, gradient) != REJECTS:
            options = [(name, values) for name, values in options if name not in ACCEPTANCE or not opened]
        if same(self.under(opened, gradient)):
            return None  # nothing has to change, so what is due is not what the rules of the case give
        for count in range(1, LONGEST + 1):
            tried = list(combine(options, count))
            if len(tried) > TRIES:
                return None
            if found := [changes for changes in tried if same(self.under([*opened, *changes], gradient))]:
                return [as_cause([*opened, *changes]) for changes in found]
        return None


def combine(options: Sequence[tuple[str, Sequence[str]]], count: int) -> Iterator[tuple[Change, ...]]:
    """Every choice of a value for so many axes."""
    for some in combinations(options, count):
        for values in product(*(values for _, values in some)):
            yield tuple(zip((name for name, _ in some), values, strict=True))


def as_cause(changes: Sequence[Change]) -> Cause:
    """Changes as rows hold them."""
    return [{"axis": axis, "value": value} for axis, value in changes]


def add_causes(case: Case, findings: Sequence[Finding], answer: Answer, further: Mapping[str, Answer]) -> list[Finding]:
    """The findings, each that is not as due with its causes; those that a probe's answer names keep that."""
    open_ = {each.attribute for each in findings if each.verdict in (DIFFERS, REJECTS, CRASHES) and each.cause is None}
    if not open_ or case.due.equals or case.as_written or case.stands == "contradicted":
        return list(findings)
    search = CauseSearch(case)
    causes: dict[str, list[Cause] | None] = {}
    if open_ & FORWARD:
        causes |= dict.fromkeys(FORWARD if answer.outcome == ACCEPTS else open_, explain_output(search, answer))
    if "indices" in open_:
        causes["indices"] = explain_indices(search, further.get("indices", answer))
    if "gradient" in open_ and "gradient" in further:
        causes["gradient"] = explain_gradient(search, further["gradient"], answer.outcome == ACCEPTS)
    if "inferred_shape" in open_ and "inferred_shape" in further:
        causes["inferred_shape"] = explain_inferred_shape(search, further["inferred_shape"])
    sets = consistent_sets(case, answer.output) if causes.get("values", []) is None and answer.output is not None else []
    return [with_cause(each, causes.get(each.attribute), sets) if each.attribute in open_ else each for each in findings]


def with_cause(finding: Finding, cause: list[Cause] | None, sets: list[Cause]) -> Finding:
    """A finding with its causes; values that have none may fit a set of possible answers."""
    return replace(finding, cause=cause, consistent=sets if finding.attribute == "values" else [])


def explain_output(search: CauseSearch, answer: Answer) -> list[Cause] | None:
    """What explains an output, or that there is none."""
    if answer.outcome != ACCEPTS or answer.output is None:
        return search.explain(lambda found: found == answer.outcome)
    got = answer.output
    loose = loosened(tolerance_of(search.case), search.case)
    return explain_past_refusal(search, lambda found: isinstance(found, Result) and same_arrays(found.output, got, loose))


def explain_past_refusal(search: CauseSearch, same: Callable[[OracleAnswer], bool]) -> list[Cause] | None:
    """What explains an answer, after what opens the way where the reference refuses."""
    if search.under(()) != REJECTS:
        return search.explain(same)
    ways = search.explain(lambda found: isinstance(found, Result)) or []
    direct = [way for way in ways if same(search.under(as_changes(way)))]
    if direct or not ways:
        return direct or None
    if search.case.expected.invalid:
        return ways
    found = [cause for way in ways for cause in search.explain(same, opened=as_changes(way)) or []]
    return [cause for cause in found if len(cause) == min(map(len, found))] or None


def as_changes(cause: Cause) -> list[Change]:
    """The changes that a row holds."""
    return [(each["axis"], each["value"]) for each in cause]


def explain_indices(search: CauseSearch, answer: Answer) -> list[Cause] | None:
    """What explains the positions of maxima, or that there are none."""
    if "indices" not in answer.extra:
        return search.explain(lambda found: found == answer.outcome)
    got = answer.extra["indices"]
    return explain_past_refusal(
        search, lambda found: isinstance(found, Result) and found.indices is not None and same_cells(found.indices, got)
    )


def explain_gradient(search: CauseSearch, answer: Answer, taken: bool) -> list[Cause] | None:
    """What explains a gradient; where the pooling itself is `taken`, one is refused for its type, if by a rule at all."""
    if answer.outcome != ACCEPTS:
        causes = search.explain(lambda found: found == answer.outcome, gradient=True) or []
        return [cause for cause in causes if not taken or {each["axis"] for each in cause} == {"element_type"}] or None
    got, tolerance = answer.extra["gradient"], gradient_tolerance(search.case)
    return search.explain(
        lambda found: isinstance(found, Result) and found.gradient is not None and same_arrays(found.gradient, got, tolerance),
        gradient=True,
    )


def explain_inferred_shape(search: CauseSearch, answer: Answer) -> list[Cause] | None:
    """What explains a shape that was inferred without running."""
    if answer.outcome != ACCEPTS:
        return search.explain(lambda found: found == answer.outcome)
    got = tuple(int(size) for size in answer.extra["inferred_shape"])
    return explain_past_refusal(search, lambda found: isinstance(found, Result) and found.output.shape == got)


def loosened(tolerance: Tolerance, case: Case) -> Tolerance:
    """A tolerance for answers that other rules round where the reference is exact."""
    return tolerance if "max" in case.pool.op or not is_floating(case.input.value.dtype) else replace(tolerance, ulp=max(tolerance.ulp, 2))


def same_arrays(found: Array, got: Array, tolerance: Tolerance) -> bool:
    """Whether two arrays have one type, one shape, and the same cells."""
    return found.dtype == got.dtype and found.shape == got.shape and bool(tolerance.same(found, got).all())


def same_cells(found: Array, got: Array) -> bool:
    """Whether two arrays of integers are the same, whatever their type."""
    return found.shape == got.shape and bool((found == got).all())

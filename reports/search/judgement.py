"""What is wrong with an answer: it is a crash, no rules explain it, or only rules that the target does not follow in that context."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...adapters.ledger.entry import DEATH
from ...cases.judge.answer import ACCEPTS, CRASHES, REJECTS, TIMES_OUT, Answer, Cause
from ...cases.judge.cause import (
    ACCEPTANCE,
    CauseSearch,
    Change,
    OracleAnswer,
    as_cause,
    explain_gradient,
    explain_indices,
    explain_inferred_shape,
    explain_output,
    loosen_tolerance,
    same_arrays,
    same_cells,
)
from ...cases.judge.consistent import consistent_sets
from ...cases.judge.fingerprint import UNEXPLAINED, Context, Fingerprint
from ...cases.judge.tolerance import gradient_tolerance, tolerance_of
from ...cases.model.arithmetic import Array
from ...cases.model.operation import Result
from ...cases.model.rules import REFERENCE
from ..fingerprint.evidence import PADDING
from .asking import Reply
from .question import Question

FATES = {CRASHES: "crashes", TIMES_OUT: "hangs"}
IMPACT = ("values", "indices", "gradient", "repeat", "mode", "invariant", "acceptance", "shape", "dtype", "inferred_shape", "refusal")
"""The attributes of anomalies, those first whose wrong answer is hardest to notice; crashes are `acceptance`."""
NUMBERS = re.compile(r"-?\d[\d.,eE+x-]*|0x[0-9a-f]+")
COUNTED = "index_base"
"""The axis that says what indices count; those of an answer are positions in a plane already."""


@dataclass(frozen=True)
class Anomaly:
    """An answer that is of interest: the attribute, what is wrong with it in a few words, and the details.

    `causes` has the rules that explain it, where some do: alternatives, that which `failure` names first.
    """

    target: str
    attribute: str
    failure: str
    detail: str = ""
    causes: Sequence[Cause] = field(default=(), compare=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """What anomalies of one kind have in common."""
        return self.target, self.attribute, self.failure


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges the answers of one target by its fingerprint, which may be empty; `every` also reports differences that rules explain."""

    target: str
    fingerprint: Fingerprint = field(default_factory=Fingerprint)
    every: bool = False

    def judge(self, question: Question, reply: Reply) -> Iterator[Anomaly]:
        """The anomalies of all answers to a question."""
        forward = list(self.judge_forward(question, reply))
        yield from forward
        if reply.main.outcome != ACCEPTS:
            return
        indices = reply.get("indices") or reply.main
        if question.located and "indices" in indices.extra and not forward:
            yield from self.judge_indices(question, indices)
        gradient = reply.get("gradient")
        output = reply.main.output
        reference = question.reference
        if gradient and reference and output is not None and output.shape == reference.output.shape and not forward:
            yield from self.judge_gradient(question, gradient)
        shape_answer = reply.get("inferred_shape")
        if shape_answer and output is not None and not forward:
            yield from self.judge_inferred(question, shape_answer, output.shape)

    def context(self, question: Question, attribute: str) -> Context:
        """Where a question stands among the contexts of fingerprints."""
        padding = PADDING[question.pool.count_include_pad] if question.pool.op == "avg_pool" else ""
        return Context(question.pool.op, question.dtype, question.rank, attribute, padding)

    def own_rules(self, search: CauseSearch, context: Context, *, gradient: bool = False) -> list[Change]:
        """The rules of the target that differ from the reference and can matter."""
        changes = []
        for axis, _ in search.options(gradient):
            if axis == COUNTED:
                continue
            values = self.fingerprint.at(axis, context)
            if len(values) == 1 and UNEXPLAINED not in values and values != {getattr(REFERENCE, axis)}:
                changes += [(axis, value) for value in values]
        return changes

    def judge_forward(self, question: Question, reply: Reply) -> Iterator[Anomaly]:
        """The anomalies of the output, or of its absence."""
        case, answer = question.case, reply.main
        search = CauseSearch(case)
        context = self.context(question, "indices" if question.located and "indices" in answer.extra else "output")
        rules = self.own_rules(search, context)
        if answer.outcome in FATES:
            yield from self.judge_end(search, rules, answer)
            return
        if answer.outcome == REJECTS:
            yield from self.judge_refusal(search, rules, answer, context)
            return
        if answer.outcome != ACCEPTS or answer.output is None:
            return
        if not isinstance(search.under(rules), Result):  # a rule that refuses is not in force where the target answers
            rules = [rule for rule in rules if isinstance(search.under([rule]), Result) or not isinstance(search.under(()), Result)]
        if not isinstance(search.under(rules), Result):
            rules = [(axis, value) for axis, value in rules if axis not in ACCEPTANCE]
        got, tolerance = answer.output, loosen_tolerance(tolerance_of(case), case)

        def matches(result: OracleAnswer) -> bool:
            return isinstance(result, Result) and same_arrays(result.output, got, tolerance)

        yield from self.compare(
            search, rules, context, matches, lambda: explain_output(search, answer), lambda: describe_output(search, rules, answer),
            possible=lambda: bool(consistent_sets(case, got)),
        )  # fmt: skip

    def judge_end(self, search: CauseSearch, rules: Sequence[Change], answer: Answer) -> Iterator[Anomaly]:
        """The anomaly of a crash or of a time-out; a crash that the target's own rules foresee is none."""
        if answer.detail.startswith("the worker could not start"):
            return
        death = DEATH.search(answer.detail)
        failure = f"{FATES[answer.outcome]}{f' with {death[0]}' if death and answer.outcome == CRASHES else ''}"
        if answer.outcome == CRASHES and search.under(rules) == CRASHES and not self.every:
            return
        causes = search.explain(lambda result: result == CRASHES) if answer.outcome == CRASHES else None
        yield Anomaly(self.target, "acceptance", failure, answer.detail, causes or ())

    def judge_refusal(self, search: CauseSearch, rules: Sequence[Change], answer: Answer, context: Context) -> Iterator[Anomaly]:
        """The anomaly of a refusal that no rule explains."""
        if search.under(()) == REJECTS or search.under(rules) in (REJECTS, CRASHES):
            return
        causes = search.explain(lambda result: result in (REJECTS, CRASHES)) or []
        possible = [cause for cause in causes if not self.fingerprint.contradicts(cause, context)]
        if self.every or not possible:
            failure = f"refuses: {first_line_without_numbers(answer.detail)}"
            yield Anomaly(self.target, "refusal", failure, answer.detail, possible or causes)

    def compare(self, search: CauseSearch, rules: Sequence[Change], context: Context, matches: Callable[[OracleAnswer], bool],
                explain: Callable[[], list[Cause] | None], describe: Callable[[], tuple[str, str]],
                possible: Callable[[], bool] = lambda: False, *, gradient: bool = False) -> Iterator[Anomaly]:  # fmt: skip
        """The anomaly of an answer that no rules explain, or only rules that contradict the fingerprint.

        `rules` are those of the target, `matches` says whether the oracle's answer under some rules is the target's, `explain` finds the
        causes beside the reference, `describe` gives the attribute that differs and how, and `possible` says whether the answer may be
        right although no rules give it exactly.
        """
        if matches(search.under(rules, gradient)):
            if self.every and rules and not matches(search.under((), gradient)):
                yield Anomaly(self.target, describe()[0], "rules", "", [as_cause(rules)])
            return
        causes = [[]] if matches(search.under((), gradient)) else explain()
        if rules and causes != [[]]:
            causes = [*(causes or []), *(search.explain(matches, gradient=gradient, allowed_changes=rules) or [])] or None
        attribute, detail = describe()
        if causes is None or not causes:
            if self.every or not possible():
                yield Anomaly(self.target, attribute, f"unexplained {attribute}", detail)
            return
        own_changes = dict(rules)
        fitting_causes = [cause for cause in causes if cause and not self.fingerprint.contradicts(new_changes(cause, own_changes), context)]
        if fitting_causes and not self.every:
            return
        likely_causes = fitting_causes or causes
        words = ", ".join(f"{change['axis']} {change['value']}" for change in new_changes(likely_causes[0], own_changes)) or \
            "reference in place of " + ", ".join(f"{axis} {value}" for axis, value in rules)  # fmt: skip
        yield Anomaly(
            self.target, attribute, f"{'explained' if fitting_causes else 'contradicts its rules'}: {words}", detail, likely_causes
        )

    def judge_indices(self, question: Question, answer: Answer) -> Iterator[Anomaly]:
        """The anomalies of the positions of maxima."""
        search, context, got = CauseSearch(question.case), self.context(question, "indices"), answer.extra["indices"]
        yield from self.compare(
            search, self.own_rules(search, context), context,
            lambda result: isinstance(result, Result) and result.indices is not None and same_cells(result.indices, got),
            lambda: explain_indices(search, answer),
            lambda: ("indices", describe_cells(getattr(search.under(self.own_rules(search, context)), "indices", None), got)),
        )  # fmt: skip

    def judge_gradient(self, question: Question, answer: Answer) -> Iterator[Anomaly]:
        """The anomalies of a gradient; one that is refused is none."""
        if answer.outcome in FATES:
            yield from self.judge_end(CauseSearch(question.case), (), answer)
        if answer.outcome != ACCEPTS or "gradient" not in answer.extra:
            return
        case = question.case
        search, context, got = CauseSearch(case), self.context(question, "gradient"), answer.extra["gradient"]
        rules = self.own_rules(search, context, gradient=True)
        tolerance = gradient_tolerance(case)

        def matches(result: OracleAnswer) -> bool:
            return isinstance(result, Result) and result.gradient is not None and same_arrays(result.gradient, got, tolerance)

        yield from self.compare(
            search, rules, context, matches, lambda: explain_gradient(search, answer, answer),
            lambda: ("gradient", describe_cells(getattr(search.under(rules, True), "gradient", None), got)), gradient=True,
        )  # fmt: skip

    def judge_inferred(self, question: Question, answer: Answer, real: tuple[int, ...]) -> Iterator[Anomaly]:
        """The anomaly of a shape that is inferred without running and is not the real one."""
        if answer.outcome in FATES:
            yield from self.judge_end(CauseSearch(question.case), (), answer)
        if answer.outcome != ACCEPTS or "inferred_shape" not in answer.extra:
            return
        got = tuple(int(size) for size in answer.extra["inferred_shape"])
        if len(got) == len(real) and all(size in (-1, right) for size, right in zip(got, real, strict=True)):
            return
        search, context = CauseSearch(question.case), self.context(question, "inferred_shape")
        causes = explain_inferred_shape(search, answer) or []
        if any(self.fingerprint.confirms(cause, context) for cause in causes) and not self.every:
            return
        yield Anomaly(self.target, "inferred_shape", "inferred and real shape disagree", f"inferred {got}, real {real}", causes)


def new_changes(cause: Cause, rules: dict[str, str]) -> Cause:
    """The changes of a cause beyond the rules that were in force."""
    return [change for change in cause if rules.get(change["axis"]) != change["value"]]


def first_line_without_numbers(text: str) -> str:
    """The first line of a message without its numbers, as messages of one kind have it in common."""
    line = next(iter(text.strip().splitlines()), "")
    return NUMBERS.sub("N", line)[:80]


def describe_output(search: CauseSearch, rules: Sequence[Change], answer: Answer) -> tuple[str, str]:
    """The first attribute of an output that is not as the target's rules have it, and how it differs."""
    due, got = search.under(rules), answer.output
    assert got is not None
    if not isinstance(due, Result):
        due = search.under(())
    if not isinstance(due, Result):
        return "values", f"the reference refuses; the target gives {got.dtype} {list(got.shape)}"
    if due.output.shape != got.shape:
        return "shape", f"expected the shape {list(due.output.shape)}, got {list(got.shape)}"
    if due.output.dtype != got.dtype:
        return "dtype", f"expected {due.output.dtype}, got {got.dtype}"
    return "values", describe_cells(due.output, got)


def describe_cells(due: Array | None, got: Array) -> str:
    """What was expected and what came, and the first cell that differs."""
    if due is None or due.shape != got.shape:
        return f"got {got.dtype} of the shape {list(got.shape)}"
    with np.errstate(invalid="ignore"):
        wrong = np.argwhere((due != got) & ~((due != due) & (got != got)))
    if not len(wrong):
        return "zeros of another sign"
    first = tuple(wrong[0])
    return (
        f"{len(wrong)} of {due.size} cells, first at {[int(at) for at in first]}: expected {due[first].item()!r}, got {got[first].item()!r}"
    )

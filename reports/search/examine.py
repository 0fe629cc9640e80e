"""Examines questions: asks each as it is, once more, without indices, and in a variant, and compares all answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...cases.judge.answer import ACCEPTS, ANSWERED, REJECTS, Answer
from ...cases.judge.cause import loosen_tolerance
from ...cases.judge.tolerance import tolerance_of
from ...cases.model.arithmetic import Array
from ...cases.model.case import Case, Due
from ...cases.model.inputs import Tensor
from ...cases.model.rules import AXES
from .asking import LONE, Asker, Reply
from .invariants import Variant, variants, violates
from .judgement import FATES, Anomaly, Judge, describe_cells
from .question import Question


@dataclass(frozen=True)
class Examiner:
    """Examines the answers of targets; each has a judge of its own."""

    asker: Asker
    judges: Mapping[str, Judge]

    def examine(self, questions: Sequence[Question], targets: Sequence[str]) -> list[list[Anomaly]]:
        """The anomalies of the answers to each question.

        All questions are asked in their order, then their companions, then all once more from the last to the first. What ended a
        target's worker is not asked there again: each time, a framework has to be started.
        """
        companions = [list(find_companions(question)) for question in questions]
        cases = [question.case for question in questions]
        firsts = self.asker.ask(cases, targets)
        rest = [*(case for beside in companions for _, case in beside), *reversed(cases)]
        owners = [*(at for at, beside in enumerate(companions) for _ in beside), *reversed(range(len(cases)))]
        fatal = {target: {at for at, reply in enumerate(replies) if reply.is_fatal} for target, replies in firsts.items()}
        left_out = {target: {place for place, at in enumerate(owners) if at in places} for target, places in fatal.items()}
        others = self.asker.ask(rest, targets, left_out)
        anomalies: list[list[Anomaly]] = [[] for _ in questions]
        for target in targets:
            first, beside, again = firsts[target], iter(others[target]), others[target][::-1]
            for at, question in enumerate(questions):
                own = list(self.judges[target].judge(question, first[at]))
                own += compare_again(target, first[at], again[at])
                for variant, _ in companions[at]:
                    own += compare_companion(target, question, variant, first[at], next(beside))
                anomalies[at] += own
        for at, question in enumerate(questions):
            odd = {anomaly.target for anomaly in anomalies[at]}
            anomalies[at] += compare_modes(question, self.asker, {target: firsts[target][at] for target in targets}, odd, self.judges)
        return anomalies


def find_companions(question: Question) -> Iterator[tuple[Variant | None, Case]]:
    """What is asked beside a question: the operation without its indices, and one of its variants, chosen by the question."""
    if question.located and question.reference:
        yield None, replace(question.case, due=Due(from_oracle=("output",)), extra=without_cotangent(question.case))
    possible = list(variants(question))
    if possible:
        variant = possible[int(question.hash, 16) % len(possible)]
        yield variant, variant.case


def without_cotangent(case: Case) -> dict[str, Tensor]:
    """The further inputs of a case that its output needs."""
    return {name: tensor for name, tensor in case.extra.items() if name != "cotangent"}


def compare_again(target: str, first: Reply, again: Reply) -> Iterator[Anomaly]:
    """The anomaly of a question that is answered otherwise when it is asked again."""
    for name, answer in first.answers.items():
        other = again.answers.get(name, LONE)
        if {answer.outcome, other.outcome} <= ANSWERED and not is_same_answer(answer, other):
            yield Anomaly(target, "repeat", f"answers differently when asked again: {name}", describe_change(answer, other))
            return


def is_same_answer(one: Answer, other: Answer) -> bool:
    """Whether two answers are the same to the bit."""
    if one.outcome != other.outcome:
        return False
    pairs = [(one.output, other.output), *((array, other.extra.get(name)) for name, array in one.extra.items())]
    return all(is_same_array(first, second) for first, second in pairs)


def is_same_array(one: Array | None, other: Array | None) -> bool:
    """Whether two arrays are the same to the bit, but for the bits of NaN."""
    if one is None or other is None:
        return one is other
    return one.dtype == other.dtype and one.shape == other.shape and bool(((one == other) | ((one != one) & (other != other))).all())


def describe_change(one: Answer, other: Answer) -> str:
    """How two answers to the same question differ."""
    if one.outcome != other.outcome:
        return f"first {one.outcome}, then {other.outcome}: {one.detail or other.detail}"
    if one.output is not None and other.output is not None and not is_same_array(one.output, other.output):
        return describe_cells(one.output, other.output)
    return "indices, gradient or inferred shape differ"


def compare_companion(target: str, question: Question, variant: Variant | None, first: Reply, other: Reply) -> Iterator[Anomaly]:
    """The anomaly of an answer that contradicts the one without indices, or an invariant."""
    y, z = first.main.output, other.main.output
    if variant is not None and first.main.outcome == ACCEPTS and other.main.outcome in FATES:
        yield Anomaly(target, "acceptance", f"{FATES[other.main.outcome]}: {variant.invariant}", other.main.detail)
    if y is None or z is None:
        return
    if variant is None:
        if "indices" in first.main.extra and not is_same_array(y, z):
            yield Anomaly(target, "values", "another output with indices", describe_cells(z, y))
    elif violates(question, variant, y, z):
        yield Anomaly(target, "invariant", f"violates an invariant: {variant.invariant}", describe_cells(variant.expect(y), z))


def compare_modes(question: Question, asker: Asker, replies: Mapping[str, Reply], odd: set[str], judges: Mapping[str, Judge]) -> Iterator[Anomaly]:  # fmt: skip
    """The anomalies of modes of one framework that do not agree, none of which has another anomaly.

    Modes whose fingerprints differ where the question depends on them may differ; so may targets with other backends, which are no
    modes.
    """
    firsts: dict[str, str] = {}
    for target, reply in replies.items():
        entry = asker.targets[target].entry
        framework = entry.adapter.framework
        if "," in (entry.target.extra or "") or reply.main.outcome not in ANSWERED:  # the second extra is that of a backend
            continue
        first = firsts.setdefault(framework, target)
        if first == target or {first, target} & odd:
            continue
        one, other = replies[first].main, reply.main
        if REJECTS in (one.outcome, other.outcome):
            if one.outcome != other.outcome and has_like_rules(question, judges[first], judges[target]):
                yield Anomaly(target, "mode", f"{'refuses' if other.outcome == REJECTS else 'accepts'} what {first} does not",
                              one.detail or other.detail)  # fmt: skip
        elif not is_near(question, one.output, other.output) and has_like_rules(question, judges[first], judges[target]):
            assert one.output is not None
            assert other.output is not None
            yield Anomaly(target, "mode", f"another output than {first}", describe_cells(one.output, other.output))


def has_like_rules(question: Question, one: Judge, other: Judge) -> bool:
    """Whether two judges know of no rule in which their targets differ for a question."""
    context = one.context(question, "output")
    pairs = ((one.fingerprint.at(axis, context), other.fingerprint.at(axis, context)) for axis in AXES)
    return all(not first or not second or first & second for first, second in pairs)


def is_near(question: Question, one: Array | None, other: Array | None) -> bool:
    """Whether two outputs are the same within the rounding of a question."""
    if one is None or other is None:
        return True
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    tolerance = loosen_tolerance(tolerance_of(question.case), question.case)
    with np.errstate(invalid="ignore"):
        return bool(tolerance.same(one, other).all())

"""How many of the ledger's known differences a search finds again that is not told of them, and after how many questions and how long.

A known difference is a framework, and either a cause that its ledger pins, or an attribute and the reason of an answer that no rule
explains. An entry that pins the reference's own rule as the answer to a probe is of none, and neither is one that contradicts a
document. It is found again when a search without ledger, fingerprints and public threads sees an answer that the ledger would have
it leave out as known.
"""

import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from statistics import median

import psutil
from figures import describe_state
from timing import append_line, console, show

from poolparity.adapters.ledger.entry import ACCEPTANCE, Changes, Entry, quote_cause
from poolparity.adapters.ledger.ledger import read_ledger
from poolparity.adapters.parent.limits import Limits
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.cases.judge.answer import CRASHES, TIMES_OUT
from poolparity.cases.judge.cause import CauseSearch, same_arrays, same_cells
from poolparity.cases.judge.tolerance import EXACT
from poolparity.cases.model.operation import Result
from poolparity.cases.model.rules import REFERENCE
from poolparity.reports.cli.run import DEFAULTS
from poolparity.reports.cli.search import CASE_TIMEOUT, keep_interrupts
from poolparity.reports.run.engine import Engine
from poolparity.reports.run.run import ledger_on
from poolparity.reports.run.surroundings import describe_surroundings
from poolparity.reports.search.asking import Asker
from poolparity.reports.search.draw import find_scope
from poolparity.reports.search.examine import Examiner
from poolparity.reports.search.finds import Folder, kind_of
from poolparity.reports.search.judgement import COUNTED, Judge
from poolparity.reports.search.known import KnownAnswers, as_changes
from poolparity.reports.search.search import BLOCK, Plan, Search, draw_questions

TARGETS = ("torch", "tensorflow", "jax", "flax", "keras-torch", "keras-tensorflow", "keras-jax", "onnxruntime", "onnx-reference")
KINDS = ("crash", "refusal", "shape", "dtype", "values", "indices", "gradient")
NO_KIND = "another"
"""The kind of a cause that changes no attribute of the cases that its entries name."""
WAYS = NAMED, OR, BESIDE, NEVER = "named", "one of several", "with others", "never"
"""How a difference was seen: as the cause that an anomaly names, as another cause that explains the answer as well, as a part of a longer one."""
CASES = 40
"""So many cases of a difference at most say what kind it is of, and which features it needs."""
SAMPLE = 1000
"""So many of the questions that were asked are looked through for those that a difference changes the answer to."""


@dataclass(eq=False)
class Difference:
    """A known difference: a framework, its cause or its attribute and reason, the entries about it, and how it was seen.

    `way` is the best way in which it was seen, and `when` says after how many questions and minutes.
    """

    framework: str
    attribute: str
    failure: str
    cause: Changes | None
    entries: list[Entry] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)
    kind: str = ""
    way: str = NEVER
    when: dict[str, float] = field(default_factory=dict)

    def way_in(self, causes, *, pinned):
        """How an anomaly with some causes shows it; `pinned` says whether its entries pin what the anomaly shows."""
        if pinned:
            return NAMED if self.cause in (None, *causes[:1]) else OR
        return BESIDE if self.cause and any(self.cause < cause for cause in causes) else NEVER

    @property
    def record(self):
        """What it is, as JSON."""
        return {"framework": self.framework, "kind": self.kind, "attribute": self.attribute, "failure": self.failure}


class Watcher(Examiner):
    """An examiner that tells of each question and its anomalies."""

    def __init__(self, asker, judges, note):
        super().__init__(asker, judges)
        object.__setattr__(self, "note", note)

    def examine(self, questions, targets):
        examined = super().examine(questions, targets)
        for place, (question, anomalies) in enumerate(zip(questions, examined, strict=True), 1):
            self.note(place, question, anomalies)
        return examined


def rediscovery(options):
    """Search until the time is up, and print what of the ledger was seen, and why the rest was not."""
    entries = find_targets()
    targets = {target.name: target for target in select_targets(options.target or TARGETS, entries)}
    ledger = ledger_on(read_ledger(), describe_surroundings(targets))
    known_answers = KnownAnswers.of(ledger, {name: target.versions for name, target in targets.items()}, layers_of(entries))
    differences, others = list_differences(targets, known_answers)
    console.print(f"{len(differences)} known differences of {', '.join(targets)}; {others} entries are of none")
    plan = make_plan(targets, options)
    search_for(differences, targets, known_answers, plan, options)
    show_counts(differences, targets)
    show_missed([item for item in differences if item.way != NAMED], known_answers, plan)


def make_plan(targets, options):
    """What is searched, until the clock says so."""
    seconds = 60 * (options.minutes if options.cpu_minutes is None else options.cpu_minutes)
    scope = find_scope([target.adapter for target in targets.values()])
    return Plan(scope, tuple(targets), options.seed, seconds=seconds, shrinks=options.shrink)


def list_differences(targets, known_answers):
    """The known differences, and the number of entries that are of none."""
    differences, others = {}, set()
    for name, target in targets.items():
        for entry in known_answers.entries[name]:
            if not is_difference(entry, known_answers):
                others.add(entry.where)
                continue
            framework = target.adapter.framework
            attribute = "" if entry.cause else entry.attribute
            failure = (
                quote_cause(entry.cause) if entry.cause else f"{entry.answer if isinstance(entry.answer, str) else 'other'}: {entry.why}"
            )
            item = differences.setdefault((framework, attribute, failure), Difference(framework, attribute, failure, entry.cause))
            item.targets.add(name)
            if entry.where not in [other.where for other in item.entries]:
                item.entries.append(entry)
    kinds = {}
    for item in differences.values():
        patterns = item.cause, *sorted({entry.case for entry in item.entries})
        if item.cause and patterns not in kinds:
            kinds[patterns] = kind_of_cause(item, known_answers)
        item.kind = kinds[patterns] if item.cause else kind_of_failure(item.entries[0])
    return list(differences.values()), len(others)


def is_difference(entry, known_answers):
    """Whether an entry pins what differs from the reference: another rule, or an answer to a case whose expected one is no document's."""
    if entry.cause:
        return all(value != getattr(REFERENCE, axis) for axis, value in entry.cause)
    return all(case.kind != "claim" for case in known_answers.cases_of(entry))


def kind_of_failure(entry):
    """The kind of an answer that no rule explains."""
    fate = str(entry.answer).partition(":")[0]
    if fate in (CRASHES, TIMES_OUT):
        return "crash"
    return "refusal" if entry.attribute == ACCEPTANCE else entry.attribute


def kind_of_cause(item, known_answers):
    """What a cause changes in most of the cases that its entries name."""
    axes = {axis for axis, _ in item.cause}
    cases = sorted((case for entry in item.entries for case in known_answers.cases_of(entry)), key=lambda case: case.asks not in axes)
    counts = Counter(filter(None, (changed_attribute(case, item.cause) for case in islice(cases, CASES))))
    return max(counts, key=counts.get, default=NO_KIND)


def changed_attribute(case, cause):
    """The first attribute of a case's answer that other rules change, nothing where they change none."""
    search = CauseSearch(case)
    if not {axis for axis, _ in cause} <= {axis for axis, _ in search.options(gradient=True)}:
        return ""
    due, other = search.under((), gradient=True), search.under(sorted(cause), gradient=True)
    if not isinstance(due, Result) or not isinstance(other, Result):
        return "" if due == other else "crash" if CRASHES in (due, other) else "refusal"
    one, two = due.output, other.output
    if one.shape != two.shape or one.dtype != two.dtype:
        return "shape" if one.shape != two.shape else "dtype"
    if not same_arrays(one, two, EXACT):
        return "values"
    if due.indices is not None and other.indices is not None and not same_cells(due.indices, other.indices):
        return "indices"
    return "gradient" if due.gradient is not None and not same_arrays(due.gradient, other.gradient, EXACT) else ""


def search_for(differences, targets, known_answers, plan, options):
    """Search, and note in each difference how it was seen, and in the file of answers as soon as it was."""
    by_target = {name: [item for item in differences if name in item.targets] for name in targets}
    clock = Clock(options.cpu_minutes is not None)
    questions = 0
    append_line(
        options.answers,
        {"targets": plan.targets, "seed": plan.seed, "shrink": plan.shrinks, "differences": len(differences), **describe_state()},
    )

    def note(place, question, anomalies):
        nonlocal questions
        questions = max(questions, searching.tally.questions + place)
        for anomaly in anomalies:
            kind = kind_of(question, anomaly, targets[anomaly.target].adapter.framework)
            causes = [as_changes(cause) for cause in anomaly.causes]
            for item in by_target[anomaly.target]:
                if item.way == NAMED:
                    continue
                pinned = any(known_answers.is_same(entry, kind, anomaly) for entry in item.entries if entry.names(anomaly.target))
                way = item.way_in(causes, pinned=pinned)
                if WAYS.index(way) < WAYS.index(item.way):
                    item.way, item.when = way, {"questions": questions, **clock.minutes()}
                    append_line(options.answers, {**item.record, "target": anomaly.target, "way": way, **item.when})

    def watch(tally):
        raise_if_interrupted()
        if tally.questions % (10 * BLOCK) == 0:
            seen = sum(item.way == NAMED for item in differences)
            append_line(options.answers, {"questions": tally.questions, "seen": seen, **clock.minutes()})
            console.print(f"{tally.questions} questions, {seen} seen, {clock.minutes()}")

    engine = Engine(list(targets.values()), Limits.of(CASE_TIMEOUT, DEFAULTS.start))
    with keep_interrupts() as raise_if_interrupted, Asker(engine) as asker:
        judges = {name: Judge(name, every=True) for name in targets}
        searching = Search(Watcher(asker, judges, note), plan, Folder(None), clock=clock)
        searching.watch = watch
        try:
            finds = sum(1 for _ in searching.run())
        except KeyboardInterrupt:
            console.print("interrupted: what was seen until now")
            return
    console.print(f"seed {plan.seed}: {questions} questions, {finds} finds, {clock.minutes()}")


class Clock:
    """The seconds since it was made: on the clock or, of the processor, those of this process and of all below it."""

    def __init__(self, counts_processor):
        self.counts_processor = counts_processor
        self.process = psutil.Process()
        self.start, self.processor = time.monotonic(), 0.0
        self.before = self.total()

    def __call__(self):
        return self.total() - self.before if self.counts_processor else time.monotonic() - self.start

    def total(self):
        """Seconds of the processor; a process that ends meanwhile counts from when it is waited for."""
        spent = 0.0
        for process in (self.process, *self.process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                spent += sum(process.cpu_times()[:4])
        self.processor = max(self.processor, spent)
        return self.processor

    def minutes(self):
        """Minutes on the clock, of the processor, and of this process alone."""
        own = sum(self.process.cpu_times()[:2])
        minutes = {"minutes": time.monotonic() - self.start, "cpu_minutes": self.total() - self.before, "own": own}
        return {name: round(value / 60, 2) for name, value in minutes.items()}


def show_counts(differences, targets):
    """The tables by target and by kind."""
    groups = {
        "By kind": {kind: [item for item in differences if item.kind == kind] for kind in (*KINDS, NO_KIND)},
        "By target": {name: [item for item in differences if name in item.targets] for name in targets},
    }
    for title, items_of in groups.items():
        lines = [[name, *counts(items)] for name, items in {**items_of, "all": differences}.items() if items]
        show(title, ["", *WAYS, "known", "questions until named, median"], lines)


def counts(items):
    """How many of some differences were seen, and how."""
    ways = Counter(item.way for item in items)
    questions = [item.when["questions"] for item in items if item.way == NAMED]
    return *(ways[way] for way in WAYS), len(items), round(median(questions)) if questions else ""


def show_missed(missed_differences, known_answers, plan):
    """What was not named, and how many of the first questions it makes a difference to: none that is drawn, or rules that hide it."""
    questions = draw_questions(plan.scope, plan.seed, range(SAMPLE))
    lines = [
        [item.kind, item.framework, item.failure, item.way, *drawn_for(item, known_answers, plan, questions)]
        for item in sorted(missed_differences, key=lambda item: (item.kind, item.failure, item.framework))
    ]
    show(
        f"Not named, and how many of {SAMPLE} questions could show it",
        ["kind", "framework", "what", "seen", "questions", "needs"],
        lines,
    )


def drawn_for(item, known_answers, plan, questions):
    """How many questions could show a difference; where none can, what the simplest case that does has."""
    if COUNTED in dict(item.cause or ()):
        return 0, "indices are compared as positions in their planes"
    ops = [op for op in plan.scope.ranks if any(known_answers.is_about(entry, op) for entry in item.entries)]
    if not ops:
        return 0, "an operation that is not drawn"
    asked = [question for question in questions if question.pool.op in ops]
    if item.cause:
        count = sum(bool(find_change(question, item.cause)) for question in asked)
        cases = [
            case for entry in item.entries for case in islice(known_answers.cases_of(entry), CASES) if changed_attribute(case, item.cause)
        ]
    else:
        cases = [case for entry in item.entries for case in known_answers.cases_of(entry)]
        count = sum(
            any(case.pool.op == question.pool.op and known_answers.features_of(case) <= question.features for case in cases)
            for question in asked
        )
    simplest = min(cases, key=lambda case: len(known_answers.features_of(case)), default=None)
    return count, "" if count or simplest is None else f"{simplest.pool.op}: {', '.join(sorted(known_answers.features_of(simplest)))}"


CHANGED = {}
"""What causes change in questions: most causes are those of several frameworks."""


def find_change(question, cause):
    """The attribute of a question that a cause changes."""
    key = question.hash, cause
    if key not in CHANGED:
        CHANGED[key] = changed_attribute(question.case, cause)
    return CHANGED[key]

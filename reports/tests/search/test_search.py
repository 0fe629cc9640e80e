"""The search finds what is wrong in one question of thousands, and nothing where nothing is wrong."""

import gc
import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters.parent.limits import Limits
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.cases.judge.sensitivity import altering_changes
from poolparity.cases.model.rules import AXIS_VALUES, REFERENCE
from poolparity.cases.read.spec import read_spec
from poolparity.reports.cli.search import keep_interrupts
from poolparity.reports.run.engine import Engine
from poolparity.reports.search.asking import Asker
from poolparity.reports.search.draw import find_scope
from poolparity.reports.search.examine import Examiner
from poolparity.reports.search.finds import BadFolder, Folder, Kind
from poolparity.reports.search.invariants import variants, violates
from poolparity.reports.search.judgement import Judge
from poolparity.reports.search.search import Plan, Search, draw_questions
from poolparity.reports.search.writing import write_report, write_spec

RARE = Path(__file__).parents[1] / "support" / "rare.py"
ENTRIES = find_targets([RARE])
SEED = 1
RAREST = {
    ("empty_gradient", "window_start"), ("parameter_limit", "int32"), ("sample_limit", "below_input"), ("sample_order", "reversed"),
    ("size_division", "trunc_stride"), ("sum_order", "blocks32"), ("sum_order", "rows"), ("division", "reciprocal"),
}  # fmt: skip
"""Rules that fewer than one of 700 questions depends on."""
MAIN = [sys.executable, "-c", "from poolparity.reports.cli import main; main()"]


def search(name, examples, *, ops=(), folder=None, seed=SEED, enough=1):
    """The finds on one of the rare liars, and what was done for them; ends as soon as there are enough."""
    targets = select_targets([name], ENTRIES)
    scope = find_scope([target.adapter for target in targets], ops)
    finds = []
    with Asker(Engine(targets, Limits.of(30, 60))) as asker:
        searching = Search(
            Examiner(asker, {name: Judge(name)}), Plan(scope, (name,), seed, examples=examples, patience=15), folder or Folder(None)
        )
        for found in searching.run():
            finds.append(found)
            if len(finds) >= enough:
                break
    return finds, searching.tally


@pytest.mark.process
def test_nothing_is_found_where_nothing_is_wrong():
    finds, tally = search("rare+honest", 200)
    assert finds == []
    assert tally.questions == 200


@pytest.mark.process
def test_a_lie_about_dilation_uneven_padding_and_int8_is_found():
    finds, tally = search("rare+dilated", 1000, ops=["max_pool"])
    assert [found.kind.attribute for found in finds] == ["values"]
    assert {"dilation", "int8", "uneven padding"} <= finds[0].kind.features
    assert 3 in finds[0].question.pool.dilation
    assert tally.questions <= 1000


def test_questions_that_need_three_values_at_once_are_drawn():
    """The first question with a dilation of 3, uneven padding, int8 and an answer has this number; seeds 1 to 6 need 39, 85, 43, 508, 220 and 416."""
    scope = find_scope([ENTRIES["numpy"].adapter], ["max_pool"])
    for seed in (1, 3):
        drawn = draw_questions(scope, seed, range(44))
        assert any(q.reference and {"int8", "uneven padding"} <= q.features and 3 in (q.pool.dilation or ()) for q in drawn)


@pytest.mark.slow
def test_every_pair_of_kinds_of_values_is_drawn():
    """All 481 pairs are met after 376, 296 and 458 questions of the seeds 1 to 3."""
    scope = find_scope([ENTRIES["numpy"].adapter], ["max_pool"])
    pairs = set()
    for question in draw_questions(scope, SEED, range(400)):
        kinds = list_kinds(question)
        pairs |= {(one, other) for one in kinds for other in kinds if one < other}
    kinds = {kind for pair in pairs for kind in pair}
    missing = {(one, other) for one in kinds for other in kinds if one < other and one.split()[0] != other.split()[0]} - pairs
    assert not missing


@pytest.mark.slow
def test_questions_depend_on_every_rule_but_for_the_rarest():
    """What indices count is left out: they are compared as positions in their planes."""
    scope = find_scope([ENTRIES["numpy"].adapter])
    missing = {(name, value) for name, values in AXIS_VALUES.items() for value in values if value != getattr(REFERENCE, name)}
    missing -= {("index_base", value) for value in AXIS_VALUES["index_base"]}
    for question in draw_questions(scope, SEED, range(700)):
        missing -= altering_changes(question.case, AXIS_VALUES.keys() - {name for name, _ in missing})
    assert missing <= RAREST


def list_kinds(question):
    """What kind of value a question has for each of some parameters."""
    pool, padding = question.pool, question.pool.padding
    uneven = isinstance(padding, tuple) and any(low != high for low, high in padding)
    return [
        f"dtype {question.dtype}",
        f"rank {question.rank}",
        f"layout {question.layout}",
        f"ceil_mode {pool.ceil_mode}",
        f"indices {question.located}",
        f"padding {'uneven' if uneven else 'even' if isinstance(padding, tuple) else padding}",
        *(
            f"{name} {max(getattr(pool, name)) if getattr(pool, name) else None}"
            for name in ("dilation", "stride")
            if is_usual(getattr(pool, name))
        ),
    ]


def is_usual(steps):
    """Whether a stride or dilation is open or from 1 to 3."""
    return steps is None or all(1 <= step <= 3 for step in steps)


@pytest.mark.process
def test_a_lie_from_17_channels_on_is_found_and_shrunk_to_17():
    finds, _ = search("rare+channels", 300)
    assert finds[0].kind.attribute == "values"
    assert "many channels" in finds[0].kind.features
    assert finds[0].question.input.shape[finds[0].question.channel] == 17


@pytest.mark.process
def test_a_lie_to_the_second_question_is_found():
    finds, _ = search("rare+second", 300, ops=["max_pool"])
    assert finds[0].kind.attribute == "repeat"


@pytest.mark.process
def test_a_crash_costs_one_question_and_shrinking_goes_on():
    finds, _ = search("rare+fragile", 600, ops=["max_pool"])
    assert finds[0].kind.failure == "crashes with SIGABRT"
    assert {"uint8", "ceil_mode"} <= finds[0].kind.features


@pytest.mark.process
def test_a_find_is_a_spec_that_can_be_read(tmp_path):
    [found], _ = search("rare+channels", 300)
    (tmp_path / "found.yaml").write_text(write_spec(found))
    spec = read_spec(tmp_path / "found.yaml", layers_of(ENTRIES), tmp_path)
    assert spec.mistakes == ()
    [case] = spec.cases
    assert case.pool == found.question.pool
    assert (case.input.value == found.question.case.input.value).all()
    assert "import numpy" in write_report(found)


def test_an_output_without_axes_violates_no_invariant_in_a_way_that_ends_the_search():
    scope = find_scope([ENTRIES["numpy"].adapter], ["max_pool", "global_avg_pool"])
    for question in draw_questions(scope, SEED, range(30)):
        for variant in variants(question):
            violates(question, variant, np.float32(1)[...], np.float32(1)[...])


def test_the_same_seed_asks_the_same_questions():
    scope = find_scope([ENTRIES["numpy"].adapter])
    first, second, other = (draw_questions(scope, seed, range(60)) for seed in (1, 1, 2))
    assert [question.hash for question in first] == [question.hash for question in second]
    assert [question.hash for question in first] != [question.hash for question in other]
    assert len({question.hash for question in first}) >= 55


def test_one_of_several_searches_claims_a_kind(tmp_path):
    kind = Kind("torch", "max_pool", "values", "unexplained values", frozenset({"int8"}))
    folders = [Folder(tmp_path) for _ in range(8)]
    claims = []
    threads = [threading.Thread(target=lambda folder=folder: claims.append(folder.claim(kind, {}, {".md": "text"}))) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claims) == [False] * 7 + [True]
    wider = Kind("torch", "max_pool", "values", "unexplained values", frozenset({"int8", "rank 2"}))
    assert not Folder(tmp_path).claim(wider, {}, {".md": "another text"})
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".md"]
    assert (tmp_path / f"{kind.name}.md").read_text() == "text"


def test_a_file_that_is_no_find_is_named(tmp_path):
    (tmp_path / "other.json").write_text(json.dumps({"framework": "torch"}))
    with pytest.raises(BadFolder, match=r"other\.json: not a find: KeyError"):
        Folder(tmp_path).refresh()


@pytest.mark.parametrize(("arguments", "message"), [
    (("--minutes", "0"), "0.01"),
    (("--minutes", "nan"), "0.01"),
    (("--minutes", "inf"), "inf is no finite number"),
    (("--case-timeout", "inf"), "inf is no finite number"),
    (("--examples", "0"), "Invalid value for '--examples'"),
    (("--target", "nothing"), "nothing"),
    (("--save", "/proc/self/finds"), "--save /proc/self/finds: "),
    (("--save", "/proc/self/finds"), "expected a folder that can be written"),
])  # fmt: skip
def test_a_wrong_option_ends_the_search_before_anything_is_asked(arguments, message, tmp_path):
    command = [*MAIN, "search", "--examples", "1", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert ended.returncode == 2
    assert " ".join(ended.stderr.replace("│", " ").split()).count(message) == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.process
def test_an_interrupted_search_keeps_its_finds_and_sums_them_up(tmp_path):
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from poolparity.reports.cli import main; main()"
    arguments = ("--adapter", RARE, "--target", "rare+channels", "--ignore-ledger", "--minutes", "30", "--save", "finds")
    with subprocess.Popen([sys.executable, "-c", code, "search", *arguments], cwd=tmp_path, stdout=-1, stderr=-1, text=True) as running:
        end = time.monotonic() + 300
        while not list(tmp_path.glob("finds/*.md")):
            assert running.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        printed, errors = running.communicate(timeout=120)
    assert running.returncode == 130, errors
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert " new" in printed
    names = {path.stem for path in (tmp_path / "finds").glob("*.json")}
    assert names
    assert names == {path.stem for path in (tmp_path / "finds").glob("*.yaml")} == {path.stem for path in (tmp_path / "finds").glob("*.md")}


@pytest.fixture
def default_interrupts():
    """Interrupts raise KeyboardInterrupt, also where these tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_that_python_ignores_ends_the_search_at_the_next_question(default_interrupts, capsys):
    def interrupt(phase, info):
        signal.raise_signal(signal.SIGINT)

    hook_before = sys.unraisablehook
    with keep_interrupts() as raise_if_interrupted:
        raise_if_interrupted()
        gc.callbacks.append(interrupt)
        try:
            gc.collect()
        finally:
            gc.callbacks.remove(interrupt)
        with pytest.raises(KeyboardInterrupt):
            raise_if_interrupted()
    assert sys.unraisablehook is hook_before
    assert capsys.readouterr().err == ""


def test_another_exception_that_python_ignores_is_still_printed(monkeypatch):
    class Broken:
        def __del__(self):
            raise OSError("broken")

    printed = []
    monkeypatch.setattr(sys, "unraisablehook", lambda ignored: printed.append(ignored.exc_type))
    with keep_interrupts() as raise_if_interrupted:
        broken = Broken()
        del broken
        raise_if_interrupted()
    assert printed == [OSError]


def test_an_unknown_operation_is_named(tmp_path):
    command = [*MAIN, "search", "--op", "maxpool"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert ended.returncode == 2
    assert "--op maxpool: no such operation; expected max_pool" in ended.stderr


@pytest.mark.process
def test_what_ended_a_worker_is_not_asked_again():
    scope = find_scope([ENTRIES["rare+fragile"].adapter], ["max_pool"])
    questions = [q for q in draw_questions(scope, SEED, range(300)) if q.dtype == "uint8"]
    deadly = [at for at, question in enumerate(questions) if question.pool.ceil_mode]
    assert deadly
    with Asker(Engine(select_targets(["rare+fragile"], ENTRIES), Limits.of(30, 60))) as asker:
        asked = []
        feed = asker.engine.feed
        asker.engine.feed = lambda target, cases: (asked.append(cases), feed(target, cases))
        anomalies = Examiner(asker, {"rare+fragile": Judge("rare+fragile")}).examine(questions, ["rare+fragile"])
    assert [at for at, found in enumerate(anomalies) if found] == deadly
    assert [[anomaly.failure for anomaly in found] for found in anomalies if found] == [["crashes with SIGABRT"]] * len(deadly)
    first, rest = asked
    assert len(first) == len(questions)
    again = {case.hash for case in rest}
    assert [at for at, question in enumerate(questions) if question.hash not in again] == deadly

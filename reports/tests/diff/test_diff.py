"""Two files of rows are compared by what answers mean, and a gate stands before what changed."""

import json
import re
from itertools import product

import numpy as np
import pytest
from typer.testing import CliRunner

from poolparity.cases.judge.answer import Answer
from poolparity.cases.model.case import Case, Due
from poolparity.cases.model.inputs import literal
from poolparity.cases.model.pool import Pool
from poolparity.reports.cli import app
from poolparity.reports.diff.changes import CLASSES
from poolparity.reports.diff.diff import Side, compare_files, compare_versions
from poolparity.reports.rows.records import BadRows
from poolparity.reports.words.phrases import phrase

LOW, CROPPED = ({"axis": "same_split", "value": "low"}, {"axis": "same_amount", "value": "unclamped"})


@pytest.fixture
def make_files(keep_rows, make):
    """Makes two files, in which one target answers the case of `make`."""

    def make_files(before, after, case=None, edits=(lambda row: None, lambda row: None), **more):
        case = case or make()
        return [
            keep_rows(name, *([(case, {"torch": answer})] if answer else []), version=version, edit=edit, **more)
            for name, answer, version, edit in zip(("old", "new"), (before, after), ("1.9", "1.10"), edits, strict=True)
        ]

    return make_files


@pytest.fixture
def probe():
    """Asks which side gets the odd cell of same."""
    pool = Pool(op="max_pool", kernel=(2,), stride=(1,), padding="same")
    answers = {name: Due(output=np.array([[cells]], "float32")) for name, cells in (("high", [2, 3, 4, 4]), ("low", [1, 2, 3, 4]))}
    return Case(
        id="specs/max_pool/same.yaml::odd", pool=pool, input=literal([[[1, 2, 3, 4]]], "float32"), asks="same_split", answers=answers
    )


def give_causes(*causes):
    """Gives every difference these causes."""
    return lambda row: row.update(cause=list(causes) if causes != (None,) else None) if row["verdict"] == "differs" else None


def run(*arguments):
    return CliRunner().invoke(app, ["diff", *map(str, arguments)])


NAMES = ("agrees", "differs", "rejects", "crashes", "times_out")


@pytest.mark.parametrize(("before", "after"), list(product(NAMES, NAMES)))
def test_another_verdict_is_a_change_and_the_same_is_none(make_files, answers, before, after):
    diff_result = compare_files(*make_files(answers[before], answers[after]))
    assert diff_result.counts == ({} if before == after else {"verdict": 1})


@pytest.mark.parametrize("name", NAMES)
def test_what_could_not_be_asked_for_before_is_added_and_what_no_longer_can_is_removed(make_files, answers, name):
    assert compare_files(*make_files(answers["unsupported"], answers[name])).counts == {"added": 1}
    assert compare_files(*make_files(answers[name], answers["unsupported"])).counts == {"removed": 1}
    assert compare_files(*make_files(answers["unsupported"], answers["unsupported"])).counts == {}


def test_another_wrong_answer_is_a_change(make_files, answers, make):
    [group] = compare_files(*make_files(answers["differs"], Answer("accepts", answers["agrees"].output[::, ::, ::-1]))).groups
    assert (group.kind, group.changes[0].row["attribute"]) == ("answer", "values")


def test_another_signal_is_another_answer_and_another_message_is_not(make_files, answers):
    crashes = [Answer("crashes", detail=f"the worker was killed by {name}") for name in ("SIGFPE", "SIGABRT")]
    assert compare_files(*make_files(*crashes)).counts == {"answer": 1}
    refusals = make_files(answers["rejects"], Answer("rejects", detail="ValueError: never", seconds=9.0))
    assert compare_files(*refusals).counts == {}
    assert compare_files(*refusals, wording=True).counts == {"wording": 1}


def test_an_answer_within_the_tolerance_is_the_same(make_files, answers):
    near = Answer("accepts", answers["differs"].output * (1 + 1e-7))
    loose = lambda row: row.update(tolerance={"ulp": 4})  # noqa: E731
    assert compare_files(*make_files(answers["differs"], near, edits=(loose, loose))).counts == {}
    assert compare_files(*make_files(answers["differs"], near)).counts == {"answer": 1}


def test_another_cause_is_a_change_whatever_the_order_of_its_alternatives(make_files, answers):
    wrong = answers["differs"], answers["differs"]
    assert compare_files(*make_files(*wrong, edits=(give_causes([LOW]), give_causes([CROPPED])))).counts == {"cause": 1}
    assert compare_files(*make_files(*wrong, edits=(give_causes([LOW]), give_causes(None)))).counts == {"cause": 1}
    assert compare_files(*make_files(*wrong, edits=(give_causes([LOW], [CROPPED]), give_causes([CROPPED], [LOW])))).counts == {}


def test_what_turned_is_reported_as_rules_in_words(make_files, answers):
    [group] = compare_files(*make_files(answers["agrees"], answers["differs"], edits=(give_causes([]), give_causes([LOW])))).groups
    assert (group.before, group.after, group.rule) == (phrase("same_split", "high"), phrase("same_split", "low"), "same_split")


@pytest.mark.parametrize(
    ("causes", "output"),
    [
        ([None], "differs: unexplained"),
        ([[LOW], [CROPPED]], f"differs: {phrase('same_split', 'low')}, or {phrase('same_amount', 'unclamped')}"),
    ],
)
def test_what_no_single_cause_explains_is_reported_as_verdicts(make_files, answers, causes, output):
    [group] = compare_files(*make_files(answers["agrees"], answers["differs"], edits=(give_causes(), give_causes(*causes)))).groups
    assert (group.before, group.after, group.rule) == ("agrees", output, "")


def test_another_answer_to_a_probe_is_another_rule_of_its_target(make_files, probe):
    diff_result = compare_files(*make_files(*(Answer("accepts", item.output) for item in probe.answers.values()), probe))
    assert diff_result.counts == {"answer": 1, "fingerprint": 1}
    assert diff_result.groups[0].after == phrase("same_split", "low")
    assert [vars(rule) for rule in diff_result.rules] == [{"axis": "same_split", "before": "high", "after": "low", "targets": ["torch"]}]


def test_a_probe_that_is_refused_now_is_judged_otherwise(make_files, answers, probe):
    assert compare_files(*make_files(Answer("accepts", probe.answers["low"].output), answers["rejects"], probe)).counts == {"verdict": 1}


def test_changes_of_one_kind_stand_together_whatever_the_target(keep_rows, make, answers):
    output = [
        [(make(f"case{number}"), dict.fromkeys(("torch", "jax"), answers[item])) for number in range(100)] for item in ("agrees", "differs")
    ]
    [group] = compare_files(keep_rows("old", *output[0]), keep_rows("new", *output[1], edit=give_causes([LOW]))).groups
    assert (group.count, {target: len(item) for target, item in group.cases.items()}) == (200, {"torch": 100, "jax": 100})


def test_a_shape_says_it_of_values_and_a_refusal_of_everything(make_files, answers):
    shorter = Answer("accepts", answers["agrees"].output[..., :1])
    for after, attribute in ((shorter, "shape"), (answers["rejects"], "acceptance")):
        [group] = compare_files(*make_files(answers["agrees"], after)).groups
        assert [change.row["attribute"] for change in group.changes] == [attribute]


def test_a_drop_in_counts_where_its_call_is_as_it_was(make_files, answers):
    ways = (
        {"call": answers[call], "drop_in": answers[drop_in]}
        for call, drop_in in (("agrees", "agrees"), ("agrees", "differs"), ("differs", "differs"))
    )
    same, dropped, both = ways
    [group] = compare_files(*make_files(same, dropped)).groups
    assert group.changes[0].way == "drop_in"
    assert compare_files(*make_files(same, both)).counts == {"verdict": 1}


def test_cases_and_targets_come_and_go(keep_rows, make, answers):
    first, second, third = (make(name) for name in ("first", "second", "third"))
    right = answers["agrees"]
    old = keep_rows("old", (first, {"torch": right, "jax": right}), (second, {"torch": right}))
    new = keep_rows("new", (first, {"torch": right, "flax": right}), (third, {"torch": right}))
    diff_result = compare_files(old, new)
    assert diff_result.counts == {"removed": 2, "added": 2}
    assert ([item.name for item in diff_result.old_only], [item.name for item in diff_result.new_only]) == (["jax"], ["flax"])


def test_what_cannot_be_asked_for_neither_comes_nor_goes(keep_rows, make, answers):
    right = {"torch": answers["agrees"]}
    more = (make("more"), {"torch": answers["unsupported"], "jax": answers["unsupported"]})
    assert compare_files(keep_rows("old", (make(), right)), keep_rows("new", (make(), right), more)).counts == {}


def test_a_rule_that_nothing_explained_before_is_reported_in_words(make_files, probe):
    strange = Answer("accepts", np.array([[[9, 9, 9, 9]]], "float32"))
    [group] = compare_files(*make_files(strange, Answer("accepts", probe.answers["low"].output), probe)).groups
    assert (group.before, group.after) == ("differs: unexplained", phrase("same_split", "low"))


def test_a_case_that_is_another_now_went_and_came(keep_rows, make, answers):
    right = {"torch": answers["agrees"]}
    old, new = keep_rows("old", (make(), right), (make("kept"), right)), keep_rows("new", (make(due=(5, 5)), right), (make("kept"), right))
    assert compare_files(old, new).counts == {"removed": 1, "added": 1}


def test_what_was_not_run_is_not_there(make_files, keep_rows, make, answers):
    right, later = {"torch": answers["agrees"]}, {"torch": answers["not_run"]}
    assert compare_files(
        keep_rows("old", (make(), right), (make("b"), right)), keep_rows("new", (make(), right), (make("b"), later))
    ).counts == {"removed": 1}


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ("jax", "jax", [("jax", "jax")]),
        ("jax@0.4", "jax", [("jax@0.4", "jax")]),
        ("jax@0.4 jax@0.5", "jax@0.5 jax@0.6", [("jax@0.5", "jax@0.5"), ("jax@0.4", "jax@0.6")]),
        ("jax@0.4 jax@0.5 flax", "jax@0.6 flax", [("flax", "flax")]),
    ],
)
def test_targets_are_compared_by_their_names_then_by_what_is_left(keep_rows, make, answers, old, new, pairs):
    sides = [keep_rows(name, (make(), dict.fromkeys(item.split(), answers["agrees"]))) for name, item in (("old", old), ("new", new))]
    assert [(before.name, after.name) for before, after in compare_files(*sides).pairs] == pairs


def test_files_without_a_case_in_common_are_no_comparison(keep_rows, make, answers):
    old, new = keep_rows("old", (make("a"), {"torch": answers["agrees"]})), keep_rows("new", (make("a"), {"jax": answers["agrees"]}))
    with pytest.raises(BadRows) as error_info:
        compare_files(old, new)
    assert str(error_info.value) == (
        f"nothing to compare: the files have no target with a case in common; got {old} with torch and {new} with jax, "
        "expected two runs of the same cases"
    )


@pytest.mark.parametrize(
    ("gate", "status"),
    [([], 1), (["--fail-on", "verdict"], 1), (["--fail-on", "added,answer"], 0), (["--fail-on", "none"], 0), (["--fail-on", "wrong"], 2)],
)
def test_the_status_says_whether_the_gate_lets_it_through(make_files, answers, gate, status):
    ended = run(*make_files(answers["agrees"], answers["differs"]), *gate)
    assert ended.exit_code == status
    if status == 2:
        assert f"invalid class 'wrong': must be one of {', '.join(CLASSES)}, or none" in " ".join(ended.output.replace("│", "").split())


def test_nothing_changed_is_said(make_files, answers):
    ended = run(*make_files(answers["agrees"], answers["agrees"]))
    assert (ended.exit_code, ended.output) == (0, "torch: torch 1.9 → torch 1.10\n\n1 answer compared: nothing changed\n")


def test_the_text_tells_it_with_an_example(make_files, answers):
    output = run(*make_files(answers["agrees"], answers["differs"], edits=(give_causes([]), give_causes([LOW])))).output
    assert (
        output
        == f"""\
torch: torch 1.9 → torch 1.10

verdict: 1 with a different verdict
  {phrase("same_split", "high")}
  → {phrase("same_split", "low")}
    1 case on torch
    specs/max_pool/pairs.yaml::right
      max_pool(kernel=[2], stride=[2]) of numpy.array([[[1, 5, 2, 4]]], dtype='float32')
      values was [[[5.0, 4.0]]] (float32, shape (1, 1, 2))
      values is [[[5.0, 3.0]]] (float32, shape (1, 1, 2))

1 answer compared: 1 with a different verdict
"""
    )


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_partial_file_is_said_to_be_one(make_files, answers, form):
    output = run(*make_files(answers["agrees"], answers["agrees"], whole=False), "--format", form).output
    assert output.lower().count("partial") == 2
    assert "is incomplete; missing cases count as not run" in output


def test_json_has_all_of_it(make_files, answers):
    ended = run(*make_files(answers["agrees"], answers["differs"], edits=(give_causes([]), give_causes([LOW]))), "--format", "json")
    output = json.loads(ended.output)
    assert (output["compared"], output["counts"], output["failing"]) == (1, {"verdict": 1}, ["verdict"])
    assert output["targets"] == [{"target": "torch", "old": {"torch": "1.9"}, "new": {"torch": "1.10"}}]
    [change] = output["changes"]
    assert change["cases"] == {"torch": ["specs/max_pool/pairs.yaml::right"]}
    assert change["rule"] == "same_split"


def mark_as_varying(attribute):
    """Gives rows of an attribute the mark of an answer that the ledger records as different from run to run."""
    return lambda row: row.update(varies=True) if row["attribute"] == attribute else None


def leave_unmarked(row):
    """Leaves a row as it is."""


@pytest.mark.parametrize("edits", [("values", "values"), ("values", None), (None, "values")])
@pytest.mark.parametrize(("before", "after"), [("differs", "agrees"), ("agrees", "differs")])
def test_an_answer_that_varies_is_no_change_and_is_counted_apart(make_files, answers, before, after, edits):
    files = make_files(answers[before], answers[after], edits=[mark_as_varying(name) if name else leave_unmarked for name in edits])
    diff_result = compare_files(*files)
    assert (diff_result.counts, len(diff_result.varying)) == ({}, 1)
    ended = run(*files)
    assert ended.exit_code == 0
    assert ended.output.endswith("1 answer compared: nothing changed; 1 answer not counted (known to vary from run to run)\n")
    assert json.loads(run(*files, "--format", "json").output)["varying"] == 1


def mark_as_unsteady(row):
    """Gives rows of values the mark of numbers that changed when the same question was asked again."""
    if row["attribute"] == "values":
        row["unsteady"] = True


@pytest.mark.parametrize(
    ("edits", "counts"), [((mark_as_unsteady, leave_unmarked), {}), ((leave_unmarked, mark_as_unsteady), {"verdict": 1})]
)
def test_only_an_answer_that_was_unsteady_before_is_counted_apart(make_files, answers, edits, counts):
    diff_result = compare_files(*make_files(answers["differs"], answers["agrees"], edits=edits))
    assert (diff_result.counts, len(diff_result.varying)) == (counts, 0 if counts else 1)


def test_the_name_of_a_probes_answer_varies_where_an_attribute_does(make_files, probe):
    answers = [Answer("accepts", probe.answers[name].output) for name in ("low", "high")]
    diff_result = compare_files(*make_files(*answers, probe, edits=(mark_as_varying("values"), leave_unmarked)))
    assert (diff_result.counts, len(diff_result.varying)) == ({}, 1)


def test_another_attribute_of_an_answer_that_varies_is_a_change(make_files, answers):
    files = make_files(answers["agrees"], answers["rejects"], edits=(mark_as_varying("values"), mark_as_varying("values")))
    diff_result = compare_files(*files)
    assert (diff_result.counts, run(*files).exit_code) == ({"verdict": 1}, 1)


def test_an_answer_that_varies_and_did_not_change_is_not_counted(make_files, answers):
    files = make_files(answers["differs"], answers["differs"], edits=(mark_as_varying("values"),) * 2)
    assert run(*files).output.endswith("1 answer compared: nothing changed\n")


def test_rows_of_the_same_versions_differ_by_nothing(keep_rows, make, answers):
    cases_and_answers = [(make(name), {"torch": answer}) for name, answer in answers.items()]
    diff_result = compare_files(keep_rows("old", *cases_and_answers), keep_rows("new", *cases_and_answers))
    assert (diff_result.counts, len(diff_result.varying)) == ({}, 0)


HOSTILE = "<script>alert(1)</script> | ``` **x** [y](z) \x1b[31m\n@team"


def test_nothing_that_others_wrote_is_markdown(make_files, keep_rows, make, answers):
    case = make(f"hostile{HOSTILE}", about=HOSTILE)
    output = run(*make_files(answers["agrees"], Answer("rejects", detail=HOSTILE), case), "--format", "markdown").output
    before, inside, after = re.split("^````$", output, flags=re.MULTILINE)
    assert "<script>" in inside
    assert not re.search(r"<script>|```|(?<!\\)(@team|\*\*x|\[y)", before + after)
    assert "\x1b" not in output
    [line] = [line for line in before.splitlines() if line.startswith("| verdict")]
    assert len(re.findall(r"(?<!\\)\|", line)) == 6


@pytest.mark.parametrize("form", ["markdown", "text"])
def test_targets_versions_and_file_names_are_no_markdown_and_do_not_control_the_terminal(keep_rows, make, answers, form):
    def edit(row):
        row["versions"] = {f"pack{HOSTILE}": row["versions"].popitem()[1] + " www.example.org https://example.org"}

    target = f"- {HOSTILE}"
    old = keep_rows("old", (make(), {target: answers["agrees"], f"gone{HOSTILE}": answers["agrees"]}), edit=edit, whole=False)
    new = keep_rows("new", (make(), {target: answers["differs"]}), version="2.0", edit=edit)
    output = run(old, new, "--format", form).output
    assert "\x1b" not in output
    if form == "markdown":
        outside = re.sub(r"^(`{3,})$.*?^\1$", "", output, flags=re.MULTILINE | re.DOTALL)
        outside = re.sub(r"<(/?)(details|summary|code)>", "", outside)
        assert not re.search(r"<|```|(?<!\\)(@team|\*\*x|\[y|www\.)|https://", re.sub(r"<code>.*?</code>", "", outside))


def test_a_long_comment_is_cut(keep_rows, make, answers):
    cases = [make(f"case{number}") for number in range(100)]
    sides = [
        keep_rows(name, *((case, {"torch": answers[item]}) for case in cases)) for name, item in (("old", "agrees"), ("new", "rejects"))
    ]
    output = run(*sides, "--format", "markdown").output
    assert "- and 80 more" in output
    assert output.count(r"specs/max\_pool/pairs.yaml") == 21


@pytest.fixture
def several(keep_rows, make, answers, tmp_path):
    """Makes a folder of runs, each of one version of JAX in two modes and of flax."""
    folder = tmp_path / "several"
    folder.mkdir()
    for version, item in (("0.4.10", "agrees"), ("0.4.9", "differs"), ("0.10", "rejects")):
        output = {"jax": answers[item], "jax+jit": answers[item], "flax": answers["agrees"]}
        edit = lambda row, version=version: row.update(versions={"jax": "1.0" if row["target"] == "flax" else version})  # noqa: E731
        keep_rows("run", (make(), output), edit=edit).rename(folder / f"{version}.jsonl")
    return folder


def test_versions_in_one_place_are_compared_oldest_first_and_targets_that_go_along_together(several):
    diff_result = compare_versions(Side.read(several))
    assert [[(old.name, new.name) for old, new in step.pairs] for step in diff_result] == [
        [("jax@0.4.9", "jax@0.4.10"), ("jax+jit@0.4.9", "jax+jit@0.4.10")],
        [("jax@0.4.10", "jax@0.10"), ("jax+jit@0.4.10", "jax+jit@0.10")],
    ]
    assert [(group.before, group.after, group.count) for step in diff_result for group in step.groups] == [
        ("differs: unexplained", "agrees", 2),
        ("agrees", "rejects: unexplained", 2),
    ]


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_versions_in_one_place_are_reported_one_after_another(several, form):
    ended = run(several, "--format", form)
    assert ended.exit_code == 1
    assert ended.output.index("0.4.9") < ended.output.index("0.10")
    assert form != "json" or len(json.loads(ended.output)) == 2


def test_one_version_of_each_target_is_no_comparison(keep_rows, make, answers):
    path = keep_rows("one", (make(), {"jax": answers["agrees"], "torch": answers["agrees"]}))
    with pytest.raises(BadRows) as error_info:
        compare_versions(Side.read(path))
    assert str(error_info.value) == f"nothing to compare: {path} has one version of each target; expected several of one, or a second file"

"""An execution mode is compared with the plain target of its own framework, within one run."""

from poolparity.adapters.targets.groups import plain_target
from poolparity.cases.judge.answer import Answer
from poolparity.reports.diff.modes import compare_modes
from poolparity.reports.terminal.modes import mode_lines


def compare(rows):
    return {comparison.mode: comparison for comparison in compare_modes(rows)}


def test_the_plain_target_of_a_mode_is_named_before_its_plus():
    assert [plain_target(name) for name in ("torch+onnx", "keras-tensorflow+onnx", "torch")] == ["torch", "keras-tensorflow", None]


def test_a_mode_is_compared_on_the_cases_that_both_answered(keep, make, answers):
    plain = ("agrees", "agrees", "differs", "unsupported", "agrees")
    modes = ("agrees", "rejects", "differs", "agrees", "unsupported")
    cases = [
        (make(f"case{number}"), {"torch": answers[old], "torch+onnx": answers[new]})
        for number, (old, new) in enumerate(zip(plain, modes, strict=True))
    ]
    comparison = compare(keep(*cases, (make("more"), {"torch": answers["agrees"]})))["torch+onnx"]
    assert (comparison.plain, comparison.compared_count, comparison.differing_count) == ("torch", 3, 1)
    assert list(comparison.cases.values()) == [["specs/max_pool/pairs.yaml::case1"]]


def test_wrong_answers_that_are_not_the_same_are_a_difference(keep, make, answers):
    other = Answer("accepts", answers["agrees"].output[::, ::, ::-1])
    [comparison] = compare_modes(keep((make(), {"torch": answers["differs"], "torch+compile": other})))
    assert comparison.differing_count == 1


def test_a_target_without_its_plain_one_and_one_of_other_versions_are_not_compared(keep, make, answers):
    rows = keep((make(), {"jax": answers["agrees"], "torch": answers["agrees"], "torch+onnx": answers["rejects"]}))
    assert len(compare_modes(rows)) == 1
    mode_rows = [row for row in rows.rows if row["target"] == "torch+onnx"]
    for row in mode_rows:
        row["versions"] = {"torch": "2.0"}
    assert compare_modes(rows) == []
    rows.rows = [row for row in rows.rows if row["target"] != "torch"]
    assert compare_modes(rows) == []


def test_a_case_counts_for_each_rule_that_differs_and_for_no_rule_only_where_there_is_none(keep, make, answers):
    pair = {"torch": answers["agrees"], "torch+onnx": answers["differs"]}
    rows = keep(*((make(f"case{number}"), pair) for number in range(3)))
    causes = ([[{"axis": "nan", "value": "ignore"}, {"axis": "tie", "value": "last"}]], [[{"axis": "nan", "value": "ignore"}]], None)
    for row, cause in zip((row for row in rows.rows if row["verdict"] == "differs"), causes, strict=True):
        row["cause"] = cause
    [comparison] = compare_modes(rows)
    assert {axis: len(cases) for axis, cases in comparison.cases.items()} == {"nan": 2, "tie": 1, "": 1}
    assert comparison.differing_count == 3


def test_a_line_says_in_how_many_cases_a_mode_differs_and_by_which_rules(keep, make, answers):
    one = {"torch": answers["agrees"], "torch+export": answers["agrees"], "torch+onnx": answers["rejects"]}
    rows = keep((make("one"), one), (make("two"), dict.fromkeys(one, answers["agrees"])))
    assert list(mode_lines(compare_modes(rows))) == [
        "torch+export answers as torch in all of 2 cases that both answered",
        "torch+onnx differs from torch in 1 of 2 cases that both answered: no rule (1)",
    ]

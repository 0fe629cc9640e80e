"""The terminal matrix, and what a run ends with."""

import io

import pytest
from rich.console import Console

from poolparity.reports.rows.records import BadRows, Rows
from poolparity.reports.rows.tables import tally_rows
from poolparity.reports.terminal.matrix import COLUMN_LIMIT, fold_name, make_matrix
from poolparity.reports.terminal.summary import make_summary

NINE = ("numpy", "torch", "tensorflow", "keras-tensorflow", "keras-jax", "keras-torch", "jax", "flax", "onnxruntime")


def render(content, width=80, **options):
    stream = io.StringIO()
    Console(file=stream, width=width, **options).print(content)
    return stream.getvalue()


@pytest.fixture
def nine(keep, make, answers):
    """Rows of nine targets that do as well and as badly as can be."""
    verdicts = [*answers, "agrees", "agrees"]
    answers_by_target = dict(zip(NINE, map(answers.__getitem__, verdicts), strict=True))
    files = ("specs/documents/dive_into_pooling.yaml", "specs/max_pool/pairs.yaml")
    header = {"targets": {key: {"versions": {}, "flags": {}} for key in NINE}}
    return keep(*((make(f"case{number}", file), answers_by_target) for file in files for number in range(12)), header=header)


def test_nine_targets_fit_eighty_columns(nine):
    lines = render(make_matrix(tally_rows(nine))).splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.split()[:3] == ["pairs", "12/12", "0/12"] for line in lines)
    assert any("dive_into_pooling" in line for line in lines)


def test_many_files_are_counted_by_their_folders(keep, make, answers):
    files = [f"specs/max_pool/rules/rule{number}.yaml" for number in range(40)]
    rows = keep(*((make("case", file), {"torch": answers["agrees"]}) for file in [*files, "specs/max_pool/pairs.yaml"]))
    lines = [line.split() for line in render(make_matrix(tally_rows(rows))).splitlines()]
    assert ["max_pool", "41/41"] in lines
    assert ["pairs", "1/1"] not in lines


def test_a_name_is_folded_at_its_hyphens_and_loses_nothing():
    assert fold_name("keras-tensorflow").split("\n") == ["keras-", "tensor", "flow"]
    assert all(fold_name(name).replace("\n", "") == name for name in NINE)


def test_only_attempted_cases_count(keep, make, answers):
    target = "torch"
    rows = keep(*((make(f"{name}{number}"), {target: answers[name]}) for number in range(2) for name in answers))
    lines = [line.split() for line in render(make_matrix(tally_rows(rows))).splitlines()]
    assert ["pairs", "2/10"] in lines
    assert ["of", "attempted", "20.0%"] in lines
    assert all([*name.split("_"), "2"] in lines for name in answers)


def test_cases_that_a_target_was_not_asked_are_counted(keep, make, answers):
    rows = keep(
        (make("one"), {"torch": answers["agrees"], "torch+compile": answers["agrees"]}), (make("two"), {"torch": answers["agrees"]})
    )
    lines = [line.split() for line in render(make_matrix(tally_rows(rows))).splitlines()]
    assert ["not", "asked", "0", "1"] in lines


def test_a_shape_that_cannot_be_inferred_leaves_a_right_answer_right(keep, make, answers):
    rows = keep((make(), {"torch": answers["agrees"]}))
    inferred_row = {**rows.rows[-1], "attribute": "inferred_shape", "verdict": "rejects"}
    rows.rows.append(inferred_row)
    lines = [line.split() for line in render(make_matrix(tally_rows(rows))).splitlines()]
    assert ["pairs", "1/1"] in lines
    assert ["inferred", "shapes", "0/1"] in lines
    assert not any(line[:1] == ["rejects"] for line in lines)


def test_nothing_attempted_is_no_percentage(keep, make, answers):
    text = render(make_matrix(tally_rows(keep((make(), {"torch": answers["unsupported"]})))))
    assert "%" not in text
    assert ["of", "attempted", "-"] in [line.split() for line in text.splitlines()]


def test_an_empty_run_is_an_error():
    with pytest.raises(BadRows, match="nothing was measured: not a single row; expected at least one case on one target"):
        make_matrix(tally_rows(Rows(header={"record": "header"}, whole=True)))


def test_what_the_ledger_does_not_account_for_comes_first_and_the_worst_before_it(keep, make, answers):
    rows = keep((make("one"), {"torch": answers["differs"]}), (make("two"), {"jax": answers["crashes"]}))
    lines = render(make_summary(rows)).splitlines()
    assert lines[0] == "2 unexpected answers, not in the ledger:"
    assert lines[1:4] == ["  jax: crashes", "    specs/max_pool/pairs.yaml::two", "    acceptance: SIGFPE"]
    assert lines[4:6] == ["  torch: differs", "    specs/max_pool/pairs.yaml::one"]
    assert "1 of 2 cells differ" in lines[6]


def test_known_differences_are_no_surprise(keep, make, answers):
    text = render(make_summary(keep((make(), {"torch": answers["differs"]}), known_entry="it is so")))
    assert "unexpected" not in text


def test_many_surprises_are_counted(keep, make, answers):
    text = render(make_summary(keep(*((make(f"case{number}"), {"torch": answers["differs"]}) for number in range(25)))))
    assert "and 5 more" in text


def test_claims_are_counted(keep, make_claim, answers):
    rows = keep((make_claim("upheld"), {"torch": answers["agrees"]}), (make_claim("upheld", "other"), {"torch": answers["differs"]}))
    assert "2 claims of documents: 1 upheld, 1 contradicted, 0 undecided" in render(make_summary(rows))


def test_a_partial_run_and_what_was_left_out_are_said_to_be(keep, make, answers):
    header = {"left_out": [{"target": "flax", "why": "flax is left out; to add it: pip install flax"}]}
    text = render(make_summary(keep((make(), {"torch": answers["agrees"]}), whole=False, header=header)))
    assert "PARTIAL" in text
    assert "flax is left out; to add it: pip install flax" in text


def test_without_colour_there_is_no_control_sequence_and_nothing_is_lost(nine):
    plain = render(make_summary(nine), no_color=True)
    assert "\x1b" not in plain
    assert plain.split() == render(make_summary(nine)).split()


def test_messages_neither_steer_the_terminal_nor_are_read_as_markup(keep, make, answers):
    rejection = answers["rejects"].__class__("rejects", detail="\x1b[2J[red]boo[/red]\r\n\u202eooh")
    text = render(make_summary(keep((make(), {"torch": rejection}))), width=200)
    assert "\\x1b[2J[red]boo[/red]\\r \\u202eooh" in text
    assert "\x1b" not in text


def test_more_targets_than_fit_come_in_blocks(keep, make, answers):
    names = [f"target-{number:02}" for number in range(COLUMN_LIMIT)]
    text = render(make_matrix(tally_rows(keep((make(), dict.fromkeys(names, answers["agrees"]))))))
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("1/1") == COLUMN_LIMIT
    assert text.count("spec file") == 2


def test_many_targets_are_lines_of_totals(keep, make, answers):
    names = [f"target-{number:02}" for number in range(COLUMN_LIMIT + 1)]
    by_target = {**dict.fromkeys(names, answers["agrees"]), names[4]: answers["crashes"]}
    lines = render(make_matrix(tally_rows(keep((make(), by_target))))).splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split() for line in lines[3:]] == [
        [name, "0", "1", "0.0%"] if name == names[4] else [name, "1", "0", "100%"] for name in names
    ]

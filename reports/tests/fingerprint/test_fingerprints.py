"""Fingerprints of targets: each rule that a target follows is read off its rows, and only that."""

import json
from dataclasses import replace
from itertools import groupby
from urllib.parse import unquote

import numpy as np
import pytest
from rich.console import Console
from typer import Typer
from typer.testing import CliRunner

from poolparity.cases.fast.vectorised import outcome
from poolparity.cases.judge.answer import ACCEPTS, CRASHES, REJECTS, UNSUPPORTED, Answer
from poolparity.cases.judge.cause import add_causes
from poolparity.cases.judge.judge import judge
from poolparity.cases.model.case import Case, Due, tiers_up_to
from poolparity.cases.model.inputs import literal
from poolparity.cases.model.pool import Crashed, Pool, Refused
from poolparity.cases.model.rules import AXIS_VALUES, REFERENCE, Rules
from poolparity.cases.read.check import find_spec_files
from poolparity.cases.read.schema import SCHEMA
from poolparity.cases.read.spec import read_spec
from poolparity.reports.cli.fingerprint import fingerprint
from poolparity.reports.fingerprint.causes import read_with_causes, resolve_causes
from poolparity.reports.fingerprint.comparison import Comparison
from poolparity.reports.fingerprint.fingerprint import MIXED, NOT_APPLICABLE, NOT_MEASURED, derive_fingerprints
from poolparity.reports.fingerprint.wording import describe_dependence, format_name
from poolparity.reports.page.page import render_page
from poolparity.reports.rows.encode import encode_case, encode_row
from poolparity.reports.rows.reader import read_rows
from poolparity.reports.rows.records import BadRows, Rows
from poolparity.reports.rows.writer import Writer
from poolparity.reports.terminal.fingerprint import fingerprint_table

NAN = float("nan")


def answer_under(case, rules, cotangent=None):
    """What one who follows some rules answers."""
    extra = {name: tensor.value for name, tensor in case.extra.items() if name != "cotangent"}
    pool = case.stated_pool
    try:
        result = outcome(
            case.input.value, pool, rules, batched=case.batched, cotangent=cotangent, extra=extra, located=case.wants("indices")
        )
    except Crashed as crashed:
        return Answer(CRASHES, detail=str(crashed))
    except Refused as refusal:
        return Answer(REJECTS, detail=str(refusal))
    arrays = {"indices": result.indices, "gradient": result.gradient}
    return Answer(ACCEPTS, result.output, extra={name: array for name, array in arrays.items() if array is not None})


def rows_of(case, target, answer, separate_answers=None):
    """The rows of an answer, with their causes."""
    separate_answers = separate_answers or {}
    findings = add_causes(case, judge(case, answer, None, separate_answers), answer, separate_answers)
    return [
        encode_row(case, target, {target: "1.0"}, "call", separate_answers.get(finding.attribute, answer), finding, None)
        for finding in findings
    ]


def rows_of_follower(cases, rules, target="follower", keep=None):
    """The rows of one who follows in each case the rules that are told for it."""
    rows_read = keep or Rows()
    for case in cases:
        rows_read.cases.setdefault(case.id, encode_case(case))
        gradient = {"gradient": answer_under(case, rules(case), case.extra["cotangent"].value)} if case.wants("gradient") else {}
        rows_read.rows += rows_of(case, target, answer_under(case, rules(case)), gradient)
    return rows_read


def read_probes(tier):
    """The probes up to a tier, by the axis that they ask for."""
    probes_by_axis = {axis: [] for axis in AXIS_VALUES}
    for file in find_spec_files([SCHEMA.parent]):
        if file.parent.name != "documents":
            for case in read_spec(file, {}, tiers=tiers_up_to(tier)).cases:
                if case.asks:
                    probes_by_axis[case.asks].append(case)
    return probes_by_axis


@pytest.fixture(scope="module")
def probes():
    """The probes of the tier that fingerprints are read off by default."""
    return read_probes("core")


@pytest.fixture(scope="module")
def all_probes():
    """The probes of every tier."""
    return read_probes("full")


@pytest.mark.slow
@pytest.mark.parametrize("axis", AXIS_VALUES)
def test_each_value_of_an_axis_is_read_off_the_probes(all_probes, axis):
    for value in AXIS_VALUES[axis]:
        fingerprints = derive_fingerprints(
            rows_of_follower(all_probes[axis], lambda case, value=value: case.reference.but(**{axis: value}))
        )["follower"]
        assert fingerprints.word(axis) == value
        assert not describe_dependence(fingerprints, axis) or (axis == "element_type" and value == "reject")
        assert {other: fingerprints.word(other) for other in fingerprints.fit.axes} == {
            other: getattr(REFERENCE, other) for other in fingerprints.fit.axes
        } | {axis: value}


@pytest.mark.slow
def test_one_who_never_does_as_a_probe_pins_is_not_taken_for_another(all_probes):
    rules = Rules(accumulator="float32")
    fingerprints = derive_fingerprints(rows_of_follower([*all_probes["accumulator"], *all_probes["sum_order"]], lambda case: rules))[
        "follower"
    ]
    assert fingerprints.word("accumulator") == "float32"
    assert fingerprints.word("sum_order") != "blocks32"


def test_an_answer_that_varies_is_no_evidence(probes):
    rows_read = rows_of_follower(probes["tie"], lambda case: case.reference.but(tie="split"))
    assert derive_fingerprints(rows_read)["follower"].word("tie") == "split"
    for row in rows_read.rows:
        row["varies"] = row["attribute"] in {"gradient", "indices"}
    assert derive_fingerprints(rows_read) == {}


@pytest.mark.slow
def test_the_order_of_rows_changes_no_word(all_probes):
    """One who follows a rule in some cases and another in others is described alike, however the rows come."""
    types = AXIS_VALUES["accumulator"]
    numbers = {case.id: number for number, case in enumerate(all_probes["accumulator"])}
    rows_read = rows_of_follower(
        all_probes["accumulator"], lambda case: case.reference.but(accumulator=types[numbers[case.id] * 7 % 5 % len(types)])
    )
    rng, texts = np.random.default_rng(0), set()
    for _ in range(12):
        shuffled_rows = [rows_read.rows[number] for number in rng.permutation(len(rows_read.rows))]
        fingerprint = derive_fingerprints(replace(rows_read, rows=shuffled_rows))["follower"]
        names = [(format_name(fingerprint, axis), describe_dependence(fingerprint, axis)) for axis in AXIS_VALUES]
        texts.add(json.dumps([names, sorted(fingerprint.refusals.items())]))
    assert fingerprint.word("accumulator") == MIXED
    assert len(texts) == 1


CELLS = [[[NAN, 1, 3, 2, 4, NAN, 3, 2, NAN, NAN, NAN, NAN]]]


def nan_case(name, **due):
    answers = {
        value: Due(output=np.array([[item]], "float32"), **due) for value, item in (("propagate", [NAN] * 3), ("ignore", [3, 4, -np.inf]))
    }
    pool = Pool(op="max_pool", kernel=(4,), stride=(4,))
    return Case(id=f"specs/nan.yaml::{name}", pool=pool, input=literal(CELLS, "float32"), asks="nan", answers=answers)


def test_nan_that_is_ignored_where_no_indices_are_asked_for():
    cases = [nan_case("alone"), nan_case("located", from_oracle=("indices",))]
    rules = Rules(nan_index="last")
    fingerprints = derive_fingerprints(
        rows_of_follower(cases, lambda case: rules.but(nan="propagate" if case.wants("indices") else "ignore"))
    )["follower"]
    assert fingerprints.word("nan") == MIXED
    assert describe_dependence(fingerprints, "nan") == "ignore, but propagate for outputs with indices"


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (lambda case: case.input.dtype == "float64", "first, but last for float64"),
        (lambda case: case.pool.op == "global_max_pool", "last, but first for max_pool"),
        (lambda case: case.input.value.ndim == 5 and case.input.dtype == "float32", "first, but last for float32 (3-D)"),
        (lambda case: case.wants("gradient"), "last, but first or split or all for outputs with indices"),
    ],
)
def test_what_depends_on_the_context_is_reported_by_what_separates_it(probes, odd, expected):
    cases = [case for case in probes["tie"] if case.pool.op in ("max_pool", "global_max_pool")]
    fingerprints = derive_fingerprints(rows_of_follower(cases, lambda case: case.reference.but(tie="last" if odd(case) else "first")))[
        "follower"
    ]
    assert (fingerprints.word("tie"), describe_dependence(fingerprints, "tie")) == (MIXED, expected)


def test_padding_that_is_counted_may_decide(probes):
    cases = [*probes["overhang"], *(replace(case, id=f"{case.id}-left") for case in probes["overhang"])]
    cases = [
        replace(case, pool=replace(case.pool, count_include_pad=None), rules={**case.rules, "include_default": "padded"})
        if case.id.endswith("left")
        else case
        for case in cases
    ]
    follow = lambda case: case.reference.but(overhang="counted" if case.pool.count_include_pad else "excluded")  # noqa: E731
    fingerprints = derive_fingerprints(rows_of_follower(cases, follow))["follower"]
    assert describe_dependence(fingerprints, "overhang") == "counted, but excluded for averages that do not state whether padding counts"


def test_where_a_target_has_no_parameter_an_axis_is_not_applicable(probes):
    rows_read = rows_of_follower(probes["zero_sign"], lambda case: case.reference)
    for case in probes["same_split"]:
        rows_read.cases[case.id] = encode_case(case)
        rows_read.rows += rows_of(case, "follower", Answer(UNSUPPORTED, detail="no such parameter"))
    fingerprints = derive_fingerprints(rows_read)["follower"]
    assert [fingerprints.word(axis) for axis in ("zero_sign", "same_split", "nan")] == ["first", NOT_APPLICABLE, NOT_MEASURED]


def test_an_answer_that_no_value_gives_is_unexplained():
    case = nan_case("alone")
    fingerprints = derive_fingerprints(
        Rows(cases={case.id: encode_case(case)}, rows=rows_of(case, "odd", Answer(ACCEPTS, np.array([[[7, 7, 7]]], "float32"))))
    )
    assert fingerprints["odd"].word("nan") == "unexplained"


def test_a_refusal_that_no_rule_gives_says_nothing_of_the_axis_and_is_reported():
    case = nan_case("alone")
    rows_read = rows_of_follower([replace(case, id=f"{case.id}-else", rules={"cast": "none"})], lambda case: Rules(nan="ignore"))
    rows_read.cases[case.id] = encode_case(case)
    rows_read.rows += rows_of(case, "follower", Answer(REJECTS, detail="RuntimeError: no"))
    fingerprints = derive_fingerprints(rows_read)["follower"]
    assert fingerprints.word("nan").startswith("ignore")
    assert list(fingerprints.refusals.values()) == [case.id]


def test_causes_and_pins_are_evidence_too():
    pool = Pool(op="max_pool", kernel=(2,), stride=(1,), padding="same")
    case = Case(
        id="a::b", pool=pool, input=literal([[[1, 2, 3, 4]]], "float32"), due=Due(from_oracle=("output",)), rules={"same_split": "high"}
    )
    assert derive_fingerprints(rows_of_follower([case], lambda case: Rules(same_split="low")))["follower"].word("same_split") == "low"
    assert derive_fingerprints(rows_of_follower([case], lambda case: Rules()))["follower"].word("same_split") == "high"


def averages(**pool):
    cells = literal([[[1, 2, 2, 2, 3, 5, 7, 1, 1]]], "float32")
    return Case(id="a::average", pool=Pool(op="avg_pool", kernel=(3,), stride=(3,), **pool), input=cells, due=Due(from_oracle=("output",)))


def test_ambiguous_causes_are_distinguished_by_the_fingerprint(probes):
    case = averages()
    alternatives = [[{"axis": "accumulator", "value": "input"}], [{"axis": "division", "value": "reciprocal"}]]
    for axis, value in (("accumulator", "input"), ("division", "reciprocal")):
        rows_read = rows_of_follower(
            [*probes["accumulator"], *probes["division"]], lambda case, changes={axis: value}: case.reference.but(**changes)
        )
        rows_read.cases[case.id] = encode_case(case)
        rows_read.rows += [
            {**row, "verdict": "differs", "cause": alternatives} for row in rows_of(case, "follower", answer_under(case, Rules()))
        ]
        resolved_rows = resolve_causes(rows_read, derive_fingerprints(rows_read))
        assert [row["cause"] for row in resolved_rows.rows if row["case"] == case.id and row["attribute"] == "values"] == [
            [[{"axis": axis, "value": value}]]
        ]
        assert len(resolved_rows.rows) == len(rows_read.rows)


def test_a_file_keeps_the_alternatives_and_reading_it_tells_them_apart(probes, tmp_path):
    rows_read = rows_of_follower([*probes["cast"], *probes["result_dtype"]], lambda case: Rules(cast="float32"))
    path = write_rows(rows_read, tmp_path / "rows.jsonl")
    causes_read = [row["cause"] for row in read_with_causes(path).rows if row["answer"] == "at_least_float32"]
    causes_kept = [row["cause"] for row in read_rows(path).rows if row["answer"] == "at_least_float32"]
    assert causes_kept == [row["cause"] for row in rows_read.rows if row["answer"] == "at_least_float32"]
    assert [bool(cause) for cause in causes_read] == [bool(cause) for cause in causes_kept]
    assert causes_read != causes_kept


def test_alternatives_stay_where_nothing_tells_them_apart():
    case = averages()
    alternatives = [[{"axis": "accumulator", "value": "input"}], [{"axis": "division", "value": "reciprocal"}]]
    rows = [{**row, "verdict": "differs", "cause": alternatives} for row in rows_of(case, "follower", answer_under(case, Rules()))]
    rows_read = Rows(cases={case.id: encode_case(case)}, rows=rows)
    assert resolve_causes(rows_read, derive_fingerprints(rows_read)).rows == rows


def test_the_answer_to_a_probe_has_the_cause_that_fits(probes):
    rows_read = rows_of_follower([*probes["cast"], *probes["result_dtype"]], lambda case: Rules(cast="float32"))
    assert "at_least_float32" in {row["answer"] for row in rows_read.rows}
    fingerprints = derive_fingerprints(rows_read)
    assert (fingerprints["follower"].word("cast"), fingerprints["follower"].word("result_dtype")) == ("float32", NOT_MEASURED)
    causes = [row["cause"] for row in resolve_causes(rows_read, fingerprints).rows if row["answer"] == "at_least_float32" and row["cause"]]
    assert causes
    assert {json.dumps(cause) for cause in causes} == {json.dumps([[{"axis": "cast", "value": "float32"}]])}


@pytest.fixture(scope="module")
def many(probes):
    """The rows of thirteen targets, most of which differ."""
    rows_read, axes = Rows(header={"targets": {}}), ("nan", "tie", "same_split", "zero_sign")
    for number in range(13):
        target = f"framework-{number}+mode"
        rows_read.header["targets"][target] = {"versions": {target: "1.0"}, "flags": {}}
        changed_rules = {axis: AXIS_VALUES[axis][number % len(AXIS_VALUES[axis])] for axis in axes[:3]}
        rows_of_follower(
            [case for axis in axes for case in probes[axis][:12]],
            lambda case, changes=changed_rules: case.reference.but(**changes),
            target,
            rows_read,
        )
    return rows_read


def test_the_table_fits_eighty_columns_and_folds_what_all_share(many):
    console = Console(width=80, no_color=True)
    with console.capture() as captured:
        console.print(fingerprint_table(Comparison(derive_fingerprints(many))))
    text = captured.get()
    assert max(map(len, text.splitlines())) <= 80
    rows = [line.split()[0] for line in text.splitlines() if line and not line.startswith(" ")]
    assert {"nan", "tie", "same_split"} <= set(rows)
    assert "zero_sign" not in rows
    assert "1 axis on which all targets agree: zero_sign first" in text
    assert "columns_" in text
    assert "NaN in a window is its maximum" in text


def test_targets_with_the_same_description_share_a_column(many):
    twin_fingerprints = [replace(item, target="twin") for item in derive_fingerprints(many).values()][:1]
    comparison = Comparison({**derive_fingerprints(many), "twin": twin_fingerprints[0]})
    assert ["framework-0+mode", "twin"] in comparison.columns


def test_the_page_says_how_they_differ_and_where_that_is_seen(many):
    text = render_page(many)
    section = text[text.index('id="fingerprints"') : text.index('id="differences"')]
    links = [unquote(part.split('"')[0]) for part in section.split('href="#case=')[1:]]
    assert links
    assert set(links) <= set(many.cases)
    assert section.count('scope="row"') == 3
    assert "1 rule on which all targets agree" in section


def test_without_evidence_the_page_says_nothing_of_rules(keep, make, answers):
    assert 'id="fingerprints"' not in render_page(keep((make(), {"torch": answers["agrees"]})))


def write_rows(rows, path):
    """Rows as a file."""
    writer = Writer(path, rows.header)
    for (case, _), case_rows in groupby(rows.rows, key=lambda row: (row["case"], row["target"])):
        writer.add(rows.cases[case], list(case_rows))
    writer.close(whole=True)
    return path


def command(*arguments):
    app = Typer()
    app.command()(fingerprint)
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_the_command_tells_the_same_of_rows_as_text_and_as_json(many, tmp_path):
    path, to = write_rows(many, tmp_path / "rows.jsonl"), tmp_path / "out.json"
    process = command(path, "--target", "framework-1+mode", "--target", "*-2+mode", "--json", to)
    assert process.exit_code == 0, process.output
    document = json.loads(to.read_text(encoding="utf-8"))
    assert list(document["targets"]) == ["framework-1+mode", "framework-2+mode"]
    one = document["targets"]["framework-1+mode"]
    assert one["versions"] == {"framework-1+mode": "1.0"}
    assert list(one["axes"]) == list(AXIS_VALUES)
    assert one["axes"]["tie"]["value"] == "last"
    [part] = one["axes"]["tie"]["parts"]
    assert (part["values"], part["evidence"]) == (["last"], "asked")
    assert part["where"][0]["case"] in many.cases
    assert one["axes"]["lp_sign"] == {"value": NOT_MEASURED, "parts": []}


def test_several_files_are_put_together(many, tmp_path):
    halves = [replace(many, rows=[row for row in many.rows if (row["target"] < "framework-2") == first]) for first in (True, False)]
    process = command(*(write_rows(half, tmp_path / f"{number}.jsonl") for number, half in enumerate(halves)))
    assert process.exit_code == 0, process.output
    assert "frame" in process.output


def test_files_with_different_versions_of_a_case_are_refused(many, tmp_path):
    changed_rows = replace(many, cases={name: {**line, "case_hash": "0" * 16} for name, line in many.cases.items()})
    process = command(write_rows(many, tmp_path / "a.jsonl"), write_rows(changed_rows, tmp_path / "b.jsonl"))
    assert isinstance(process.exception, BadRows)
    assert "has two hashes" in str(process.exception)


def test_no_rows_are_no_fingerprint(tmp_path):
    process = command(write_rows(Rows(header={"targets": {}}), tmp_path / "rows.jsonl"))
    assert isinstance(process.exception, BadRows)
    assert "no rows in these files" in str(process.exception)


@pytest.mark.process
@pytest.mark.slow
def test_the_command_asks_the_probes_where_it_is_given_no_rows(tmp_path):
    to = tmp_path / "numpy.json"
    process = command("--target", "numpy", "--json", to)
    assert process.exit_code == 0, process.output
    document = json.loads(to.read_text(encoding="utf-8"))["targets"]["numpy"]
    assert {axis: axis_value["value"] for axis, axis_value in document["axes"].items()} == vars(REFERENCE)
    assert document["refused"] == []


@pytest.mark.process
def test_probes_of_a_tier_that_were_asked_before_come_from_the_answer_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # other tests of this process may have asked the same probes
    first, second, anew = (command("--target", "numpy", "--tier", "smoke", *options) for options in ((), (), ("--no-cache",)))
    assert [process.exit_code for process in (first, second, anew)] == [0, 0, 0]
    assert first.stdout == second.stdout == anew.stdout
    assert first.stderr == anew.stderr
    assert "probes of the smoke tier" in first.stderr
    assert "answers came from the answer cache" in second.stderr


def integers(dtype="int64"):
    cells = literal([[[1, 5, 2, 4]]], dtype)
    pool = Pool(op="max_pool", kernel=(2,), stride=(2,))
    return Case(id=f"specs/max_pool/types.yaml::{dtype}", pool=pool, input=cells, due=Due(output=np.array([[[5, 4]]], dtype)))


def test_a_type_that_is_refused_is_named_even_where_no_other_was_asked():
    comparison = Comparison(derive_fingerprints(rows_of_follower([integers()], lambda case: REFERENCE.but(element_type="reject"))))
    [one] = comparison.prints.values()
    assert describe_dependence(one, "element_type") == "reject for max_pool (int64)"
    assert format_name(one, "element_type") == "reject*"


def test_a_type_that_all_refuse_is_named_among_what_they_share():
    rows = rows_of_follower([integers()], lambda case: REFERENCE.but(element_type="reject"), "one")
    rows = rows_of_follower([integers()], lambda case: REFERENCE.but(element_type="reject"), "other", rows)
    assert Comparison(derive_fingerprints(rows)).shared_rules["element_type"] == "reject for max_pool (int64)"


def test_types_that_are_taken_tell_the_one_that_is_not():
    types = [integers(dtype) for dtype in ("int64", "float32", "float64")]
    rows = rows_of_follower(types, lambda case: REFERENCE.but(element_type="reject" if "int64" in case.id else "accept"))
    [one] = Comparison(derive_fingerprints(rows)).prints.values()
    assert describe_dependence(one, "element_type") == "accept, but reject for max_pool (int64)"


def test_one_who_refuses_a_type_is_distinguished_from_one_who_takes_it():
    rows = rows_of_follower([integers()], lambda case: REFERENCE.but(element_type="reject"), "one")
    comparison = Comparison(derive_fingerprints(rows_of_follower([integers()], lambda case: REFERENCE, "other", rows)))
    assert "element_type" not in comparison.shared_rules
    assert {name: format_name(fingerprint, "element_type") for name, fingerprint in comparison.prints.items()} == {
        "one": "reject*",
        "other": "accept",
    }

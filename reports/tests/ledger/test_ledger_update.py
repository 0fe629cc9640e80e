"""The ledger, brought in step with rows: the fewest entries and conditions, and no reasons."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from support.stride_one import ADAPTER, SPEC, begin, invoke, run, update
from typer.testing import CliRunner

from poolparity.adapters.ledger.ledger import OWN_LEDGER, find_ledger_files, read_ledger
from poolparity.reports.cli import app
from poolparity.reports.cli.ledger import write_ledger
from poolparity.reports.ledger.update import Change
from poolparity.reports.rows.reader import read_rows

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder of somebody's own: a spec, an adapter whose stride is one, and a ledger."""
    monkeypatch.chdir(tmp_path)
    begin(tmp_path)
    return tmp_path


def test_one_entry_for_one_cause(project):
    run(1)
    assert update() == "known/liar.yaml: 1 new, 0 narrowed, 0 removed\n"
    day = read_rows(project / "rows.jsonl").header["started"][:10]
    assert (project / "known" / "liar.yaml").read_text() == dedent(f"""\
        # Known differences of liar, and its answers to probes.

        - case: spec.yaml::*
          target: liar*
          cause: {{stride_default: one}}
          measured: {day}
        """)
    run(0)
    assert update().startswith("the ledger already expects all of these rows\n")


def test_what_is_there_stays_as_it_is(project):
    text = dedent("""\
        # Mine.

        # Asked upstream.
        - case: spec.yaml::left_open   # the first
          target: liar*
          attribute: values
          answer: [[[3, 3, 4]]]
          why: It is so.
          link: https://example.org/1
        """)
    (project / "known" / "liar.yaml").write_text(text)
    run(1)
    update()
    assert (project / "known" / "liar.yaml").read_text().startswith(text)
    assert len(read_ledger(project / "known").entries) == 2
    run(0)


def test_what_no_longer_happens_is_taken_out(project):
    run(1)
    update()
    (project / "known" / "liar.yaml").write_text(
        (project / "known" / "liar.yaml").read_text()
        + dedent("""\

        - case: spec.yaml::stated
          target: liar
          attribute: values
          answer: [[[3, 3, 4]]]
          why: It was so.
          measured: 2026-01-01
        """)
    )
    assert "known/liar.yaml:8: the values [[[3, 3, 4]]] is pinned but no longer occurs; remove the entry" in run(1)
    assert update().startswith("known/liar.yaml: 0 new, 0 narrowed, 1 removed\n")
    run(0)


def test_a_probe_that_answers_otherwise_in_one_type_gets_a_condition(project):
    (project / "spec.yaml").write_text(SPEC.replace("    asks: stride_default\n", "    asks: stride_default\n    dtype: float16\n"))
    (project / f"{project.name}.py").write_text(ADAPTER.replace("**RULES}", "**(RULES if ask.dtype != 'float16' else {})}"))
    run(1)
    update()
    conditions = {(str(entry.when.dtype), entry.pinned_text) for entry in read_ledger(project / "known").entries}
    assert conditions == {("('float32',)", "the cause {stride_default: one}"), ("('float16',)", "the cause {stride_default: window}")}
    run(0)


def test_check_refuses_entries_without_a_reason_that_stand_twice_or_match_nothing(project):
    entry = "- {{case: {}, target: {}, cause: {{tie: last}}, why: {}, measured: 2026-01-01}}\n"
    (project / "known" / "liar.yaml").write_text(
        entry.format("spec.yaml::*", "torch", "TODO") + 2 * entry.format("spec.yaml::*", "jax", "so")
        + entry.format("spec.yaml::*", "torhc", "so") + entry.format("specs/no_such.yaml::*", "torch", "so")
    )  # fmt: skip
    lines = invoke("check known", 1).splitlines()
    assert [line.partition(";")[0] for line in lines] == [
        "known/liar.yaml:1: why is TODO",
        "known/liar.yaml:3: the cause {tie: last} is already pinned in known/liar.yaml:2",
        "known/liar.yaml:4: no target matches 'torhc'",
        "known/liar.yaml:5: no case matches 'specs/no_such.yaml::*'",
    ]  # fmt: skip


def test_a_ledger_that_is_not_there_is_reported(project):
    process = CliRunner().invoke(app, ["run", "spec.yaml", "--ledger", "nowhere"])
    assert str(process.exception) == "nowhere: no such folder; expected a folder of ledger files, or an empty one"


@pytest.fixture
def copy(project):
    """A copy of poolparity's own ledger: a folder for each framework, with a file each."""
    for file in find_ledger_files(OWN_LEDGER):
        (project / "copy" / file.parent.name).mkdir(parents=True)
        shutil.copy(file, project / "copy" / file.parent.name)
    return Path("copy")


def test_a_ledger_with_a_folder_for_each_framework_gets_the_file_of_a_new_framework_in_a_folder(project, copy):
    run(1)
    others = {file: file.read_text() for file in find_ledger_files(copy)}
    assert invoke("ledger update rows.jsonl --ledger copy", 0).startswith("copy/liar/known.yaml: 1 new, 0 narrowed, 0 removed\n")
    assert {file: file.read_text() for file in find_ledger_files(copy) if file.parent.name != "liar"} == others
    [entry] = (entry for entry in read_ledger(copy).entries if entry.target == "liar*")
    assert (entry.pinned_text, entry.where) == ("the cause {stride_default: one}", "copy/liar/known.yaml:3")


def test_entries_of_a_framework_are_replaced_and_removed_in_its_own_folder(project, copy):
    first, second, *_ = (entry for entry in read_ledger(copy).entries if entry.where.startswith("copy/torch/known.yaml:"))
    before = (copy / "torch" / "known.yaml").read_text()
    change = Change({first.where: [], second.where: [replace(second, target="torch+compile")]}, {"jax": [replace(second, target="jax")]})
    assert list(write_ledger(change, copy)) == [
        "copy/jax/known.yaml: 1 new, 0 narrowed, 0 removed",
        "copy/torch/known.yaml: 0 new, 1 narrowed, 1 removed",
    ]
    after = (copy / "torch" / "known.yaml").read_text()
    assert after.count("\n- ") == before.count("\n- ") - 1
    assert len([entry for entry in read_ledger(copy).entries if entry.where.startswith("copy/jax/") and entry.cause == second.cause]) > 0


def test_an_answer_too_large_to_write_down_is_pinned_with_its_shape(project):
    matrix = "matrix: {kernel: [[2]], stride: [[1]], padding: [valid]}"
    case = f"about: A long line.\nop: max_pool\ncases:\n  long:\n    input: {{distinct: [1, 1, 9000]}}\n    {matrix}\n"
    (project / "spec.yaml").write_text(case)
    wider = "pool=replace(ask.pool, kernel=(5,))"
    name = f"wider_{project.name}"
    Path(f"{name}.py").write_text(ADAPTER.replace("rules={**ask.rules, **RULES}", wider))
    run(1, name=name)
    invoke(f"ledger update rows.jsonl --ledger known --adapter {name}.py")
    assert {entry.attribute for entry in read_ledger(project / "known").entries} >= {"shape", "values"}
    run(0, name=name)

"""The ledger, brought in step with rows: the fewest entries and conditions, and no reasons."""

from __future__ import annotations

from textwrap import dedent

import pytest
from support.stride_one import ADAPTER, SPEC, asked, begin, run, update
from typer.testing import CliRunner

from poolparity.adapters.ledger.ledger import read_ledger
from poolparity.reports.cli import app
from poolparity.reports.rows.reader import read_rows


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder of somebody's own: a spec, an adapter whose stride is one, and a ledger."""
    monkeypatch.chdir(tmp_path)
    begin(tmp_path)
    return tmp_path


def test_one_entry_for_one_cause(project):
    run(1)
    assert (
        update()
        == "known/liar.yaml: 1 new, 0 narrowed, 0 taken out\n1 entries say `why: TODO`; `poolparity check` refuses them until you give the reason\n"
    )
    day = read_rows(project / "rows.jsonl").header["started"][:10]
    assert (project / "known" / "liar.yaml").read_text() == dedent(f"""\
        # What liar is known to do otherwise than a case says, and what it answers to probes.

        - case: spec.yaml::*
          target: liar*
          cause: {{stride_default: one}}
          why: TODO
          measured: {day}
        """)
    run(0)
    assert update().startswith("the ledger expects all of these rows already\n")


def test_what_is_there_stays_as_it_is(project):
    kept = dedent("""\
        # Mine.

        # Asked upstream.
        - case: spec.yaml::left_open   # the first
          target: liar*
          attribute: values
          answer: [[[3, 3, 4]]]
          why: It is so.
          link: https://example.org/1
        """)
    (project / "known" / "liar.yaml").write_text(kept)
    run(1)
    update()
    assert (project / "known" / "liar.yaml").read_text().startswith(kept)
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
    assert "known/liar.yaml:9: the values [[[3, 3, 4]]] is pinned and no longer happens; take the entry out" in run(1)
    assert update().startswith("known/liar.yaml: 0 new, 0 narrowed, 1 taken out\n")
    run(0)


def test_a_probe_that_answers_otherwise_in_one_type_gets_a_condition(project):
    (project / "spec.yaml").write_text(SPEC.replace("    asks: stride_default\n", "    asks: stride_default\n    dtype: float16\n"))
    (project / f"{project.name}.py").write_text(ADAPTER.replace("**RULES}", "**(RULES if ask.dtype != 'float16' else {})}"))
    run(1)
    update()
    told = {(str(entry.when.dtype), entry.pinned) for entry in read_ledger(project / "known").entries}
    assert told == {("('float32',)", "the cause {stride_default: one}"), ("('float16',)", "the cause {stride_default: window}")}
    run(0)


def test_check_refuses_entries_without_a_reason_that_stand_twice_or_match_nothing(project):
    entry = "- {{case: {}, target: {}, cause: {{tie: last}}, why: {}, measured: 2026-01-01}}\n"
    (project / "known" / "liar.yaml").write_text(
        entry.format("spec.yaml::*", "torch", "TODO") + 2 * entry.format("spec.yaml::*", "jax", "so")
        + entry.format("spec.yaml::*", "torhc", "so") + entry.format("specs/no_such.yaml::*", "torch", "so")
    )  # fmt: skip
    lines = asked("check known", 1).splitlines()
    assert [line.partition(";")[0] for line in lines] == [
        "known/liar.yaml:1: why is TODO",
        "known/liar.yaml:3: the cause {tie: last} is pinned here again, first in known/liar.yaml:2",
        "known/liar.yaml:4: there is no target torhc",
        "known/liar.yaml:5: no case is called specs/no_such.yaml::*",
    ]  # fmt: skip


def test_a_ledger_that_is_not_there_is_told(project):
    found = CliRunner().invoke(app, ["run", "spec.yaml", "--ledger", "nowhere"])
    assert str(found.exception) == "nowhere: no such folder; expected one with files of a ledger, or an empty one"

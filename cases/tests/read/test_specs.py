"""The specs of this project, and the page that says how to add one."""

import json
import re
from pathlib import Path

import pytest

from poolparity.cases.model.inputs import CELL_LIMIT, LARGE_LIMIT, UNIFORM_LIMIT
from poolparity.cases.read.check import check_specs
from poolparity.cases.read.cost import ARRAY_LIMIT, CASE_LIMIT
from poolparity.cases.read.parameters import BELONG
from poolparity.cases.read.schema import SCHEMA

SPECS = SCHEMA.parent
PAGE = (SPECS / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
FILES = sorted(SPECS.rglob("*.yaml"))


def test_the_first_line_of_a_spec_names_the_schema_for_editors():
    assert FILES
    for path in FILES:
        up = "../" * (len(path.relative_to(SPECS).parts) - 1)
        with path.open(encoding="utf-8") as stream:
            assert stream.readline() == f"# yaml-language-server: $schema={up}schema.json\n", path


def test_a_spec_says_what_it_is_about():
    assert [path for path in FILES if not re.search(r"^about: [^\n]*\.$", path.read_text(encoding="utf-8"), re.MULTILINE)] == []


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_of_the_page_has_no_mistakes(spec, text):
    spec_file = spec(text)
    assert list(map(str, spec_file.mistakes)) == []
    assert spec_file.cases


def test_the_page_shows_each_kind_of_case(spec):
    cases = [case for text in EXAMPLES for case in spec(text).cases]
    assert {case.kind for case in cases} == {"conformance", "probe", "claim", "observe"}
    assert any(case.spelling and not case.as_written for case in cases)
    assert any(case.as_written for case in cases)
    assert any(case.due.equals for case in cases)
    assert any(case.due.invalid for case in cases)
    assert any(case.waiting for case in cases)
    assert sum(case.name.startswith("every_window-kernel=") for case in cases) == 2 * 3 * 3


def keys_of(schema):
    """Every key of a spec, rules and answers apart."""
    return {
        key for definition in (schema, *(schema["$defs"][name] for name in ("case", "pool", "input"))) for key in definition["properties"]
    }


@pytest.mark.parametrize("key", sorted(keys_of(json.loads(SCHEMA.read_text(encoding="utf-8")))))
def test_the_page_shows_every_key(key):
    assert re.search(rf"\b{key}\b", PAGE)


def test_the_page_tells_the_parameters_of_every_operation():
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE, re.MULTILINE)
    assert {op: tuple(re.findall(r"`(\w+)`", names)) for op, names in rows} == BELONG


def test_the_page_states_the_limits():
    assert f"more than {CELL_LIMIT} cells" in PAGE
    assert f"at most {ARRAY_LIMIT} cells" in PAGE
    assert f"at most {CASE_LIMIT} steps" in PAGE
    assert f"up to {LARGE_LIMIT} cells" in PAGE
    assert f"up to {UNIFORM_LIMIT >> 30} GiB" in PAGE


def test_the_page_shows_what_check_says_of_a_rule_that_is_not_pinned(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (
        "op: max_pool\ncases:\n\n  one: {input: [[[-1, -2]]], pool: {kernel: [2], stride: [1], padding: [[1, 0]]}, output: [[[-1, -1]]]}\n"
    )
    Path("pads.yaml").write_text(text)
    [message] = map(str, check_specs([Path("pads.yaml")], {}))
    assert f"\n```\n{message}\n```\n" in PAGE

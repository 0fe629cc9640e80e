"""Checking files and folders of specs."""

from pathlib import Path

import pytest

from poolparity.cases.model.files import UnreadableFile
from poolparity.cases.read.check import check_specs, find_spec_files
from poolparity.cases.read.schema import SCHEMA

GOOD = "cases: {one: {op: global_max_pool, input: [[[1]]]}}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Makes files of these texts in a folder, which is where one is."""
    monkeypatch.chdir(tmp_path)

    def fill(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Path()

    return fill


def test_every_mistake_of_every_file(folder):
    folder({"a.yaml": "cases: 1", "b/c.yml": "op: 1\ncases:\n  x: {}", "b/good.yaml": GOOD, "b/notes.txt": "cases: 1"})
    assert [str(mistake).partition(";")[0] for mistake in check_specs([Path("a.yaml"), Path("b")], {})] == [
        "a.yaml:1: cases is 1",
        "b/c.yml:1: op is 1",
        "b/c.yml:3: the case x has no input",
    ]


def test_nothing_is_wrong_with_good_files(folder):
    assert check_specs([folder({"a.yaml": GOOD, "b.yaml": GOOD})], {}) == []


def test_an_id_in_two_files(folder):
    schema_text = SCHEMA.read_text(encoding="utf-8")
    folder({f"{place}/specs/{name}": text for place in "ab" for name, text in (("schema.json", schema_text), ("x.yaml", GOOD))})
    assert [str(mistake) for mistake in check_specs([Path("a"), Path("b")], {})] == [
        "b/specs/x.yaml:1: the id specs/x.yaml::one is already used in a/specs/x.yaml:1; expected different ids"
    ]


def test_a_file_that_is_named_twice_is_read_once(folder):
    folder({"a.yaml": GOOD})
    assert list(find_spec_files([Path("a.yaml"), Path(), Path("a.yaml").absolute()])) == [Path("a.yaml")]


def test_a_folder_without_specs(folder):
    folder({"notes.txt": ""})
    with pytest.raises(ValueError, match=r"^\.: no spec file in this folder; expected a file that ends in \.yaml or \.yml$"):
        check_specs([Path()], {})


def test_a_file_that_is_not_there(folder):
    with pytest.raises(UnreadableFile, match=r"none\.yaml: no such file or directory; expected an existing file"):
        check_specs([folder({}) / "none.yaml"], {})


CONFORMANCE = (
    "cases:\n  one: {op: max_pool, input: [[[-1, -2]]], pool: {kernel: [2], stride: [1], padding: [[1, 0]]}, output: [[[-1, -1]]]}"
)
PROBE = "cases:\n  one: {op: max_pool, input: [[[%s]]], pool: {kernel: [4]}, asks: nan, answers: {propagate: [[[.nan]]], %s}}"
TYPED = """
op: avg_pool
cases:
  one:
    asks: integer_average
    dtype: int8
    input: [[[1, 2]]]
    pool: {kernel: [2], stride: [2]}
    answers: {truncate: [[[1]]], reject: {raises: invalid}}
"""


@pytest.mark.parametrize(("text", "mistakes"), [
    (CONFORMANCE, ["2: the expected answer of one changes where pad_value is zero, and pad_value is not pinned; expected pad_value under rules, or an input whose answer does not depend on it"]),
    (CONFORMANCE.replace("output", "rules: {pad_value: excluded}, output"), []),
    (PROBE % ("4, .nan, 1, 2", "ignore: [[[4]]], restart: [[[2]]]"), []),
    (PROBE % ("4, .nan, 1, 2", "seeded: [[[4]]], ignore: {output_shape: [1, 1, 1]}"),
     ["2: the answers seeded and ignore of one are equal; expected an input for which they differ"]),
    (TYPED, ["4: the answer reject of one is also that of element_type reject, and element_type is not pinned; expected element_type under rules, or an input for which they differ"]),
    (TYPED + "    rules: {element_type: accept}", []),
])  # fmt: skip
def test_what_a_case_leaves_open(folder, text, mistakes):
    folder({"a.yaml": text})
    assert [str(mistake).removeprefix("a.yaml:") for mistake in check_specs([Path("a.yaml")], {})] == mistakes

"""Checking files and folders of specs."""

from pathlib import Path

import pytest

from poolparity.cases._schema import SCHEMA
from poolparity.cases.check import check, spec_files

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
    assert [str(mistake).partition(";")[0] for mistake in check([Path("a.yaml"), Path("b")], {})] == [
        "a.yaml:1: cases is 1",
        "b/c.yml:1: op is 1",
        "b/c.yml:3: the case x has no input",
    ]


def test_nothing_is_wrong_with_good_files(folder):
    assert check([folder({"a.yaml": GOOD, "b.yaml": GOOD})], {}) == []


def test_an_id_in_two_files(folder):
    published = SCHEMA.read_text(encoding="utf-8")
    folder({f"{place}/specs/{name}": text for place in "ab" for name, text in (("schema.json", published), ("x.yaml", GOOD))})
    assert [str(mistake) for mistake in check([Path("a"), Path("b")], {})] == [
        "b/specs/x.yaml:1: the id specs/x.yaml::one is also that of a/specs/x.yaml:1; expected ids that differ"
    ]


def test_a_file_that_is_named_twice_is_read_once(folder):
    folder({"a.yaml": GOOD})
    assert list(spec_files([Path("a.yaml"), Path(), Path("a.yaml").absolute()])) == [Path("a.yaml")]


def test_a_folder_without_specs(folder):
    folder({"notes.txt": ""})
    with pytest.raises(ValueError, match=r"^\.: no spec file in this folder; expected a file that ends in \.yaml or \.yml$"):
        check([Path()], {})


def test_a_file_that_is_not_there(folder):
    with pytest.raises(FileNotFoundError):
        check([folder({}) / "none.yaml"], {})

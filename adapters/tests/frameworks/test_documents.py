"""The documents' cases: every one is true to its source, and a lie about it would be noticed."""

import re
from pathlib import Path

import pytest
from support.liars import LIARS, honest, is_caught, verdicts

from poolparity.adapters.targets.find import find_targets, layers_of
from poolparity.cases.read.spec import read_spec

FOLDER = Path(__file__).parents[3] / "specs" / "documents"
DOCUMENTS = {
    "000_93cf737fd021ce3a.txt": "keras_layers.yaml",
    "001_bbbe01875395a818.txt": "toymoban.yaml",
    "002_8d73c3f3d81ffc72.txt": "d2l.yaml",
    "003_41e2073c8f17a666.txt": "global_or_average.yaml",
    "004_849b3749d7eb3164.txt": "keras_cn.yaml",
}
LAYERS = layers_of(find_targets())
SPECS = {path.name: read_spec(path, LAYERS) for path in sorted(FOLDER.glob("*.yaml"))}
CASES = [case for spec in SPECS.values() for case in spec.cases]
RUNNING = [case for case in CASES if not case.waiting]
INVENTORY = (FOLDER / "README.md").read_text(encoding="utf-8")


def short(case):
    return case.id.rpartition("/")[2]


def test_each_document_has_its_file():
    assert set(SPECS) == set(DOCUMENTS.values())
    assert [str(mistake) for spec in SPECS.values() for mistake in spec.mistakes] == []


@pytest.mark.parametrize("name", SPECS)
def test_every_case_cites_its_document(name):
    assert {DOCUMENTS[case.source.document] for case in SPECS[name].cases} == {name}
    assert [case.name for case in SPECS[name].cases if not re.search(r"\blines? \d", case.source.place)] == []


@pytest.mark.parametrize("name", SPECS)
def test_every_case_is_restated_as_a_fact(name):
    facts = [case.about for case in SPECS[name].cases]
    assert [about for about in facts if not about.endswith(".") or "should" in about.split()] == []


@pytest.mark.parametrize(("document", "name"), DOCUMENTS.items())
def test_the_inventory_counts_every_statement(document, name):
    places = {case.source.place for case in SPECS[name].cases}
    statement_count = re.search(rf"### `{name}`\n\n((?:- .*\n)+)", INVENTORY)[1].count("\n")
    assert f"| `{document}` | `{name}` | {len(places) + statement_count} | {len(places)} | {len(SPECS[name].cases)} |" in INVENTORY


@pytest.mark.parametrize("case", [case for case in RUNNING if case.stands != "contradicted"], ids=short)
def test_the_oracle_agrees_with_every_claim_that_is_upheld(case):
    assert {verdict for _, verdict in verdicts(case, honest)[0]} == {"agrees"}


@pytest.mark.parametrize("case", RUNNING, ids=short)
def test_every_case_catches_some_liar(case):
    is_told_apart = any(is_caught(case, liar) for liar in LIARS if liar != "refuses everything")
    assert is_told_apart, f"{case.id} believes every liar; expected one of {', '.join(LIARS)} to be caught"


@pytest.mark.parametrize("liar", LIARS)
def test_each_liar_is_caught_somewhere(liar):
    assert any(is_caught(case, liar) for case in RUNNING)

"""The recorded table of pairs: of the standard layers, of the pinned versions, and shown only where those ran."""

import base64
import gzip
import json
import re
import tomllib
from pathlib import Path

import pytest
from support.constraints import pinned_versions

from poolparity.adapters.targets.find import find_targets
from poolparity.reports.page.environment import make_environment
from poolparity.reports.page.page import render_page
from poolparity.reports.page.pairs import RECORD, Pairs
from poolparity.reports.page.sections import build_pairs
from poolparity.reports.port.table import list_frameworks, read_standard_layers

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IN_ALL = set(re.findall(r"\w+", PROJECT["optional-dependencies"]["all"][0]))
FRAMEWORKS = list_frameworks({name: entry for name, entry in find_targets().items() if (entry.target.extra or "").split(",")[0] in IN_ALL})
"""Those that the extra `all` installs: the table is of these."""
TOLD = json.loads(gzip.decompress(RECORD.read_bytes()))
PINNED = pinned_versions("3.11")
"""The table is made on Python 3.11, where torch and the packages before the releases for 3.12 are pinned."""
RAN = {record["target"]: record["versions"] for record in TOLD["targets"].values()}


def test_it_is_of_the_standard_layers_and_of_every_framework():
    assert [record["name"] for record in TOLD["layers"]] == [record.name for record in read_standard_layers()]
    assert sorted(TOLD["targets"]) == FRAMEWORKS
    assert {(record["from"], record["to"]) for record in TOLD["pairs"]} == {(a, b) for a in FRAMEWORKS for b in FRAMEWORKS if a != b}


@pytest.mark.parametrize("target", RAN)
def test_it_is_of_the_pinned_versions(target):
    assert {name: version.partition("+")[0] for name, version in RAN[target].items()}.items() <= PINNED.items()


def test_a_run_of_these_versions_has_all_of_it_whatever_the_build_and_numpy():
    versions = {**RAN, "torch": {"torch": "2.13.0+cu130", "numpy": "2.5.0"}}
    assert Pairs.read_recorded(versions) == Pairs(TOLD)


def test_a_framework_in_another_version_is_left_out():
    pairs = Pairs.read_recorded({**RAN, "torch": {"torch": "2.14.0"}})
    assert pairs.frameworks == [name for name in TOLD["targets"] if name != "torch"]
    assert not [record for record in (*pairs.document["pairs"], *pairs.document["ports"]) if "torch" in (record["from"], record["to"])]


@pytest.mark.parametrize("versions", [{}, {"torch": RAN["torch"]}])
def test_of_fewer_than_two_frameworks_nothing_is_reported(versions):
    assert Pairs.read_recorded(versions) is None


def test_a_report_shows_it_where_those_versions_ran_and_nothing_of_others(keep, make, answers):
    rows = keep((make(), dict.fromkeys(("torch", "onnxruntime"), answers["agrees"])))
    assert 'id="pairs"' not in render_page(rows)
    for row in rows.rows:
        row["versions"] = RAN[row["target"]]
    assert 'id="pairs"' in render_page(rows)


def test_the_recipes_of_a_pair_state_for_which_sizes_they_are_valid():
    [recorded_port, *_] = [port for port in TOLD["ports"] if port["verdict"] == "recipe"]
    ranges = {"words": "any size"}, {"words": "odd heights and widths"}
    port = {
        **recorded_port,
        "range": ranges[0],
        "why_not_any": "",
        "no_gradient": "rejects: no VJP",
        "drop_in": {**recorded_port["drop_in"], "agrees": False, "range": ranges[1]},
    }
    pairs = Pairs({**TOLD, "ports": [port], "pairs": [{"from": port["from"], "to": port["to"]}]})
    sections = build_pairs(pairs, make_environment(), {"lang": "en"})
    [text] = json.loads(gzip.decompress(base64.b64decode(sections["recipes"]))).values()
    for part in (
        "Valid for:",
        "any size",
        "gives the same answer for some sizes:",
        "odd heights and widths",
        "It has no gradient:",
        "no VJP",
    ):
        assert part in text

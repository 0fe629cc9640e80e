"""The ledger, brought in step with several versions at once: conditions that tell them apart, and no more than it takes."""

from pathlib import Path

import pytest
from support.stride_one import adapter, begin, run, update

from poolparity.adapters.ledger.entry import Entry
from poolparity.adapters.ledger.ledger import read_ledger
from poolparity.reports.ledger.narrowing import instances_without
from poolparity.reports.ledger.pinnable import CaseRun
from poolparity.reports.ledger.scopes import Instance, cover_instances, find_scopes

pytestmark = pytest.mark.slow

ONE, WINDOW = "the cause {stride_default: one}", "the cause {stride_default: window}"


@pytest.fixture
def versions(tmp_path, monkeypatch, interpreter):
    """Runs the targets, one or both, as a version of theirs: under the stride that it is said to have."""
    monkeypatch.chdir(tmp_path)
    begin(tmp_path)
    interpreters = {version: interpreter(version) for version in ("2.9", "2.10", "2.11")}

    def versions(status, version, stride):
        questions = [f"{name}@{interpreters[version]}" for name in ("liar", "liar+more")]
        run(status, f"{version}.jsonl", questions, adapter(f"{tmp_path.name}_{stride}", stride))
        return f"{version}.jsonl"

    return versions


def read_pins():
    return {(entry.case, entry.target, *entry.when.versions.items(), entry.pinned_text) for entry in read_ledger(Path("known")).entries}


def test_versions_that_answer_otherwise_are_distinguished_by_one_condition(versions):
    update(versions(1, "2.9", "one"), versions(1, "2.10", "window"), versions(1, "2.11", "window"))
    assert read_pins() == {
        ("spec.yaml::*", "liar*", ("numpy", "<2.10"), ONE),
        ("spec.yaml::*", "liar*", ("numpy", ">=2.10"), WINDOW),
    }
    for version, stride in (("2.9", "one"), ("2.10", "window"), ("2.11", "window")):
        versions(0, version, stride)


def test_one_in_the_middle_is_between_two_others(versions):
    update(versions(1, "2.9", "one"), versions(1, "2.10", "window"), versions(1, "2.11", "one"))
    assert ("spec.yaml::*", "liar*", ("numpy", ">=2.10,<2.11"), WINDOW) in read_pins()
    for version, stride in (("2.9", "one"), ("2.10", "window"), ("2.11", "one")):
        versions(0, version, stride)


def test_what_is_known_is_narrowed_to_the_versions_in_which_it_happens(versions):
    update(versions(1, "2.10", "one"))
    assert read_pins() == {("spec.yaml::*", "liar*", ONE)}
    text = Path("known/liar.yaml").read_text().replace("  measured", "  why: It is so.\n  measured")
    Path("known/liar.yaml").write_text(f"# Mine.\n{text}")
    output = update(versions(1, "2.9", "window"), "2.10.jsonl")
    assert output.startswith("known/liar.yaml: 1 new, 1 narrowed, 0 removed\n")
    assert (
        Path("known/liar.yaml")
        .read_text()
        .startswith("# Mine.\n" + text.replace("  cause", '  when: {versions: {numpy: ">=2.10"}}\n  cause', 1).rstrip("\n"))
    )
    for version, stride in (("2.9", "window"), ("2.10", "one")):
        versions(0, version, stride)


def instance(version, target="torch"):
    return Instance(target, (("torch", version),))


def test_an_answer_that_varies_is_lost_only_where_the_case_does_not_run():
    entry = Entry(case="a.yaml::b", target="torch", attribute="values", answer="varies", why="It is so.")
    runs = [
        CaseRun(None, "conformance", instance(version), [{"verdict": verdict} for verdict in verdicts])
        for version, verdicts in {"1": ("unsupported", "unsupported"), "2": ("agrees",), "3": ("agrees", "differs")}.items()
    ]
    assert instances_without(entry, runs) == {instance("1")}


@pytest.mark.parametrize(
    ("due_instances", "others", "specifiers"),
    [
        (["2.15.1"], ["2.18.1"], ["<2.18"]),
        (["2.18.1"], ["2.15.1"], [">=2.18"]),
        (["2.18.0", "2.18.1"], ["1.9", "3.0"], [">=2,<3"]),
        (["0.4.30"], ["0.4.35", "0.10.2"], ["<0.4.35"]),
        (["0.10.2"], ["0.4.35"], [">=0.10"]),
        (["1.0", "3.0"], ["2.0"], [">=3", "<2"]),
        (["2.0rc1"], ["2.0"], ["==2.0rc1"]),
        (["2.1.dev1"], ["2.0"], [">=2.1.dev1"]),
        (["2.13.0+cpu"], ["2.13.0+cu121"], ["==2.13.0+cpu"]),
        (["1.0"], [], [""]),
    ],
)
def test_specifiers_are_as_short_as_they_can_be(due_instances, others, specifiers):
    due_instances, others = ({instance(item) for item in versions_of_instances} for versions_of_instances in (due_instances, others))
    scopes = cover_instances(due_instances, others, find_scopes(due_instances | others, ["torch"]))
    assert sorted(dict(scope.versions).get("torch", "") for scope in scopes) == sorted(specifiers)


def test_targets_that_changed_together_are_named_together():
    old, new = ({instance(version, target) for target in ("jax", "jax+jit")} for version in ("0.4.35", "0.10.2"))
    [scope] = cover_instances(new, old, find_scopes(old | new, ["jax", "jax+jit", "torch"]))
    assert (scope.target, scope.versions) == ("jax*", (("torch", ">=0.10"),))

"""Reading the ledger: entries, and every mistake with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from poolparity.adapters.ledger.conditions import When
from poolparity.adapters.ledger.entry import TODO, Entry
from poolparity.adapters.ledger.file import read_file
from poolparity.adapters.ledger.ledger import OWN_LEDGER, OWN_TARGET, BadLedger, find_ledger_files, find_targets_in, is_about, read_ledger
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.model.rules import AXIS_VALUES

GOOD = "{case: specs/a.yaml::b, target: torch, attribute: values, answer: [[1, .inf]], why: torch does so, measured: 2026-11-20}"
PINNED = "case: specs/*, target: 'keras-*', why: it is so, link: https://example.org/threads/1"


@pytest.fixture(autouse=True)
def at_home(tmp_path, monkeypatch):
    """Places are told from the working folder."""
    monkeypatch.chdir(tmp_path)


def ledger(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "adapters" / "known"
    folder.mkdir(parents=True)
    (folder / "torch.yaml").write_text(text)
    return folder


def mistakes_of(tmp_path: Path, text: str) -> list[str]:
    folder = ledger(tmp_path, text)
    with pytest.raises(BadLedger, match=r"torch\.yaml"):
        read_ledger(folder)
    return [str(mistake) for mistake in read_file(folder / "torch.yaml") if not isinstance(mistake, Entry)]


def test_our_own_ledger_is_without_mistakes_and_gives_a_reason_for_everything():
    entries = read_ledger().entries
    assert len(entries) > 100
    assert [entry.where for entry in entries if entry.why == TODO] == []


def test_entries_are_read_with_their_place(tmp_path):
    [entry] = read_ledger(ledger(tmp_path, f"# why\n- {GOOD}\n")).entries
    assert (entry.answer, entry.measured, entry.where) == ([[1, float("inf")]], "2026-11-20", "adapters/known/torch.yaml:2")


def test_a_cause_and_conditions_are_read(tmp_path):
    conditions = "{versions: {torch: '>=2,<3'}, dtype: float16, rank: [1, 2], platform: 'Linux*', cpu: [avx2], not_cpu: avx512f}"
    [entry] = read_ledger(ledger(tmp_path, f"- {{{PINNED}, cause: {{tie: all, nan: ignore}}, when: {conditions}}}")).entries
    assert entry.cause == {("nan", "ignore"), ("tie", "all")}
    assert entry.when == When({"torch": ">=2,<3"}, ("float16",), (1, 2), "Linux*", ("avx2",), ("avx512f",))
    assert entry.link == "https://example.org/threads/1"


ATTRIBUTES = "acceptance, shape, dtype, values, indices, gradient, inferred_shape, parameters"
KEYS = "case, target, when, attribute, answer, cause, why, link or measured"


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("a: 1\n", [":1: the file contains {a: 1}; expected a list of entries"]),
        ("- 3\n", [f":1: the entry is 3; expected a mapping with {KEYS}"]),
        (
            f"- {GOOD}\n- {GOOD.replace('target:', 'tagret:')}\n",
            [
                f":2: unknown key 'tagret' (did you mean target?); expected {KEYS}",
                ":2: the entry has no target; expected an entry with case, target",
            ],
        ),
        (f"- {GOOD.replace('torch does so', '3')}\n", [":1: why is 3; expected text"]),
        (
            f"- {GOOD.replace('why: torch does so, ', '')}\n",
            [":1: the entry has no why; expected the reason; only an entry with a cause may leave it out"],
        ),
        (
            f"- {GOOD.replace('values', 'valeus')}\n",
            [f":1: attribute is 'valeus'; expected {ATTRIBUTES} or answer"],
        ),
        (f"- {GOOD}\n\t- x\n", [":2: a tab character; expected spaces"]),
        (
            f"- {{{PINNED}}}",
            [":1: the entry has neither cause nor answer; expected the cause that is pinned, or the answer of an attribute"],
        ),
        (f"- {GOOD[:-1]}, cause: {{tie: all}}}}", [":1: cause beside answer; expected only one of cause and answer"]),
        (
            f"- {{{PINNED}, answer: high}}",
            [f":1: answer without attribute; expected the attribute that has the answer: {ATTRIBUTES} or answer"],
        ),
        (
            f"- {{{PINNED}, attribute: acceptance, answer: reject}}",
            [":1: answer of acceptance is 'reject'; expected rejects, accepts, times_out, varies or crashes: SIGNAL"],
        ),
        (f"- {{{PINNED}, cause: tie}}", [":1: cause is 'tie'; expected axes with their values, as in {stride_default: one}"]),
        (
            f"- {{{PINNED},\n   cause: {{tie: al,\n    stride_defalt: one}}}}",
            [
                ":3: unknown axis 'stride_defalt' (did you mean stride_default?); expected AXES",
                ":2: tie is 'al'; expected first, last, split or all",
            ],
        ),
        (
            f"- {{{PINNED}, cause: {{tie: all}}, attribute: answer}}",
            [f":1: attribute is 'answer'; expected {ATTRIBUTES.replace(', parameters', ' or parameters')}"],
        ),
        (
            f"- {{{PINNED}, cause: {{tie: all}}, when: {{mode: xla}}}}",
            [":1: unknown condition 'mode'; expected versions, dtype, rank, platform, cpu or not_cpu"],
        ),
        (
            f"- {{{PINNED}, cause: {{tie: all}}, when: old}}",
            [":1: when is 'old'; expected a mapping with versions, dtype, rank, platform, cpu or not_cpu"],
        ),
        (
            f"- {{{PINNED}, cause: {{tie: all}}, when: {{versions: '>2', dtype: [], rank: 0}}}}",
            [
                ":1: versions is '>2'; expected distributions with their versions, as in {torch: \">=2,<3\"}",
                ":1: dtype is []; expected a name or a list of names",
                ":1: rank is 0; expected 1, 2 or 3, or a list of these",
            ],
        ),
        (
            f"- {{{PINNED}, cause: {{tie: all}}, when: {{versions: {{torch: 2}}}}}}",
            [":1: the version of 'torch' is 2; expected a specifier such as \">=2,<3\""],
        ),
        (
            f"- {GOOD.replace(', measured: 2026-11-20', '')}",
            [
                ":1: the entry has neither link nor measured; expected the public thread about it or, if there is none, the date of the measurement"
            ],
        ),
        (f"- {GOOD.replace('2026-11-20', 'today')}", [":1: measured is 'today'; expected a date such as 2026-11-20"]),
        (
            f"- {GOOD.replace('measured: 2026-11-20', 'link: example.org')}",
            [":1: link is 'example.org'; expected the address of a public thread, beginning with https://"],
        ),
    ],
)
def test_every_mistake_is_reported_with_file_and_line(tmp_path, text, messages):
    axis_names = f"{', '.join([*AXIS_VALUES][:-1])} or {[*AXIS_VALUES][-1]}"
    assert mistakes_of(tmp_path, text) == [f"adapters/known/torch.yaml{message.replace('AXES', axis_names)}" for message in messages]


@pytest.mark.parametrize("file", find_ledger_files(OWN_LEDGER), ids=lambda file: file.parent.name)
def test_a_file_that_is_about_a_target_is_known_without_reading_its_entries(file):
    entries = list(read_file(file))
    assert {entry.target for entry in entries} == find_targets_in(file)
    assert len(OWN_TARGET.findall(file.read_text(encoding="utf-8"))) == len(entries)
    for target in find_targets():
        assert is_about(file, [target]) is any(entry.names(target) for entry in entries), target


def test_a_run_reads_what_is_known_of_its_targets_and_no_other_file():
    whole, part = (
        [entry.where for entry in read_ledger(OWN_LEDGER, targets=targets).entries if entry.names("torch") or entry.names("numpy")]
        for targets in (None, ["torch", "numpy@2.0.1"])
    )
    assert whole == part
    assert {Path(place).parent.name for place in part} == {"torch", "numpy"}
    assert {Path(entry.where).parent.name for entry in read_ledger(OWN_LEDGER, targets=["torch"]).entries} == {"torch"}

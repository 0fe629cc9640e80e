"""The published schema of rows: every key described, every line of a real run as it says, and no line that lies."""

import json
import subprocess
import sys
from copy import deepcopy

import pytest
from jsonschema import Draft202012Validator

from poolparity.adapters.targets.find import find_targets, is_installed
from poolparity.cases.judge.answer import VERDICTS
from poolparity.cases.model.case import ATTRIBUTES, TIERS
from poolparity.cases.model.pool import FORMATS, OPS
from poolparity.cases.model.rules import AXIS_VALUES
from poolparity.reports.rows.encode import CELLS
from poolparity.reports.rows.records import FORMAT, SCHEMA
from poolparity.reports.rows.ways import WAYS

PUBLISHED = json.loads(SCHEMA.read_text(encoding="utf-8"))
DEFINED = PUBLISHED["$defs"]
VALID = Draft202012Validator(PUBLISHED)
RUN = "from poolparity.reports.cli import main; main()"


def keys(schema, place="$"):
    """Every key that a schema describes, with what it says of it; conditions on keys that are described elsewhere are left out."""
    if isinstance(schema, list):
        for item in schema:
            yield from keys(item, place)
    elif isinstance(schema, dict):
        for name, subschema in schema.get("properties", {}).items():
            yield f"{place}.{name}", subschema
        for name, subschema in schema.items():
            if name not in ("allOf", *CONDITIONS):
                yield from keys(subschema, f"{place}.{name}")


CONDITIONS = ("outcomes", "shapes", "dtypes", "counts", "arrays")


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The lines of a run of the smoke tier on the oracle and, where it is installed, on torch."""
    folder = tmp_path_factory.mktemp("real")
    targets = [name for name in ("numpy", "torch") if is_installed(find_targets()[name].target)]
    questions = [part for name in targets for part in ("--target", name)]
    process = subprocess.run([sys.executable, "-c", RUN, "run", "--tier", "smoke", *questions, "--rows", "rows.jsonl"],
                          cwd=folder, capture_output=True, text=True, timeout=500)  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    return [json.loads(line) for line in (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()]


def faults(line):
    return [f"{list(error.absolute_path)}: {error.message}" for error in VALID.iter_errors(line)]


def test_the_schema_of_rows_is_valid():
    Draft202012Validator.check_schema(PUBLISHED)
    assert PUBLISHED["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(("place", "schema"), list(keys(PUBLISHED)))
def test_every_key_is_described_in_one_sentence(place, schema):
    text = schema["description"]
    assert text[0].isupper()
    assert text.endswith(".")
    assert ". " not in text
    assert len(text) <= 180


def test_every_definition_is_described_and_used():
    text = json.dumps(PUBLISHED)
    assert [name for name, item in DEFINED.items() if not item["description"].endswith(".")] == []
    assert [name for name in DEFINED if f'"#/$defs/{name}"' not in text] == []


def test_every_record_is_closed():
    assert [name for name in ("header", "case", "row", "footer") if DEFINED[name]["additionalProperties"] is not False] == []


def test_names_are_those_of_the_code():
    row, case = DEFINED["row"]["properties"], DEFINED["case"]["properties"]
    assert DEFINED["header"]["properties"]["format"]["const"] == FORMAT
    assert DEFINED["op"]["enum"] == list(OPS)
    assert case["layout"]["enum"] == list(FORMATS)
    assert case["tier"]["enum"] == list(TIERS)
    assert row["way"]["enum"] == list(WAYS)
    assert row["attribute"]["enum"] == list(ATTRIBUTES)
    assert row["verdict"]["enum"] == list(VERDICTS)
    assert DEFINED["axis"]["enum"] == list(AXIS_VALUES), "run `python .ci/schemas.py`"
    assert CELLS == 1024, "the description of an array says a thousand"


def test_every_line_of_a_real_run_is_as_it_says(real):
    assert [line["record"] for line in (real[0], real[-1])] == ["header", "footer"]
    assert {line["record"] for line in real} == {"header", "case", "row", "footer"}
    assert {line["way"] for line in real if line["record"] == "row"} == set(WAYS)
    assert [(number, fault) for number, line in enumerate(real, 1) for fault in faults(line)] == []


def test_the_footer_of_a_real_run_counts_its_lines(real):
    records = [line["record"] for line in real]
    assert real[-1] == {"record": "footer", "cases": records.count("case"), "rows": records.count("row"), "not_asked": {}}


def test_the_last_row_of_each_case_on_a_target_is_marked(real):
    rows = [line for line in real if line["record"] == "row"]
    whole = [(row["case"], row["target"]) for row in rows if row["last"]]
    assert len(whole) == len(set(whole))
    assert set(whole) == {(row["case"], row["target"]) for row in rows}


LIES = {
    "a verdict that is none": {"verdict": "fine"},
    "an attribute that is none": {"attribute": "colour"},
    "a way that is none": {"way": "recipe"},
    "a key that nobody knows": {"mood": "good"},
    "agreement that needs a cause": {"cause": [[{"axis": "tie", "value": "all"}]]},
    "agreement without a cause looked for": {"cause": None},
    "agreement on nothing": {"got": None},
    "a difference from nothing": {"verdict": "differs", "due": None},
    "a crash with an answer": {"verdict": "crashes"},
    "an answer that was not run": {"verdict": "not_run"},
    "a cause on no axis": {"verdict": "differs", "cause": [[{"axis": "mood", "value": "all"}]]},
    "a cause without a value": {"verdict": "differs", "cause": [[{"axis": "tie"}]]},
    "an empty alternative": {"verdict": "differs", "cause": [[]]},
    "a hash that is none": {"case_hash": "123"},
    "an id without a file": {"case": "right"},
    "a version that is a number": {"versions": {"torch": 2.13}},
    "time that runs backwards": {"seconds": -1},
    "time in words": {"seconds": "1"},
    "cells that are words": {"got": {"dtype": "float32", "shape": [1], "data": ["one"]}},
    "cells and a digest": {"got": {"dtype": "float32", "shape": [1], "data": [1], "digest": "0" * 16}},
    "neither cells nor a digest": {"got": {"dtype": "float32", "shape": [1]}},
    "a shape where values are due": {"got": [1, 2]},
    "values where an outcome is due": {"attribute": "acceptance"},
    "values where a type is due": {"attribute": "dtype"},
    "values where a shape is due": {"attribute": "shape"},
    "values where a number is due": {"attribute": "parameters"},
    "a tolerance below nothing": {"tolerance": {"ulp": -1}},
    "a mark that is no truth": {"last": "yes"},
    "a record of another kind": {"record": "footer"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_row_that_lies_is_refused(real, lie):
    row = next(line for line in real if line["record"] == "row" and (line["attribute"], line["verdict"]) == ("values", "agrees"))
    assert faults(row) == []
    assert faults({**row, **LIES[lie]}) != []


@pytest.mark.parametrize("record", ["header", "case", "row", "footer"])
def test_no_line_lacks_a_key_that_it_must_have(real, record):
    line = next(line for line in real if line["record"] == record)
    for key in DEFINED[record]["required"]:
        assert faults({name: value for name, value in line.items() if name != key}) != [], key


@pytest.mark.parametrize(("record", "lie"), [
    ("header", {"format": 2}),
    ("header", {"cpu_features": "avx"}),
    ("header", {"targets": {"torch": {"versions": {}}}}),
    ("header", {"left_out": [{"target": "torch"}]}),
    ("header", {"selection": {"paths": []}}),
    ("case", {"kind": "guess"}),
    ("case", {"op": "median_pool"}),
    ("case", {"stands": "maybe"}),
    ("case", {"rules": {"mood": "good"}}),
    ("case", {"input": {"dtype": "float32", "shape": [1]}}),
    ("case", {"readings": {"window": []}}),
    ("footer", {"rows": "many"}),
    ("footer", {"cases": -1}),
])  # fmt: skip
def test_other_lines_that_lie_are_refused(real, record, lie):
    line = deepcopy(next(line for line in real if line["record"] == record))
    assert faults({**line, **lie}) != []

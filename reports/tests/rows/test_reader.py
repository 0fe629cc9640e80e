"""The reader takes what the published schema takes and nothing else, and says of every other file where and what is wrong."""

import gzip
import json
import os
import random
from collections import Counter
from contextlib import suppress
from copy import deepcopy

import pytest
from jsonschema import Draft202012Validator

from poolparity.cases.model.case import Due
from poolparity.cases.model.mistake import UserError
from poolparity.reports.rows import reader
from poolparity.reports.rows.decode import RECORDS, LineDecoder, Misfit
from poolparity.reports.rows.reader import read_rows
from poolparity.reports.rows.records import SCHEMA, BadRows
from poolparity.reports.rows.writer import Writer, write_rows

PUBLISHED = json.loads(SCHEMA.read_text(encoding="utf-8"))
VALIDATORS = {name: Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": PUBLISHED["$defs"]}) for name in RECORDS}
JUNK = [
    None, True, 0, -1, 1.5, "", "x", "nan", [], [0], ["x"], {}, {"x": "y"}, [[]], [[{"axis": "tie", "value": "all"}]],
    {"dtype": "float32", "shape": [1], "data": [1]}, {"dtype": "float32", "shape": [1], "digest": "0" * 16}, [1, 2], "accepts", "float32",
    {"ulp": 1}, {"ulp": -1}, "0123456789abcdef", "a::b",
]  # fmt: skip


@pytest.fixture
def lines(keep, make, make_claim, answers, tmp_path):
    """The lines of a file in which there is some of everything."""
    answers_by_name = {"high": Due(output=answers["agrees"].output), "low": Due(output=answers["differs"].output)}
    probe = make("probe", asks="same_split", due=Due(), answers=answers_by_name)
    keep(*((case, answers) for case in (make(), probe, make_claim("upheld"))), header={
        "suite": "0.1", "source": "0" * 16, "cpu_features": ["avx"], "left_out": [{"target": "flax", "why": "it is not installed"}],
        "targets": {"torch": {"versions": {"torch": "2"}, "flags": {"A": "1"}}}, "runs": [{"record": "header", "format": 1}],
        "selection": {"paths": [], "tier": "core", "targets": [], "adapters": [], "ledgers": [], "shard": "1/2"},
    })  # fmt: skip
    lines = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    return [{**line, "seconds": 0.25} if line["record"] == "row" else line for line in lines]


def places(value, path=()):
    """Every place in a document."""
    yield path
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(part, (*path, key))


def mutate(line, rng):
    """A line with one thing that is not as it was."""
    line = deepcopy(line)
    *path, last = rng.choice([place for place in places(line) if place])
    home = line
    for key in path:
        home = home[key]
    match rng.randrange(4):
        case 0:
            del home[last]
        case 1 if isinstance(home, dict):
            home[rng.choice(["mood", "got", "data", "varies"])] = rng.choice(JUNK)
        case 2:
            home[last] = deepcopy(rng.choice([home[last] for home, last in [(home, last)]] + [line[key] for key in line]))
        case _:
            home[last] = rng.choice(JUNK)
    return line


@pytest.mark.parametrize(("seed", "changes"), [(0, 1500), pytest.param(1, 6000, marks=pytest.mark.slow)])
def test_the_reader_takes_what_the_schema_takes_and_nothing_else(lines, seed, changes):
    rng = random.Random(seed)
    counts = Counter()
    for _ in range(changes):
        line = mutate(rng.choice(lines), rng)
        record = line.get("record")
        valid = isinstance(record, str) and record in VALIDATORS and VALIDATORS[record].is_valid(line)
        try:
            assert LineDecoder().decode(json.dumps(line).encode()) == line
            is_taken, reason = True, ""
        except Misfit as misfit:
            is_taken, reason = False, misfit.why
        arranged = reason.startswith(("cells that are not arranged", "parameters that are nested"))
        assert is_taken == valid or (valid and arranged), json.dumps(line)
        counts[is_taken] += 1
    assert min(counts.values()) > changes / 12


def test_a_line_is_the_same_whether_its_values_are_shared_or_not(lines):
    decoder = LineDecoder()
    for line in lines:
        for text in (json.dumps(line), json.dumps(dict(reversed(line.items()))), json.dumps(line, separators=(",", ":"))):
            assert decoder.decode(text.encode()) == line


def write(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def fault(path):
    with pytest.raises(UserError) as error_info:
        read_rows(path)
    return str(error_info.value).removeprefix(f"{path}")


@pytest.mark.parametrize(("key", "value", "message"), [
    ("verdict", "x", 'verdict is "x"; expected one of "agrees", "differs", "rejects", '),
    ("target", None, "target is null; expected string"),
    ("case_hash", "1", 'case_hash is "1"; expected a text that matches ^[0-9a-f]{16}$'),
    ("seconds", -1, "seconds is -1; expected at least 0"),
    ("mood", 1, "a row with mood; expected only the keys that rows.schema.json names"),
    ("versions", {"torch": 2}, "versions.torch is 2; expected string"),
    ("answer", "first", "answer is first; expected null, for specs/max_pool/pairs.yaml::right is no probe"),
    ("case", "a::b", "a row of a::b, which has no line of its own; expected that before"),
    ("case_hash", "0" * 16, "specs/max_pool/pairs.yaml::right has two hashes; expected rows of one version of each case"),
    ("record", "header", "a header with case; expected only the keys that rows.schema.json names"),
    ("record", "diary", "not a line of rows; expected a JSON object whose record is header, case, row, footer"),
])  # fmt: skip
def test_a_value_that_is_wrong_is_reported_with_its_place(lines, tmp_path, key, value, message):
    lines[2][key] = value
    assert fault(write(tmp_path / "bad.jsonl", lines)).startswith(f":3: {message}")


@pytest.mark.parametrize(("data", "message"), [
    (b"", ": not a single whole line; expected a file written by `poolparity run --rows`"),
    (b"[]\n", ":1: not a line of rows; expected a JSON object whose record is header, case, row, footer"),
    (b"{\n", ":1: not a line of JSON; expected a JSON object on each line"),
    (b"\xff\n", ":1: not a line of JSON; expected"),
    (b'{"record": "header", "format": 1, "suite": "\xff"}\n', ":1: bytes that are not UTF-8; expected text in UTF-8"),
    (b'{"record": "header", "format": 2}\n', ":1: rows of format 2; expected format 1, as this version of poolparity writes it"),
    (b'{"record": "header", "format": 1}\n' * 2, ":2: a header here; expected one header, in the first line"),
    (b'{"record": "footer", "cases": 0, "rows": 0}\n', ":1: a footer here; expected one header, in the first line"),
    (b'{"record": "header", "format": ' + b"[" * 100_000 + b"\n", ":1: lists that are nested too deeply"),
    (b'{"record": "header", "format": ' + b"9" * 10_000 + b"}\n", ":1: "),
    (b'{"record": "header", "format": 1e999}\n', ":1: "),
    (b'{"record": "header", "format": 1, "targets": {}, "runs": 5}\n', ":1: runs is 5; expected array"),
    (b'{"record": "header", "format": NaN}\n', ":1: the number NaN; expected NaN and the infinities as texts"),
    (b'{"record": "header", "format": 1, "runs": [' * 5000 + b"]}" * 5000 + b"\n", ":1: "),
    (b"\x1f\x8bno", ": damaged: "),
])  # fmt: skip
def test_what_is_no_file_of_rows_is_reported(tmp_path, data, message):
    (tmp_path / "bad.jsonl").write_bytes(data)
    assert fault(tmp_path / "bad.jsonl").startswith(message)


def test_a_line_without_an_end_is_refused(lines, tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "LONGEST", 1 << 16)
    path = write(tmp_path / "long.jsonl", lines[:2])
    with path.open("ab") as stream:
        stream.write(b"x" * (1 << 20))
    assert fault(path) == f":3: a line of more than {1 << 16} bytes; expected shorter ones"


def test_what_is_no_regular_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    assert "is a FIFO" in fault(tmp_path / "fifo")
    assert "is a device" in fault("/dev/zero")
    assert "is a directory" in fault(tmp_path)
    assert "no such file" in fault(tmp_path / "none.jsonl")


def test_half_a_character_is_read_as_its_escape(keep, make, answers, tmp_path):
    rows = keep((make(), {"torch": answers["agrees"]}), code="half \udcff")
    assert {row["code"] for row in rows.rows} == {"half \\udcff"}


def test_compressed_rows_hold_the_same_and_are_a_tenth_as_large(keep, make, answers, tmp_path):
    rows = keep(*((make(f"case{number}"), answers) for number in range(100)))
    write_rows(rows, tmp_path / "small.jsonl.gz")
    assert read_rows(tmp_path / "small.jsonl.gz") == rows
    plain = (tmp_path / "rows.jsonl").read_bytes()
    assert gzip.decompress((tmp_path / "small.jsonl.gz").read_bytes()) == plain
    assert (tmp_path / "small.jsonl.gz").stat().st_size * 10 < len(plain)


def test_compressed_rows_are_read_up_to_their_last_whole_block_wherever_they_are_cut_off(lines, tmp_path, monkeypatch):
    monkeypatch.setattr("poolparity.reports.rows.writer.LATEST", 0)
    path = tmp_path / "rows.jsonl.gz"
    writer = Writer(path, lines[0])
    blocks = [path.stat().st_size]
    for number in range(20):
        case = {**lines[1], "case": f"a::{number}"}
        writer.add(case, [{**line, "case": f"a::{number}"} for line in lines[2:4]])
        writer.flush()
        blocks.append(path.stat().st_size)
    writer.close(whole=True)
    data = path.read_bytes()
    for cut in (*range(blocks[1], blocks[-1], 7), *blocks, len(data) - 1):
        path.write_bytes(data[:cut])
        rows = read_rows(path)
        assert len(rows.rows) >= 2 * sum(block <= cut for block in blocks[1:])
        assert not rows.whole or cut == len(data) - 1
    path.write_bytes(data)
    assert read_rows(path).whole


def test_damaged_compressed_rows_are_reported(keep, make, answers, tmp_path):
    write_rows(keep(*((make(f"case{number}"), answers) for number in range(20))), tmp_path / "rows.jsonl.gz")
    data, rng = (tmp_path / "rows.jsonl.gz").read_bytes(), random.Random(0)
    for _ in range(100):
        at = rng.randrange(len(data))
        (tmp_path / "rows.jsonl.gz").write_bytes(data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :])
        with suppress(BadRows):  # and nothing else
            read_rows(tmp_path / "rows.jsonl.gz")


def test_two_compressed_files_after_one_another_are_one(lines, tmp_path):
    texts = [json.dumps(line).encode() + b"\n" for line in lines]
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress(b"".join(texts[:3])) + gzip.compress(b"".join(texts[3:])))
    assert read_rows(tmp_path / "rows.jsonl.gz").whole


def test_more_lines_or_bytes_than_a_file_may_hold_are_refused_where_the_limit_is_passed(lines, tmp_path, monkeypatch):
    texts = [json.dumps(line).encode() + b"\n" for line in lines]
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(texts[:3]) + texts[2] * 100_000))
    monkeypatch.setattr(reader, "MOST_LINES", 50)
    assert fault(path) == ":51: more than 50 lines; expected no more in one file"
    monkeypatch.setattr(reader, "MOST_LINES", 1 << 21)
    monkeypatch.setattr(reader, "MOST_BYTES", 1 << 17)
    assert fault(path) == f": more than {1 << 17:,} bytes when unpacked; expected no more in one file"

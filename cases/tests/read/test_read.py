"""Reading specs: what each key of a case becomes."""

import math
import shutil

import numpy as np
import pytest

from poolparity.cases.model.case import Citation
from poolparity.cases.model.files import UnreadableFile
from poolparity.cases.model.pool import FIRST, LAST, Pool
from poolparity.cases.read import yaml as _yaml
from poolparity.cases.read.schema import SCHEMA
from poolparity.cases.read.spec import read_spec

PLAIN = """
    op: max_pool
    input: [[[1, 5, 2, 4, 3]]]
    pool: {kernel: [2], stride: [2], ceil_mode: true}
"""


def same(array, cells, dtype="float32"):
    return array.dtype == dtype and np.array_equal(array, np.array(cells, dtype), equal_nan=array.dtype.kind == "f")


def test_a_case_with_an_output_is_a_conformance_case(case):
    parsed_case = case(PLAIN + "    output: [[[5, 4, 3]]]")
    assert parsed_case.kind == "conformance"
    assert parsed_case.pool == Pool(op="max_pool", kernel=(2,), stride=(2,), ceil_mode=True)
    assert (parsed_case.layout, parsed_case.batched, parsed_case.tier, parsed_case.tags, parsed_case.rules) == (FIRST, True, "core", (), {})
    assert same(parsed_case.input.value, [[[1, 5, 2, 4, 3]]])
    assert parsed_case.input.expression == "numpy.array([[[1, 5, 2, 4, 3]]], dtype='float32')"
    assert same(parsed_case.due.output, [[[5, 4, 3]]])
    assert parsed_case.attributes == ("acceptance", "shape", "values", "dtype")


def test_a_case_without_anything_due_observes(case):
    assert case(PLAIN).kind == "observe"


def test_everything_that_a_case_expects_is_read(case):
    parsed_case = case("""
        op: max_pool
        input: [[[1, 5, 2, 4, 3]]]
        pool: {kernel: [2], stride: [2], ceil_mode: true}
        output: [[[5, 4, 3]]]
        output_dtype: float64
        indices: [[[1, 3, 4]]]
        with: {cotangent: {full: [1, 1, 3], value: 2}}
        gradient: [[[0, 2, 0, 2, 2]]]
        parameters: 0
    """)
    assert same(parsed_case.due.output, [[[5, 4, 3]]], "float64")
    assert same(parsed_case.due.indices, [[[1, 3, 4]]], "int64")
    assert same(parsed_case.due.gradient, [[[0, 2, 0, 2, 2]]])
    assert same(parsed_case.extra["cotangent"].value, [[[2, 2, 2]]])
    assert parsed_case.due.parameters == 0
    assert parsed_case.attributes == ("acceptance", "shape", "values", "dtype", "indices", "gradient", "parameters")


def test_a_shape_or_a_refusal_that_is_due(case):
    assert case(PLAIN + "    output_shape: [1, 1, 3]").due.output_shape == (1, 1, 3)
    refusal = case(PLAIN + "    raises: invalid")
    assert refusal.due.invalid
    assert refusal.kind == "conformance"


def test_padding_is_read_by_name_and_by_axis(case):
    assert case(PLAIN.replace("ceil_mode: true", "padding: same_lower")).pool.padding == "same_lower"
    assert case(PLAIN.replace("ceil_mode: true", "padding: [[0, 1]]")).pool.padding == ((0, 1),)


def test_a_layer_states_its_whole_signature(case):
    parsed_case = case("""
        layer: torch.nn.MaxPool2d((2, 3), stride=(2, 3), padding=(0, 1))
        input: {arange: [1, 1, 4, 4]}
    """)
    assert parsed_case.pool == Pool(op="max_pool", kernel=(2, 3), stride=(2, 3), padding=((0, 0), (1, 1)), ceil_mode=False)
    assert parsed_case.spelling.written_pool == Pool(op="max_pool", kernel=(2, 3), stride=(2, 3), padding=((0, 0), (1, 1)))
    assert parsed_case.layout == FIRST


def test_the_format_of_a_layer_is_its_own_and_not_stated(case):
    parsed_case = case("layer: keras.layers.AveragePooling2D()\ninput: {arange: [1, 4, 4, 1]}")
    assert (parsed_case.layout, parsed_case.pool.data_format) == (LAST, None)
    explicit_case = case("layer: keras.layers.AveragePooling2D()\ninput: {arange: [1, 1, 4, 4]}\ndata_format: channels_first")
    assert (explicit_case.layout, explicit_case.pool.data_format) == (FIRST, FIRST)
    written_case = case("layer: keras.layers.AveragePooling2D(data_format='channels_first')\ninput: {arange: [1, 1, 4, 4]}")
    assert (written_case.layout, written_case.pool.data_format) == (FIRST, FIRST)


def test_a_case_as_written_keeps_its_text(case):
    parsed_case = case("layer: tf.keras.layers.MaxPooling1D(2)\nas_written: true\ninput: {arange: [1, 4, 1]}")
    assert parsed_case.as_written
    assert parsed_case.spelling.text == "tf.keras.layers.MaxPooling1D(2)"
    assert parsed_case.spelling.layer.name == "keras.layers.MaxPooling1D"


@pytest.mark.parametrize("keys", ["data_format: channels_last\n    dtype: int8", "pool: {dtype: int8, data_format: channels_last}"])
def test_format_and_type_stand_in_the_case_or_in_its_pool(case, keys):
    parsed_case = case(f"op: global_max_pool\ninput: {{arange: [1, 4, 2]}}\n{keys}".replace("    ", ""))
    assert (parsed_case.layout, parsed_case.pool.data_format, parsed_case.input.dtype) == (LAST, LAST, "int8")


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("{arange: [1, 1, 3]}", [[[0, 1, 2]]]),
        ("{full: [1, 1, 3], value: .nan}", [[[math.nan] * 3]]),
        ("{distinct: [1, 1, 5], seed: 1}", None),
        ("{normal: [1, 1, 5]}", None),
        ("[[[.nan, .inf, -.inf]]]", [[[math.nan, math.inf, -math.inf]]]),
        ("[[[1e3, 1.e3, +.5, -2., 0]]]", [[[1000, 1000, 0.5, -2, 0]]]),
    ],
)
def test_an_input_is_cells_or_an_expression_that_makes_them_again(case, text, cells):
    parsed_case = case(f"op: max_pool\ninput: {text}\npool: {{kernel: [1]}}")
    assert cells is None or same(parsed_case.input.value, cells)
    assert np.array_equal(eval(parsed_case.input.expression, {"numpy": np}), parsed_case.input.value, equal_nan=True)


def test_a_negative_zero_may_be_written_as_an_integer(case):
    parsed_case = case("op: max_pool\ninput: [[[-0, 0, -0.0]]]\npool: {kernel: [1]}")
    assert np.signbit(parsed_case.input.value).tolist() == [[[True, False, True]]]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64"])
def test_input_and_output_have_the_type_of_the_case(case, dtype):
    parsed_case = case(f"op: max_pool\ninput: [[[1, 2]]]\ndtype: {dtype}\npool: {{kernel: [2]}}\noutput: [[[2]]]")
    assert (parsed_case.input.value.dtype, parsed_case.due.output.dtype) == (dtype, dtype)


def test_truth_values_are_cells_of_type_bool(case):
    parsed_case = case("op: max_pool\ninput: [[[true, false]]]\ndtype: bool\npool: {kernel: [2]}\noutput: [[[true]]]")
    assert (parsed_case.input.value.dtype, parsed_case.due.output.tolist()) == (bool, [[[True]]])


def test_bfloat16_is_a_type_of_a_case(case):
    numbers = pytest.importorskip("ml_dtypes")
    parsed_case = case("op: max_pool\ninput: [[[0.1, 256]]]\ndtype: bfloat16\npool: {kernel: [2]}\noutput: [[[256]]]")
    assert parsed_case.input.value.dtype == parsed_case.due.output.dtype == numbers.bfloat16


def test_empty_arrays_keep_their_shape(case):
    parsed_case = case("op: max_pool\ninput: [[[]]]\npool: {kernel: [1]}\noutput: [[[]]]")
    assert parsed_case.input.shape == parsed_case.due.output.shape == (1, 1, 0)
    assert case("op: max_pool\ninput: {full: [0, 3, 2], value: 1}\npool: {kernel: [1]}").input.shape == (0, 3, 2)


def test_an_input_without_a_batch(case):
    parsed_case = case("op: max_pool\ninput: [[1, 2, 3]]\nbatched: false\npool: {kernel: [2]}\noutput: [[2]]")
    assert not parsed_case.batched


def test_a_probe_is_read_with_its_answers(case):
    parsed_case = case("""
        asks: same_split
        op: max_pool
        input: [[[1, 2, 3, 4]]]
        pool: {kernel: [2], stride: [1], padding: same}
        rules: {same_amount: minimal}
        answers: {high: [[[2, 3, 4, 4]]], low: [[[1, 2, 3, 4]]]}
    """)
    assert (parsed_case.kind, parsed_case.asks, parsed_case.rules) == ("probe", "same_split", {"same_amount": "minimal"})
    assert {value: due.output.tolist() for value, due in parsed_case.answers.items()} == {"high": [[[2, 3, 4, 4]]], "low": [[[1, 2, 3, 4]]]}
    assert parsed_case.reference_due is parsed_case.answers["high"]
    assert parsed_case.attributes == ("acceptance", "shape", "values", "dtype")


def test_answers_that_are_no_outputs(case):
    refusal = case(
        "op: max_pool\ninput: [[[1, 2]]]\npool: {kernel: [3]}\nasks: size_zero\nanswers: {reject: {raises: invalid}, empty: [[[]]]}"
    )
    assert refusal.answers["reject"].invalid
    assert refusal.answers["empty"].output.shape == (1, 1, 0)
    ties = case("""
        op: max_pool
        input: [[[1, 1]]]
        pool: {kernel: [2]}
        with: {cotangent: [[[4]]]}
        asks: tie
        answers:
          first: {indices: [[[0]]], gradient: [[[4, 0]]]}
          last: {indices: [[[1]]], gradient: [[[0, 4]]]}
    """)
    assert ties.answers["last"].gradient.tolist() == [[[0, 4]]]
    assert ties.attributes == ("acceptance", "indices", "gradient")
    types = "answers: {truncate: [[[1]]], promote32: {output: [[[1.5]]], output_dtype: float32}}"
    averages = case(f"op: avg_pool\ninput: [[[1, 2]]]\ndtype: int8\npool: {{kernel: [2]}}\nasks: integer_average\n{types}")
    assert same(averages.answers["promote32"].output, [[[1.5]]])


def test_signed_zeros_tell_answers_apart(case):
    parsed_case = case(
        "op: max_pool\ninput: [[[0, -0.0]]]\npool: {kernel: [2]}\nasks: zero_sign\nanswers: {first: [[[0]]], last: [[[-0.0]]]}"
    )
    assert math.copysign(1, parsed_case.answers["last"].output.item()) == -1


def test_a_claim_is_read_with_its_source_and_how_it_stands(spec):
    [parsed_case] = spec("""
        document: a.txt
        cases:
          one: {op: flatten, input: [1], source: {place: line 3}, output: [2], stands: contradicted}
    """).cases
    assert (parsed_case.kind, parsed_case.stands, parsed_case.source) == ("claim", "contradicted", Citation("a.txt", "line 3"))


def test_a_contradicted_claim_may_predict_what_cannot_be(case):
    parsed_case = case(PLAIN + "    output_shape: [3]\n    stands: contradicted\n    source: {document: a.txt, place: here}")
    assert parsed_case.due.output_shape == (3,)


@pytest.mark.parametrize(
    ("equals", "pool"),
    [
        ("{pool: {kernel: [2], stride: [2]}}", Pool(op="max_pool", kernel=(2,), stride=(2,), data_format=LAST)),
        ("{op: global_max_pool, pool: {keepdims: true}}", Pool(op="global_max_pool", keepdims=True, data_format=LAST)),
        ("{layer: torch.nn.MaxPool1d(2)}",
         Pool(op="max_pool", kernel=(2,), stride=(2,), padding=((0, 0),), ceil_mode=False, data_format=LAST)),
    ],
)  # fmt: skip
def test_another_operation_that_must_give_the_same(case, equals, pool):
    parsed_case = case(f"op: max_pool\ninput: [[[1], [2]]]\npool: {{kernel: [2]}}\ndata_format: channels_last\nequals: {equals}")
    assert parsed_case.due.equals == pool
    assert parsed_case.kind == "conformance"


def test_a_waiting_case_keeps_its_reason_and_its_operation(case):
    parsed_case = case("layer: keras.layers.Conv2D(64, (3, 3))\ninput: {full: [1, 4, 4, 3], value: 0}\nwaiting: for convolutions")
    assert (parsed_case.waiting, parsed_case.pool.op) == ("for convolutions", "conv")


def test_what_a_file_says_for_all_its_cases(spec):
    first, second = spec("""
        op: max_pool
        tier: full
        tags: [slow, edge]
        cases:
          one: {input: [[[1]]], pool: {kernel: [1]}, tags: [edge, odd]}
          two: {op: global_max_pool, input: [[[1]]], tier: smoke}
    """).cases
    assert (first.pool.op, first.tier, first.tags) == ("max_pool", "full", ("slow", "edge", "odd"))
    assert (second.pool.op, second.tier, second.tags) == ("global_max_pool", "smoke", ("slow", "edge"))
    assert (first.line, second.line) == (5, 6)


def test_ids_begin_at_the_root(spec, tmp_path):
    [parsed_case] = spec("cases: {one: {op: global_max_pool, input: [[[1]]]}}", "mine/pool.yaml").cases
    assert (parsed_case.id, parsed_case.name, parsed_case.file) == ("mine/pool.yaml::one", "one", str(tmp_path / "mine/pool.yaml"))
    [again] = read_spec(tmp_path / "mine/pool.yaml", {}, tmp_path / "mine").cases
    assert again.id == "pool.yaml::one"
    assert again.hash == parsed_case.hash


def test_ids_of_ours_begin_at_specs_wherever_they_are(spec, tmp_path):
    (tmp_path / "deep/specs").mkdir(parents=True)
    shutil.copy(SCHEMA, tmp_path / "deep/specs")
    [parsed_case] = spec("cases: {one: {op: global_max_pool, input: [[[1]]]}}", "deep/specs/max_pool/nan.yaml").cases
    assert parsed_case.id == "specs/max_pool/nan.yaml::one"
    [other] = spec("cases: {one: {op: global_max_pool, input: [[[1]]]}}", "other/specs/nan.yaml").cases
    assert other.id == "other/specs/nan.yaml::one"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UnreadableFile, match=r"none\.yaml: no such file or directory; expected an existing file"):
        read_spec(tmp_path / "none.yaml", {})


def test_the_hash_changes_with_what_decides_the_answer_and_not_with_prose(case):
    hashes = [case(PLAIN + more).hash for more in (
        "", "    output: [[[5, 4, 3]]]", "    output: [[[5, 4, 4]]]", "    dtype: float64", "    rules: {nan: ignore}", "    batched: true",
        "    about: prose\n    tier: full\n    tags: [a]\n    source: {document: a, place: b}",
    )]  # fmt: skip
    assert len(set(hashes[:5])) == 5
    assert hashes[0] == hashes[5] == hashes[6]


WORDS = """
    op: max_pool
    cases:
      no:
        about: 12:30
        input: [[[1, 2]]]
        pool: {kernel: [2]}
        asks: pad_candidate
        answers: {no: [[[2]]], yes: [[[0]]]}
      on: {input: [[[1]]], pool: {kernel: [1]}, source: {document: 007, place: 2001-01-01}}
"""


def test_words_of_yaml_1_1_are_words(spec):
    no, on = spec(WORDS).cases
    assert (no.name, on.name) == ("no", "on")
    assert list(no.answers) == ["no", "yes"]
    assert no.about == "12:30"
    assert on.source == Citation("007", "2001-01-01")


def test_files_are_read_alike_without_libyaml(spec, monkeypatch):
    cases = spec(WORDS).cases
    monkeypatch.setattr(_yaml, "LOADER", _yaml.yaml.BaseLoader)
    assert [(case.id, case.hash, case.line) for case in spec(WORDS).cases] == [(case.id, case.hash, case.line) for case in cases]


def test_cases_of_other_tiers_are_looked_at_and_not_made(tmp_path, layers_by_name):
    path = tmp_path / "spec.yaml"
    path.write_text("""
op: max_pool
cases:
  small: {tier: smoke, input: [[[1]]], pool: {kernel: [1]}}
  large: {tier: full, input: {arange: [1, 1, 8]}, matrix: {kernel: [[1], [2]]}}
  later: {tier: full, input: [[[1]]], pool: {kernel: [1]}, waiting: for its time}
""")
    assert [case.name for case in read_spec(path, layers_by_name, tmp_path, ("smoke", "core")).cases] == ["small"]
    assert [case.name for case in read_spec(path, layers_by_name, tmp_path).cases] == ["small", "large-kernel=1", "large-kernel=2", "later"]
    path.write_text("op: max_pool\ncases:\n  large: {tier: full, input: [[[1]]], pool: {kernel: [1, 1]}}\n")
    assert len(read_spec(path, layers_by_name, tmp_path, ("smoke",)).mistakes) == 1

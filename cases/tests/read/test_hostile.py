"""Reading whatever a file may hold: never an exception, always a place and what was expected."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poolparity.cases.model.pool import OPS
from poolparity.cases.model.rules import AXIS_VALUES
from poolparity.cases.read.schema import SCHEMA

DEFINED = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]
LEGAL = re.compile(r"\A[^:\n]*:[0-9]+: [^\n]+; expected [^\n]+\Z")

SCALARS = st.none() | st.booleans() | st.integers(-9, 2**40) | st.floats() | st.sampled_from(
    [*OPS, "same", "valid", "invalid", "int8", "float16", "bool", "bfloat16", "channels_last", "upheld", "x", "torch.nn.MaxPool2d(2)"]
)  # fmt: skip
ARRAYS = st.sampled_from([[[[1, 2, 3]]], [[[[1, 2], [3, 4]]]], [[1], [2, 3]], [], [[[]]], [[[[0.5, -1, 300]]]]])
SHAPES = st.lists(st.integers(0, 5), min_size=1, max_size=5)
MADE = st.builds(lambda maker, shape, more: {maker: shape, **more}, st.sampled_from(["arange", "full", "distinct", "normal"]), SHAPES,
                 st.sampled_from([{}, {"value": 1}, {"seed": 3}]))  # fmt: skip
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "op", "arange"]), inner), max_leaves=6
)
PARAMETERS = st.dictionaries(
    st.sampled_from(list(DEFINED["pool"]["properties"])), SHAPES | st.just("same") | st.booleans() | st.just([[1, 1]]) | SCALARS, max_size=4
)
SPANNED = st.dictionaries(st.sampled_from(list(DEFINED["pool"]["properties"])), st.lists(SHAPES | SCALARS, max_size=3), max_size=2)
RULES = st.sampled_from([(name, value) for name, values in AXIS_VALUES.items() for value in (*values, "odd")])
VALUES = {
    "op": st.sampled_from(OPS),
    "layer": st.sampled_from(["torch.nn.MaxPool1d(2)", "torch.nn.MaxPool2d((1, 2))", "keras.layers.AveragePooling2D()", "f()"]),
    "pool": PARAMETERS,
    "input": ARRAYS | MADE,
    "with": st.dictionaries(st.sampled_from(["weights", "indices", "samples", "cotangent"]), ARRAYS | MADE, max_size=2),
    "equals": st.builds(lambda pool: {"pool": pool}, PARAMETERS),
    "matrix": SPANNED,
    "rules": st.lists(RULES, max_size=2).map(dict),
    "asks": st.sampled_from(list(AXIS_VALUES)),
    "answers": st.dictionaries(
        st.sampled_from(["high", "low", "first", "last", "minimal", "reject"]), ARRAYS | st.just({"raises": "invalid"}), max_size=3
    ),
    "batched": st.booleans(),
    "data_format": st.just("channels_last"),
    "dtype": st.sampled_from(DEFINED["dtype"]["enum"]),
    **dict.fromkeys(("output", "indices", "gradient"), ARRAYS),
    "output_shape": SHAPES,
}
CASES = st.dictionaries(
    st.sampled_from(list(DEFINED["case"]["properties"])), st.just(None), min_size=2, max_size=7
).flatmap(lambda keys: st.fixed_dictionaries({key: VALUES.get(key, ANYTHING) | st.just("x") if key != "input" else VALUES[key] for key in keys}))  # fmt: skip

relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)


def is_complete(spec_file):
    """Whether every mistake has its form, and cases come without mistakes alone."""
    return all(LEGAL.match(str(mistake)) for mistake in spec_file.mistakes) and not (spec_file.cases and spec_file.mistakes)


@relaxed
@given(
    st.dictionaries(st.sampled_from(["one", "two", "a b"]), CASES | ANYTHING, max_size=2),
    st.dictionaries(st.sampled_from(["op", "tags", "tier"]), ANYTHING),
)
def test_any_document_gives_cases_or_mistakes(spec, cases, rest):
    assert is_complete(spec(json.dumps({**rest, "cases": cases}).replace("NaN", ".nan").replace("Infinity", ".inf")))


@relaxed
@given(st.binary() | st.text().map(str.encode) | st.text(alphabet="[]{}:,-?!&*#|>'\"%@`\n\t a1").map(str.encode))
def test_any_bytes_give_cases_or_mistakes(spec, data):
    assert is_complete(spec(data))


@relaxed
@given(st.text(alphabet="torchnMaxPl1d.()[]{}=,*'\"\\0 -+", max_size=40))
def test_any_text_of_a_layer_gives_cases_or_mistakes(spec, text):
    assert is_complete(spec(json.dumps({"cases": {"one": {"layer": f"torch.nn.MaxPool1d({text})", "input": [[[1, 2]]]}}})))


@pytest.mark.parametrize(
    "text", ["[" * 500_000, "{a: " * 100_000, "- " * 100_000, "? " * 50_000, "a: |\n" + " " * 100_000, "[[1, 2], " * 50_000]
)
def test_no_file_is_too_deep(spec, text):
    assert is_complete(spec(text.encode()))

"""The published schema: closed, described, and in step with the code."""

import json

import pytest
from jsonschema import Draft202012Validator

from poolparity.cases.model.case import TIERS
from poolparity.cases.model.inputs import DTYPES
from poolparity.cases.model.pool import FORMATS, OPS, PARAMETERS
from poolparity.cases.read.schema import SCHEMA

PUBLISHED = json.loads(SCHEMA.read_text(encoding="utf-8"))
DEFINED = PUBLISHED["$defs"]


def objects(schema, place="$"):
    """Every schema of an object that stands alone, with its place; conditions on one that is described elsewhere are left out."""
    if isinstance(schema, list):
        for item in schema:
            yield from objects(item, place)
    elif isinstance(schema, dict):
        if "object" in str(schema.get("type", "")):
            yield place, schema
        for key, value in schema.items():
            if key != "dependentSchemas":
                yield from objects(value, f"{place}.{key}")


def keys():
    """Every key of every object, with its schema."""
    return [
        (f"{place}.{key}", value) for place, definition in objects(PUBLISHED) for key, value in definition.get("properties", {}).items()
    ]


def test_the_schema_of_specs_is_valid():
    Draft202012Validator.check_schema(PUBLISHED)
    assert PUBLISHED["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_object_is_closed():
    schema_objects = list(objects(PUBLISHED))
    assert len(schema_objects) > 8
    assert [place for place, definition in schema_objects if definition.get("additionalProperties") is not False] == []


@pytest.mark.parametrize(("place", "schema"), keys())
def test_every_key_is_described_in_one_sentence(place, schema):
    text = schema["description"]
    assert text[0].isupper()
    assert text.endswith(".")
    assert ". " not in text.replace("...", "")
    assert len(text) <= 180


def test_every_definition_is_described_and_used():
    text = json.dumps(PUBLISHED)
    assert [name for name, definition in DEFINED.items() if not definition["description"].endswith(".")] == []
    assert [name for name in DEFINED if f'"#/$defs/{name}"' not in text] == []


def test_names_are_those_of_the_code():
    assert DEFINED["op"]["enum"] == list(OPS)
    assert DEFINED["dtype"]["enum"] == list(DTYPES)
    assert DEFINED["data_format"]["enum"] == list(FORMATS)
    assert DEFINED["tier"]["enum"] == list(TIERS)
    assert list(DEFINED["pool"]["properties"]) == [*PARAMETERS, "dtype"]


def test_a_matrix_spans_every_parameter_as_pool_has_it():
    for name, schema in DEFINED["pool"]["properties"].items():
        item_schemas = DEFINED["case"]["properties"]["matrix"]["properties"][name]["items"]["anyOf"]
        assert item_schemas == [{key: value for key, value in schema.items() if key != "description"}, {"type": "null"}]


@pytest.mark.parametrize("document", [
    {"cases": {"one": {"op": "max_pool", "input": [[[1, 2.5, True]]], "pool": {"kernel": [2]}, "output": [[[2]]]}}},
    {"cases": {"one": {"layer": "x", "input": {"normal": [1, 2], "seed": 3}, "with": {"cotangent": {"full": [1], "value": 1}}}}},
    {"cases": {"one": {"op": "max_pool", "input": {"arange": [3]}, "matrix": {"kernel": [[2], None], "dtype": ["int8"]}}}},
])  # fmt: skip
def test_what_it_takes_as_published(document):
    assert list(Draft202012Validator(PUBLISHED).iter_errors(document)) == []


@pytest.mark.parametrize("document", [
    {},
    {"cases": {}},
    {"cases": {"one": {"op": "max_pool"}}},
    {"cases": {"one": {"input": [["1"]]}}},
    {"cases": {"one": {"input": {"arange": [1], "full": [1], "value": 1}}}},
    {"cases": {"one": {"input": [1], "layer": "x", "op": "max_pool"}}},
    {"cases": {"one": {"input": [1], "asks": "tie"}}},
    {"cases": {"one": {"input": [1], "pool": {"padding": [1]}}}},
    {"cases": {"one": {"input": [1]}}, "more": 1},
])  # fmt: skip
def test_what_it_refuses_as_published(document):
    assert list(Draft202012Validator(PUBLISHED).iter_errors(document)) != []

"""Writes a find: a spec file with its smallest question, and the text of a report to the framework."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from ruamel.yaml.comments import CommentedMap

from ...cases.judge.sensitivity import UNPINNED, altering_changes
from ...cases.model.pool import LAST
from ..ledger.text import as_flow, dump_entries
from .finds import Find

CELLS = 64
"""An answer of at most so many cells is written out."""


def case_name(find: Find) -> str:
    """The name of the case: that of the find without its framework and operation, which the file states."""
    return find.kind.name.removeprefix(f"{find.kind.framework}_{find.kind.op}_").replace("-", "_") or find.kind.name


def write_spec(find: Find) -> str:
    """The spec file of a find."""
    question = find.question
    case: dict[str, Any] = {"about": describe(find)}
    pool = {name: plain_value(value) for name, value in question.pool.stated_parameters().items() if name != "data_format"}
    fields = {
        "data_format": question.pool.data_format if question.layout == LAST or question.pool.data_format else None,
        "batched": None if question.batched else False, "dtype": None if question.dtype == "float32" else question.dtype,
        "memory": question.memory or None, "entry": question.entry or None,
        "input": question.input.document(), "pool": pool or None,
        "with": {name: cells.document() for name, cells in question.extra.items()} or None,
    }  # fmt: skip
    if question.cotangent and question.reference:
        fields["with"] = {**(fields["with"] or {}), "cotangent": question.cotangent.document("output")}
    case |= {key: value for key, value in {**fields, **dict(list_expectations(find))}.items() if value is not None}
    body = CommentedMap({key: value if key == "about" else as_flow(value) for key, value in case.items()})
    document = CommentedMap({"about": f"{find.kind.framework}: {find.anomaly.failure}.", "op": question.pool.op, "tier": "full"})
    document["cases"] = CommentedMap({case_name(find): body})
    return dump_entries(document)


def plain_value(value: Any) -> Any:
    """A parameter as lists in place of tuples."""
    return [plain_value(item) for item in value] if isinstance(value, tuple) else value


def list_expectations(find: Find) -> Iterator[tuple[str, Any]]:
    """What the reference answers, and the rules that it depends on; nothing where the reference refuses or the answer is large."""
    question, reference = find.question, find.question.reference
    if reference is None:
        return
    rules = {axis: getattr(question.case.reference, axis) for axis, _ in sorted(altering_changes(question.case, UNPINNED))}
    if rules:
        yield "rules", rules
    if reference.output.size > CELLS or not reference.output.size:
        yield "output_shape", list(reference.output.shape)
        return
    yield "output", to_numbers(reference.output)
    if reference.output.dtype.name != question.dtype:
        yield "output_dtype", reference.output.dtype.name
    if question.located and reference.indices is not None:
        yield "indices", reference.indices.tolist()
    if question.cotangent and reference.gradient is not None:
        yield "gradient", "oracle" if reference.gradient.size > CELLS else to_numbers(reference.gradient)


def to_numbers(array: np.ndarray[Any, Any]) -> Any:
    """Nested lists of plain numbers."""
    return array.tolist() if array.dtype.kind in "biu" else array.astype("float64").tolist()


def describe(find: Find) -> str:
    """What is wrong, as a sentence."""
    question, anomaly = find.question, find.anomaly
    features = f" ({', '.join(sorted(find.kind.features))})" if find.kind.features else ""
    versions = ", ".join(f"{name} {version}" for name, version in find.versions.items())
    first = next(iter(anomaly.detail.strip().splitlines()), "")
    return f"{anomaly.target} ({versions}): {question.pool.op}{features}: {anomaly.failure}{f'; {first}' if first else ''}"


def write_report(find: Find) -> str:
    """The text of a report to the framework: what happens, what is expected, how to see it, with which versions."""
    anomaly, kind = find.anomaly, find.kind
    versions = "\n".join(f"- {name} {version}" for name, version in find.versions.items())
    expected = "The process goes on: with an answer, or with an exception." if anomaly.attribute == "acceptance" else "See below."
    threads = "".join(f"- {link}\n" for link in find.threads)
    similar = f"\n## Threads about something similar\n\n{threads}" if threads else ""
    features = ", ".join(sorted(kind.features)) or "nothing but defaults"
    return f"""# {kind.framework}: {kind.op}: {anomaly.failure}

## What happens

`{find.question.pool}` on an input of the shape {list(find.question.input.shape)}, {find.question.dtype}, with {features}.

```
{anomaly.detail.strip()}
```

## What is expected

{expected}

## How to see it

```python
{find.code.strip()}
```

## Versions

{versions}
{similar}"""

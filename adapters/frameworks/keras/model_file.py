"""Reading the pooling layers of a `.keras` file from its configuration; weights are not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ....cases.model.layers import Layer
from ...contract.model_files import Pooling, member, shape_of, text_of

DEEPEST = 50
"""The deepest nesting of models that is read."""


def poolings(path: Path, known: Mapping[str, Layer]) -> list[Pooling]:
    """All of them, in the order of the configuration, with the arguments of the known layers; raises `BadModel`."""
    return [pooling(each, sizes, known) for each in configured(member(path, "config.json"), DEEPEST) for sizes in entering(each)]


def configured(told: Any, depth: int) -> Iterator[dict[str, Any]]:
    """The configuration of every pooling layer, including those of nested models."""
    if depth and isinstance(told, dict):
        if isinstance(told.get("class_name"), str) and isinstance(told.get("config"), dict) and "Pool" in told["class_name"]:
            yield told
        for value in told.values():
            yield from configured(value, depth - 1)
    elif depth and isinstance(told, list):
        for value in told:
            yield from configured(value, depth - 1)


def entering(told: dict[str, Any]) -> Iterator[Any]:
    """The sizes of each array that a layer is called on, as its model tells them, or as it was built; None where neither does."""
    nodes, built = told.get("inbound_nodes"), told.get("build_config")
    called = [node["args"][0]["config"]["shape"] for node in nodes if tells(node)] if isinstance(nodes, list) else []
    yield from called or [built.get("input_shape") if isinstance(built, dict) else None]


def tells(node: Any) -> bool:
    """Whether the node of a model has the shape of its input."""
    match node:
        case {"args": [{"config": {"shape": list()}}, *_]}:
            return True
    return False


def pooling(told: dict[str, Any], sizes: Any, known: Mapping[str, Layer]) -> Pooling:
    """One layer; one that Keras does not have by its name alone."""
    name, config = f"keras.layers.{told['class_name']}", told["config"]
    layer = known.get(name)
    keys = [key for key in layer.signature if key in layer.means] if layer else []
    arguments = {key: config[key] for key in keys if config.get(key) is not None}
    return Pooling(str(config.get("name", "")), text_of(name, arguments), shape_of(sizes) if isinstance(sizes, list) else None)

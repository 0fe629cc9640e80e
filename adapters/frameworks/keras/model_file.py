"""The pooling layers of a `.keras` file, from its configuration alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ....cases.model.layers import Layer
from ...contract.model_files import Pooling, collect_poolings, cut, read_member, shape_of, text_of

MAX_DEPTH = 50
"""Models within models are followed up to this depth of the configuration."""


def read_poolings(path: Path, layers_by_name: Mapping[str, Layer]) -> list[Pooling]:
    """The pooling layers in the order of the configuration, with the arguments of known layers; raises `BadModel`."""
    configuration = read_member(path, ["config.json"])
    return collect_poolings(
        path,
        (
            parse_layer(layer, sizes, layers_by_name)
            for layer in find_layers(configuration, MAX_DEPTH)
            for sizes in find_input_shapes(layer)
        ),
    )


def find_layers(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """The configuration of every pooling layer in a value, including models within models."""
    if depth and isinstance(value, dict):
        if isinstance(value.get("class_name"), str) and isinstance(value.get("config"), dict) and "Pool" in value["class_name"]:
            yield value
        for part in value.values():
            yield from find_layers(part, depth - 1)
    elif depth and isinstance(value, list):
        for part in value:
            yield from find_layers(part, depth - 1)


def find_input_shapes(layer: dict[str, Any]) -> Iterator[Any]:
    """The shape of each array that a layer is called on: from its model's nodes, else from how it was built, else None."""
    nodes, built = layer.get("inbound_nodes"), layer.get("build_config")
    shapes = [node["args"][0]["config"]["shape"] for node in nodes if has_shape(node)] if isinstance(nodes, list) else []
    yield from shapes or [built.get("input_shape") if isinstance(built, dict) else None]


def has_shape(node: Any) -> bool:
    """Whether a node of a model has the shape of its input."""
    match node:
        case {"args": [{"config": {"shape": list()}}, *_]}:
            return True
    return False


def parse_layer(layer: dict[str, Any], sizes: Any, layers_by_name: Mapping[str, Layer]) -> Pooling:
    """One layer; one that is not known has no arguments."""
    name, config = f"keras.layers.{layer['class_name']}", layer["config"]
    signature = layers_by_name.get(name)
    keys = [key for key in signature.signature if key in signature.means] if signature else []
    arguments = {key: config[key] for key in keys if config.get(key) is not None}
    return Pooling(cut(str(config.get("name", ""))), text_of(name, arguments), shape_of(sizes) if isinstance(sizes, list) else None)

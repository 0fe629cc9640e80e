"""The pooling layers of a `.keras` file, from its configuration alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..adapters._find import adapters, layers
from .scan_found import Pooling, member, shape_of, text_of

DEEPEST = 50
"""Models within models are followed so far."""


def poolings(path: Path) -> list[Pooling]:
    """All of them, in the order of the configuration; raises `BadModel`."""
    known = layers(adapters())
    return [
        pooling(each, known) for each in configured(member(path, "config.json"), DEEPEST) if f"keras.layers.{each['class_name']}" in known
    ]


def configured(told: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Every layer's configuration, those of models within models too."""
    if depth and isinstance(told, dict):
        if isinstance(told.get("class_name"), str) and isinstance(told.get("config"), dict) and "Pool" in told["class_name"]:
            yield told
        for value in told.values():
            yield from configured(value, depth - 1)
    elif depth and isinstance(told, list):
        for value in told:
            yield from configured(value, depth - 1)


def pooling(told: dict[str, Any], known: Any) -> Pooling:
    """One layer."""
    name = f"keras.layers.{told['class_name']}"
    config, layer = told["config"], known[name]
    arguments = {key: config[key] for key in layer.signature if key in layer.means and config.get(key) is not None}
    built = told.get("build_config")
    sizes = built.get("input_shape") if isinstance(built, dict) else None
    return Pooling(str(config.get("name", "")), text_of(name, arguments), shape_of(sizes) if isinstance(sizes, list) else None)

"""The poolings of a Keras model, from its configuration alone: `.keras` archives, `.h5` files and `.json` configurations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ....cases.model.files import open_file, read_bytes
from ....cases.model.layers import Layer
from ....cases.model.mistake import quote, quote_path
from ....cases.model.reduction import find_pooled_axes
from ...common.inspection import is_importable
from ...common.limited_process import ProcessFailed, run_limited
from ...contract.model_files import (
    LIMIT,
    BadModel,
    ModelContents,
    Pooling,
    cut,
    limit_poolings,
    not_supported,
    parse_configuration,
    read_member,
    shape_of,
    text_of,
)  # fmt: skip
from .layer_shapes import output_sizes
from .stock_layers import STOCK_LAYERS

READ_HDF5 = Path(__file__).with_name("read_hdf5.py")
MAX_DEPTH = 50
"""Models within models are followed up to this depth of the configuration."""
FUNCTIONS = ("keras.src.ops", "keras.ops")
"""Modules of the functions of `keras.ops`."""
REDUCTIONS = ("Mean", "Max", "Amax", "Sum")
"""Functions of `keras.ops`, by the names of their classes, that are a pooling if they reduce exactly the spatial axes."""
KINDS = ("MaxPool", "AveragePool", "AdaptiveMaxPool", "AdaptiveAveragePool", *REDUCTIONS)
"""Functions of `keras.ops` that are or may be poolings."""
TENSORFLOW_FUNCTIONS = ("TFOpLambda", "TensorFlowOpLayer")
"""Layers with which Keras 2 calls functions of TensorFlow."""

Configuration = Mapping[str, Any]


@dataclass(frozen=True)
class ArrayOfCall:
    """An array that a layer is called on: its shape, None if the configuration does not state it, its type, and its name."""

    sizes: list[Any] | None
    dtype: str = ""
    name: str = ""


@dataclass(frozen=True)
class Entry:
    """A layer or an operation of a model: its configuration, its path in the model, and each array that it is called on."""

    value: Configuration
    path: str
    calls: tuple[ArrayOfCall, ...]

    @property
    def kind(self) -> str:
        """The name of its class."""
        return str(self.value["class_name"])

    @property
    def config(self) -> Configuration:
        """Its arguments."""
        config: Configuration = self.value["config"]
        return config

    @property
    def module(self) -> str:
        """The module of its class; empty in files of earlier versions."""
        return str(self.value.get("module") or "")

    @property
    def is_function(self) -> bool:
        """Whether it is a function of `keras.ops`: by its module, or in an HDF5 file by having nothing of a layer but its name."""
        return self.module.startswith(FUNCTIONS) or (not self.module and self.kind in KINDS and "trainable" not in self.config)


def read_poolings(path: Path, layers_by_name: Mapping[str, Layer]) -> ModelContents:
    """The poolings in the order of the configuration, with the arguments of known layers; raises `BadModel`."""
    entries = limit_poolings(path, (entry for entry in find_entries(read_configuration(path), "", None, MAX_DEPTH) if matters(entry)))
    poolings = limit_poolings(path, (pooling for entry in entries for pooling in parse_entry(entry, layers_by_name)))
    return ModelContents(poolings, list(dict.fromkeys(filter(None, map(describe_hidden, entries)))))


def read_configuration(path: Path) -> Any:
    """The configuration of a model; raises `BadModel`."""
    if path.suffix.lower() == ".keras":
        return read_member(path, ["config.json"])
    if path.suffix.lower() == ".json":
        return parse_configuration(path, read_bytes(path, LIMIT))
    if not is_importable("h5py"):
        raise BadModel(f"{quote_path(path)}: the package h5py, which reads such files, is not installed; to install: pip install h5py")
    with open_file(path) as stream:
        try:
            return parse_configuration(path, run_limited(READ_HDF5, stream))
        except ProcessFailed as error:
            raise BadModel(f"{quote_path(path)}: {cut(str(error))}; expected a model that Keras saved as HDF5") from None


def find_entries(value: Any, path: str, calls: tuple[ArrayOfCall, ...] | None, depth: int) -> Iterator[Entry]:
    """The layers of a value and of the models within it, each as often as its model is called.

    `calls` are the arrays that a wrapper or a sequence passes to its layer, None if the configuration of the layer has them.
    """
    if isinstance(value, list) and depth:
        for part in value:
            yield from find_entries(part, path, None, depth - 1)
    elif isinstance(value, dict) and depth:
        if not is_object(value):
            for part in value.values():
                yield from find_entries(part, path, None, depth - 1)
            return
        config = value["config"]
        name = str(config.get("name") or value.get("name") or "")
        entry = Entry(value, cut("/".join(filter(None, (path, name)))), find_calls(value, calls))
        yield entry
        inside = entry.path if path or calls or "inbound_nodes" in value or "layers" not in config else ""  # not that of the whole model
        for call in entry.calls if "layers" in config else entry.calls[:1]:
            for key, part in config.items():
                if key == "layers" and entry.kind == "Sequential" and isinstance(part, list):
                    yield from find_sequence(part, inside, call.sizes or config.get("build_input_shape"), depth - 1)
                else:
                    inner_calls = steps_of(entry) if key == "layer" and entry.kind == "TimeDistributed" else None
                    yield from find_entries(part, inside, inner_calls, depth - 1)


def is_object(value: Configuration) -> bool:
    """Whether a part of a configuration describes an object: a layer, a model, or a part of one."""
    return isinstance(value.get("class_name"), str) and isinstance(value.get("config"), dict)


def find_sequence(layers: list[Any], path: str, sizes: Any, depth: int) -> Iterator[Entry]:
    """The layers of a Sequential model, each of which takes what the one before it gives."""
    for layer in layers:
        if isinstance(layer, dict) and is_object(layer):
            own = find_calls(layer, None)[0].sizes
            sizes = own or (sizes if isinstance(sizes, list) else None)
            yield from find_entries(layer, path, (ArrayOfCall(sizes),), depth)
            sizes = output_sizes(layer["class_name"], layer["config"], sizes)


def steps_of(entry: Entry) -> tuple[ArrayOfCall, ...]:
    """What `TimeDistributed` passes to its layer: each step along the second axis."""
    return tuple(replace(call, sizes=call.sizes and call.sizes[:1] + call.sizes[2:]) for call in entry.calls)


def find_calls(layer: Configuration, passed_calls: tuple[ArrayOfCall, ...] | None) -> tuple[ArrayOfCall, ...]:
    """Each array that a layer is called on: from its model's nodes, else what is passed to it, else from how it was built."""
    nodes, build_config = layer.get("inbound_nodes"), layer.get("build_config")
    node_list = nodes if isinstance(nodes, list) else []
    sizes = build_config.get("input_shape") if isinstance(build_config, dict) else None
    unnamed = ArrayOfCall(sizes if isinstance(sizes, list) else None)
    return tuple(filter(None, map(find_array, node_list))) or passed_calls or (unnamed,) * max(1, len(node_list))


def find_array(node: Any) -> ArrayOfCall | None:
    """The first array of a call; None if the configuration does not describe it, as in earlier versions."""
    match node:
        case {"args": [{"config": {"shape": list(shape), **rest}}, *_]} | {"kwargs": {"x": {"config": {"shape": list(shape), **rest}}}}:
            return ArrayOfCall(shape, str(rest.get("dtype") or ""), cut(str(rest.get("keras_history", ""))))
    return None


def matters(entry: Entry) -> bool:
    """Whether a layer is a pooling, may be one by its axes, or hides what it does."""
    return "Pool" in entry.kind or is_reduction(entry) or bool(describe_hidden(entry))


def is_reduction(entry: Entry) -> bool:
    """Whether it is a reduction of `keras.ops`."""
    return entry.is_function and entry.kind in REDUCTIONS


def describe_hidden(entry: Entry) -> str:
    """What the configuration does not say of a layer, in a sentence; empty if it says everything."""
    name = quote(entry.path or entry.kind)
    function = entry.config.get("function")
    if entry.kind == "Lambda":
        return f"the function of the Lambda layer {name}"
    if entry.kind in TENSORFLOW_FUNCTIONS and re.search("pool|reduce", str(function), re.IGNORECASE):
        return f"the arrays that the function {quote(str(function))} of the layer {name} takes"
    if "Pool" in entry.kind or is_own_class(entry) or not is_layer(entry):
        return ""
    return f"what the layer {name} does, whose class {quote(entry.kind)} is not a part of Keras"


def is_own_class(entry: Entry) -> bool:
    """Whether a class is Keras's own: by its module, or by its name in files of earlier versions."""
    if entry.module:
        return entry.module.partition(".")[0] in ("keras", "builtins")
    return entry.kind in STOCK_LAYERS


def is_layer(entry: Entry) -> bool:
    """Whether an object of a configuration is a layer or a model, which have names, and not an initialiser or a loss."""
    return not entry.is_function and ("inbound_nodes" in entry.value or "build_config" in entry.value or "trainable" in entry.config)


def parse_entry(entry: Entry, layers_by_name: Mapping[str, Layer]) -> Iterator[Pooling]:
    """The poolings that a layer is, one for each array that it is called on."""
    if "Pool" not in entry.kind and not is_reduction(entry):
        return
    for call in entry.calls:
        shape = shape_of(call.sizes) if call.sizes else None
        if is_reduction(entry) and not (shape and find_pooled_axes(axes_of(entry), len(shape))):
            continue
        text, problem = describe_function(entry) if entry.is_function else describe_layer(entry, layers_by_name)
        yield Pooling(entry.path, text, shape, compute_type(entry) or call.dtype, problem=problem, array=call.name)


def axes_of(entry: Entry) -> Any:
    """The axes that a reduction reduces."""
    axis = entry.config.get("axis")
    return axis if isinstance(axis, list | int) else None


def describe_layer(entry: Entry, layers_by_name: Mapping[str, Layer]) -> tuple[str, str]:
    """The text of a layer, and why nothing can be said about it; one that is not known has no arguments."""
    name = f"keras.layers.{entry.kind}" if is_own_class(entry) else entry.kind
    signature = layers_by_name.get(name)
    keys = [key for key in signature.signature if key in signature.means] if signature else []
    arguments = {key: entry.config[key] for key in keys if entry.config.get(key) is not None}
    return text_of(name, arguments), "" if signature else not_supported(name)


def describe_function(entry: Entry) -> tuple[str, str]:
    """The text of a function of `keras.ops`, and why nothing can be said about it, which is nothing."""
    function = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", entry.kind).lower()
    arguments = {key: value for key, value in entry.config.items() if key not in ("name", "initial") and value is not None}
    return text_of(f"keras.ops.{function}", arguments, "x"), ""


def compute_type(entry: Entry) -> str:
    """The type in which a layer computes, from its policy; empty if the configuration does not state it."""
    match entry.config.get("dtype"):
        case str(name) | {"config": {"name": str(name)}}:
            return cut(name.removeprefix("mixed_").rpartition("_from_")[2])
    return ""

"""Layers as documents and programs write them: a call with literal arguments, parsed and never evaluated."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .argument_meanings import FIELDS, MEANINGS, convert_data_format, spatial_part
from .call_text import REQUIRED, BadSpelling, bind_arguments, dotted_name, parse_call, parse_signature, signature_text
from .mistake import quote
from .pool import Pool

__all__ = ["BadSpelling", "Layer", "Spelling", "make_layers", "parse_layer", "with_aliases"]


@dataclass(frozen=True)
class Layer:
    """A layer's name, its signature, and the meaning of its arguments.

    `rank` is the number of spatial axes, 0 where it follows from the kernel or the input. `means` maps an
    argument to a field of `Pool`, or to 'pads', a padding with all low sides before all high ones;
    an argument that is missing there may be written but has no effect on the answer. `data_format` is
    how the layer's arrays are written unless an argument says otherwise; `stride_default` is the stride
    if none is written. `everywhere` marks layers whose arguments may have entries for all axes.
    """

    name: str
    op: str
    rank: int
    signature: Mapping[str, Any]
    means: Mapping[str, str]
    data_format: str
    framework: str
    stride_default: str = "window"
    everywhere: bool = False
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Spelling:
    """A layer as a source wrote it; `layer` has its real name even if the source wrote an alias.

    `stated` holds every parameter of the layer's signature, defaults included; `written` only those
    that the source wrote. Neither has a `data_format` that is not written, since a default only says
    how the layer's arrays are written, which is in `data_format`.
    """

    text: str
    layer: Layer
    arguments: Mapping[str, Any]
    stated: Pool
    written: Pool
    data_format: str


def make_layers(
    framework: str,
    data_format: str,
    means: Mapping[str, str],
    table: Mapping[str, tuple[str, int]],
    stride_default: str = "window",
    *,
    everywhere: bool = False,
    words: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Layer]:
    """Layers by name, from signatures written as text with the operation and the spatial rank of each."""
    layers = {}
    for text, (op, rank) in table.items():
        name, signature = parse_signature(text)
        layers[name] = Layer(name, op, rank, signature, means, data_format, framework, stride_default, everywhere, words or {})
    return layers


def with_aliases(layers_by_name: Mapping[str, Layer], prefix: str, *others: str) -> dict[str, Layer]:
    """The layers, and those whose name begins with `prefix` also under names that begin with the others."""
    renamed = {
        other + name.removeprefix(prefix): layer for name, layer in layers_by_name.items() if name.startswith(prefix) for other in others
    }
    return {**layers_by_name, **renamed}


def parse_layer(text: str | ast.Call, layers_by_name: Mapping[str, Layer]) -> Spelling:
    """Read a layer from its text or its parsed call; raises BadSpelling for what is not a literal call of a known layer."""
    name, call = parse_call(text) if isinstance(text, str) else (dotted_name(text.func), text)
    text = text if isinstance(text, str) else ast.unparse(text)
    if name not in layers_by_name:
        raise BadSpelling(f"{quote(name)} is not a known layer", f"one of {', '.join(nearest_names(name, layers_by_name))}")
    layer = replace(layers_by_name[name], name=name)
    arguments = bind_arguments(call, name, layer.signature)
    filled = {key: value for key, value in layer.signature.items() if value is not REQUIRED} | arguments
    if missing := [key for key in layer.signature if key not in filled]:
        raise BadSpelling(f"{name} lacks its {', '.join(missing)}", signature_text(name, layer.signature))
    layer = with_rank(layer, filled)
    full_pool, written_pool = with_stride(pool_from_arguments(layer, filled), layer), pool_from_arguments(layer, arguments)
    data_format = full_pool.data_format or layer.data_format
    layer = replace(layer, name=layers_by_name[name].name)  # an alias is good for messages only
    return Spelling(text, layer, arguments, replace(full_pool, data_format=written_pool.data_format), written_pool, data_format)


def with_rank(layer: Layer, arguments: Mapping[str, Any]) -> Layer:
    """The layer with its number of spatial axes, taken from the kernel if the layer serves all ranks."""
    if layer.rank:
        return layer
    name = next((name for name in layer.signature if layer.means.get(name) == "kernel"), None)
    if name is None:
        return layer
    if not isinstance(arguments[name], (tuple, list)) or not arguments[name]:
        raise BadSpelling(f"{name}={quote(arguments[name])} has no meaning for {layer.name}", "one integer for each spatial axis")
    return replace(layer, rank=len(arguments[name]))


def pool_from_arguments(layer: Layer, arguments: Mapping[str, Any]) -> Pool:
    """The pooling that these arguments of a layer state."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name in layer.signature:
        meaning, value = layer.means.get(name), arguments.get(name)
        if meaning and value is not None:
            field, converted = FIELDS.get(meaning, meaning), convert_argument(layer, name, arguments)
            if values.setdefault(field, converted) != converted and arguments[sources[field]] != layer.signature[sources[field]]:
                raise BadSpelling(f"{sources[field]} and {name} of {layer.name} both tell the {field}", "one of them")
            values[field], sources[field] = converted, name
    return Pool(op=layer.op, **values)


def convert_argument(layer: Layer, name: str, arguments: Mapping[str, Any]) -> Any:
    """The value of a layer's argument as the value of a parameter; raises BadSpelling if it has no meaning."""
    convert, expected = MEANINGS[layer.means[name]]
    value, channels = in_our_words(layer, name, arguments[name]), data_format_of(layer, arguments) if layer.everywhere else ""
    try:
        return convert(spatial_part(value, layer.rank, channels) if channels else value, layer.rank)
    except (TypeError, ValueError):
        raise BadSpelling(f"{name}={quote(arguments[name])} has no meaning for {layer.name}", expected) from None


def in_our_words(layer: Layer, name: str, value: Any) -> Any:
    """The value of a layer's argument, with a framework's own word for it replaced by ours."""
    if not isinstance(value, str):
        return value
    meaning = layer.means[name]
    return layer.words.get(meaning, {}).get(value.lower() if meaning == "padding" else value, value)


def data_format_of(layer: Layer, arguments: Mapping[str, Any]) -> str:
    """The data format of a layer's arrays: what an argument says, or else the layer's own."""
    name = next((name for name, meaning in layer.means.items() if meaning == "data_format"), "")
    argument = arguments.get(name)
    try:
        return str(convert_data_format(in_our_words(layer, name, argument), layer.rank)) if argument else layer.data_format
    except (TypeError, ValueError):
        raise BadSpelling(f"{name}={quote(argument)} has no meaning for {layer.name}", MEANINGS["data_format"][1]) from None


def with_stride(pool: Pool, layer: Layer) -> Pool:
    """The same pooling with the stride that the layer's signature gives if none is written."""
    if pool.stride or not pool.kernel or "stride" not in layer.means.values():
        return pool
    return replace(pool, stride=pool.kernel if layer.stride_default == "window" else (1,) * layer.rank)


def framework_defaults(spelling: Spelling) -> dict[str, str]:
    """The rules by which the layer's own framework fills in what the source left open."""
    full_pool, written_pool, rules = spelling.stated, spelling.written, {}
    if written_pool.stride is None and full_pool.stride is not None:
        rules["stride_default"] = spelling.layer.stride_default
    if written_pool.keepdims is None and full_pool.keepdims is not None:
        rules["keepdims_default"] = "kept" if full_pool.keepdims else "dropped"
    if written_pool.count_include_pad is None and full_pool.count_include_pad is not None:
        rules["include_default"] = "padded" if full_pool.count_include_pad else "valid"
    return rules


def nearest_names(name: str, layers_by_name: Mapping[str, Layer]) -> list[str]:
    """Up to three known layers with the most similar names."""
    return difflib.get_close_matches(name, layers_by_name, n=3, cutoff=0.4) or sorted(layers_by_name)[:3]

"""Layers as documents and programs write them: a call with literal arguments, parsed and never evaluated."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .argument_meanings import FIELDS, MEANINGS, convert_data_format, spatial_part
from .call_text import REQUIRED, BadSpelling, bind_arguments, dotted_name, parse_call, parse_signature, signature_text
from .mistake import quote
from .pool import UPSAMPLING, Pool
from .reduction import PooledAxes, find_pooled_axes
from .suggestion import suggest

__all__ = ["BadSpelling", "Layer", "Spelling", "make_layers", "parse_layer", "with_aliases"]


@dataclass(frozen=True)
class Layer:
    """A layer's name, its signature, and the meaning of its arguments.

    `rank` is the number of spatial axes, 0 where it follows from the kernel, the axes or the input. `means` maps an
    argument to a field of `Pool`; to 'pads', a padding with all low sides before all high ones; to 'axes', those that a
    reduction pools over; or to 'op', which operation is done, among the `words` of 'op'. An argument that is missing there
    may be written but has no effect on the answer. `data_format` is how the layer's arrays are written unless an argument
    says otherwise; `stride_default` is the stride if none is written. `everywhere` marks layers whose arguments may have
    entries for all axes. `fixed` are parameters that the layer always has.
    `required_since` has arguments that had a default before some version of the framework. A layer of another library has as `way`
    the plan whose steps it is in its framework, and as `note` a sentence on how that library defines it.
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
    fixed: Mapping[str, Any] = field(default_factory=dict)
    required_since: Mapping[str, str] = field(default_factory=dict)
    way: str = ""
    note: str = ""

    def argument(self, meaning: str) -> str:
        """The name of the argument with a meaning; empty if the layer has none."""
        return next((name for name in self.signature if self.means.get(name) == meaning), "")


@dataclass(frozen=True)
class Spelling:
    """A layer as a source wrote it; `layer` has its real name even if the source wrote an alias.

    `full_pool` holds every parameter of the layer's signature, defaults included; `written_pool` only those
    that the source wrote. Neither has a `data_format` that is not written, since a default only says
    how the layer's arrays are written, which is in `data_format`. `reduction` is whether the source
    names the axes that it pools over, from which the layout follows.
    """

    text: str
    layer: Layer
    arguments: Mapping[str, Any]
    full_pool: Pool
    written_pool: Pool
    data_format: str
    reduction: bool = False


def make_layers(
    framework: str,
    data_format: str,
    means: Mapping[str, str],
    table: Mapping[str, tuple[str, int]],
    stride_default: str = "window",
    *,
    everywhere: bool = False,
    words: Mapping[str, Mapping[str, str]] | None = None,
    **more: Any,
) -> dict[str, Layer]:
    """Layers by name, from signatures written as text with the operation and the spatial rank of each; `more` are further fields."""
    layers = {}
    for text, (op, rank) in table.items():
        name, signature = parse_signature(text)
        layers[name] = Layer(name, op, rank, signature, means, data_format, framework, stride_default, everywhere, words or {}, **more)
    return layers


def with_aliases(layers_by_name: Mapping[str, Layer], prefix: str, *others: str) -> dict[str, Layer]:
    """The layers, and those whose name begins with `prefix` also under names that begin with the others."""
    aliases = {
        other + name.removeprefix(prefix): layer for name, layer in layers_by_name.items() if name.startswith(prefix) for other in others
    }
    return {**layers_by_name, **aliases}


def parse_layer(text: str | ast.Call, layers_by_name: Mapping[str, Layer], ndim: int | None = None) -> Spelling:
    """Read a layer from its text or its parsed call, for an input with `ndim` axes if that is known.

    Raises BadSpelling for what is not a call of a known layer with constant arguments.
    """
    name, call = parse_call(text) if isinstance(text, str) else (dotted_name(text.func), text)
    text = text if isinstance(text, str) else ast.unparse(text)
    if name not in layers_by_name:
        raise BadSpelling(f"{quote(name)} is not a known layer", suggest(name, layers_by_name))
    layer = replace(layers_by_name[name], name=name)
    arguments = bind_arguments(call, name, layer.signature)
    full_arguments = {key: value for key, value in layer.signature.items() if value is not REQUIRED} | arguments
    if missing := [key for key in layer.signature if key not in full_arguments]:
        raise BadSpelling(f"{name} lacks its {', '.join(missing)}", signature_text(name, layer.signature))
    layer = with_operation(layer, full_arguments)
    pooled_axes = read_axes(layer, full_arguments, ndim) if layer.argument("axes") else None
    layer = replace(layer, rank=pooled_axes.rank, data_format=pooled_axes.layout) if pooled_axes else with_rank(layer, full_arguments, ndim)
    full_pool, written_pool = with_stride(pool_from_arguments(layer, full_arguments), layer), pool_from_arguments(layer, arguments)
    if pooled_axes:  # a reduction with and without its axes are not two layers of one kind, so what it does with them counts as written
        written_pool = replace(written_pool, keepdims=full_pool.keepdims)
    data_format = full_pool.data_format or layer.data_format
    layer = replace(layer, name=layers_by_name[name].name)  # an alias is good for messages only
    return Spelling(
        text, layer, arguments, replace(full_pool, data_format=written_pool.data_format), written_pool, data_format, pooled_axes is not None
    )


def with_operation(layer: Layer, arguments: Mapping[str, Any]) -> Layer:
    """The layer with its operation, which an argument chooses in some."""
    name = layer.argument("op")
    if not name:
        return layer
    words, value = layer.words["op"], arguments[name]
    op = words.get(value.lower()) if isinstance(value, str) else None
    if op is None:
        raise BadSpelling(f"{name}={quote(value)} of {layer.name} is no pooling", " or ".join(map(repr, words)))
    return replace(layer, op=op)


def read_axes(layer: Layer, arguments: Mapping[str, Any], ndim: int | None) -> PooledAxes:
    """What the axes of a reduction are; raises BadSpelling unless they are exactly the spatial ones."""
    names = [name for name in layer.signature if layer.means.get(name) == "axes"]
    name = next((name for name in names if arguments[name] is not None), names[0])
    axes = arguments[name]
    axis_list = [axes] if type(axes) is int else axes
    if not isinstance(axis_list, tuple | list) or not all(type(axis) is int for axis in axis_list):
        what = "all axes" if axes is None else f"{name}={quote(axes)}"
        raise BadSpelling(f"a reduction over {what} is no pooling", "the spatial axes, such as (2, 3)")
    if len(axis_list) == 1 and ndim is None:
        raise BadSpelling(
            f"a reduction over axis {axis_list[0]} alone is a pooling only if the input has three axes", "the shape of the input"
        )
    pooled_axes = find_pooled_axes(axis_list, ndim, is_declared=True)
    if pooled_axes is None:
        of = f" of an input with {ndim} axes" if ndim else ""
        axes = f"ax{'e' if len(axis_list) > 1 else 'i'}s {', '.join(map(str, axis_list))}"
        raise BadSpelling(
            f"a reduction over {axes}{of} is no pooling",
            "exactly the spatial axes: all but the first two, or all but the first and the last",
        )
    return pooled_axes


def with_rank(layer: Layer, arguments: Mapping[str, Any], ndim: int | None) -> Layer:
    """The layer with its number of spatial axes, taken from the kernel or from the input if the layer serves all ranks."""
    names = [name for name in map(layer.argument, ("kernel", "output_size", "factor")) if name]
    if layer.rank or not names:
        return layer
    name = next((name for name in names if arguments[name] is not None), names[0])
    value = arguments[name]
    if (type(value) is int or (type(value) is float and layer.means[name] == "factor")) and ndim is not None and ndim > 2:
        return replace(layer, rank=ndim - 2)
    if not isinstance(value, (tuple, list)) or not value:
        raise BadSpelling(f"{name}={quote(value)} has no meaning for {layer.name}", "one integer for each spatial axis")
    whole = layer.everywhere and len(value) > 2 and len(value) in (ndim, None if ndim else len(value)) and has_outer_entries(value)
    return replace(layer, rank=len(value) - 2 if whole else len(value))


def has_outer_entries(value: tuple[Any, ...] | list[Any]) -> bool:
    """Whether the entries of an argument may be those of all axes: those of batch and channels are one."""
    return value[0] == 1 and 1 in (value[1], value[-1])


def pool_from_arguments(layer: Layer, arguments: Mapping[str, Any]) -> Pool:
    """The pooling that these arguments of a layer state."""
    values: dict[str, Any] = dict(layer.fixed)
    sources: dict[str, str] = {}
    for name in layer.signature:
        meaning, value = layer.means.get(name), arguments.get(name)
        if meaning == "factor" and value is not None and layer.op not in UPSAMPLING:
            raise BadSpelling(f"{name}={quote(value)} of {layer.name} states no size", "a size, which windows follow from")
        if meaning and meaning not in ("axes", "op") and value is not None:
            field, argument = FIELDS.get(meaning, meaning), convert_argument(layer, name, arguments)
            if values.setdefault(field, argument) != argument and arguments[sources[field]] != layer.signature[sources[field]]:
                raise BadSpelling(f"{sources[field]} and {name} of {layer.name} both tell the {field}", "one of them")
            values[field], sources[field] = argument, name
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
    full_pool, written_pool, rules = spelling.full_pool, spelling.written_pool, {}
    if written_pool.stride is None and full_pool.stride is not None:
        rules["stride_default"] = spelling.layer.stride_default
    if written_pool.keepdims is None and full_pool.keepdims is not None:
        rules["keepdims_default"] = "kept" if full_pool.keepdims else "dropped"
    if written_pool.count_include_pad is None and full_pool.count_include_pad is not None:
        rules["include_default"] = "padded" if full_pool.count_include_pad else "valid"
    return rules

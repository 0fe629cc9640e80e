"""Layers as documents spell them: a call with literal arguments, read and never evaluated."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .pool import FIRST, LAST, Pool


class BadSpelling(ValueError):
    """The text is not a literal call of a known layer."""


REQUIRED = object()


@dataclass(frozen=True)
class Layer:
    """A layer's name, its signature, and what each of its arguments means here.

    `rank` is the number of spatial axes, 0 where the kernel tells it. `means` maps an argument's
    name to a field of `Pool`, or to 'pads', a padding with all low sides before all high ones; one
    that is missing there may be written but says nothing about the answer. `data_format` is how the
    layer's arrays are written unless an argument says otherwise; `stride_default` is the stride when
    none is written.
    """

    name: str
    op: str
    rank: int
    signature: Mapping[str, Any]
    means: Mapping[str, str]
    data_format: str
    framework: str
    stride_default: str = "window"


@dataclass(frozen=True)
class Spelling:
    """A layer as a source wrote it.

    `stated` holds every parameter of the layer's signature, defaults included; `written` only those
    that the source wrote.
    """

    text: str
    layer: Layer
    arguments: Mapping[str, Any]
    stated: Pool
    written: Pool
    data_format: str


def layers(
    framework: str, data_format: str, means: Mapping[str, str], table: Mapping[str, tuple[str, int]], stride_default: str = "window"
) -> dict[str, Layer]:
    """Make layers of signatures written as text, each with its operation and spatial rank."""
    made = {}
    for text, (op, rank) in table.items():
        name, signature = parse_signature(text)
        made[name] = Layer(name, op, rank, signature, means, data_format, framework, stride_default)
    return made


def aliased(known: Mapping[str, Layer], prefix: str, *others: str) -> dict[str, Layer]:
    """The layers, and once more each whose name begins with `prefix` under names that begin with the others."""
    renamed = {other + name.removeprefix(prefix): layer for name, layer in known.items() if name.startswith(prefix) for other in others}
    return {**known, **renamed}


def parse_signature(text: str) -> tuple[str, dict[str, Any]]:
    """The dotted name and the defaults of `name(a, b=1)`, `REQUIRED` where there is none."""
    name, _, rest = text.partition("(")
    arguments = ast.parse(f"lambda {rest.removesuffix(')')}: 0", mode="eval").body.args  # type: ignore[attr-defined]
    names = [argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)]
    given = [ast.literal_eval(default) for default in (*arguments.defaults, *arguments.kw_defaults) if default]
    return name, dict(zip(names, [REQUIRED] * (len(names) - len(given)) + given, strict=True))


def spell(text: str, known: Mapping[str, Layer]) -> Spelling:
    """Read the text of a layer, or raise BadSpelling with what was expected."""
    call = parse_call(text)
    name = ast.unparse(call.func)
    if name not in known:
        raise BadSpelling(f"{name} is not a known layer; expected one of {nearest(name, known)}")
    layer = known[name]
    arguments = bind(call, layer)
    filled = {key: value for key, value in layer.signature.items() if value is not REQUIRED} | arguments
    missing = [key for key in layer.signature if key not in filled]
    if missing:
        raise BadSpelling(f"{name} lacks its {', '.join(missing)}; expected {signature_text(layer)}")
    layer = ranked(layer, filled)
    stated, written = with_stride(pool_of(layer, filled), layer), pool_of(layer, arguments)
    return Spelling(text, layer, arguments, stated, written, stated.data_format or layer.data_format)


def parse_call(text: str) -> ast.Call:
    """The one call that a text consists of."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = None
    if not isinstance(tree, ast.Call):
        raise BadSpelling(f"{text!r} is not a call; expected a layer with literal arguments, as in keras.layers.MaxPooling1D(2)")
    return tree


def bind(call: ast.Call, layer: Layer) -> dict[str, Any]:
    """The written arguments by name, as the layer's signature orders them."""
    names = list(layer.signature)
    if len(call.args) > len(names):
        raise BadSpelling(f"{layer.name} got {len(call.args)} positional arguments; expected {signature_text(layer)}")
    pairs = [*zip(names, call.args, strict=False), *((word.arg, word.value) for word in call.keywords)]
    bound: dict[str, Any] = {}
    for name, node in pairs:
        if name not in layer.signature:
            raise BadSpelling(f"{layer.name} has no argument {name}; expected {signature_text(layer)}")
        if name in bound:
            raise BadSpelling(f"{layer.name} got {name} twice; expected each argument once")
        try:
            bound[name] = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            raise BadSpelling(f"{name}={ast.unparse(node)} is not a literal; expected a number, text, tuple, True, False or None") from None
    return bound


def ranked(layer: Layer, arguments: Mapping[str, Any]) -> Layer:
    """The layer with its number of spatial axes, which is that of its kernel where one name serves all."""
    if layer.rank:
        return layer
    name = next(name for name, meaning in layer.means.items() if meaning == "kernel")
    if not isinstance(arguments[name], (tuple, list)) or not arguments[name]:
        raise BadSpelling(f"{name}={arguments[name]!r} has no meaning for {layer.name}; expected one integer for each spatial axis")
    return replace(layer, rank=len(arguments[name]))


def pool_of(layer: Layer, arguments: Mapping[str, Any]) -> Pool:
    """The pooling that some arguments of a layer state."""
    values: dict[str, Any] = {}
    for name, value in arguments.items():
        meaning = layer.means.get(name)
        if meaning and value is not None:
            try:
                values[FIELD.get(meaning, meaning)] = CONVERT.get(meaning, plain)(value, layer.rank)
            except (TypeError, ValueError):
                raise BadSpelling(f"{name}={value!r} has no meaning for {layer.name}; expected {EXPECTED.get(meaning, 'a literal')}") from None
    return Pool(op=layer.op, **values)


def with_stride(pool: Pool, layer: Layer) -> Pool:
    """The same pooling with the stride that the layer's signature gives when none is written."""
    if pool.stride or not pool.kernel or "stride" not in layer.means.values():
        return pool
    return replace(pool, stride=pool.kernel if layer.stride_default == "window" else (1,) * layer.rank)


def per_axis(value: Any, rank: int) -> tuple[int, ...]:
    """One integer for all axes, or one for each."""
    cells = (value,) * rank if isinstance(value, int) and not isinstance(value, bool) else tuple(value)
    if len(cells) != rank or not all(type(cell) is int for cell in cells):
        raise ValueError(value)
    return cells


def padding(value: Any, rank: int) -> str | tuple[tuple[int, int], ...]:
    """A name of the field, a pair for each axis, or as many cells on both of its sides."""
    if isinstance(value, str):
        name = {"valid": "valid", "same": "same", "same_upper": "same", "same_lower": "same_lower", "notset": "valid"}
        return name[value.lower()] if value.lower() in name else plain_error(value)
    if isinstance(value, (tuple, list)) and all(isinstance(sides, (tuple, list)) for sides in value):
        low, high = zip(*value, strict=True)
        return tuple(zip(per_axis(low, rank), per_axis(high, rank), strict=True))
    return tuple((cells, cells) for cells in per_axis(value, rank))


def pads(value: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """All low sides, then all high ones."""
    return tuple(zip(per_axis(value[:rank], rank), per_axis(value[rank:], rank), strict=True))


def flag(value: Any, rank: int) -> bool:
    return bool(value) if value in (0, 1) else plain_error(value)


def data_format(value: Any, rank: int) -> str:
    return value if value in (FIRST, LAST) else plain_error(value)


def plain(value: Any, rank: int) -> Any:
    return value


def plain_error(value: Any) -> Any:
    raise ValueError(value)


FIELD = {"pads": "padding"}
CONVERT: dict[str, Callable[[Any, int], Any]] = {
    "kernel": per_axis,
    "stride": per_axis,
    "dilation": per_axis,
    "output_size": per_axis,
    "padding": padding,
    "pads": pads,
    "ceil_mode": flag,
    "count_include_pad": flag,
    "data_format": data_format,
}
EXPECTED = {
    "kernel": "an integer or one for each spatial axis",
    "stride": "an integer or one for each spatial axis",
    "dilation": "an integer or one for each spatial axis",
    "output_size": "an integer or one for each spatial axis",
    "padding": "'valid', 'same', an integer, one for each spatial axis, or a (low, high) pair for each",
    "pads": "an integer for the low side of each spatial axis, then one for each high side",
    "ceil_mode": "True or False",
    "count_include_pad": "True or False",
    "data_format": "'channels_first' or 'channels_last'",
}


def signature_text(layer: Layer) -> str:
    """A layer's signature as its manual prints it."""
    parts = (name if default is REQUIRED else f"{name}={default!r}" for name, default in layer.signature.items())
    return f"{layer.name}({', '.join(parts)})"


def nearest(name: str, known: Mapping[str, Layer]) -> str:
    """The known layers whose names come nearest."""
    import difflib

    close = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    return ", ".join(close or sorted(known)[:3])

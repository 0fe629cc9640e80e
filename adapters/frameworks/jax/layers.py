"""The functions of JAX that pool: reductions over windows, and over axes."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from ....cases.model.call_text import BadSpelling, dotted_name
from ....cases.model.constants import NotConstant, evaluate_constant
from ....cases.model.layers import make_layers, with_aliases
from ....cases.model.pool import FIRST, LAST
from ....cases.model.reduction import PooledAxes, list_readings, spatial_places

WINDOWS = "jax.lax.reduce_window"
ARGUMENTS = (
    "operand", "init_value", "computation", "window_dimensions", "window_strides", "padding", "base_dilation", "window_dilation",
)  # fmt: skip
"""The arguments of `jax.lax.reduce_window`, in their order."""
SPATIAL = f"{WINDOWS}(computation, window_dimensions, window_strides=None, padding='VALID', window_dilation=None, divisor=None, counted=None, data_format=None)"
"""The same for the spatial axes alone, with what the entries for the other axes say: the layout."""
COMPUTATIONS = {"max": "max", "add": "add", "maximum": "max"}
"""The last part of the name of a function that reduces windows, and what it computes."""

MEANS = {
    "computation": "op", "window_dimensions": "kernel", "window_strides": "stride", "padding": "padding", "window_dilation": "dilation",
    "divisor": "divisor_override", "counted": "count_include_pad", "data_format": "data_format",
}  # fmt: skip
REDUCED = {"axis": "axes", "axes": "axes", "keepdims": "keepdims", "ord": "p"}

MAXIMA = "axis=None, out=None, keepdims=False, initial=None, where=None"
FUNCTIONS = with_aliases(with_aliases({
    **make_layers("jax", LAST, MEANS, {SPATIAL: ("max_pool", 0)}, stride_default="one", words={"op": {"max": "max_pool", "add": "avg_pool"}}),
    **make_layers("jax", LAST, REDUCED, {
        "jax.numpy.mean(axis=None, dtype=None, out=None, keepdims=False, where=None)": ("global_avg_pool", 0),
        f"jax.numpy.max({MAXIMA})": ("global_max_pool", 0),
        f"jax.numpy.amax({MAXIMA})": ("global_max_pool", 0),
        "jax.lax.reduce_max(axes)": ("global_max_pool", 0),
        "jax.numpy.linalg.vector_norm(axis=None, keepdims=False, ord=2)": ("global_lp_pool", 0),
    }),
    **make_layers("jax", LAST, REDUCED, {
        "jax.numpy.sum(axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None, promote_integers=True)":
            ("global_avg_pool", 0),
        "jax.lax.reduce_sum(axes)": ("global_avg_pool", 0),
    }, fixed={"divisor_override": 1}),
}, "jax.numpy.", "jnp."), "jax.lax.", "lax.")  # fmt: skip

METHODS = {"mean": "jax.numpy.mean", "max": "jax.numpy.max", "sum": "jax.numpy.sum"}
"""Methods of arrays, and the functions that do the same."""


def with_spatial_windows(call: ast.Call) -> ast.Call:
    """A call of `jax.lax.reduce_window` with arguments for the spatial axes alone, in which the layout is an argument."""
    arguments = dict(zip(ARGUMENTS, call.args, strict=False)) | {word.arg: word.value for word in call.keywords if word.arg}
    kind = read_computation(WINDOWS, arguments.get("computation"))
    check_start(WINDOWS, kind, arguments.get("init_value"))
    windows = {
        name: constant_entries(name, arguments[name]) for name in ARGUMENTS[3:] if name in arguments and not is_none(arguments[name])
    }
    if "window_dimensions" not in windows:
        raise BadSpelling(f"{WINDOWS} lacks its window_dimensions", "one integer for each axis of the input")
    base = windows.pop("base_dilation", None)
    if base is not None and any(entry != 1 for entry in base):
        raise BadSpelling(f"base_dilation of {WINDOWS} is {base}, which no pooling has", "1 for every axis")
    reading = find_reading(windows)
    places = spatial_places(reading)
    inner = {name: value if isinstance(value, str) else tuple(value[place] for place in places) for name, value in windows.items()}
    further = {**({"divisor": written_number(arguments, "divisor", 1)} if kind == "add" else {}), "data_format": reading.layout}
    keywords = {"computation": kind, **inner, **further}
    return ast.Call(call.func, [], [ast.keyword(name, ast.parse(repr(value), mode="eval").body) for name, value in keywords.items()])


def written_number(arguments: Mapping[str, ast.expr], name: str, default: int) -> Any:
    """The value of an argument, or its default."""
    return evaluate_constant(arguments[name]) if name in arguments else default


def read_computation(name: str, node: ast.expr | None) -> str:
    """What a function that reduces windows computes, by its name: 'max' or 'add'; raises BadSpelling for another function."""
    text = dotted_name(node) if node is not None else ""
    if text.rpartition(".")[2] not in COMPUTATIONS:
        raise BadSpelling(f"{name} reduces by {text or 'an unnamed function'}", "jax.lax.max or jax.lax.add")
    return COMPUTATIONS[text.rpartition(".")[2]]


def check_start(name: str, kind: str, start: ast.expr | None) -> None:
    """Raise BadSpelling if the number that a reduction starts with has an effect on its result."""
    if start is None:
        return
    text = ast.unparse(start)
    try:
        value = evaluate_constant(start)
    except NotConstant:
        value = None
    lowest = text.endswith(".min") or (text.startswith("-") and text.endswith(".max"))
    neutral = (value == 0 and value is not False) if kind == "add" else (value == float("-inf") or lowest)
    if not neutral:
        expected = "0" if kind == "add" else "-jax.numpy.inf"
        raise BadSpelling(f"{name} starts with {text[:40]}, which takes part in the result", expected)


def constant_entries(name: str, node: ast.expr) -> Any:
    """The entries of an argument for all axes, or the name of a padding; raises BadSpelling for anything else."""
    try:
        value = evaluate_constant(node)
    except NotConstant:
        raise BadSpelling(f"{name} of {WINDOWS} is not a literal", "one entry for each axis of the input") from None
    if not isinstance(value, tuple | list) and not (name == "padding" and isinstance(value, str)):
        raise BadSpelling(f"{name} of {WINDOWS} is {value!r}", "one entry for each axis of the input")
    return value


def find_reading(windows: Mapping[str, Any]) -> PooledAxes:
    """Which axes a reduction over windows takes for spatial: those in which all its windows lie; raises BadSpelling."""
    lists = [value for value in windows.values() if not isinstance(value, str)]
    ndim = len(windows["window_dimensions"])
    if any(len(value) != ndim for value in lists):
        raise BadSpelling(f"the arguments of {WINDOWS} have different lengths", "one entry for each axis of the input")
    readings = [reading for rank in (ndim - 2, ndim - 1) if rank > 0 for reading in list_readings(rank, ndim)]
    for reading in sorted(readings, key=lambda reading: (not reading.batched, reading.layout == FIRST)):
        outer = [axis for axis in range(ndim) if axis not in spatial_places(reading)]
        if all(is_idle(value[axis]) for value in lists for axis in outer):
            return reading
    raise BadSpelling(
        f"window_dimensions={windows['window_dimensions']} of {WINDOWS} pool over the batch or the channels", "1 for these axes"
    )


def is_idle(entry: Any) -> bool:
    """Whether the entry of an axis leaves it as it is: one cell, or no padding."""
    return entry == 1 if type(entry) is int else isinstance(entry, Sequence) and not any(entry)


def is_none(node: ast.expr) -> bool:
    """Whether an argument is None."""
    return isinstance(node, ast.Constant) and node.value is None

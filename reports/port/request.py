"""Reads a request: a layer's text as people paste it, with the shape of an input, and the targets to port it to."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping, Sequence

from ...adapters.contract import Ask
from ...adapters.targets.choose import SelectedTarget, UnknownTarget, match_names, select_targets
from ...adapters.targets.find import AdapterEntry, install_advice, is_installed, layers_of
from ...cases.model.call_text import dotted_name
from ...cases.model.inputs import PRECISION
from ...cases.model.layers import BadSpelling, Layer, Spelling, framework_defaults, parse_layer
from ...cases.model.mistake import UserError, quote
from ...cases.model.pool import ADAPTIVE, GLOBAL, WINDOWED
from .bounds import MAX_AXES, MAX_NUMBER, MAX_TEXT, find_excess
from .samples import shrink
from .source import SourceLayer

ARRAY_NAMES = ("input", "inputs", "x", "value")
ARRAY = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.BinOp)
"""Expressions of an array that a function is called on; no argument of a pooling is one of them."""


class Unportable(UserError):
    """A request that cannot be answered: not a layer, no pooling, too large, or rejected by its own framework."""


def read_source(
    text: str, shape: Sequence[int], dtype: str, found: Mapping[str, AdapterEntry], origin: str | None = None, *, gradient: bool = False
) -> SourceLayer:
    """The layer that a text means on an input of some shape; raises `Unportable`."""
    if len(text) > MAX_TEXT:
        raise Unportable(f"{quote(text)}: {len(text):,} characters; expected a layer in at most {MAX_TEXT:,}")
    if len(shape) > MAX_AXES or max(shape) > MAX_NUMBER:
        raise Unportable(f"--input: {len(shape)} sizes up to {quote(max(shape))}; expected at most {MAX_AXES} of at most {MAX_NUMBER:,}")
    spelling = read_layer(text, shape, dtype, found)
    if spelling.layer.op not in (*WINDOWED, *GLOBAL, *ADAPTIVE):
        raise Unportable(f"{spelling.layer.name} cannot be ported; expected a max, average, LP, adaptive or global pooling")
    if dtype not in PRECISION:
        raise Unportable(f"invalid --dtype {quote(dtype)}: only floating-point types are supported; expected one of {', '.join(PRECISION)}")
    rank = spelling.layer.rank or len(shape) - 2
    batched = len(shape) == rank + 2
    if rank < 1 or len(shape) - 1 - batched != rank:
        axes = f"batch, channels and {spelling.layer.rank or 'some'} spatial axes"
        raise Unportable(f"--input {','.join(map(str, shape))}: {len(shape)} sizes; expected {axes}, in the order {spelling.data_format}")
    chosen, runs = choose_source_target(spelling, found, origin)
    ask = Ask(spelling.stated, tuple(shape), dtype, spelling.data_format, batched)
    if excess := find_excess(ask, shrink(ask)):
        raise Unportable(f"{quote(text)} on {' x '.join(map(str, shape))}: {excess}")
    indices = spelling.arguments.get("return_indices") is True
    return SourceLayer(text, spelling.layer.framework, ask, spelling.written, chosen, runs, framework_defaults(spelling), gradient, indices)


def read_layer(text: str, shape: Sequence[int], dtype: str, found: Mapping[str, AdapterEntry]) -> Spelling:
    """The layer that a text spells; raises `Unportable`."""
    try:
        call = find_call(text, found, shape, dtype)
        if call is not None and (variable := find_variable(call, layers_of(found))):
            raise Unportable(variable)
        return parse_layer(text if call is None else call, layers_of(found))
    except BadSpelling as bad:
        hints = dict.fromkeys(filter(None, (target.adapter.hint(text) for target in found.values())))
        raise Unportable(". ".join([f"{bad.what}; expected {bad.expected}", *hints])) from None
    except RecursionError:
        raise Unportable(f"{quote(text)}: nested too deeply; expected a layer with literal arguments") from None


def find_call(text: str, found: Mapping[str, AdapterEntry], shape: Sequence[int], dtype: str = "float32") -> ast.Call | None:
    """The call of a known layer that a text means for an input of some shape and type; None if the text has no call."""
    adapters, known = {target.adapter.framework: target.adapter for target in found.values()}, layers_of(found)
    call = extract_call(text, [adapter.printed_prefix for adapter in adapters.values() if adapter.printed_prefix])
    name = dotted_name(call.func) if call else ""
    if call is None or not name:
        return None
    call = without_array(call) if name.rpartition(".")[2].islower() else call
    for adapter in adapters.values():
        name, call = adapter.layer_of(name, call)
    with_rank = f"{name}{len(shape) - 2}d"
    full = next((candidate for candidate in (name, with_rank) if candidate in known), None) or complete_name(name, known)
    if full in known:
        call = adapters[known[full].framework].plain_arguments(full, call, shape, dtype)
    return ast.Call(ast.parse(full, mode="eval").body, call.args, call.keywords)


def find_variable(call: ast.Call, known: Mapping[str, Layer]) -> str:
    """Which argument of a known layer is a variable, in a sentence; empty if none is."""
    layer = known.get(dotted_name(call.func))
    arguments = [*zip(layer.signature, call.args, strict=False), *((word.arg, word.value) for word in call.keywords)] if layer else []
    for name, value in arguments:
        if variable := next((node.id for node in ast.walk(value) if isinstance(node, ast.Name)), ""):
            return f"argument {name}: {variable} is a variable; give its value, such as a number"
    return ""


def extract_call(text: str, prefixes: Sequence[str]) -> ast.Call | None:
    """The call in a text that assigns or returns it, lists it, adds it to a model, or calls what it makes; None if there is none."""
    for prefix in prefixes:
        text = re.sub(prefix, "", text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            [statement] = ast.parse(text.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)) else None
    match value:
        case ast.Tuple(elts=[ast.Call() as call]) | ast.Call(func=ast.Attribute(attr="add"), args=[ast.Call() as call]):
            return call
        case ast.Call(func=ast.Call() as maker):
            return maker
    return value if isinstance(value, ast.Call) else None


def without_array(call: ast.Call) -> ast.Call:
    """The call of a function without the array that it is called on."""
    args = call.args[1:] if call.args and isinstance(call.args[0], ARRAY) else call.args
    return ast.Call(call.func, args, [word for word in call.keywords if word.arg not in ARRAY_NAMES])


def complete_name(name: str, known: Mapping[str, Layer]) -> str:
    """The known layer whose name ends with an imported one; the name itself if no framework or several have it."""
    matches = [full for full in known if full.endswith(f".{name}")] if not name.rpartition(".")[2].islower() else []
    owners = {known[full].framework for full in matches}
    return min(matches, key=len) if len(owners) == 1 else name


def choose_source_target(spelling: Spelling, found: Mapping[str, AdapterEntry], origin: str | None) -> tuple[SelectedTarget, bool]:
    """The target that answers for a layer's framework, and whether it is that framework: the oracle answers if it is not installed.

    Raises `Unportable` if `origin` is not one of its targets.
    """
    names = list_targets(spelling.layer.framework, found)
    if origin and origin not in names:
        raise Unportable(f"--from {quote(origin)}: no target of {spelling.layer.framework}; expected one of {', '.join(names)}")
    if origin and not is_installed(found[origin].target):
        raise Unportable(f"--from {origin}: {install_advice(found[origin].target)}")
    installed = [origin] if origin else [name for name in names if is_installed(found[name].target)]
    reference = next(name for name, target in found.items() if target.adapter.reference)
    return select_targets([installed[0] if installed else reference], found)[0], bool(installed)


def list_targets(framework: str, found: Mapping[str, AdapterEntry]) -> list[str]:
    """The names of a framework's targets, those without a mode first."""
    names = [name for name, target in found.items() if framework in (target.adapter.framework, *target.adapter.aliases)]
    return sorted(names, key=lambda name: found[name].target.mode is not None)


def choose_targets(wanted: str, source: str, found: Mapping[str, AdapterEntry]) -> list[SelectedTarget]:
    """The targets for a framework, a target's name, a pattern or 'all', which is one for each framework but the source's.

    Raises `UnknownTarget`.
    """
    if wanted == "all":
        frameworks = dict.fromkeys(target.adapter.framework for target in found.values() if not target.adapter.reference)
        others = [framework for framework in frameworks if framework != source]
        installed = [[name for name in list_targets(other, found) if is_installed(found[name].target)] for other in others]
        return select_targets([names[0] for names in installed if names], found)
    of_framework = list_targets(wanted, found)
    names = of_framework or match_targets(wanted, found)
    ready = [name for name in names if is_installed(found[name].target)]
    if not ready:
        raise UnknownTarget(f"--to {wanted}: {install_advice(found[names[0]].target)}")
    return select_targets(ready[:1] if of_framework else ready, found)


def match_targets(wanted: str, found: Mapping[str, AdapterEntry]) -> list[str]:
    """The names of the targets that a name or a pattern matches; raises `UnknownTarget`."""
    try:
        return match_names(wanted, found)
    except UnknownTarget:
        known = dict.fromkeys(
            name for target in found.values() for name in (*target.adapter.aliases, target.adapter.framework, target.target.name)
        )
        raise UnknownTarget(
            f"--to {quote(wanted)}: no such framework or target; expected 'all', {', '.join(known)}, or a pattern with * and ?"
        ) from None

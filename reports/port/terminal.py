"""Porting answers in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from ...cases.model.pool import FORMATS
from .answer import Port
from .open_sizes import format_sizes
from .record import DROP_IN, IMPOSSIBLE, RECIPE
from .source import SourceLayer

HEADS = {
    DROP_IN: ("moves as it is", "bold green"),
    RECIPE: ("moves by a recipe", "bold yellow"),
    IMPOSSIBLE: ("cannot be ported", "bold red"),
}


def print_ports(console: Console, source: SourceLayer, ports: Sequence[Port], *, demo: bool = False) -> None:
    """Print a layer and its answer for each target, with the lines to paste or as a complete `demo`."""
    console.print(describe_source(source))
    for port in ports:
        words, style = HEADS[port.verdict]
        console.print(Text.assemble((f"\nto {port.target.name}", "bold"), "  ", (words, style)))
        for part in describe_port(port, demo=demo):
            console.print(part, soft_wrap=isinstance(part, Code))


def describe_slow(names: Sequence[str]) -> str:
    """Which targets were not asked, to save time, in a sentence."""
    return f"not asked, to save time, unless --to names them: {', '.join(names)}"


class Code(Text):
    """Native code, whose lines are never broken."""


def describe_source(source: SourceLayer) -> Text:
    """The layer, its input, and the target that answers for it."""
    versions = ", ".join(f"{name} {version}" for name, version in source.target.versions.items())
    details = "; ".join([versions, *(step.expression for step in source.target.target.prepare)])
    answered_by = (
        f"as {source.target.name} answers ({details})" if source.run else f"{source.framework} is not installed: answered by the definition"
    )
    sizes = " and ".join(map(format_sizes, (source.sizes or source.ask.shape, *source.also)))
    notes = "".join(f"\n{note}" for note in source.notes)
    return Text.assemble((source.text, "bold"), f"\non {sizes}, {source.ask.dtype}, {source.ask.layout}; {answered_by}{notes}")


def print_snippets(console: Console, ports: Sequence[Port], form: str) -> None:
    """Print nothing but the lines to paste, after the name of the target where there are several."""
    for port in ports:
        text = port.lines(form)
        parts = [
            f"# {port.target.name}: {describe_layout(port)}" if text else f"# {port.target.name}: cannot be ported: {port.reason}",
            text,
        ]
        console.print("\n".join(filter(None, parts)), soft_wrap=True, markup=False, highlight=False)


def describe_layout(port: Port) -> str:
    """How the array `x` of the lines to paste is laid out: as the source's, unless its channel axis had to be moved."""
    ours, is_moved = port.source.ask.layout, port.call is not None and "x" in port.call.moves
    layout = next(layout for layout in FORMATS if (layout != ours) == is_moved)
    return f"x is {layout.replace('_', ' ')}"


def describe_port(port: Port, *, demo: bool = False) -> Iterator[RenderableType]:
    """The answer for one target: the lines to paste first, then where they differ, the same arguments, indices, and the reason."""
    if port.code:
        yield format_code(port.code if demo else port.lines())
        name = "drop-in" if port.verdict == DROP_IN else f"recipe, {count_steps(port.steps)}"
        head, *rest = describe_exceptions(port.exceptions or {})
        yield indent(f"{name}; {describe_layout(port)}; ran on {port.inputs} inputs: {head}")
        yield from map(indent, rest)
        if port.sizes:
            yield indent(f"valid for {port.sizes.words}{f': {port.why_not_any}' if port.why_not_any else ''}")
    if not port.broken:
        yield from (indent(line) for line in describe_drop_in(port))
    if port.indices:
        yield indent(f"its indices are not ported: {port.indices}" if port.source.indices else port.indices)
    if port.reason:
        yield indent(f"why: {port.reason}")
    if port.no_gradient:
        yield indent(f"it has no gradient: {port.no_gradient}")
    if port.differentiable_call and port.differentiable_sizes:
        yield indent(f"a recipe that has one; valid for {port.differentiable_sizes.words}")
        yield format_code(port.differentiable_lines)
    if port.complete:
        head, *rest = describe_exceptions(port.exceptions_left or {})
        yield indent(f"longer; {head}")
        yield from map(indent, rest)
        yield format_code(port.complete if demo else port.lines(complete=True))


def indent(line: str) -> Padding:
    """A sentence, indented by its leading spaces and two more."""
    bare = line.lstrip(" ")
    return Padding(Text(bare), (0, 0, 0, 2 + len(line) - len(bare)))


def describe_drop_in(port: Port) -> Iterator[str]:
    """The same arguments on the target, and how their answers differ, in a few lines."""
    drop_in = port.drop_in
    if port.verdict == DROP_IN:
        yield from drop_in.changes
        return
    if not drop_in.line:
        yield f"the same arguments: no such layer; {'; '.join(drop_in.changes)}"
        return
    yield f"the same arguments: {drop_in.line}"
    yield from (f"  {sentence}" for sentence in drop_in.changes)
    if drop_in.sizes:
        yield f"  agrees for {drop_in.sizes.words}{', too' if drop_in.agrees else ', not for any size'}"
    if drop_in.difference:
        yield f"  differs: {drop_in.difference}"
    if drop_in.why:
        yield f"  the rule that differs: {drop_in.why}"


def count_steps(count: int) -> str:
    """The number of steps besides the pooling, in words."""
    return f"{count} step{'s' * (count != 1)} besides the pooling" if count else "the pooling alone"


LEAST = ("zeros of both signs", "subnormal numbers")
"""Kinds of input that matter least: a difference there is listed last, without its numbers."""


def describe_exceptions(exceptions: Mapping[str, str]) -> Iterator[str]:
    """That all inputs agree, or on which they do not, the most important first: each with its first difference, signs and subnormals in one line."""
    if not exceptions:
        yield "the same on all"
        return
    yield "the same, but differs when the input holds"
    yield from (f"  {kind}: {text}" for kind, text in exceptions.items() if kind not in LEAST)
    if least := [kind for kind in LEAST if kind in exceptions]:
        yield f"  {' or '.join(least)}"


def format_code(text: str) -> Code:
    """Native code, in colours where there are any."""
    lines = Code()
    for line in Syntax("", "python", theme="ansi_dark", background_color="default").highlight(text).split():
        lines.append("    ").append_text(line).append("\n")
    return lines

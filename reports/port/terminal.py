"""Porting answers in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from .answer import Port
from .open_sizes import format_sizes
from .record import DROP_IN, IMPOSSIBLE, RECIPE
from .source import SourceLayer

HEADS = {
    DROP_IN: ("moves as it is", "bold green"),
    RECIPE: ("moves by a recipe", "bold yellow"),
    IMPOSSIBLE: ("cannot be had", "bold red"),
}


def print_ports(console: Console, source: SourceLayer, ports: Sequence[Port]) -> None:
    """Print a layer and its answer for each target."""
    console.print(describe_source(source))
    for port in ports:
        words, style = HEADS[port.verdict]
        console.print(Text.assemble((f"\nto {port.chosen.name}", "bold"), "  ", (words, style)))
        for part in describe_port(port):
            console.print(part, soft_wrap=isinstance(part, Code))


class Code(Text):
    """Native code, whose lines are never broken."""


def describe_source(source: SourceLayer) -> Text:
    """The layer, its input, and the target that answers for it."""
    versions = ", ".join(f"{name} {version}" for name, version in source.chosen.versions.items())
    details = "; ".join([versions, *(step.expression for step in source.chosen.target.prepare)])
    who = (
        f"as {source.chosen.name} answers ({details})" if source.run else f"{source.framework} is not installed: answered by the definition"
    )
    sizes = " and ".join(map(format_sizes, (source.sizes or source.ask.shape, *source.also)))
    notes = "".join(f"\n{note}" for note in source.notes)
    return Text.assemble((source.text, "bold"), f"\non {sizes}, {source.ask.dtype}, {source.ask.layout}; {who}{notes}")


def describe_port(port: Port) -> Iterator[RenderableType]:
    """The answer for one target: the same arguments, indices, the reason, and code."""
    yield from (indent(line) for line in describe_drop_in(port))
    if port.indices:
        yield indent(f"its indices are not ported: {port.indices}")
    if port.reason:
        yield indent(f"why: {port.reason}")
    if port.code:
        name = "drop-in" if port.verdict == DROP_IN else f"recipe, {count_steps(port.steps)}"
        yield indent(f"{name}; ran on {port.inputs} inputs: {describe_exceptions(port.exceptions or {})}")
        if port.sizes:
            yield indent(f"valid for {port.sizes.words}{f': {port.why_not_any}' if port.why_not_any else ''}")
        yield format_code(port.code)
    if port.complete:
        yield indent(f"longer; {describe_exceptions(port.exceptions_left or {})}")
        yield format_code(port.complete)


def indent(line: str) -> Padding:
    """A sentence, indented by its leading spaces and two more."""
    bare = line.lstrip(" ")
    return Padding(Text(bare), (0, 0, 0, 2 + len(line) - len(bare)))


def describe_drop_in(port: Port) -> Iterator[str]:
    """The same arguments on the target, and how their answers differ, in a few lines."""
    typed = port.drop_in
    if not typed.line:
        yield f"the same arguments: no such layer; {'; '.join(typed.changes)}"
        return
    yield f"the same arguments: {typed.line}"
    yield from (f"  {sentence}" for sentence in typed.changes)
    if typed.sizes and not typed.sizes.any_size:
        yield f"  agrees for {typed.sizes.words}, not for any size"
    if typed.difference:
        yield f"  differs: {typed.difference}"
    if typed.why:
        yield f"  the rule that differs: {typed.why}"


def count_steps(count: int) -> str:
    """The number of steps besides the pooling, in words."""
    return f"{count} step{'s' * (count != 1)} besides the pooling" if count else "the pooling alone"


def describe_exceptions(exceptions: Mapping[str, str]) -> str:
    """That all inputs agree, or on which they do not, each with its first difference."""
    if not exceptions:
        return "the same on all"
    return "the same, but differs when the input holds " + ", and ".join(f"{kind} ({text})" for kind, text in exceptions.items())


def format_code(text: str) -> Code:
    """Native code, in colours where there are any."""
    lines = Code()
    for line in Syntax("", "python", theme="ansi_dark", background_color="default").highlight(text).split():
        lines.append("    ").append_text(line).append("\n")
    return lines

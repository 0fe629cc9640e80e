"""Porting answers in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from .answer import Port
from .record import DROP_IN, IMPOSSIBLE, RECIPE
from .source import SourceLayer

HEADS = {
    DROP_IN: ("moves as it is", "bold green"),
    RECIPE: ("moves by a recipe", "bold yellow"),
    IMPOSSIBLE: ("cannot be had", "bold red"),
}


def show(console: Console, source: SourceLayer, ports: Sequence[Port]) -> None:
    """Print a layer and what becomes of it on each target."""
    console.print(head(source))
    for each in ports:
        words, style = HEADS[each.verdict]
        console.print(Text.assemble((f"\nto {each.chosen.name}", "bold"), "  ", (words, style)))
        for part in parts(each):
            console.print(part, soft_wrap=isinstance(part, Code))


class Code(Text):
    """Native code, whose lines are never broken."""


def head(source: SourceLayer) -> Text:
    """The layer, its input, and who answers for it."""
    versions = ", ".join(f"{name} {version}" for name, version in source.chosen.versions.items())
    told = "; ".join([versions, *(step.expression for step in source.chosen.target.prepare)])
    who = f"as {source.chosen.name} answers ({told})" if source.run else f"{source.framework} is not installed: as the definition has it"
    sizes = " x ".join(map(str, source.ask.shape))
    return Text.assemble((source.text, "bold"), f"\non {sizes}, {source.ask.dtype}, {source.ask.layout}; {who}")


def parts(port: Port) -> Iterator[RenderableType]:
    """Everything about one target."""
    yield from (indented(line) for line in typed(port))
    if port.indices:
        yield indented(f"its indices are not moved: {port.indices}")
    if port.reason:
        yield indented(f"why: {port.reason}")
    if port.code:
        name = "drop-in" if port.verdict == DROP_IN else f"recipe, {steps(port.steps)}"
        yield indented(f"{name}; ran on {port.inputs} inputs: {excepted(port.exceptions or {})}")
        yield code(port.code)
    if port.complete:
        yield indented(f"longer; {excepted(port.exceptions_left or {})}")
        yield code(port.complete)


def indented(line: str) -> Padding:
    """A sentence, as far in as its own spaces have it and two more."""
    bare = line.lstrip(" ")
    return Padding(Text(bare), (0, 0, 0, 2 + len(line) - len(bare)))


def typed(port: Port) -> Iterator[str]:
    """The drop-in in a few lines."""
    found = port.drop_in
    if not found.line:
        yield f"the same arguments: there is no such layer; {'; '.join(found.changes)}"
        return
    yield f"the same arguments: {found.line}"
    yield from (f"  {sentence}" for sentence in found.changes)
    if found.difference:
        yield f"  differs: {found.difference}"
    if found.why:
        yield f"  the rule that differs: {found.why}"


def steps(count: int) -> str:
    """So many steps besides the pooling."""
    return f"{count} step{'s' * (count != 1)} beside the pooling" if count else "the pooling alone"


def excepted(exceptions: Mapping[str, str]) -> str:
    """That all agree, or on which inputs they do not, each with what differs first."""
    if not exceptions:
        return "the same on all"
    return "the same, but differs when the input holds " + ", and ".join(f"{kind} ({text})" for kind, text in exceptions.items())


def code(text: str) -> Code:
    """Native code, in colours where there are any."""
    found = Code()
    for line in Syntax("", "python", theme="ansi_dark", background_color="default").highlight(text).split():
        found.append("    ").append_text(line).append("\n")
    return found

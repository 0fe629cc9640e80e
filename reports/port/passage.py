"""A text as people paste it - a line, several lines, a printed model - as the expressions in it, in the order in which they run."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...cases.model.call_text import BadSpelling, dotted_name
from ...cases.model.constants import NotConstant, evaluate_constant
from .pairs import MaximaOfPairs

PROMPT = re.compile(r"^(?:>>> ?|\.\.\. ?|In \[\d+\]: ?)", re.MULTILINE)
MOST_BITS = 1 << 10
"""Bits of an integer, far fewer than Python can print."""
FENCE = re.compile(r"^[^\S\n]*```\w*[^\S\n]*$", re.MULTILINE)
KEY = re.compile(r"^\s*(['\"])[\w.-]+\1\s*:\s*")
"""What stands before a value in a dictionary."""
LABEL = re.compile(r"^\s*[\w.]+: (?=\w+\()")
"""A name before a layer, as in the listing of a model."""


@dataclass(frozen=True)
class Passage:
    """A parsed text: its statements, the expression that each name is assigned once, and the modules that its imports name."""

    statements: Sequence[ast.stmt] = ()
    values: Mapping[str, ast.expr] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)

    def expressions(self) -> Iterator[ast.expr]:
        """All expressions in the order in which they run: those inside of another one come first."""
        for statement in self.statements:
            yield from walk_inside_out(statement)

    def full_name(self, node: ast.expr) -> str:
        """The dotted name that an expression spells, with the modules that imports name; empty for other expressions."""
        root, dot, rest = dotted_name(node).partition(".")
        return f"{self.modules.get(root, root)}{dot}{rest}"

    def with_values(self, call: ast.Call) -> ast.Call:
        """A call with constants in place of names that the text assigns a constant."""
        inner = Constants(self.values)
        keywords = [ast.keyword(word.arg, inner.replace(word.value)) for word in call.keywords]
        return ast.Call(call.func, [inner.replace(argument) for argument in call.args], keywords)


class Constants(ast.NodeTransformer):
    """Puts constants in place of names."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def replace(self, node: ast.expr) -> ast.expr:
        """The expression with constants in place of names; calls in it are left as they are."""
        return self.visit(node) if not isinstance(node, ast.Call) else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name, or the constant that it is assigned."""
        value = self.values.get(node.id)
        try:
            return node if value is None else ast.parse(repr(evaluate_constant(value)), mode="eval").body
        except (NotConstant, SyntaxError, ValueError):
            return node


def read_passage(text: str, rewriters: Iterable[Callable[[str], str]] = ()) -> Passage:
    """Parse a text without running it; lines that are no Python are skipped.

    The `rewriters` put Python in place of what frameworks print for the layers of a model.
    """
    text = textwrap.dedent(FENCE.sub("", PROMPT.sub("", text)))
    for as_python in rewriters:
        text = as_python(text)
    statements = parse_statements(text.strip("\n"))
    statements = statements if statements is not None else [each for line in logical_lines(text) for each in parse_line(line)]
    statements = [MaximaOfPairs().visit(statement) for statement in statements]
    nodes = [node for statement in statements for node in ast.walk(statement)]
    return Passage(statements, dict(list_values(nodes)), dict(list_modules(nodes)))


def parse_statements(text: str) -> list[ast.stmt] | None:
    """The statements of a text; None if it is not Python. Raises `BadSpelling` for an integer that Python reads but does not print."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # doubtful escapes become syntax errors, whatever the Python
            tree = ast.parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    numbers = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, int))
    if any(number.bit_length() > MOST_BITS for number in numbers):
        raise BadSpelling("a number has too many digits", "a number of 64 bits")
    return tree.body


def logical_lines(text: str) -> Iterator[str]:
    """The lines of a text, those inside of brackets joined as long as the brackets are closed; else each line by itself."""
    open_lines: list[str] = []
    for line in text.splitlines():
        open_lines.append(line)
        joined_lines = "\n".join(open_lines)
        if sum(map(joined_lines.count, "([{")) <= sum(map(joined_lines.count, ")]}")):
            yield from [joined_lines] if parse_line(joined_lines) else open_lines
            open_lines = []
    yield from open_lines


def parse_line(line: str) -> list[ast.stmt]:
    """The statements of a line, which may be an entry of a list, a dictionary or a call; none if it is not Python."""
    bare = LABEL.sub("", KEY.sub("", line)).strip()
    candidates = (bare, bare.rstrip(",;\\ "))
    return next((statements for candidate in candidates if candidate and (statements := parse_statements(candidate))), [])


def walk_inside_out(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions in a node, in the order in which they run."""
    for child in ast.iter_child_nodes(node):
        yield from walk_inside_out(child)
    if isinstance(node, ast.expr):
        yield node


def list_values(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """The names that are assigned exactly once, and what they are assigned; defaults of a function's arguments count."""
    pairs: dict[str, list[ast.expr]] = {}
    for node in nodes:
        for name, value in assignments(node):
            pairs.setdefault(name, []).append(value)
    yield from ((name, values[0]) for name, values in pairs.items() if len(values) == 1)


def assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names that a node assigns, and their values."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.AugAssign(target=ast.Name(id=name), value=value):
            yield from ((name, value), (name, value))  # assigned more than once
        case ast.arguments(args=args, defaults=defaults) if defaults:
            yield from ((arg.arg, value) for arg, value in zip(args[-len(defaults) :], defaults, strict=True))
        case ast.For(target=ast.Name(id=name), iter=value):
            yield from ((name, value), (name, value))


def list_modules(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """The names that imports bind, and the modules or objects that they stand for."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.asname, alias.name) for alias in node.names if alias.asname)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)

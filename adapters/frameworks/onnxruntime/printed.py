"""Nodes of ONNX as tools print them, rewritten as the Python that makes them: `poolparity port` and its like read Python.

Four notations are read: that of `onnx.printer.to_text` and `onnx.parser`, that of `onnx.helper.printable_graph`, that of
torch's exporter when it is verbose, and that of protobuf when a node is printed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from .layers import OPERATORS

NAME = r'(?:%[\w./:-]{0,256}|[\w./:-]{1,256}|"[^"\n]{0,256}")'
"""A name of an array; an input that is left out is printed as an empty one."""
VALUE = r"""(?:"[^"\n]*"|'[^'\n]*'|\[[^\[\]\n]*\]|[^\s,<>\[\]"']+)"""
ATTRIBUTE = rf"\w+[^\S\n]*(?::[^\S\n]*\w+[^\S\n]*)?=[^\S\n]*{VALUE}"
ATTRIBUTES = rf"{ATTRIBUTE}(?:[^\S\n]*,[^\S\n]*{ATTRIBUTE})*"
PARTS = re.compile(rf"(\w+)[^\S\n]*(?::[^\S\n]*\w+[^\S\n]*)?=[^\S\n]*({VALUE})")
"""An attribute's name and its value."""
NODE = re.compile(
    rf"^(?P<outputs>[^\n]*?)=[^\S\n]*(?:onnx::)?(?P<operator>{'|'.join(OPERATORS)})[^\S\n]*"
    rf"(?:<(?P<angled>{ATTRIBUTES})>|\[(?P<squared>{ATTRIBUTES})\]|(?P<bare>))[^\S\n]*"
    rf"\((?P<inputs>(?:{NAME}(?:[^\S\n]*,[^\S\n]*{NAME})*)?)\)[^\n]*$",
    re.MULTILINE,
)
"""A line with a node; what stands before its outputs and after its inputs does not matter."""
TYPE = re.compile(r"^\s*\[[^\]\n]*\]|:\s*\w+(?:\([^()\n]*\))?")
"""The name of a node before its outputs, and the types of outputs."""
NUMBERS = r"(?P<numbers>-?\d+(?:\s*,\s*-?\d+)*)"
CONSTANT = rf"(?<![\w./:%-])(?P<name>{NAME})"
CONSTANTS = (
    re.compile(rf"\bint(?:32|64)\[\d*\]\s+(?P<name>{NAME})\s*=\s*\{{\s*{NUMBERS}\s*\}}"),
    re.compile(rf"{CONSTANT}\s*=\s*Constant\s*<value: tensor = int(?:32|64)\[\d*\]\s*{NAME}?\s*\{{\s*{NUMBERS}\s*\}}>"),
    re.compile(rf"{CONSTANT}\s*=\s*Constant\s*(?:<value_ints: ints = |\[value_ints = )\[\s*{NUMBERS}\s*\]"),
    re.compile(rf"{CONSTANT}[^\S\n]*:[^\n]{{0,256}}?=\s*onnx::Constant\[value=\s*(?P<numbers>-?\d+(?:\s+-?\d+)*)\s+\["),
)
"""How constants of whole numbers are printed, such as the axes of a reduction."""
BEFORE = r'(?:input|output|name):\s*"[^"\n]*"'
AFTER = r'(?:(?:domain|doc_string|overload):\s*"[^"\n]*"|attribute\s*\{[^{}]*\})'
"""The fields that protobuf prints before the operator of a node, and those that it prints after it."""
MESSAGE = re.compile(
    rf'(?P<before>(?:{BEFORE}\s+){{0,64}})op_type:\s*"(?P<operator>{"|".join(OPERATORS)})"'
    rf"(?P<after>(?:\s+{AFTER}){{0,64}})"
)
"""A node as protobuf prints it."""
MESSAGE_ATTRIBUTE = re.compile(r'attribute\s*\{\s*name:\s*"(\w+)"([^{}]*)\}')
MESSAGE_VALUE = re.compile(r'\b(i|ints|f|floats|s|strings):\s*("[^"\n]*"|\S+)')
ALONE = tuple(operator for operator in OPERATORS if operator.startswith(("Global", "Reduce")))
"""The operators that need no attributes."""
FOREIGN_NAMES = ("onnx_name",)
"""What torch prints among the attributes of a node and ONNX does not have."""


def as_python(text: str) -> str:
    """A text with calls of `onnx.helper.make_node` in place of the nodes that it prints; without such nodes it is unchanged."""
    nodes = sorted(filter(is_printed, [*NODE.finditer(text), *MESSAGE.finditer(text)]), key=re.Match.start)
    if not nodes:
        return text
    lines, end = [make_constant(*constant) for constant in find_constants(text)], 0
    for node in nodes:
        lines += [text[end : node.start()], make_node(node)]
        end = node.end()
    return "\n".join((*lines, text[end:]))


def is_printed(node: re.Match[str]) -> bool:
    """Whether a node is printed by a tool: a call without attributes may be Python, unless its operator is none of Python's frameworks."""
    return node.re is MESSAGE or node["bare"] is None or "onnx::" in node[0] or "%" in node["outputs"] or node["operator"] in ALONE


def find_constants(text: str) -> Iterator[tuple[str, list[int]]]:
    """The names of the constants in a text, and their numbers."""
    for pattern in CONSTANTS:
        for match in pattern.finditer(text):
            yield bare_name(match["name"]), [int(number) for number in re.findall(r"-?\d+", match["numbers"])]


def make_constant(name: str, numbers: Sequence[int]) -> str:
    """The line of Python that makes a constant."""
    return f"{identifier(name)} = onnx.helper.make_tensor({name!r}, 7, [{len(numbers)}], {list(numbers)})"


def make_node(match: re.Match[str]) -> str:
    """The line of Python that makes a node."""
    inputs, outputs, attributes = message_parts(match) if match.re is MESSAGE else node_parts(match)
    words = "".join(f", {name}={value!r}" for name, value in attributes.items() if name not in FOREIGN_NAMES)
    return f"{identifier(outputs[0]) if outputs else 'y'} = onnx.helper.make_node({match['operator']!r}, {inputs}, {outputs}{words})"


def node_parts(match: re.Match[str]) -> tuple[list[str], list[str], dict[str, object]]:
    """The inputs, outputs and attributes of a node on a line."""
    attributes = PARTS.findall(match["angled"] or match["squared"] or "")
    outputs = [words[-1] for output in TYPE.sub("", match["outputs"]).split(",") if (words := output.split())]
    return (
        [bare_name(name) for name in re.findall(NAME, match["inputs"])],
        list(map(bare_name, outputs)),
        {name: value_of(value) for name, value in attributes},
    )


def message_parts(match: re.Match[str]) -> tuple[list[str], list[str], dict[str, object]]:
    """The inputs, outputs and attributes of a node that protobuf printed."""
    attributes: dict[str, object] = {}
    for name, body in MESSAGE_ATTRIBUTE.findall(match["after"]):
        values = MESSAGE_VALUE.findall(body)
        if values:
            one, numbers = values[0][0] in ("i", "f", "s"), [value_of(value) for _, value in values]
            attributes[name] = numbers[0] if one else numbers
    inputs, outputs = (re.findall(rf'\b{field}:\s*"([^"\n]*)"', match["before"]) for field in ("input", "output"))
    return inputs, outputs, attributes


def value_of(text: str) -> object:
    """The value of an attribute; what is no literal is a word."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def bare_name(name: str) -> str:
    """A name without what notations put around it."""
    return name.strip('"').removeprefix("%")


def identifier(name: str) -> str:
    """A name as a variable of Python."""
    return "_" + re.sub(r"\W", "_", name)

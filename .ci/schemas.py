"""Write the table of axes into the published schemas: `python .ci/schemas.py`, or with `--check` fail where a file is not current.

The axes and their values are defined in `cases/model/rules.py`. Editors read them in `specs/schema.json`, consumers of
rows in `specs/rows.schema.json`. Only the parts that list axes are replaced.
"""

from __future__ import annotations

import json
import re
import sys
from json.decoder import scanstring
from pathlib import Path
from typing import Any

from poolparity.cases.model.rules import AXES

SPECS = Path(__file__).parents[1] / "specs"
WIDTH = 150
PARTS: dict[str, dict[tuple[str, ...], Any]] = {
    "schema.json": {
        ("$defs", "case", "properties", "asks", "enum"): list(AXES),
        ("$defs", "rules", "properties"): {name: {"enum": list(axis.values), "description": axis.sentence} for name, axis in AXES.items()},
    },
    "rows.schema.json": {("$defs", "axis", "enum"): list(AXES)},
}
"""What stands in each file, by its keys from the outermost to the innermost."""


def locate(text: str, keys: tuple[str, ...], start: int = 0) -> tuple[int, int]:
    """The start and the end of a value in the text of a JSON object that starts at `start`; raises KeyError if a key is missing."""
    at, decoder = text.index("{", start) + 1, json.JSONDecoder()
    while (token := re.compile(r'[\s,]*"').match(text, at)) is not None:
        key, colon = scanstring(text, token.end())
        begin = re.compile(r"\s*:\s*").match(text, colon).end()  # type: ignore[union-attr]
        at = decoder.raw_decode(text, begin)[1]
        if key == keys[0]:
            return locate(text, keys[1:], begin) if keys[1:] else (begin, at)
    raise KeyError(keys[0])


def lay_out(value: Any, indent: int, lead: int = 0) -> str:
    """JSON in which a value that fits on a line stands on one; `lead` is what comes before it on the line."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or indent + lead + len(line) < WIDTH:
        return line
    keys = [f"{json.dumps(key)}: " for key in value] if isinstance(value, dict) else [""] * len(value)
    items = value.values() if isinstance(value, dict) else value
    body = ",\n".join(f"{' ' * (indent + 2)}{key}{lay_out(item, indent + 2, len(key))}" for key, item in zip(keys, items, strict=True))
    start, end = "{}" if isinstance(value, dict) else "[]"
    return f"{start}\n{body}\n{' ' * indent}{end}"


def with_axes(text: str, parts: dict[tuple[str, ...], Any]) -> str:
    """The text of a schema with the axes as the table has them."""
    for keys, value in parts.items():
        begin, end = locate(text, keys)
        line = text[text.rindex("\n", 0, begin) + 1 : begin]
        text = text[:begin] + lay_out(value, len(line) - len(line.lstrip()), len(line.lstrip())) + text[end:]
    return text


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` compare them; the exit status."""
    status = 0
    for name, parts in PARTS.items():
        text = (SPECS / name).read_text(encoding="utf-8")
        current = with_axes(text, parts)
        if "--check" not in arguments:
            (SPECS / name).write_text(current, encoding="utf-8")
        elif current != text:
            sys.stderr.write(f"specs/{name} is not current; run `python .ci/schemas.py`\n")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

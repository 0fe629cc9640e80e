"""Mappings and lists that know their lines in a file."""

from __future__ import annotations

from typing import Any


class Map(dict[str, Any]):
    """A mapping with its line, and the line of each of its keys."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def lacks_invalid(self, *keys: str) -> bool:
        """Whether the value of one of these keys was removed because it was wrong."""
        return any(key in self.lines and key not in self for key in keys)


class List(list[Any]):
    """A list with its line, and the line of each of its items."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []

    def add(self, item: Any, line: int) -> None:
        """Append an item with its line."""
        self.append(item)
        self.lines.append(line)

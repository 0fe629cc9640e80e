"""The verdicts of porting, and the file that `poolparity port --table` writes: its format, and how it is read.

The file is JSON with `format`, the `suite`'s version, the `targets` with their `versions`, the `layers` with `name`, `of`,
`op`, `pool` and `input`, the `pairs` with `from`, `to` and how many of the layers that the first framework has are
`drop_in`, `recipe` or `impossible` there (`exact`: without an exception on special numbers), and the `ports`, each with
`layer`, `from`, `to` and the keys that `poolparity port --json` prints.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...cases.model.files import read_text
from ...cases.model.mistake import UserError

SIZE_LIMIT = 1 << 26
"""Bytes that a table of pairs has at most."""

FORMAT = 1
DROP_IN, RECIPE, IMPOSSIBLE = VERDICTS = "drop_in", "recipe", "impossible"
"""The same arguments give the same answers; other steps do; or nothing that was tried does. From best to worst."""


def parse_table(path: Path) -> Mapping[str, Any] | None:
    """The content of a file that `port --table` wrote; None if it is not one. Raises `UnreadableFile`."""
    try:
        table = json.loads(read_text(path, SIZE_LIMIT))
        complete = table["format"] == FORMAT and table["pairs"] and table["ports"] and table["layers"]
    except UserError:
        raise
    except (ValueError, KeyError, TypeError):
        return None
    return dict(table) if complete else None

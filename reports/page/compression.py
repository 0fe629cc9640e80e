"""Data that a page carries: packed as compressed JSON, which the browser unpacks by itself."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from typing import Any

import pandas as pd


def pack(value: Any) -> str:
    """A value as gzip of JSON in base64, which no markup can hide in; the same bytes for the same value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("utf-8", errors="backslashreplace"), 6, mtime=0)).decode("ascii")


def coded(values: Iterable[Any]) -> dict[str, list[Any]]:
    """A column as its distinct values, in the order in which they are met, and the code of each line."""
    codes, names = pd.factorize(pd.Series(list(values), dtype=object), use_na_sentinel=False)
    return {"names": [None if name != name else name for name in names], "codes": codes.tolist()}

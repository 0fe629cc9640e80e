"""Data that the page holds as compressed JSON, which the browser decompresses itself."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from typing import Any


def compress_json(value: Any) -> str:
    """A value as base64 of gzip of JSON, in which no markup can hide; equal values give equal text."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("utf-8", errors="backslashreplace"), 6, mtime=0)).decode("ascii")


def encode_column(values: Iterable[Any]) -> dict[str, list[Any]]:
    """A column as its distinct values, in the order of their first occurrence, and the index of each line's value among them."""
    codes: dict[Any, int] = {}
    indexes = [codes.setdefault(value, len(codes)) for value in values]
    return {"names": list(codes), "codes": indexes}

"""Native code tried in a worker, for what stops it."""

from __future__ import annotations

import ast
import contextlib
import importlib
from typing import Any

from .steps import of_module


class NotTried(Exception):
    """Native code that is wrong by itself, and so proves nothing about the framework."""


def run(code: str, absent: bool, x: Any) -> Any:
    """Run an attempt; the input comes back if nothing stops it, `NotTried` if the code is wrong by itself.

    `absent` tells that what the code names need not be there.
    """
    try:
        exec(code, {**modules(code), "x": x})  # noqa: S102 an adapter's own code
    except SyntaxError as error:
        raise NotTried(f"{error}; expected Python") from error
    except (NameError, ImportError, AttributeError) as error:
        if deep(error) or (absent and isinstance(error, AttributeError)):
            raise
        raise NotTried(f"{type(error).__name__}: {error}; expected code whose names are all there") from error
    return x


def deep(error: BaseException) -> bool:
    """Whether an exception was raised below the code that was run, and not by that code itself."""
    traceback = error.__traceback__
    return bool(traceback and traceback.tb_next and traceback.tb_next.tb_next)


def modules(code: str) -> dict[str, Any]:
    """The modules that the code's dotted names begin with, imported as deep as they go."""
    modules_by_name = {}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute):
            dotted_name = ast.unparse(node)
            root = dotted_name.partition(".")[0]
            with contextlib.suppress(ImportError, AttributeError):
                modules_by_name[root] = importlib.import_module(root)
                of_module(dotted_name)
    return modules_by_name

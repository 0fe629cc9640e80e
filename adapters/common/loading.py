"""Loading adapters, in the parent and in workers, by the name of a module or the path of a file."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from ...cases.model.mistake import UserError
from ..contract import Adapter, UndeclaredGap

FOLDER = Path(__file__).parents[1]
FRAMEWORKS = FOLDER / "frameworks"
ADAPTERS = __package__.rpartition(".")[0]
"""The package that adapter files are loaded into."""


class BadAdapter(UserError):
    """An adapter that cannot be used."""


def load_adapter(location: str) -> Adapter:
    """Load the adapter of a module, or of a file whose path ends in .py; raises `BadAdapter`."""
    try:
        module = load_file(Path(location)) if location.endswith(".py") else importlib.import_module(location)
    except BadAdapter:
        raise
    except Exception as error:
        raise BadAdapter(
            f"{location}: {type(error).__name__}: {error}; expected a file that defines ADAPTER and imports no framework"
        ) from error
    adapter = getattr(module, "ADAPTER", None)
    if not isinstance(adapter, Adapter):
        raise BadAdapter(
            f"{location}: ADAPTER is of type {type(adapter).__name__}; expected an instance of a subclass of {ADAPTERS}.Adapter"
        )
    return adapter


def describe_error(adapter: Adapter, op: str, rank: int, error: Exception) -> str:
    """Describe an error that an adapter raised while it translated: the file, the operation, and what was expected."""
    if isinstance(error, UndeclaredGap):
        return str(error)
    return (
        f"{locate_error(adapter, error)}: {type(error).__name__}: {error}, raised while translating {op} with {rank} spatial axes; "
        "expected a Call, or Unsupported"
    )


def locate_error(adapter: Adapter, error: Exception) -> str:
    """The file of an adapter, and its last line that an error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    return adapter.file + next((f":{frame.lineno}" for frame in reversed(frames) if frame.filename == adapter.file), "")


def is_adapter_error(adapter: Adapter, error: Exception) -> bool:
    """Whether an adapter raised an error: its file, or the contract that reads what it declares."""
    files = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
    return isinstance(error, UndeclaredGap) or any(str(file) == adapter.file or file.parent == FOLDER / "contract" for file in files)


def load_file(path: Path) -> ModuleType:
    """Load a file as a module of the package `adapters`, so that it can import the contract relatively; raises `BadAdapter`."""
    name = f"{ADAPTERS}.{path.stem}"
    if not path.stem.isidentifier():
        raise BadAdapter(f"{path}: invalid name {path.stem!r}: expected a Python identifier before .py")
    loaded_module = sys.modules.get(name)
    if loaded_module is not None and loaded_module.__file__ == str(path):
        return loaded_module
    if loaded_module is not None or (FOLDER / path.stem).exists() or (FRAMEWORKS / path.stem).exists():
        raise BadAdapter(f"{path}: the name {path.stem} is in use by another adapter or package; expected another file name")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, "a path that ends in .py has a loader"
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    setattr(sys.modules[ADAPTERS], path.stem, module)  # as an import would, for code that names it by its whole path
    return module

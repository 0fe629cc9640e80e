"""The scripts in `.ci`, which are in no package."""

import importlib.util
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[3] / ".ci"


def load_script(name):
    """Load a script as a module."""
    spec = importlib.util.spec_from_file_location(f"ci_{name}", FOLDER / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

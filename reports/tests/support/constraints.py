"""The versions in `constraints.txt`, which some distributions have for each Python."""

from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FILE = Path(__file__).parents[3] / "constraints.txt"
LINES = [line.partition(" #")[0].strip() for line in FILE.read_text(encoding="utf-8").splitlines()]
REQUIREMENTS = [Requirement(line) for line in LINES if line and not line.startswith("#")]


def pinned_versions(python):
    """The version of each distribution on a Python such as '3.13'; two for one are an error."""
    here = [item for item in REQUIREMENTS if item.marker is None or item.marker.evaluate({"python_version": python})]
    versions = {canonicalize_name(item.name): next(iter(item.specifier)).version for item in here}
    assert len(versions) == len(here)
    return versions

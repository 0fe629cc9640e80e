"""How pytest-xdist deals out items: each target's to one worker, and each file of other tests to one."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling


class ByTarget(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps a target's items together, and the tests of a file, which share what takes long to make."""

    def _split_scope(self, nodeid: str) -> str:
        file, *rest = nodeid.split("::")
        return rest[-1] if file.endswith((".yaml", ".yml")) and rest else file

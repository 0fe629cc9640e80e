"""How pytest-xdist deals out items: each target's to one worker, and each file of other tests to one."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController


class ByTarget(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps a target's items together, and the tests of a file, which share what takes long to make."""

    def _split_scope(self, nodeid: str) -> str:
        file, *rest = nodeid.split("::")
        return rest[-1] if file.endswith((".yaml", ".yml")) and rest else file

    def remove_node(self, node: WorkerController) -> str | None:
        """Give the others what a worker left undone, but for the item it died of, which is returned.

        xdist itself would give them that item too, and the groups that are done; a worker that is
        given nothing but those reports nothing, and the run never ends.
        """
        groups = self.assigned_work[node]
        fatal = next((item for group in groups.values() for item, is_done in group.items() if not is_done), None)
        if fatal is not None:
            groups[self._split_scope(fatal)][fatal] = True
        self.assigned_work[node] = {name: group for name, group in groups.items() if not all(group.values())}
        super().remove_node(node)
        return fatal

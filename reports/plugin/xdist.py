"""How pytest-xdist deals out items: each target's to one worker, and each file of other tests to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController


class IndexedList(list[str]):
    """A list that knows where its items stand: xdist looks up each item that it deals out, and would search the whole list for it."""

    def __init__(self, items: Iterable[str]) -> None:
        super().__init__(items)
        self.positions: dict[str, int] = {}
        for position, item in enumerate(self):
            self.positions.setdefault(item, position)

    def index(self, value: str, *bounds: Any) -> int:
        """Where an item stands first."""
        return super().index(value, *bounds) if bounds or value not in self.positions else self.positions[value]


class ByTarget(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps a target's items together, and the tests of a file, which share what takes long to make."""

    def _split_scope(self, nodeid: str) -> str:
        file, *rest = nodeid.split("::")
        return rest[-1] if file.endswith((".yaml", ".yml")) and rest else file

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """Take what a worker has collected."""
        super().add_node_collection(node, collection)
        if node in self.registered_collections:
            self.registered_collections[node] = IndexedList(collection)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Note that an item is done, and forget its group with the last one: after each item xdist counts what all groups have left."""
        super().mark_test_complete(node, item_index, duration)
        groups, scope = self.assigned_work[node], self._split_scope(self.registered_collections[node][item_index])
        if all(groups[scope].values()):
            del groups[scope]

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

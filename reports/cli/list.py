"""The command `list`: cases and targets, or what the cases cover."""

from __future__ import annotations

from typing import Annotated

import typer

from ...adapters.targets.find import find_targets, layers_of
from ...adapters.targets.groups import list_groups
from ..run.run import choose_targets
from ..run.selection import Selection, SelectionOptions
from .shared import Adapters, SpecPaths, Tier, out

Coverage = Annotated[bool, typer.Option("--coverage", help="Count the cases of each operation, axis, attribute and rank instead.")]


def list_cases(paths: SpecPaths = None, tier: Tier = "full", coverage: Coverage = False, adapter: Adapters = None) -> None:
    """List cases, then targets, installed or not, and their groups."""
    entries = find_targets(adapter or ())
    cases = Selection(SelectionOptions(tuple(paths or ()), tier), layers_of(entries))
    if coverage:
        from ..run.coverage import show_coverage

        show_coverage(list(cases), out)
        return
    for case in cases:
        out.print(case.id)
    _, skipped_targets = choose_targets(entries, ())
    missing = {target["target"]: target["why"] for target in skipped_targets}
    for name in entries:
        out.print(f"{name}: {missing.get(name, 'installed')}")
    for group, names in list_groups(entries).items():
        out.print(f"group {group}: {', '.join(names)}")

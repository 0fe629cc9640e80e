"""The order in which targets are fed their cases, so that those that share compiled programs do not compile the same one at once.

Two such targets, asked the same cases in the same order, reach each program together, and both compile it. If one of them goes
through a window of cases backwards they meet in its middle, and each finds there what the other has compiled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...adapters.contract import Target
from ...cases.model.case import Case

WINDOW = 64
"""So many cases are gone through backwards at a time; the rows of the first of them wait for the last."""


def backward_targets(targets: Mapping[str, Target]) -> frozenset[str]:
    """The names of targets that go backwards: every other one of those that keep compiled programs in one place.

    Targets that compile several cases as one program go forwards, for another order would make other programs.
    """
    sharing: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for name, target in targets.items():
        if target.compile_cache and target.together == 1:
            sharing.setdefault(tuple(sorted(target.compile_cache.items())), []).append(name)
    return frozenset(name for names in sharing.values() for name in names[1::2])


def order_cases(cases: Sequence[Case], *, backward: bool) -> Iterator[Case]:
    """The cases as they come, or every window of them from its end to its begin."""
    for start in range(0, len(cases), WINDOW):
        window = cases[start : start + WINDOW]
        yield from reversed(window) if backward else window

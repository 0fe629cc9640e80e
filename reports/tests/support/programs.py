"""Which targets find programs that another target has compiled."""

from collections.abc import Iterable, Mapping


def find_second_compilers(caches: Iterable[tuple[str, Mapping[str, str]]]) -> set[str]:
    """The targets that keep compiled programs where a target before them does, and so had better start when that one has ended.

    `caches` has each target's name and its settings of such a cache, which are empty if it has none.
    """
    first: dict[tuple[tuple[str, str], ...], str] = {}
    return {name for name, settings in caches if settings and first.setdefault(tuple(settings.items()), name) != name}

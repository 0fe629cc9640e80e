"""What targets need in an interpreter, and how it is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from packaging.version import Version

from ..contract import Adapter, Ask, Gap, Target, Unsupported


def describe_missing(target: Target, has: Callable[[str], bool], versions: Mapping[str, str]) -> str:
    """What a target needs that an interpreter does not have, as the end of a sentence; empty if nothing."""
    if missing := [module for module in target.modules if not has(module)]:
        several = len(missing) > 1
        return f"module{'s' * several} {' and '.join(missing)} {'are' if several else 'is'} not installed"
    return " and ".join(
        f"{name} is {versions[name]}, but {least} or later is required"
        for name, least in target.least.items()
        if name in versions and Version(versions[name]) < Version(least)
    )


def require_version(adapter: Adapter, ask: Ask, target: Target) -> None:
    """Raise `Unsupported` if an operation exists only in a later version than the installed one."""
    form = adapter.form(ask)
    for name, first in form.since.items():
        if name in target.versions and Version(target.versions[name]) < Version(first):
            reason = f"{name} has {form.call.format(rank=ask.rank)} since {first}, and this is {target.versions[name]}"
            raise Unsupported(Gap(ask.pool.op, "op", reason, ""))


def pip_packages(target: Target) -> str:
    """The packages of a target, as arguments of `pip install`."""
    names = [names.split("|")[0] for names in target.distributions]
    return " ".join(f"'{name}>={target.least[name]}'" if name in target.least else name for name in names)

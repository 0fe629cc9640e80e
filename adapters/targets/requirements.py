"""What targets need in an interpreter, and how it is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from packaging.version import Version

from ..common.inspection import is_importable, versions_of
from ..common.npm_packages import NODE, has_node, package_version, package_versions
from ..contract import PYTHON, Adapter, Ask, Gap, Target, Unsupported


def installed_versions(target: Target) -> dict[str, str]:
    """The versions of the distributions of a target that are installed here, packages of npm for a worker in Node."""
    return versions_of(target.all_distributions) if target.program == PYTHON else package_versions(target.all_distributions)


def describe_missing_here(target: Target) -> str:
    """What a target needs that is not installed here, as the end of a sentence; empty if nothing. No framework is imported."""
    if target.program == PYTHON:
        return describe_missing(target, is_importable, versions_of(target.all_distributions))
    if not has_node():
        return f"{NODE} is not installed"
    missing = [name for name in target.modules if not package_version(name)]
    return (
        f"package{'s' * (len(missing) > 1)} {' and '.join(missing)} of npm {'are' if len(missing) > 1 else 'is'} not installed"
        if missing
        else ""
    )


def describe_missing(target: Target, has: Callable[[str], bool], versions: Mapping[str, str]) -> str:
    """What a target needs that an interpreter does not have, as the end of a sentence; empty if nothing."""
    if missing := [module for module in target.modules if not has(module)]:
        several = len(missing) > 1
        return f"module{'s' * several} {' and '.join(missing)} {'are' if several else 'is'} not installed"
    older = find_older(target.least, versions)
    return " and ".join(f"{name} is {versions[name]}, but {least} or later is required" for name, least in older.items())


def find_older(least: Mapping[str, str], versions: Mapping[str, str]) -> dict[str, str]:
    """The minimum versions, by distribution, that installed versions do not reach."""
    return {name: version for name, version in least.items() if name in versions and Version(versions[name]) < Version(version)}


def with_versions(target: Target, versions: Mapping[str, str]) -> Target:
    """A target with the versions that are installed, which may be too early to keep compiled programs."""
    older = find_older(target.compile_cache_least, versions)
    return replace(target, versions=versions, compile_cache={} if older else target.compile_cache)


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

"""The pytest plugin: a spec file, its cases, and each case on each target.

Everything but pytest is imported when it is first needed, so that the plugin costs a project without
specs nothing. Only files that are named on the command line, or that lie in a folder of the setting
`poolparity_specs`, are collected.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from ..words.options import HELP
from .stash import session_of, started_session

SUFFIXES = (".yaml", ".yml")
LIMITS = {"--case-timeout": ("SECONDS", 60), "--start-timeout": ("SECONDS", 180), "--memory-limit": ("MIB", 8192)}
"""The unit and the default of each limit; the defaults are those of `Limits`, which is not imported for the help alone."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and settings of the plugin."""
    group = parser.getgroup("poolparity", "conformance of pooling layers")
    group.addoption("--target", action="append", default=[], metavar="NAME", help=f"{HELP['--target']} Default: all that are installed.")
    group.addoption("--tier", choices=("smoke", "core", "full"), default="core", help=f"{HELP['--tier']} Default: core.")
    group.addoption("--shard", metavar="I/N", help=HELP["--shard"])
    group.addoption("--rows", metavar="FILE", type=writable_file, help=HELP["--rows"])
    group.addoption("--report", metavar="FILE", type=writable_file, help=HELP["--report"])
    group.addoption("--ledger", action="append", default=[], metavar="FOLDER", help=HELP["--ledger"])
    group.addoption("--adapter", action="append", default=[], metavar="FILE", help=HELP["--adapter"])
    group.addoption("--no-cache", action="store_true", help=HELP["--no-cache"])
    for option, (unit, default) in LIMITS.items():
        group.addoption(option, type=positive_number, metavar=unit, help=f"{HELP[option]} Default: {default}.")
    parser.addini("poolparity_specs", "Files and folders whose YAML files are specs.", type="paths", default=[])


def positive_number(text: str) -> float:
    """Read the number of a limit."""
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"invalid value {text!r}: must be a number greater than 0")
    return number


def writable_file(text: str) -> str:
    """Accept the path of a file to write; a directory is refused before anything has run."""
    if Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text}: is a directory; expected a file to write")
    return text


def pytest_configure(config: pytest.Config) -> None:
    """Register the tiers as markers, and gather rows in the process that all reports reach."""
    for tier in ("smoke", "core", "full"):
        config.addinivalue_line("markers", f"{tier}: a case of poolparity's {tier} tier")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Gatherer(config))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a YAML file that is named or configured."""
    if file_path.suffix not in SUFFIXES:
        return None
    if not parent.session.isinitpath(file_path) and not is_configured(file_path, parent.config):
        return None
    from .items import SpecFile

    return SpecFile.from_parent(parent, path=file_path)


def is_configured(path: Path, config: pytest.Config) -> bool:
    """Whether a file lies where the settings say that specs lie."""
    return any(path == place or place in path.parents for place in config.getini("poolparity_specs"))


def may_have_specs(config: pytest.Config) -> bool:
    """Whether the settings or the command line name specs."""
    names_specs = any(Path(str(arg).partition("::")[0]).suffix in SUFFIXES for arg in config.args)
    return names_specs or bool(config.getini("poolparity_specs"))


def pytest_report_header(config: pytest.Config) -> list[str]:
    """List the targets of the run and those that were skipped."""
    return session_of(config).header() if may_have_specs(config) else []


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, Any, Any]:
    """Select the shard before anything else is deselected; move the cases that are known to kill their target's worker to the end."""
    if config.option.shard:
        from .items import select_shard

        select_shard(config, items)
    result = yield
    if started_session(config):
        from .items import move_killers_last

        move_killers_last(config, items)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, Any, Any]:
    """Feed the targets before the loop, and judge the whole run after it; with xdist the session may be made in between."""
    config = session.config
    if ours := started_session(config):
        from .items import find_pairs

        ours.begin(find_pairs(session.items))
    result = yield
    if (ours := started_session(config)) and not config.option.collectonly:
        ours.conclude(whole=not (session.shouldstop or session.shouldfail))
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the rows of an item travel with its report; out of a worker of xdist as one text, for xdist takes long over nested values.

    Items and reports live to the end of the run, so that neither keeps the rows.
    """
    report = yield
    if report.when == "call" and (line_and_rows := vars(item).pop("line_and_rows", None)):
        vars(report)["poolparity"] = json.dumps(line_and_rows) if hasattr(item.config, "workerinput") else line_and_rows
    return report


class Gatherer:
    """Takes the rows from the reports, in the process that all reports reach."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the rows that came with a report."""
        if line_and_rows := vars(report).pop("poolparity", None):
            session_of(self.config).keep(*(json.loads(line_and_rows) if isinstance(line_and_rows, str) else line_and_rows))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each target to one worker of xdist, so that each framework is imported once."""
    if config.getvalue("dist") != "load" or not may_have_specs(config):
        return None
    from .xdist import ByTarget

    return ByTarget(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the matrix, and where the rows and the report are."""
    if session := started_session(config):
        session.print_ending(terminalreporter)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End every worker."""
    if session := started_session(config):
        session.close()

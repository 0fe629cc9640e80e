"""The pytest plugin: a spec file, its cases, and each case on each target.

Everything but pytest is imported when it is first needed, so that the plugin costs a project without
specs nothing. Only files that are named on the command line, or that lie in a folder of the setting
`poolparity_specs`, are collected.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .session import Session

SESSION = pytest.StashKey["Session"]()
SUFFIXES = (".yaml", ".yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options and settings of the plugin."""
    group = parser.getgroup("poolparity", "conformance of pooling layers")
    group.addoption("--target", action="append", default=[], metavar="NAME",
                    help="run only this target (repeatable; * and ? are wild; NAME@PYTHON: in that interpreter); all that are installed unless given")  # fmt: skip
    group.addoption("--tier", choices=("smoke", "core", "full"), default="core", help="the largest tier to run (default: core)")
    group.addoption("--shard", metavar="I/N", help="run only share I of the cases, dealt out into N")
    group.addoption("--rows", metavar="FILE", help="write every answer to FILE as JSON lines")
    group.addoption("--report", metavar="FILE", help="write the HTML compatibility report to FILE")
    group.addoption("--ledger", action="append", default=[], metavar="FOLDER",
                    help="a folder of further known differences, as YAML files (repeatable)")  # fmt: skip
    group.addoption("--adapter", action="append", default=[], metavar="FILE", help="a further adapter, a Python file (repeatable)")
    group.addoption("--no-cache", action="store_true", help="ask for everything anew, and keep no answer for later runs")
    group.addoption("--case-timeout", type=positive, metavar="SECONDS", help="how long a case may take (default: 60)")
    group.addoption("--start-timeout", type=positive, metavar="SECONDS", help="how long a framework may take to start (default: 180)")
    group.addoption("--memory-limit", type=positive, metavar="MIB", help="how much memory a framework's process may hold (default: 8192)")
    parser.addini("poolparity_specs", "files and folders whose YAML files are specs", type="paths", default=[])


def positive(text: str) -> float:
    """The number of an option."""
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} was got; expected a number above 0")
    return number


def pytest_configure(config: pytest.Config) -> None:
    """Make the tiers known as marks, and collect rows where reports arrive."""
    for tier in ("smoke", "core", "full"):
        config.addinivalue_line("markers", f"{tier}: a case of poolparity's {tier} tier")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Gatherer(config))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take a YAML file that is named or configured."""
    if file_path.suffix not in SUFFIXES:
        return None
    if not parent.session.isinitpath(file_path) and not configured(file_path, parent.config):
        return None
    from .items import SpecFile

    return SpecFile.from_parent(parent, path=file_path)


def configured(path: Path, config: pytest.Config) -> bool:
    """Whether a file lies where the settings say that specs lie."""
    return any(path == place or place in path.parents for place in config.getini("poolparity_specs"))


def concerned(config: pytest.Config) -> bool:
    """Whether the project or the command line has anything to do with specs."""
    named = any(Path(str(arg).partition("::")[0]).suffix in SUFFIXES for arg in config.args)
    return named or bool(config.getini("poolparity_specs"))


def session_of(config: pytest.Config) -> Session:
    """What the run knows and does, made when it is first asked for."""
    if SESSION not in config.stash:
        from .session import Session

        config.stash[SESSION] = Session(config)
    return config.stash[SESSION]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what will be run, and what was left out."""
    return session_of(config).header() if concerned(config) else []


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, Any, Any]:
    """Keep one share of the cases, whatever else is left out, and let those that are known to kill their target's worker run last."""
    if config.option.shard:
        from .items import deal

        deal(config, items)
    result = yield
    if SESSION in config.stash:
        session_of(config).arrange(items)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, Any, Any]:
    """Feed every target its cases before the loop, and judge the claims after it; of xdist's rows the first may come only then."""
    config = session.config
    if SESSION in config.stash:
        session_of(config).begin(session.items)
    result = yield
    if SESSION in config.stash and not config.option.collectonly:
        session_of(config).claims(session)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the rows of an item travel with its report, out of a worker of xdist as well."""
    report = yield
    if report.when == "call" and hasattr(item, "answered"):
        vars(report)["poolparity"] = item.answered
    return report


class Gatherer:
    """Takes the rows from the reports, in the process that all reports reach."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the rows that came with a report."""
        if hasattr(report, "poolparity"):
            session_of(self.config).keep(*report.poolparity)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each target to one worker of xdist, so that each framework is imported once."""
    if config.getvalue("dist") != "load" or not concerned(config):
        return None
    from .xdist import ByTarget

    return ByTarget(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the matrix, and say where the rows and the report are."""
    if SESSION in config.stash:
        session_of(config).summary(terminalreporter)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End every worker."""
    if SESSION in config.stash:
        session_of(config).close()

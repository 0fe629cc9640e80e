"""Generate the parts of `reports/COMMANDS.md` that list arguments and options, out of the commands themselves.

`python .ci/commands.py` writes the page again. A part stands between `<!-- poolparity NAME -->`, or `<!-- pytest -->`, and
`<!-- end -->`; what is written around the parts is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from poolparity.reports import plugin
from poolparity.reports.cli import app

PAGE = Path(__file__).parents[1] / "reports" / "COMMANDS.md"
PART = re.compile(r"<!-- (poolparity [a-z ]+|pytest) -->\n.*?<!-- end -->\n", re.DOTALL)


def find_commands(command: Any = None, name: str = "poolparity") -> Iterator[tuple[str, Any]]:
    """The commands that do something, with their whole names."""
    command = command or typer.main.get_command(app)
    if hasattr(command, "commands"):
        for part in command.commands:
            yield from find_commands(command.commands[part], f"{name} {part}")
    else:
        yield name, command


def generate(page: str) -> str:
    """The page with all its parts made again."""
    parts = {name: "\n".join(describe_command(name, command)) for name, command in find_commands()}
    parts["pytest"] = "\n".join(describe_plugin())
    return PART.sub(lambda match: f"<!-- {match[1]} -->\n{parts[match[1]]}\n<!-- end -->\n", page)


def describe_command(name: str, command: Any) -> Iterator[str]:
    """The usage of a command, what it does, its arguments and options, and its example."""
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    yield f"`{' '.join([name, '[OPTIONS]', *map(write_argument, arguments)])}`"
    yield ""
    yield from (" ".join(paragraph.split()) + "\n" for paragraph in command.help.split("\n\n"))
    yield from make_table((name_of(parameter), text_of(parameter)) for parameter in command.params)
    yield ""
    yield f"```sh\n{command.epilog.removeprefix('Example: ')}\n```"


def write_argument(parameter: Any) -> str:
    """An argument as a line of usage shows it."""
    return f"{name_of(parameter) if parameter.required else f'[{name_of(parameter)}]'}{'...' if parameter.nargs != 1 else ''}"


def name_of(parameter: Any) -> str:
    """How an argument or option is written."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    value = "" if parameter.is_flag else f" {parameter.metavar}"
    return ", ".join(f"{option}{value}" for option in parameter.opts)


def text_of(parameter: Any) -> str:
    """What an argument or option means, and its default."""
    default = parameter.default
    if default in (None, False, "", 0, ()) or isinstance(default, (list, Path)) or callable(default) or "Default:" in parameter.help:
        return str(parameter.help)
    return f"{parameter.help} Default: {f'{default:g}' if isinstance(default, float) else default}."


class Recorder:
    """Stands in for pytest's parser and its groups, and keeps what the plugin adds."""

    def __init__(self) -> None:
        self.options: list[tuple[str, str]] = []
        self.settings: list[tuple[str, str]] = []

    def getgroup(self, *_: str) -> Recorder:
        """The recorder itself."""
        return self

    def addoption(self, name: str, *, help: str, metavar: str = "", choices: tuple[str, ...] = (), **_: Any) -> None:  # noqa: A002 (pytest's name)
        """Keep an option."""
        self.options.append((f"{name} {'|'.join(choices) or metavar}".strip(), help))

    def addini(self, name: str, help: str, **_: Any) -> None:  # noqa: A002 (pytest's name)
        """Keep a setting."""
        self.settings.append((name, help))


def describe_plugin() -> Iterator[str]:
    """The options and settings that the plugin adds to pytest."""
    recorder = Recorder()
    plugin.pytest_addoption(recorder)  # type: ignore[arg-type]
    yield from make_table(recorder.options)
    yield ""
    yield from make_table(recorder.settings, "setting")


def make_table(lines: Any, head: str = "argument or option") -> Iterator[str]:
    """A table of two columns in Markdown."""
    yield f"| {head} | |"
    yield "|---|---|"
    for name, text in lines:
        escaped_text = text.replace("|", "\\|").replace("*", "\\*")
        yield f"| `{name.replace('|', chr(92) + '|')}` | {escaped_text} |"


if __name__ == "__main__":
    PAGE.write_text(generate(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

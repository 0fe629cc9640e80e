"""The command line: its commands, each loaded when it is asked for, and what becomes of errors."""

from __future__ import annotations

import signal
import warnings
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from importlib import import_module, metadata
from typing import Annotated, Any, NamedTuple, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from ...cases.model.mistake import UserError
from ..rows.files import describe_os_error
from ..terminal.console import prepare_terminal
from .shared import err

OURS = __package__.partition(".")[0]
WRONG_USE = 2
"""The exit status of wrong usage, and of files that cannot be read or written."""


class Command(NamedTuple):
    """A command: `module:name` of its function, or of its `Typer` application; the sentence that `--help` lists it with; an example."""

    source: str
    summary: str
    example: str


COMMANDS = {
    "run": Command(
        "run:run",
        "Run specs on the installed targets and print how many cases agree.",
        "poolparity run --target torch --target 'keras-*' --report report.html",
    ),
    "check": Command(
        "check:check",
        "Find every mistake in spec files and in files of a ledger, without running anything.",
        "poolparity check specs/",
    ),
    "list": Command("list:list_cases", "List cases, then targets, installed or not, and their groups.", "poolparity list --tier smoke"),
    "report": Command(
        "report:report",
        "Write the compatibility report of files of rows: a page, a summary, a table, a badge, or the matrix.",
        "poolparity report rows.jsonl --output report.html --output summary.md",
    ),
    "merge": Command("merge:merge", "Join files of rows into one.", "poolparity merge first.jsonl second.jsonl --output rows.jsonl"),
    "diff": Command(
        "diff:diff",
        "Compare two files of rows, or the versions in one: what an upgrade changed.",
        "poolparity diff old.jsonl new.jsonl --format markdown",
    ),
    "fingerprint": Command(
        "fingerprint:fingerprint",
        "Show which rule each target follows on every axis.",
        "poolparity fingerprint rows.jsonl --json fingerprints.json",
    ),
    "ledger": Command(
        "ledger:app",
        "Update the ledger of known differences from measured rows.",
        "poolparity ledger update rows.jsonl",
    ),
    "port": Command(
        "port:port",
        "Find what to write in another framework to get what a layer gives.",
        "poolparity port 'torch.nn.MaxPool2d(3, stride=2, padding=1)' --to keras --input 1,64,112,112",
    ),
    "explain": Command(
        "explain:explain",
        "Explain what a layer does, and what the same arguments do in other frameworks and execution modes.",
        "poolparity explain 'torch.nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True)' --input 1,8,12,12",
    ),
    "search": Command(
        "search:search",
        "Search for unknown bugs: ask generated questions, and report answers that no rule explains.",
        "poolparity search --target torch --minutes 10 --save finds",
    ),
    "scan": Command(
        "scan:scan",
        "List the poolings of a model, and whether each can move to another framework as it is.",
        "poolparity scan model.onnx --to keras",
    ),
    "compare": Command(
        "compare:compare",
        "Compare the poolings of two models, such as a model before and after a conversion.",
        "poolparity compare model.pt2 model.onnx --report comparison.html",
    ),
}


class LoadedCommands(MutableMapping[str, Any]):
    """The commands by their names; the module of a command is imported when the command is looked up."""

    def __init__(self) -> None:
        self.commands: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.commands:
            self.commands[name] = load_command(name, COMMANDS[name])
        return self.commands[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self.commands[name] = command

    def __delitem__(self, name: str) -> None:
        del self.commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def load_command(name: str, command: Command) -> Any:
    """Import the module of a command and make the command."""
    module, _, attribute = command.source.partition(":")
    source = getattr(import_module(f".{module}", __package__), attribute)
    epilog = f"Example: {command.example}"
    if isinstance(source, typer.Typer):
        group = typer.main.get_group(source)
        group.name, group.epilog = name, epilog
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
    alone.command(name, epilog=epilog)(source)
    return typer.main.get_command(alone)


class LazyGroup(TyperGroup):
    """A group that imports a command only to run it or to print its own help, as Click's documentation proposes."""

    listing = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = LoadedCommands()

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name; while the help of the group is printed, one that has a summary and nothing else."""
        if self.listing and cmd_name in COMMANDS:
            return TyperCommand(cmd_name, help=COMMANDS[cmd_name].summary)
        return self.commands.get(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help of the group, which loads no command."""
        self.listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self.listing = False


app = typer.Typer(
    cls=LazyGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich",
    help="Conformance tests for pooling layers across deep-learning frameworks.",
)  # fmt: skip


def print_version(is_requested: bool) -> None:
    """Print the version and exit."""
    if is_requested:
        typer.echo(f"poolparity {metadata.version('poolparity')}")
        raise typer.Exit


@app.callback()
def poolparity(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", callback=print_version, is_eager=True)] = False,
) -> None:
    """Conformance tests for pooling layers across deep-learning frameworks."""


class Terminated(BaseException):
    """SIGTERM or SIGHUP: whatever holds files, folders or workers lets go of them on its way out."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.status = 128 + number


def raise_terminated(number: int, frame: object) -> NoReturn:
    """Handle a signal by an exception, once: the next one ends the process."""
    signal.signal(number, signal.SIG_DFL)
    raise Terminated(number)


def handle_signals() -> None:
    """Let signals that end the command leave nothing behind; one that is ignored, as under `nohup`, stays so."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, raise_terminated)


def main() -> None:
    """Run the command that the command line names.

    An error that the user can correct is a sentence and status 2; a signal that ends the command is status 128 and its number.
    """
    prepare_terminal()
    warnings.filterwarnings("ignore", category=RuntimeWarning, module=rf"{OURS}\.")  # NumPy's, of special numbers in our own lines
    handle_signals()
    try:
        app(prog_name="poolparity")
    except Terminated as terminated:
        leave_with(str(terminated), terminated.status)
    except UserError as error:
        leave_with(str(error))
    except OSError as error:
        leave_with(describe_os_error(error))


def leave_with(text: str, status: int = WRONG_USE) -> NoReturn:
    """Print an error and exit."""
    with suppress(OSError):
        err.print(f"poolparity: {text}")
    raise SystemExit(status)

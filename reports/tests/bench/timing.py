"""Times taken in turns, and the tables they are shown in."""

import json
import os
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROUNDS = 5
console = Console(soft_wrap=True)


def shortest(*actions, rounds=ROUNDS):
    """The shortest time of each action, in seconds, all of them taken in turns."""
    times = [[time_action(action) for action in actions] for _ in range(rounds)]
    return [min(column) for column in zip(*times, strict=True)]


def time_action(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def show(title, head, rows):
    """Print a table, and how busy the machine is."""
    table = Table(title=f"{title} (load {os.getloadavg()[0]:.1f})", title_justify="left", box=None, header_style="bold")
    for place, name in enumerate(head):
        table.add_column(name, justify="right" if place else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(str, row))
    console.print(table, "")


def append_line(path, line):
    """Append a value to a file of JSON lines, if there is one."""
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

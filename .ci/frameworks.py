"""Writes the table of frameworks, and what the README says of them between its two markers, from the adapters' own data.

`python .ci/frameworks.py` writes both. With `--print` the table goes to standard output, and no file is changed.
"""

import sys
import textwrap
from pathlib import Path

from poolparity.adapters import Target
from poolparity.adapters.contract import PYTHON
from poolparity.adapters.targets.find import AdapterEntry, find_targets
from poolparity.adapters.targets.groups import plain_target

README = Path(__file__).parents[1] / "README.md"
PAGE = README.parent / "adapters" / "TARGETS.md"
HEAD = """# Targets

A target is a framework in an execution mode. `pip install 'poolparity[EXTRA]'`, or `pip install '.[EXTRA]'` in a checkout, installs
what it needs; `npm install` those in Node, in a checkout.

"""
PINNED_FOR_SELECTION = (
    "The ledger covers this selection alone for `torch+onnx`, `torch+executorch`, `keras-tensorflow+onnx` and `keras-torch+onnx`, and "
    "1,537 of the core cases for `iree`: tox asks these the selection, and a run of all cases reports further differences as unexpected."
)
"""Whose ledger does not cover a complete run."""
WIDTH = 120
BEGIN, END = "<!-- frameworks: begin -->\n", "<!-- frameworks: end -->"


def make_table() -> str:
    """The table: for each framework the extra that installs it, and its targets."""
    by_framework: dict[tuple[str, str], list[Target]] = {}
    for entry in find_targets().values():
        if not entry.adapter.reference:
            by_framework.setdefault((title_of(entry), extras_of(entry.target)[0]), []).append(entry.target)
    rows = [
        f"| {title} | {describe_extras(targets)} | {', '.join(f'`{target.name}`' for target in targets)} |"
        for (title, _), targets in sorted(by_framework.items(), key=lambda item: item[0][0].lower())
    ]
    return "\n".join(["| framework | extra | targets |", "|---|---|---|", *rows]) + "\n"


def make_selection() -> str:
    """Which targets are asked a selection of the cases unless they are named."""
    quoted_names = [f"`{entry.target.name}`" for entry in find_targets().values() if entry.target.tag]
    text = (
        f"Without `--target` a run asks {', '.join(quoted_names[:-1])} and {quoted_names[-1]} the smoke tier and the cases tagged `slow_modes` only, "
        f"which contain each value of each axis. With `--target` they are asked all cases. {PINNED_FOR_SELECTION}"
    )
    return "\n" + textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def make_summary() -> str:
    """How many targets there are, and the frameworks that they belong to."""
    entries = [entry for entry in find_targets().values() if not entry.adapter.reference]
    titles = sorted({title_of(entry) for entry in entries}, key=str.lower)
    text = f"{len(entries)} targets of {len(titles)} frameworks and runtimes: {', '.join(titles[:-1])} and {titles[-1]}."
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def title_of(entry: AdapterEntry) -> str:
    """The title of a framework; a variant that the same extra installs goes with the framework whose functions it has."""
    others = {other.adapter.framework: other for other in find_targets().values()}
    other = others.get(entry.adapter.variant_of or "")
    return (other if other and other.target.extra == entry.target.extra else entry).adapter.title


def extras_of(target: Target) -> list[str]:
    """The extras that install a target; the first is the framework's own."""
    return (target.extra or "").split(",")


def describe_extras(targets: list[Target]) -> str:
    """The extra of a framework, those of its backends where it needs one of several, and those of its modes; or its packages of npm."""
    if targets[0].program != PYTHON:
        return f"npm: {', '.join(f'`{name}`' for name in dict.fromkeys(name for target in targets for name in target.distributions))}"
    plain = {target.name: extras_of(target) for target in targets if not plain_target(target.name)}
    modes: dict[str, list[str]] = {}
    for target in targets:
        for extra in extras_of(target):
            if extra not in plain[plain_target(target.name) or target.name]:
                modes.setdefault(extra, []).append(f"`{target.name}`")
    modes_text = "".join(f"; `{extra}` for {' and '.join(names)}" for extra, names in modes.items())
    backends = list(dict.fromkeys(f"`{extra}`" for extras in plain.values() for extra in extras[1:]))
    backends_text = (
        f" with {', '.join(backends[:-1])} or {backends[-1]}" if len(backends) > 1 else "".join(f" with {extra}" for extra in backends)
    )
    return f"`{extras_of(targets[0])[0]}`{backends_text}{modes_text}"


def generate(page: str) -> str:
    """The README with the summary made again between its markers; raises ValueError where one is missing."""
    before, _, rest = page.partition(BEGIN)
    _, marker, after = rest.partition(END)
    if not marker:
        raise ValueError(f"{README}: expected a summary between {BEGIN.strip()} and {END}")
    return f"{before}{BEGIN}{make_summary()}{END}{after}"


if __name__ == "__main__":
    if "--print" in sys.argv[1:]:
        print(make_table(), end="")  # noqa: T201 which is what was asked for
    else:
        PAGE.write_text(HEAD + make_table() + make_selection(), encoding="utf-8")
        README.write_text(generate(README.read_text(encoding="utf-8")), encoding="utf-8")

"""Mutates what decides: window arithmetic, the oracle and the judge; no survivor may be left but those listed as changing nothing.

`python .ci/mutation.py [MODULE]...` makes mutants with mutmut and tries them (`mutation_run.py`) on a copy in a folder of
its own, `.mutation`; without modules, all in scope. `tox -e mutation` does the same. Functions are changed, the tables and
constants beside them are not. Results stay in the folder, so that a run that was cut goes on where it stopped: a mutant that
was noticed is not tried again while its function is the same, one that survived is. Without the folder all begins anew.
"""

from __future__ import annotations

import ast
import configparser
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import indent

from mutmut.mutation.file_mutation import mutate_file_contents

CI = Path(__file__).parent
ROOT = CI.parent
WORK = ROOT / ".mutation"
EQUIVALENT = CI / "mutation.txt"
SCOPE = ("judge/judge", "oracle/window", "oracle/definition", "model/operation", "judge/due", "judge/tolerance", "oracle/pooling",
         "oracle/maximum", "oracle/average", "oracle/index", "oracle/layout", "oracle/norm", "model/arithmetic", "oracle/other_ops",
         "oracle/convolution", "oracle/fractional")  # fmt: skip
TESTS = ("conftest", "support/drawn", "support/on_a_line", "support/accumulations", "oracle/test_window", "oracle/test_oracle", "oracle/test_outcome",
         "oracle/test_maximum", "oracle/test_both", "oracle/test_sums", "oracle/test_norm", "oracle/test_other_ops", "oracle/test_average", "read/test_matrix",
         "judge/test_probes", "judge/test_judge", "judge/test_tolerance", "judge/test_low_precision", "fast/test_fast")  # fmt: skip

ALIKE = {r", (strict=\w+)?\)": ")", r"astype\(None\)": 'astype("float64")', r"=None\b": "=False"}
"""What makes no difference: a zip's `strict`, whose lengths are checked before or made alike; None for a type, which is float64
to NumPy, or for False."""

CONFTEST = """from hypothesis import HealthCheck, Phase, settings

# The same examples every time, and one that fails is enough: the smallest is not looked for.
settings.register_profile("mutation", derandomize=True, database=None, deadline=None, max_examples=20,
                          phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
"""
PYTEST = """[pytest]
addopts = --import-mode=importlib -q --tb=native -p no:cacheprovider -p mutation_run -p no:poolparity.reports.plugin --hypothesis-profile=mutation
          --basetemp=tmp
pythonpath = tests .
filterwarnings = error
markers =
"""


@dataclass(frozen=True)
class Mutant:
    """A change of a function: the name of the mutant, the lines taken out and put in, and what its result is kept under."""

    function: str
    name: str
    change: str
    key: str


def lay_out(modules: Iterable[str]) -> list[Mutant]:
    """Copy the package and the tests that hold it, with all mutants of these modules beside what they change."""
    package, tests = WORK / "poolparity", WORK / "tests"
    for folder in (package, tests):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "cases", package / "cases", ignore=shutil.ignore_patterns("tests", "__pycache__"))
    shutil.copytree(ROOT / "specs", package / "specs", ignore=shutil.ignore_patterns("*.yaml"))
    (package / "__init__.py").touch()
    for name in TESTS:
        (tests / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "cases" / "tests" / f"{name}.py", tests / f"{name}.py")
    shutil.copy(CI / "mutation_switch.py", package)
    shutil.copy(CI / "mutation_run.py", WORK)
    (WORK / "pytest.ini").write_text(PYTEST + indent(read_markers(), "    "), encoding="utf-8")
    (WORK / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (WORK / "setup.cfg").write_text("[mutmut]\nsource_paths=poolparity\n", encoding="utf-8")
    os.chdir(WORK)  # where mutmut looks for it
    return [mutant for name in modules for mutant in insert_mutants(package / "cases" / f"{name}.py")]


def read_markers() -> str:
    """The markers of tests, one a line."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ROOT / "tox.ini", encoding="utf-8")
    return settings["pytest"]["markers"].strip()


def insert_mutants(path: Path) -> Iterator[Mutant]:
    """Put mutants into a module."""
    mutated = mutate_file_contents(str(path), without_decorators(path.read_text(encoding="utf-8")))
    code = re.sub(
        r"from mutmut\S* import .*", "from ...mutation_switch import Mutants as MutantDict, switch as _mutmut_mutated", mutated.code
    )
    path.write_text(code, encoding="utf-8")
    lines = code.splitlines()
    text = {name: lines[span.start - 1 : span.end] for name, span in mutated.line_span_by_function_name.items()}
    for name in mutated.mutant_names:
        stem = name.rpartition("__mutmut_")[0]
        before, after = text[f"{stem}__mutmut_orig"], text[name]
        function = f"{path.stem}.{stem[2:].replace('ǁ', '.')}"  # behind "x_", or "xǁ" of a class
        key = hashlib.sha256("\n".join([function, *before[1:], *after[1:]]).encode()).hexdigest()[:16]
        yield Mutant(function, name, describe_change(before, after), key)


def without_decorators(text: str) -> str:
    """A module whose functions are decorated by a statement behind them, since mutmut leaves out those with a decorator."""
    lines = text.splitlines()
    decorated = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef) and node.decorator_list]
    for node in sorted(decorated, key=lambda node: -node.lineno):
        [decorator] = node.decorator_list
        lines.insert(node.end_lineno or 0, f"{' ' * node.col_offset}{node.name} = {ast.unparse(decorator)}({node.name})")
        del lines[decorator.lineno - 1]
    return "\n".join(lines) + "\n"


def describe_change(before: Sequence[str], after: Sequence[str]) -> str:
    """The lines of a function, its first apart, that a mutant takes out and puts in, without the space before them."""
    lines = [line for line in difflib.ndiff(before, after) if line[0] in "-+" and "__mutmut_" not in line]
    return " ".join(f"{line[0]} {line[1:].strip()}" for line in lines)


def read_results(mutants: Sequence[Mutant]) -> dict[Mutant, str]:
    """What has become of those mutants that were tried."""
    path = WORK / "results.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    status = {line["key"]: line["status"] for line in lines}
    return {mutant: status[mutant.key] for mutant in mutants if mutant.key in status}


def is_harmless(change: str, harmless_changes: Container[str]) -> bool:
    """Whether a change is listed as changing nothing, after the reason, or makes no difference anywhere."""
    for spelled, replacement in ALIKE.items():
        pair = re.sub(spelled, replacement, change).removeprefix("- ")
        half = pair[: len(pair) // 2 - 1]  # up to the " + " in the middle, which may stand in the lines as well
        if pair == f"{half} + {half}":
            return True
    return change in harmless_changes


def format_table(statuses: dict[Mutant, str], harmless: Iterable[Mutant]) -> str:
    """How many mutants of each module were made, killed, timed out and survived, and how many of these are listed."""
    columns = ("mutants", "killed", "timed out", "survived", "listed")
    counts: dict[str, Counter[str]] = {}
    for mutant, status in statuses.items():
        for module in (mutant.function.partition(".")[0], "all"):
            counts.setdefault(module, Counter()).update(["mutants", status, *["listed"] * (mutant in harmless)])
    rows = [("module", *columns), *((module, *(str(counts[column]) for column in columns)) for module, counts in counts.items())]
    rows.sort(key=lambda row: row[0] == "all")
    return "".join(f"{row[0]:<12}" + "".join(f"{cell:>11}" for cell in row[1:]) + "\n" for row in rows)


def in_scope(names: Sequence[str]) -> list[str]:
    """The modules of these names, with or without their package; all modules in scope where none is named."""
    modules = [module for module in SCOPE if not names or module in names or module.rpartition("/")[2] in names]
    if not modules:
        raise SystemExit(f"no module in scope is named {' or '.join(names)}; expected some of {', '.join(SCOPE)}")
    return modules


def main(modules: Iterable[str]) -> int:
    """Mutate, and tell of every survivor that is not listed; the exit status."""
    WORK.mkdir(exist_ok=True)
    mutants = lay_out(modules)
    noticed = [mutant for mutant, status in read_results(mutants).items() if status != "survived"]
    untried = [asdict(mutant) for mutant in mutants if mutant not in noticed]
    (WORK / "mutants.json").write_text(json.dumps(untried), encoding="utf-8")
    if subprocess.run([sys.executable, "-m", "pytest", "tests"], cwd=WORK, check=False).returncode:
        raise SystemExit("the tests fail without a mutant; expected them to pass (see above)")
    statuses = read_results(mutants)
    survivors = [mutant for mutant, status in statuses.items() if status == "survived"]
    harmless_changes = {line.strip() for line in EQUIVALENT.read_text(encoding="utf-8").splitlines() if line.startswith("  ")}
    harmless = [mutant for mutant in survivors if is_harmless(mutant.change, harmless_changes)]
    for mutant in survivors:
        if mutant not in harmless:
            sys.stdout.write(f"{mutant.name} of {mutant.function} survived; expected a test that notices, "
                             f"or the change under a reason in {EQUIVALENT}\n  {mutant.change}\n")  # fmt: skip
    sys.stdout.write(f"{format_table(statuses, harmless)}{len(survivors) - len(harmless)} survivors that are not listed\n")
    return 1 if len(survivors) > len(harmless) else 0


if __name__ == "__main__":
    sys.exit(main(in_scope(sys.argv[1:])))

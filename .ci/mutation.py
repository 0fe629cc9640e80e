"""Mutates what decides: window arithmetic, the oracle and the judge; no survivor may be left but those listed as changing nothing.

`python .ci/mutation.py [MODULE]...` works on a copy in a scratch folder, where the package has the layout that
mutmut expects; without modules, on all in scope. `tox -e mutation` does the same with pinned tools.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCOPE = ("window", "layout", "arithmetic", "maximum", "average", "norm", "index", "pooled", "others", "convolution", "fractional",
         "oracle", "outcome", "due", "tolerance", "judge")  # fmt: skip
TESTS = ("conftest", "drawn", "test_window", "test_oracle", "test_outcome", "test_probes", "test_judge", "test_tolerance",
         "test_average")  # fmt: skip
EQUIVALENT = ROOT / ".ci" / "mutation.txt"


def lay_out(scratch: Path, modules: Iterable[str]) -> None:
    """Copy the package and the tests that hold it, and tell mutmut what to change."""
    package, tests = scratch / "poolparity", scratch / "tests"
    shutil.copytree(ROOT / "cases", package / "cases", ignore=shutil.ignore_patterns("tests", "__pycache__"))
    shutil.copytree(ROOT / "specs", package / "specs", ignore=shutil.ignore_patterns("*.yaml"))
    (package / "__init__.py").touch()
    tests.mkdir()
    for name in TESTS:
        shutil.copy(ROOT / "cases" / "tests" / f"{name}.py", tests)
    paths = "\n".join(f"    poolparity/cases/{name}.py" for name in modules)
    (scratch / "setup.cfg").write_text(
        f"[mutmut]\nsource_paths=\n{paths}\npytest_add_cli_args_test_selection=tests\nalso_copy=\n    poolparity\n    pytest.ini\n"
    )
    (scratch / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib -p no:cacheprovider\npythonpath = tests .\n")


def survivors(scratch: Path) -> dict[str, str]:
    """Each mutant that no test noticed, by its name: the lines that it changes; raises `SystemExit` where not all were tried."""
    told = re.findall(r"(\S+): (.+)", mutmut(scratch, "results", "--all", "true", capture=True))
    untried = [name for name, status in told if status.strip() == "not checked"]
    if untried or not any(status.strip() == "killed" for _, status in told):
        raise SystemExit(
            f"{len(told)} mutants, {len(untried)} of them not tried; expected all, and tests that pass without them (see above)"
        )
    left = [name for name, status in told if status.strip() != "killed"]
    return {name: changed(mutmut(scratch, "show", name, capture=True)) for name in left}


def changed(diff: str) -> str:
    """The lines of a difference that are taken out and put in, without the space before them."""
    lines = [line for line in diff.splitlines() if re.match(r"[-+](?![-+])", line)]
    return " ".join(f"{line[0]} {line[1:].strip()}" for line in lines)


def mutmut(scratch: Path, *arguments: str, capture: bool = False) -> str:
    """Run mutmut in the scratch folder; what it says, where that is asked for."""
    done = subprocess.run([sys.executable, "-m", "mutmut", *arguments], cwd=scratch, stdout=subprocess.PIPE if capture else None,
                          text=True, check=capture)  # fmt: skip
    return done.stdout or ""


def known() -> set[str]:
    """The changes that are listed as changing nothing, each after the reason."""
    return {line.strip() for line in EQUIVALENT.read_text(encoding="utf-8").splitlines() if line.startswith("  ")}


def main(modules: Iterable[str]) -> int:
    """Mutate, and tell of every survivor that is not listed; the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        lay_out(scratch, modules)
        mutmut(scratch, "run", "--max-children", "2")
        left = {name: lines for name, lines in survivors(scratch).items() if lines not in known()}
    for name, lines in left.items():
        sys.stdout.write(f"{name} survived; expected a test that notices, or the change under a reason in {EQUIVALENT}\n  {lines}\n")
    sys.stdout.write(f"{len(left)} survivors that are not listed\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or SCOPE))

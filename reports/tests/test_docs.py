"""The documentation is true: its commands exist, its examples run, its links lead somewhere."""

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from support.scripts import load_script

from poolparity.reports.cli import app, commands

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "reports" / "COMMANDS.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "reports" / "GUIDE.md").read_text(encoding="utf-8")
CLUSTER = (ROOT / "reports" / "CLUSTER.md").read_text(encoding="utf-8")
PAGES = {
    "README.md": README,
    "CONTRIBUTING.md": CONTRIBUTING,
    "reports/COMMANDS.md": REFERENCE,
    "reports/GUIDE.md": GUIDE,
    "reports/CLUSTER.md": CLUSTER,
}
SCRIPT = load_script("commands")
COMMANDS = typer.main.get_command(app).commands


def blocks(text, language):
    """The fenced blocks of a page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def section(name):
    """The text of the page of commands from one heading to the next."""
    parts = [part for part in re.split(r"^## ", REFERENCE, flags=re.MULTILINE) if part.startswith(f"`{name}`")]
    assert len(parts) == 1, f"COMMANDS.md has {len(parts)} headings for {name}; expected one"
    return parts[0]


def poolparity(*arguments, cwd):
    command = [sys.executable, "-c", "from poolparity.reports.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)


def options_of(command):
    """The options of a command and of those below it."""
    own = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    return own.union(*map(options_of, getattr(command, "commands", {}).values())) - {"--help"}


def test_the_page_of_commands_is_current():
    assert SCRIPT.generate(REFERENCE) == REFERENCE, "run `python .ci/commands.py`"


def test_the_page_of_commands_has_a_part_for_each_of_them():
    parts = re.findall(r"^<!-- (poolparity .*) -->$", REFERENCE, re.MULTILINE)
    assert sorted(parts) == sorted(name for name, _ in SCRIPT.find_commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_commands_names_every_command_and_its_options(name):
    text = section(f"poolparity {name}")
    options = options_of(COMMANDS[name])
    assert "--adapter" in options or name in ("report", "merge", "diff")
    assert {option for option in options if option not in text} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_an_example(name):
    assert COMMANDS[name].help
    assert COMMANDS[name].epilog.startswith(f"Example: poolparity {name} ")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_of_a_command_begins_its_help(name):
    assert " ".join(COMMANDS[name].help.split()).startswith(commands.COMMANDS[name].summary)


def test_the_page_of_commands_names_every_option_of_the_plugin():
    process = subprocess.run([sys.executable, "-m", "pytest", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60).stdout
    group = process.partition("conformance of pooling layers:")[2].partition("\n\n")[0]
    options = re.findall(r"^  (--[a-z-]+)", group, re.MULTILINE)
    assert "--target" in options
    assert [option for option in options if option not in section("pytest")] == []
    assert "poolparity_specs" in process
    assert "poolparity_specs" in section("pytest")


@pytest.mark.parametrize("page", PAGES)
def test_pages_use_no_command_and_no_option_that_is_not_there(page):
    known_options = {option for command in COMMANDS.values() for parameter in command.params for option in parameter.opts}
    for command, rest in re.findall(r"^(?:.*/)?poolparity ([a-z]+)(.*)$", "".join(blocks(PAGES[page], "sh")), re.MULTILINE):
        assert command in COMMANDS
        assert set(re.findall(r"--[a-z-]+", rest)) <= known_options


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)", PAGES[page])
    assert links
    assert [link for link in links if not link.startswith("https://") and not (ROOT / page).parent.joinpath(link).exists()] == []


def test_continuous_integration_runs_the_readme_s_test_command():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    [command] = [block for block in blocks(README, "sh") if "venv .venv-tests" in block]
    extract = next(line for line in script.read_text(encoding="utf-8").splitlines() if line.startswith("command="))
    process = subprocess.run(["bash", "-c", f'{extract}; echo "$command"'], cwd=ROOT, capture_output=True, text=True, check=True)
    assert process.stdout == command


def test_continuous_integration_keeps_the_exit_status_and_cleans_up(tmp_path):
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_text((ROOT / ".ci" / "run").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "README.md").write_text(
        "python3 -m venv .venv-tests --without-pip &&\n  ls -d .venv-tests/bin && exit 3 &&\n  .venv-tests/bin/pytest\n", encoding="utf-8"
    )
    process = subprocess.run(["bash", ".ci/run"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert process.returncode == 3, process.stderr
    assert not (tmp_path / ".venv-tests").exists()
    assert not Path(process.stdout.strip()).exists()


@pytest.mark.parametrize("text", [*blocks(README, "yaml"), *blocks(CONTRIBUTING, "yaml")])
def test_specs_on_the_pages_are_right(text, tmp_path):
    (tmp_path / "spec.yaml").write_text(text, encoding="utf-8")
    process = poolparity("check", "spec.yaml", cwd=tmp_path)
    assert process.returncode == 0, process.stdout + process.stderr
    if text.startswith("- "):
        return  # a ledger, of which there is nothing to run
    process = poolparity("run", "spec.yaml", "--target", "numpy", cwd=tmp_path)
    assert process.returncode == 0, process.stdout + process.stderr


def test_the_glossary_is_current():
    page = ROOT / "reports" / "GLOSSARY.md"
    assert page.read_text(encoding="utf-8") == load_script("glossary").make_page(), "run `python .ci/glossary.py`"


def test_the_paths_and_environments_in_contributing_exist():
    paths = re.findall(r"\b(?:specs|adapters|cases|reports)/[\w./]+", CONTRIBUTING)
    assert len(paths) > 5
    assert [path for path in paths if not (ROOT / path.rstrip(".")).exists()] == []
    names = [name for text in re.findall(r"tox -e ([\w.,-]+)", CONTRIBUTING) for name in text.split(",")]
    environments = subprocess.run(
        [sys.executable, "-m", "tox", "list", "--no-desc"], cwd=ROOT, capture_output=True, text=True, timeout=60
    ).stdout
    assert "quick" in names
    assert [name for name in names if name not in environments.split()] == []


def test_nothing_stands_where_the_readme_makes_its_environments():
    environments = re.findall(r"python3 -m venv (\S+)", README)
    assert environments == [".venv", ".venv-tests"]
    assert [name for name in environments if (ROOT / name).exists() and not (ROOT / name / "pyvenv.cfg").exists()] == []

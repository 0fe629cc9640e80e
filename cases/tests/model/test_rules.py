"""The table of axes: what is made from it is current, and code compares rules only with values that it has."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from poolparity.cases.model.rules import AXES, AXIS_VALUES, REFERENCE, Rules

ROOT = Path(__file__).parents[3]
CODE = sorted(
    path
    for floor in ("cases", "adapters", "reports")
    for path in (ROOT / floor).rglob("*.py")
    if "tests" not in path.relative_to(ROOT).parts
)
READ = "from poolparity.cases.read.spec import read_spec; from pathlib import Path; spec = read_spec(Path('probe.yaml'), {}); print(*spec.mistakes, len(spec.cases))"
WORDS = "from poolparity.reports.words.phrases import phrase, short_word; print(phrase('pad_limit', 'quarter'), '|', short_word('pad_limit', 'quarter'))"
PROBE = """op: max_pool
cases:
  one:
    asks: pad_limit
    input: [[[1, 2, 3, 4]]]
    pool: {kernel: [4], stride: [1], padding: [[2, 2]]}
    answers: {half_window: [[[2, 3, 4, 4, 4]]], quarter: {raises: invalid}}
"""


def values_compared(tree):
    """Every pair of an axis and a text that code compares with its value: by ==, in, or match."""
    for node in ast.walk(tree):
        sides = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Match):
            sides = [node.subject, *(case.pattern.value for case in node.cases if isinstance(case.pattern, ast.MatchValue))]
        axes = [side.attr for side in sides if isinstance(side, ast.Attribute) and side.attr in AXES and "rules" in ast.unparse(side.value)]
        texts = [text.value for side in sides for text in ast.walk(side) if isinstance(text, ast.Constant) and isinstance(text.value, str)]
        yield from ((axes[0], text) for text in texts if axes)


def test_the_first_value_of_an_axis_is_the_reference():
    assert {name: getattr(REFERENCE, name) for name in AXES} == {name: values[0] for name, values in AXIS_VALUES.items()}
    assert Rules() == REFERENCE != REFERENCE.but(tie="last")
    with pytest.raises(TypeError):
        REFERENCE.but(no_axis="first")


def test_axes_of_acceptance_come_before_the_rest():
    marks = [axis.acceptance for axis in AXES.values()]
    assert marks == sorted(marks, reverse=True)


def test_code_compares_rules_with_values_of_their_axes_alone():
    pairs = {pair for path in CODE for pair in values_compared(ast.parse(path.read_text(encoding="utf-8")))}
    assert len(pairs) > 60
    assert {(axis, text) for axis, text in pairs if text not in AXIS_VALUES[axis]} == set()


def test_the_published_schemas_have_the_axes_of_the_table():
    process = subprocess.run([sys.executable, ROOT / ".ci" / "schemas.py", "--check"], capture_output=True, text=True)
    assert (process.returncode, process.stderr) == (0, "")


def test_a_value_that_is_added_to_the_table_appears_in_the_schema_in_specs_and_in_words(tmp_path):
    """The steps of ADDING_A_RULE.md, on a copy."""
    copy = tmp_path / "poolparity"
    for folder in ("cases", "reports/words", ".ci", "specs"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("tests", "__pycache__", "*.yaml"))
    (copy / "reports" / "__init__.py").touch()
    (tmp_path / "probe.yaml").write_text(PROBE, encoding="utf-8")
    table = copy / "cases" / "model" / "rules.py"
    text, last = table.read_text(encoding="utf-8"), '        none=("any", "allows any padding"),\n'
    assert last in text
    table.write_text(
        text.replace(last, last + '        quarter=("a quarter", "refuses padding over a quarter of the window"),\n'), encoding="utf-8"
    )

    def run(*arguments):
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        process = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=tmp_path, env=environment)
        return process.returncode, process.stdout + process.stderr

    schemas = str(copy / ".ci" / "schemas.py")
    assert run(schemas, "--check") == (1, "specs/schema.json is not current; run `python .ci/schemas.py`\n")
    assert run(schemas) == (0, "")
    assert run(schemas, "--check") == (0, "")
    rules = json.loads((copy / "specs" / "schema.json").read_text(encoding="utf-8"))["$defs"]["rules"]["properties"]
    assert rules["pad_limit"]["enum"] == [*AXIS_VALUES["pad_limit"], "quarter"]
    assert run("-c", WORDS) == (0, "refuses padding over a quarter of the window | a quarter\n")
    assert run("-c", READ) == (0, "1\n")

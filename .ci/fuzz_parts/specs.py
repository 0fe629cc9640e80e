"""Spec files: those that come with poolparity, a few of their cases at a time, changed in some places; read by `check`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml
from fuzz_mutations import mutate_bytes, mutate_text

SPECS = Path(__file__).parents[2] / "specs"
STATUSES = {0, 1, 2}


@cache
def words() -> list[str]:
    """Every key and every value of an enumeration that the schema knows."""
    words_of_specs: set[str] = set()
    waiting: list[Any] = [json.loads((SPECS / "schema.json").read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            words_of_specs.update(node.get("properties", ()), (word for word in node.get("enum", ()) if isinstance(word, str)))
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return sorted(words_of_specs)


@cache
def files() -> list[Path]:
    """The spec files that come with poolparity."""
    return sorted(SPECS.rglob("*.yaml"))


@cache
def parse_file(path: Path) -> Any:
    """A spec file's mapping."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 - text alone


def make_input(rng: Random, folder: Path) -> list[str]:
    """A spec file with one to three cases of one that comes with poolparity, mutated."""
    document = dict(parse_file(rng.choice(files())))
    names = rng.sample(sorted(document["cases"]), min(len(document["cases"]), rng.randint(1, 3)))
    document["cases"] = {name: document["cases"][name] for name in names}
    text = yaml.dump(document, default_flow_style=rng.choice((None, False)), sort_keys=False, width=120).replace("'", "")
    text = mutate_text(rng, text, words())
    data = text.encode(errors="surrogatepass")
    path = folder / "spec.yaml"
    path.write_bytes(mutate_bytes(rng, data) if rng.random() < 0.1 else data)
    return ["check", str(path)]

"""Reads the poolings of a model: from a file, or from a module that runs in a worker."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...adapters.contract import Adapter, Call, Ref, Step
from ...adapters.contract.model_files import BadModel, ModelContents, Pooling, shape_of
from ...adapters.targets.choose import select_targets
from ...adapters.targets.find import AdapterEntry, install_advice, is_installed
from ...cases.judge.answer import ACCEPTS
from ...cases.model.files import describe_error
from ...cases.model.inputs import full
from ...cases.model.mistake import quote_path
from ..port.workers import Workers
from ..words.text import find_reason


def read_contents(model: str, shape: Sequence[int] | None, entries: Mapping[str, AdapterEntry], *, run_code: bool) -> ModelContents:
    """The poolings of a model file or of `package.module:name`; raises `BadModel`, or `UnreadableFile` for a file."""
    path, readers = Path(model), find_readers(entries)
    if path.suffix.lower() in readers:
        return read_file(path, readers)
    if ":" in model and not path.exists():
        return run_module(model, shape, entries, run_code=run_code)
    raise BadModel(
        f"{quote_path(model)}: not a known kind of model; expected a file that ends in {', '.join(readers)}, or package.module:name"
    )


def find_readers(entries: Mapping[str, AdapterEntry]) -> dict[str, Adapter]:
    """The adapters that read model files, by the suffix of those files."""
    return {suffix: target.adapter for target in entries.values() for suffix in target.adapter.model_suffixes}


def read_file(path: Path, readers: Mapping[str, Adapter]) -> ModelContents:
    """The poolings of a file; raises `BadModel` or `UnreadableFile`."""
    try:
        return readers[path.suffix.lower()].read_model(path)
    except OSError as error:
        raise describe_error(path, error) from None


def run_module(place: str, shape: Sequence[int] | None, entries: Mapping[str, AdapterEntry], *, run_code: bool) -> ModelContents:
    """The poolings of a module named by its import path, whose code runs in a worker."""
    if not run_code:
        raise BadModel(f"{place}: listing its layers imports and runs its code; expected --run-code if you trust it")
    if shape is None:
        raise BadModel(f"{place}: the shape of its input is not known; expected --input, as in --input 1,3,224,224")
    name, lister = next((name, target.adapter.module_lister) for name, target in entries.items() if target.adapter.module_lister)
    if not is_installed(entries[name].target):
        raise BadModel(install_advice(entries[name].target))
    [module_target] = select_targets([name], entries)
    step = Step("y", lister, (place, Ref("x")))
    with Workers(path=str(Path.cwd())) as workers:
        [answer] = workers.run(module_target, [(Call((step,)), {"x": full(shape, 0, "float32")})])
    if answer.outcome != ACCEPTS or answer.output is None:
        raise BadModel(
            f"{place}: {answer.outcome}: {find_reason(answer.detail)}; expected a {module_target.adapter.framework} module, or what makes one"
        )
    return ModelContents(
        [
            Pooling(
                entry["name"], entry["text"], shape_of(entry["shape"]), entry["dtype"], entry.get("indices", False),
                problem=entry["problem"],
            )
            for entry in json.loads(bytes(answer.output))
        ]
    )  # fmt: skip

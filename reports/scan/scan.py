"""Scanning a model for its pooling layers, and telling of each whether it can move."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...adapters.contract import Adapter, Call, Ref, Step
from ...adapters.contract.model_files import BadModel, Pooling, shape_of, text_of
from ...adapters.targets.choose import Chosen, select_targets
from ...adapters.targets.find import Found, install_advice, is_installed, layers_of
from ...cases.judge.answer import ACCEPTS
from ...cases.model.inputs import full
from ...cases.model.layers import BadSpelling, Layer, parse_layer
from ...cases.model.pool import FIRST
from ..port.answer import Port, Porter
from ..port.record import IMPOSSIBLE, VERDICTS
from ..port.request import Unportable, source_of
from ..port.source import first_line
from ..port.workers import Workers

LAYERS = 10_000
"""No model has more pooling layers."""
LEAST = 16
"""A shape that a model does not tell is taken to have so many cells along each axis, or four windows."""


@dataclass(frozen=True)
class Scanned:
    """A pooling layer with the shape that was taken, and what becomes of it, or why that cannot be told."""

    pooling: Pooling
    shape: tuple[int, ...] | None
    port: Port | None
    reason: str = ""

    @property
    def verdict(self) -> str:
        """The verdict."""
        return self.port.verdict if self.port else IMPOSSIBLE


def poolings(model: str, shape: Sequence[int] | None, found: Mapping[str, Found], *, run_code: bool) -> list[Pooling]:
    """The pooling layers of a model; raises `BadModel`."""
    path, readers = Path(model), readers_of(found)
    if path.suffix.lower() in readers:
        listed = read(path, readers)
    elif ":" in model and not path.exists():
        listed = imported(model, shape, found, run_code=run_code)
    else:
        raise BadModel(
            f"{model}: not a kind of model that is known; expected a file that ends in {', '.join(readers)}, or package.module:name"
        )
    if not listed:
        raise BadModel(f"{model}: there is no pooling layer in it; expected at least one")
    if len(listed) > LAYERS:
        raise BadModel(f"{model}: {len(listed)} pooling layers; expected at most {LAYERS}")
    return listed


def readers_of(found: Mapping[str, Found]) -> dict[str, Adapter]:
    """The adapters that read model files, by the suffix of those."""
    return {suffix: each.adapter for each in found.values() for suffix in each.adapter.model_suffixes}


def read(path: Path, readers: Mapping[str, Adapter]) -> list[Pooling]:
    """The pooling layers of a file; raises `BadModel`."""
    if not path.is_file():
        raise BadModel(f"{path}: there is no such file; expected a model that ends in {', '.join(readers)}")
    try:
        return readers[path.suffix.lower()].read_model(path)
    except OSError as error:
        raise BadModel(f"{path}: {error.strerror}; expected a file that can be read") from None


def imported(place: str, shape: Sequence[int] | None, found: Mapping[str, Found], *, run_code: bool) -> list[Pooling]:
    """The pooling layers of a module named by its import path, whose code runs in a worker."""
    if not run_code:
        raise BadModel(f"{place}: listing its layers imports and runs its code; expected --run-code from one who trusts it")
    if shape is None:
        raise BadModel(f"{place}: the shape of its input is not known; expected --input 1,3,224,224 or the like")
    name, lister = next((name, each.adapter.module_lister) for name, each in found.items() if each.adapter.module_lister)
    if not is_installed(found[name].target):
        raise BadModel(install_advice(found[name].target))
    [chosen] = select_targets([name], found)
    step = Step("y", lister, (place, Ref("x")))
    with Workers(path=str(Path.cwd())) as workers:
        [answer] = workers.run(chosen, [(Call((step,)), {"x": full(shape, 0, "float32")})])
    if answer.outcome != ACCEPTS or answer.output is None:
        raise BadModel(
            f"{place}: {answer.outcome}: {first_line(answer.detail)}; expected a {chosen.adapter.framework} module, or what makes one"
        )
    return [
        Pooling(
            each["name"],
            text_of(each["layer"], each["arguments"]),
            shape_of(each["shape"]),
            indices="return_indices" in each["arguments"],
        )
        for each in json.loads(bytes(answer.output))
    ]


def scanned(found: Mapping[str, Found], listed: Sequence[Pooling], chosen: Chosen, workers: Workers) -> Iterator[Scanned]:
    """What becomes of each layer; layers that are alike are tried once."""
    known: dict[tuple[str, tuple[int, ...]], Port] = {}
    for each in listed:
        try:
            keys = [(each.text, shape) for shape in ((each.shape,) if each.shape else taken(each.text, layers_of(found)))]
            for key in keys:
                if key not in known:
                    known[key] = Porter(source_of(*key, "float32", found), workers).port(chosen, complete=False)
        except (Unportable, BadSpelling) as error:
            yield Scanned(each, each.shape, None, str(error))
            continue
        worst = max((known[key] for key in keys), key=lambda port: VERDICTS.index(port.verdict))
        yield Scanned(each, worst.source.ask.shape, worst)


def taken(text: str, known: Mapping[str, Layer]) -> tuple[tuple[int, ...], ...]:
    """Two shapes for a layer whose model tells none, one cell apart: strides of two leave cells over in one of them alone."""
    spelling = parse_layer(text, known)
    rank, kernel = spelling.layer.rank or 2, spelling.stated.kernel or ()
    even = tuple(max(LEAST, 4 * taps) for taps in kernel) or (LEAST,) * rank
    both = even, tuple(size + 1 for size in even)
    return tuple((1, 3, *sizes) if spelling.data_format == FIRST else (1, *sizes, 3) for sizes in both)

"""Lists the pooling layers of a model, and ports each of them to one target."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...adapters.contract import Adapter, Call, Ref, Step
from ...adapters.contract.model_files import BadModel, Pooling, shape_of, text_of
from ...adapters.targets.choose import SelectedTarget, select_targets
from ...adapters.targets.find import AdapterEntry, install_advice, is_installed, layers_of
from ...cases.judge.answer import ACCEPTS
from ...cases.model.files import describe_error
from ...cases.model.inputs import full
from ...cases.model.layers import BadSpelling, Layer, parse_layer
from ...cases.model.mistake import quote_path
from ...cases.model.pool import FIRST
from ..port.answer import Port, Porter
from ..port.record import IMPOSSIBLE, VERDICTS
from ..port.request import Unportable, read_source
from ..port.workers import Workers
from ..words.text import find_reason

MAX_DIFFERENT = 200
"""Different layers of one model that are ported."""
DEFAULT_SIZE = 16
"""Cells along an axis, or four windows if these are more, where a model does not state the shape of a layer's input."""


@dataclass(frozen=True)
class ScannedLayer:
    """A pooling layer with the shape of its input, and its port, or the reason why there is none."""

    pooling: Pooling
    shape: tuple[int, ...] | None
    port: Port | None
    reason: str = ""

    @property
    def verdict(self) -> str:
        """The verdict of the port; impossible if there is none."""
        return self.port.verdict if self.port else IMPOSSIBLE


def list_poolings(model: str, shape: Sequence[int] | None, found: Mapping[str, AdapterEntry], *, run_code: bool) -> list[Pooling]:
    """The pooling layers of a model file or of `package.module:name`; raises `BadModel`, or `UnreadableFile` for a file."""
    path, readers = Path(model), find_readers(found)
    if path.suffix.lower() in readers:
        return read_model(path, readers)
    if ":" in model and not path.exists():
        return run_module(model, shape, found, run_code=run_code)
    raise BadModel(
        f"{quote_path(model)}: not a known kind of model; expected a file that ends in {', '.join(readers)}, or package.module:name"
    )


def find_readers(found: Mapping[str, AdapterEntry]) -> dict[str, Adapter]:
    """The adapters that read model files, by the suffix of those files."""
    return {suffix: target.adapter for target in found.values() for suffix in target.adapter.model_suffixes}


def read_model(path: Path, readers: Mapping[str, Adapter]) -> list[Pooling]:
    """The pooling layers of a file; raises `BadModel` or `UnreadableFile`."""
    try:
        return readers[path.suffix.lower()].read_model(path)
    except OSError as error:
        raise describe_error(path, error) from None


def run_module(place: str, shape: Sequence[int] | None, found: Mapping[str, AdapterEntry], *, run_code: bool) -> list[Pooling]:
    """The pooling layers of a module named by its import path, whose code runs in a worker."""
    if not run_code:
        raise BadModel(f"{place}: listing its layers imports and runs its code; expected --run-code if you trust it")
    if shape is None:
        raise BadModel(f"{place}: the shape of its input is not known; expected --input, as in --input 1,3,224,224")
    name, lister = next((name, target.adapter.module_lister) for name, target in found.items() if target.adapter.module_lister)
    if not is_installed(found[name].target):
        raise BadModel(install_advice(found[name].target))
    [chosen] = select_targets([name], found)
    step = Step("y", lister, (place, Ref("x")))
    with Workers(path=str(Path.cwd())) as workers:
        [answer] = workers.run(chosen, [(Call((step,)), {"x": full(shape, 0, "float32")})])
    if answer.outcome != ACCEPTS or answer.output is None:
        raise BadModel(
            f"{place}: {answer.outcome}: {find_reason(answer.detail)}; expected a {chosen.adapter.framework} module, or what makes one"
        )
    return [
        Pooling(
            layer["name"],
            text_of(layer["layer"], layer["arguments"]),
            shape_of(layer["shape"]),
            indices="return_indices" in layer["arguments"],
        )
        for layer in json.loads(bytes(answer.output))
    ]


def port_poolings(
    found: Mapping[str, AdapterEntry], poolings: Sequence[Pooling], chosen: SelectedTarget, workers: Workers
) -> Iterator[ScannedLayer]:
    """The ports of layers, in their order; equal layers are ported once."""
    known: dict[tuple[str, tuple[int, ...]], Port | str] = {}
    for pooling in poolings:
        try:
            shapes = (pooling.shape,) if pooling.shape else guess_shapes(pooling.text, layers_of(found))
        except BadSpelling as error:
            yield ScannedLayer(pooling, None, None, str(error))
            continue
        keys = [(pooling.text, shape) for shape in shapes]
        for key in keys:
            if key not in known:
                known[key] = port_pooling(found, key, chosen, workers) if len(known) < MAX_DIFFERENT else TOO_MANY
        ports = [port for port in map(known.get, keys) if isinstance(port, Port)]
        if len(ports) < len(keys):
            yield ScannedLayer(pooling, pooling.shape, None, next(port for port in map(known.get, keys) if isinstance(port, str)))
            continue
        worst = max(ports, key=lambda port: VERDICTS.index(port.verdict))
        yield ScannedLayer(pooling, worst.source.ask.shape, worst)


TOO_MANY = f"not ported: the model has more than {MAX_DIFFERENT} different layers"


def port_pooling(
    found: Mapping[str, AdapterEntry], key: tuple[str, tuple[int, ...]], chosen: SelectedTarget, workers: Workers
) -> Port | str:
    """The port of a layer on an input of some shape, or the reason why there is none."""
    try:
        return Porter(read_source(*key, "float32", found), workers).port(chosen, complete=False)
    except Unportable as error:
        return str(error)


def guess_shapes(text: str, known: Mapping[str, Layer]) -> tuple[tuple[int, ...], ...]:
    """Two shapes for a layer whose model states none, one cell apart: strides of two leave cells over in one of them alone."""
    spelling = parse_layer(text, known)
    rank, kernel = spelling.layer.rank or 2, spelling.stated.kernel or ()
    even = tuple(max(DEFAULT_SIZE, 4 * taps) for taps in kernel) or (DEFAULT_SIZE,) * rank
    both = even, tuple(size + 1 for size in even)
    return tuple((1, 3, *sizes) if spelling.data_format == FIRST else (1, *sizes, 3) for sizes in both)

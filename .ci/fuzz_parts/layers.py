"""Texts of layers: random ones of each framework, changed in some places, on inputs of ordinary and strange shapes; read by `port` and `explain`.

No framework is asked: only the definition counts as installed, and answers for all of them.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from random import Random

from fuzz_mutations import NUMBERS, mutate_text

from poolparity.adapters.targets.find import find_targets
from poolparity.reports.port import request

sys.path.append(str(Path(__file__).parents[2] / "reports" / "tests"))

from support.random_layers import draw_texts

request.is_installed = lambda target: target.name == "numpy"

STATUSES = {0, 2, 3, 4}
WORDS = (
    "None", "True", "F.max_pool2d", "nn.MaxPool2d", "torch.nn.AdaptiveAvgPool1d", "keras.layers.AveragePooling3D", "x", "lambda: 0", "kernel_size",
    "pool_size", "strides", "padding", "'same'", "(2, 3)", "[1, [2, 3]]", "-1", "1e9", "{}", "b''", "...", "f()", "a.b.c", "data_format",
)  # fmt: skip


@cache
def texts(framework: str) -> list[tuple[str, tuple[int, ...]]]:
    """Some random layers of a framework with shapes of inputs."""
    adapter = next(target.adapter for target in find_targets().values() if target.adapter.framework == framework)
    layer_texts = draw_texts(adapter, 0)
    return [(layer.text, layer.shape) for layer, _ in zip(layer_texts, range(200), strict=False)]


@cache
def frameworks() -> list[str]:
    """The frameworks that have layers."""
    return sorted({target.adapter.framework for target in find_targets().values() if target.adapter.layers})


def make_input(rng: Random, folder: Path) -> list[str]:
    """A layer and a shape, one or both of them changed in most inputs."""
    text, shape = rng.choice(texts(rng.choice(frameworks())))
    sizes = [str(size) for size in shape]
    if rng.random() < 0.6:
        text = mutate_text(rng, text, WORDS)
    if rng.random() < 0.3:
        sizes[rng.randrange(len(sizes))] = rng.choice((*NUMBERS, "100", "1000", "1048576", "4194305"))
    text = text.replace("\0", " ").encode(errors="replace").decode()  # which no argument of a command can have
    arguments = ["explain"] if rng.random() < 0.5 else ["port", "--to", "numpy"]
    return [*arguments, f"--input={','.join(sizes)}", *(["--dtype", "float16"] if rng.random() < 0.1 else []), "--", text]

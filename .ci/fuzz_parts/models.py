"""Model files of each format: small models, changed in their description or in their bytes; read by `scan`.

No framework is asked: only the definition counts as installed, and answers for all of them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random

from fuzz_mutations import mutate_bytes, mutate_text

from poolparity.reports.port import request

sys.path.append(str(Path(__file__).parents[2] / "reports" / "tests"))

from support import model_files as files

request.is_installed = lambda target: target.name == "numpy"

STATUSES = {0, 1, 2}
SIZES = (0, 1, 2, 3, 5, 9, 1000, 1 << 20, 1 << 31, 1 << 62, -1)
WORDS = (
    "MaxPooling2D", "GlobalAveragePooling2D", "pool_size", "strides", "padding", "same", "class_name", "config", "build_config", "input_shape",
    "as_int", "as_ints", "as_tensor", "graph_module", "graph", "nodes", "tensor_values", "sizes", "target", "torch.ops.aten.avg_pool2d.default",
)  # fmt: skip


def size(rng: Random) -> int:
    """A number of cells, mostly an ordinary one."""
    return rng.randint(1, 9) if rng.random() < 0.85 else rng.choice(SIZES)


def make_onnx(rng: Random, path: Path) -> None:
    """An ONNX file of one to three nodes."""
    nodes = [
        files.message(
            (1, rng.choice("xyz")), (2, "y"), (4, rng.choice(("MaxPool", "AveragePool", "LpPool", "GlobalMaxPool", "MaxUnpool"))),
            (5, files.ints("kernel_shape", size(rng), size(rng))), (5, files.ints(rng.choice(("strides", "dilations")), size(rng), size(rng))),
            (5, files.ints("pads", *(rng.choice((0, 1, size(rng))) for _ in range(4)))),
        )
        for _ in range(rng.randint(1, 3))
    ]  # fmt: skip
    data = files.model(*nodes, values=[files.named_value("x", 1, 2, size(rng), size(rng))])
    path.write_bytes(mutate_bytes(rng, data) if rng.random() < 0.5 else data)


def make_archive(rng: Random, path: Path) -> None:
    """A `.keras` or `.pt2` file of two layers."""
    if path.suffix == ".keras":
        config = {"name": "p", "pool_size": [size(rng), size(rng)], "strides": size(rng), "padding": rng.choice(("same", "valid"))}
        layers = [
            files.layer("AveragePooling2D", config, [None, size(rng), size(rng), 2]),
            files.layer("GlobalMaxPooling1D", {}, [None, 9, 2]),
        ]
        text, name = json.dumps({"config": {"layers": layers}}), "config_json"
    else:
        arguments = {"kernel_size": {"as_ints": [size(rng), size(rng)]}, "padding": {"as_ints": [rng.choice((0, 1, size(rng)))]}}
        pool = files.exported_node("max_pool2d", arguments, "a")
        adaptive = files.exported_node("adaptive_avg_pool2d", {"output_size": {"as_ints": [size(rng), 1]}}, "b")
        text, name = files.exported_program(pool, adaptive, sizes=[1, 2, size(rng), size(rng)]), "m__models__model_json"
    if rng.random() < 0.6:
        text = mutate_text(rng, text, WORDS)
    files.archive(path, **{name: text.encode(errors="surrogatepass")})
    if rng.random() < 0.2:
        path.write_bytes(mutate_bytes(rng, path.read_bytes()))


def make_input(rng: Random, folder: Path) -> list[str]:
    """A model of one of the formats."""
    path = folder / rng.choice(("net.onnx", "net.keras", "net.pt2"))
    (make_onnx if path.suffix == ".onnx" else make_archive)(rng, path)
    return ["scan", str(path), "--to", "numpy", *(["--json"] if rng.random() < 0.3 else [])]

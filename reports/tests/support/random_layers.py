"""Random layers of each framework: as people write them, or by their parameters if a framework has no layers of its own."""

import random
from dataclasses import dataclass

from poolparity.adapters.contract.random_values import DEFAULTS, Draw
from poolparity.cases.model.call_text import REQUIRED
from poolparity.cases.model.pool import ADAPTIVE, FIRST, GLOBAL, LAST, WINDOWED, Pool
from poolparity.reports.port.request import read_source
from poolparity.reports.port.table import StandardLayer, source_of_pool

RANKS = (1, 2, 2, 2, 3)
KINDS = ("max_pool", "avg_pool")
OTHERS = ("global_max_pool", "global_avg_pool", "adaptive_max_pool", "adaptive_avg_pool", "lp_pool")
OFTEN = {
    "kernel": 0.9, "stride": 0.8, "padding": 0.7, "pads": 0.5, "dilation": 0.25, "ceil_mode": 0.4, "count_include_pad": 0.5,
    "divisor_override": 0.2, "keepdims": 0.5, "data_format": 0.2, "p": 0.6,
}  # fmt: skip
"""How often an argument of some meaning is written that need not be; one that means nothing to the values is at times."""


@dataclass(frozen=True)
class LayerText:
    """A layer's text, and the shape of an input for it, as the layer takes it."""

    text: str
    shape: tuple[int, ...]


def draw_texts(adapter, seed):
    """Layers of a framework, without end, the same ones for a seed; nothing where it has none of its own."""
    rng = random.Random(f"{adapter.framework} {seed}")
    by_op = {op: [name for name, layer in adapter.layers.items() if layer.op == op] for op in (*WINDOWED, *GLOBAL, *ADAPTIVE)}
    kinds = [op for op, names in by_op.items() if names for _ in range(1 + 2 * (op in WINDOWED))]
    while kinds:
        name = rng.choice(by_op[rng.choice(kinds)])
        yield draw_text(name, adapter, rng)


def draw_text(name, adapter, rng):
    """One layer drawn at random."""
    layer = adapter.layers[name]
    rank = layer.rank or rng.choice(RANKS)
    place = rng.choice((FIRST, LAST)) if "data_format" in layer.signature and rng.random() < 0.4 else layer.data_format
    draw = Draw(layer, rank, tuple(rng.randint(1, 4) for _ in range(rank)), place, rng)
    values = {key: draw_value(key, draw, adapter) for key in layer.signature if is_written(key, draw, adapter)}
    if any(layer.means.get(key) == "padding" and value != layer.signature[key] for key, value in values.items()):
        values = {key: value for key, value in values.items() if layer.means.get(key) != "pads"}  # which it takes one of at a time
    sizes = [rng.randint(3, 14) for _ in range(rank)]
    channels, batch = ([3], [2]) if rng.random() < 0.8 else ([rng.randint(1, 4)], [rng.randint(1, 3)])  # as samples have them, mostly
    if adapter.random_unbatched and rng.random() < adapter.random_unbatched:
        batch = []
    return LayerText(
        f"{name}({format_arguments(layer, values, rng)})", (*batch, *([*sizes, *channels] if place == LAST else [*channels, *sizes]))
    )


def draw_value(key, draw, adapter):
    """An argument's value."""
    meaning = draw.layer.means.get(key, key)
    maker = adapter.random_values.get(key) or adapter.random_values.get(meaning) or DEFAULTS[meaning]
    return maker(draw)


def is_written(key, draw, adapter):
    """Whether an argument is written."""
    layer, meaning = draw.layer, draw.layer.means.get(key)
    if layer.signature[key] is REQUIRED or key in layer.required_since or (meaning == "kernel" and not layer.rank):
        return True
    if meaning == "data_format" and draw.data_format != layer.data_format:
        return True
    if meaning is None:
        often = 0.1 * (key in adapter.random_values)
    else:
        former = key != next(name for name in layer.signature if layer.means.get(name) == meaning)
        often = 0.0 if former else OFTEN.get(meaning, 0.0)  # an argument's name of former versions is never written
    return draw.rng.random() < often


def format_arguments(layer, values, rng):
    """Arguments as text: some of the first ones by their place, the others by name in any order."""
    leading = next((count for count, key in enumerate(layer.signature) if key not in values), len(layer.signature))
    by_place = rng.randint(0, leading)
    first = [repr(values[key]) for key in list(layer.signature)[:by_place]]
    others = [f"{key}={item!r}" for key, item in values.items() if key not in list(layer.signature)[:by_place]]
    rng.shuffle(others)
    return ", ".join([*first, *others])


def draw_pools(seed):
    """Layers drawn at random, without end, the same ones for a seed."""
    rng = random.Random(seed)
    count = 0
    while True:
        count += 1
        yield draw_pool(rng, f"drawn-{seed}-{count}")


def draw_pool(rng, name):
    """One layer drawn at random: most are windows that slide, in one to three dimensions."""
    rank = rng.choice(RANKS)
    sizes = tuple(rng.randint(4, 14) for _ in range(rank))
    op = rng.choice(KINDS) if rng.random() < 0.75 else rng.choice(OTHERS)
    return StandardLayer(name, "drawn at random", Pool(op=op, **draw_parameters(op, rank, rng)), (1, 2, *sizes))


def draw_parameters(op, rank, rng):
    """The parameters of a layer, each stated or left open."""
    if op.startswith("global"):
        return rng.choice([{}, {"keepdims": True}, {"keepdims": False}])
    if op.startswith("adaptive"):
        return {"output_size": tuple(rng.randint(1, 6) for _ in range(rank))}
    kernel = tuple(rng.randint(1, 4) for _ in range(rank))
    parameters = {"kernel": kernel, "padding": draw_padding(kernel, rng)}
    parameters |= {"p": rng.choice([1.0, 2.0, 3.0])} if op == "lp_pool" else {}
    options = {
        "stride": tuple(rng.randint(1, 3) for _ in range(rank)),
        "dilation": tuple(rng.randint(1, 2) for _ in range(rank)),
        "ceil_mode": True,
        **({"count_include_pad": rng.random() < 0.5, "divisor_override": rng.randint(1, 9)} if op == "avg_pool" else {}),
    }
    often = {"stride": 0.9, "dilation": 0.15, "ceil_mode": 0.3, "count_include_pad": 0.5, "divisor_override": 0.08}
    return parameters | {name: value for name, value in options.items() if rng.random() < often[name]}


def draw_padding(kernel, rng):
    """Padding by a name or in cells."""
    half = tuple(rng.randint(0, taps // 2) for taps in kernel)
    uneven = tuple((rng.randint(0, taps - 1), rng.randint(0, taps - 1)) for taps in kernel)
    return rng.choice(["valid", "same", "same_lower", tuple((item, item) for item in half), uneven])


def draw_sources(name, target, entries, seed):
    """Random layers of a framework as sources, without end, the same ones for a seed."""
    if not target.adapter.layers:
        yield from ((layer, own) for layer in draw_pools(seed) if (own := source_of_pool(layer, name, target)))
    for number, layer in enumerate(draw_texts(target.adapter, seed), 1):
        own = read_source(layer.text, layer.shape, "float32", entries, target.name)
        yield StandardLayer(f"{name}-{seed}-{number}", layer.text, own.pool, layer.shape), own

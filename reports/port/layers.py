"""Layers to fill a table of pairs with: those of well-known networks, or ones drawn at random from what poolings can be told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ...cases.model.pool import Pool

STANDARD = Path(__file__).with_name("standard_layers.yaml")
RANKS, KINDS, ATTEMPTS = (1, 2, 2, 2, 3), ("max_pool", "avg_pool"), 50
OTHERS = ("global_max_pool", "global_avg_pool", "adaptive_max_pool", "adaptive_avg_pool", "lp_pool")


@dataclass(frozen=True)
class Standard:
    """A layer by its parameters: a name, the network it is of, and the shape of its input, channels first."""

    name: str
    of: str
    pool: Pool
    shape: tuple[int, ...]


def standard() -> list[Standard]:
    """The pooling layers of well-known networks."""
    told = yaml.safe_load(STANDARD.read_text(encoding="utf-8"))
    return [Standard(each["name"], each["of"], Pool(op=each["op"], **tuples(each["pool"])), tuple(each["input"])) for each in told]


def tuples(value: Any) -> Any:
    """Lists as tuples, everywhere."""
    if isinstance(value, list):
        return tuple(map(tuples, value))
    return {name: tuples(each) for name, each in value.items()} if isinstance(value, dict) else value


def drawn(seed: int) -> Iterator[Standard]:
    """Layers drawn at random, without end, the same ones for a seed."""
    bits = random.Random(seed)  # noqa: S311 - no secret
    count = 0
    while True:
        count += 1
        yield one(bits, f"drawn-{seed}-{count}")


def one(bits: random.Random, name: str) -> Standard:
    """One layer drawn at random: most are windows that slide, in one to three dimensions."""
    rank = bits.choice(RANKS)
    sizes = tuple(bits.randint(4, 14) for _ in range(rank))
    op = bits.choice(KINDS) if bits.random() < 0.75 else bits.choice(OTHERS)
    return Standard(name, "drawn at random", Pool(op=op, **parameters(op, rank, bits)), (1, 2, *sizes))


def parameters(op: str, rank: int, bits: random.Random) -> dict[str, Any]:
    """The parameters of a layer, each stated or left open."""
    if op.startswith("global"):
        return bits.choice([{}, {"keepdims": True}, {"keepdims": False}])
    if op.startswith("adaptive"):
        return {"output_size": tuple(bits.randint(1, 6) for _ in range(rank))}
    kernel = tuple(bits.randint(1, 4) for _ in range(rank))
    found: dict[str, Any] = {"kernel": kernel, "padding": padding(kernel, bits)}
    found |= {"p": bits.choice([1.0, 2.0, 3.0])} if op == "lp_pool" else {}
    maybe = {
        "stride": tuple(bits.randint(1, 3) for _ in range(rank)),
        "dilation": tuple(bits.randint(1, 2) for _ in range(rank)),
        "ceil_mode": True,
        **({"count_include_pad": bits.random() < 0.5, "divisor_override": bits.randint(1, 9)} if op == "avg_pool" else {}),
    }
    often = {"stride": 0.9, "dilation": 0.15, "ceil_mode": 0.3, "count_include_pad": 0.5, "divisor_override": 0.08}
    return found | {name: value for name, value in maybe.items() if bits.random() < often[name]}


def padding(kernel: tuple[int, ...], bits: random.Random) -> Any:
    """Padding of one of the kinds there are."""
    half = tuple(bits.randint(0, taps // 2) for taps in kernel)
    uneven = tuple((bits.randint(0, taps - 1), bits.randint(0, taps - 1)) for taps in kernel)
    return bits.choice(["valid", "same", "same_lower", tuple((each, each) for each in half), uneven])

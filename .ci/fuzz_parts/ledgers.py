"""Files of the ledger: some entries of those that come with poolparity, changed in some places; read by `check`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from fuzz_mutations import mutate_bytes, mutate_text

FRAMEWORKS = Path(__file__).parents[2] / "adapters" / "frameworks"
STATUSES = {0, 1, 2}
WORDS = (
    "case", "target", "when", "attribute", "answer", "cause", "why", "link", "measured", "versions", "dtype", "rank", "platform", "cpu", "not_cpu",
    "values", "shape", "acceptance", "gradient", "rejects", "accepts", "varies", "crashes: SIGFPE", "torch", "'*'", '">=2,<3"', "TODO",
    "https://example.org/1", "tie", "nan", "first", "last", "'specs/*'", "'[!a]*'", "'**************************************b'",
)  # fmt: skip


@cache
def blocks() -> list[str]:
    """The text of every entry."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(FRAMEWORKS.glob("*/known.yaml"))]
    return [f"- {part}" for text in texts for part in text.split("\n- ")[1:]]


def make_input(rng: Random, folder: Path) -> list[str]:
    """A file of one to four entries, mutated."""
    text = mutate_text(rng, "\n".join(rng.sample(blocks(), rng.randint(1, 4))), WORDS)
    data = text.encode(errors="surrogatepass")
    path = folder / "known.yaml"
    path.write_bytes(mutate_bytes(rng, data) if rng.random() < 0.1 else data)
    return ["check", str(path)]

"""One thing that adapters are asked for: a pooling of an input, its output or one attribute more."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from poolparity.adapters import Ask
from poolparity.cases.model.case import Case, Due
from poolparity.cases.model.inputs import Tensor, distinct, normal
from poolparity.cases.model.pool import FIRST, FORMATS, Pool
from poolparity.cases.oracle.definition import outcome

SIZES = {1: (7,), 2: (6, 5), 3: (5, 4, 6)}
KERNEL, STRIDE, ONES, DILATION = (3, 2, 2), (2, 1, 2), (1, 1, 1), (2, 1, 2)
EVEN, UNEVEN = ((1, 1), (0, 0), (1, 1)), ((0, 1), (1, 0), (0, 0))

FIELDS = {"call": "output", "indices": "indices", "gradient": "gradient", "inferred": "output"}
"""What is due where this is asked for."""


@dataclass(frozen=True, eq=False)
class Sample:
    """A pooling asked for its output ('call'), indices as well, gradient or inferred shape; `pinned` if the definition alone answers."""

    name: str
    case: Case
    question: str = "call"
    pinned: bool = True

    @property
    def ask(self) -> Ask:
        case, results = self.case, frozenset({"indices"} if self.question == "indices" else ())
        shapes = {name: tensor.shape for name, tensor in case.extra.items() if name != "cotangent"}
        return Ask(case.pool, case.input.shape, case.input.dtype, case.layout, case.batched, results, shapes=shapes, entry=case.entry)


@dataclass(frozen=True)
class Kind:
    """What samples have in common: an operation in so many dimensions, and the further arrays it takes."""

    op: str
    rank: int
    sizes: tuple[int, ...]
    extra: Mapping[str, Tensor] = field(default_factory=dict)

    def pool(self, **parameters: object) -> Pool:
        return Pool(op=self.op, **parameters)

    def sample(self, name, pool, layout=FIRST, dtype="float32", batched=True, pinned=True, question="call", entry="", **extra) -> Sample:
        planes = (2, *self.sizes) if layout == FIRST else (*self.sizes, 2)
        x = distinct((2, *planes) if batched else planes, 0, dtype)
        arrays = {key: arrange_tensor(key, array, layout, batched) for key, array in (self.extra | extra).items() if array is not None}
        full = f"{self.op}{self.rank}-{layout}-{name}-{question}"
        due = Due(from_oracle=("output", FIELDS[question]))
        case = Case(id=full, pool=pool, input=x, due=due, layout=layout, batched=batched, extra=arrays, entry=entry)
        return Sample(full, with_cotangent(case) if question == "gradient" else case, question, pinned)

    def everywhere(self, name, pool, pinned=True, **more) -> Iterator[Sample]:
        """In both layouts, stated and unstated; in one and three dimensions stated ones and one unstated are enough."""
        for layout in FORMATS:
            if self.rank == 2 or layout == FIRST:
                yield self.sample(name, pool, layout, pinned=pinned, **more)
            yield self.sample(f"{name}-stated", with_(pool, data_format=layout), layout, pinned=pinned, **more)

    def attributes(self, pool, *questions, name="plain") -> Iterator[Sample]:
        """Each attribute by itself, in both layouts."""
        return (self.sample(name, pool, layout, question=question) for question in questions for layout in FORMATS)


def arrange_tensor(name: str, tensor: Tensor, layout: str, batched: bool) -> Tensor:
    """A further array as a sample's layout has it."""
    value = tensor.value
    if name == "indices" and layout != FIRST:
        value = value.swapaxes(1, -1) if value.ndim == 3 else value.transpose(0, *range(2, value.ndim), 1)
    if name in ("indices", "samples") and not batched:
        value = value[0]
    return Tensor(value, f"numpy.array({value.tolist()}, dtype={value.dtype.name!r})") if value is not tensor.value else tensor


def with_cotangent(case: Case) -> Case:
    """The case with a cotangent of its output."""
    pool = with_(case.pool, data_format=case.layout)
    extra = {name: tensor.value for name, tensor in case.extra.items()}
    shape = outcome(case.input.value, pool, batched=case.batched, extra=extra, located=False).output.shape
    return Case(**{**vars(case), "extra": {**case.extra, "cotangent": normal(shape, 1, case.input.dtype)}})


def with_(pool: Pool, **parameters: object) -> Pool:
    return Pool(**{"op": pool.op, **pool.stated_parameters(), **parameters})

"""Lying pools: the oracle, each with one fault of those that people and frameworks are known for."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from poolparity.cases.fast.vectorised import outcome
from poolparity.cases.judge.answer import Answer
from poolparity.cases.judge.judge import judge
from poolparity.cases.model.pool import FIRST, LAST, Pool, Refused
from poolparity.cases.model.rules import Rules


@dataclass(frozen=True, eq=False)
class LiarQuestion:
    """What a liar hears: planes of shape (batch, channels, *spatial), a pooling of them, the rules that the case pins, and further arrays."""

    x: np.ndarray
    pool: Pool
    rules: Rules
    extra: dict
    layout: str = FIRST

    def honestly(self, x=None, rules=None, **changes):
        """The oracle's answer to the question, changed so."""
        rules = replace(self.rules, **rules or {})
        pool = replace(self.pool, data_format=self.layout, **changes)
        return outcome(self.x if x is None else x, pool, rules, extra=self.extra, located=False).output

    @property
    def rank(self):
        return self.x.ndim - 2

    @property
    def spatial(self):
        return tuple(range(2, self.x.ndim))

    @property
    def kernel(self):
        """The window, the whole plane for a global pooling."""
        return self.pool.kernel or self.x.shape[2:]

    @property
    def stride(self):
        return self.pool.stride or self.kernel

    @property
    def pads(self):
        """Padding in cells; none where it goes by name."""
        return self.pool.padding if isinstance(self.pool.padding, tuple) else ((0, 0),) * self.rank

    def maximum(self):
        return "max" in self.pool.op


HEARD_WRONG = {
    "shifted by a column": lambda liar: liar.honestly(np.roll(liar.x, -1, axis=-1)),
    "shifted by a row": lambda liar: liar.honestly(np.roll(liar.x, -1, axis=2)),
    "begins at the far end": lambda liar: np.flip(liar.honestly(np.flip(liar.x, liar.spatial)), liar.spatial[: liar.honestly().ndim - 2]),
    "stride is always one": lambda liar: liar.honestly(stride=(1,) * liar.rank),
    "stride is one unless stated": lambda liar: liar.honestly(rules={"stride_default": "one"}),
    "stride is always the window": lambda liar: liar.honestly(stride=liar.kernel),
    "stride of the first axis for all": lambda liar: liar.honestly(stride=liar.stride[:1] * liar.rank),
    "stride and window swapped": lambda liar: liar.honestly(kernel=liar.stride, stride=liar.kernel),
    "window of the first axis for all": lambda liar: liar.honestly(kernel=liar.kernel[:1] * liar.rank),
    "window one larger": lambda liar: liar.honestly(kernel=tuple(size + 1 for size in liar.kernel), stride=liar.stride),
    "window's axes swapped": lambda liar: liar.honestly(kernel=liar.kernel[::-1], stride=liar.stride[::-1]),
    "padding's axes swapped": lambda liar: liar.honestly(padding=liar.pads[::-1]),
    "padding on the far side alone": lambda liar: liar.honestly(padding=tuple((0, low + high) for low, high in liar.pads), rules=ANY_PADDING),
    "padding doubled": lambda liar: liar.honestly(padding=tuple((2 * low, 2 * high) for low, high in liar.pads), rules=ANY_PADDING),
    "padding of any size taken": lambda liar: liar.honestly(rules=ANY_PADDING),
    "padding ignored": lambda liar: liar.honestly(padding=None),
    "valid taken for same": lambda liar: liar.honestly(padding="same"),
    "padding wins": lambda liar: liar.honestly(rules={"pad_value": "zero"}),
    "padding counted": lambda liar: liar.honestly(count_include_pad=True),
    "padding not counted": lambda liar: liar.honestly(count_include_pad=False),
    "sizes rounded up": lambda liar: liar.honestly(ceil_mode=True),
    "windows that do not fit give nothing": lambda liar: liar.honestly(rules={"size_zero": "empty", "size_negative": "empty"}),
    "channels last taken for channels first": lambda liar: np.moveaxis(liar.honestly(np.moveaxis(liar.x, -1, 1)), 1, -1),
    "average for maximum, maximum for average": lambda liar: liar.honestly(op=liar.pool.op.replace(*("max", "avg") if liar.maximum() else ("avg", "max"))),
    "minimum for maximum": lambda liar: -liar.honestly(-liar.x) if liar.maximum() else liar.honestly(),
    "sum for average of a window": lambda liar: liar.honestly(divisor_override=1) if liar.pool.kernel and not liar.maximum() else liar.honestly(),
    "pooled axes of a global pooling kept": lambda liar: liar.honestly(keepdims=True),
    "pooled axes of a global pooling dropped": lambda liar: liar.honestly(keepdims=False),
    "channels added up": lambda liar: liar.honestly().sum(axis=1, keepdims=True),
    "channels mixed": lambda liar: liar.honestly().mean(axis=1, keepdims=True, dtype=liar.x.dtype).repeat(liar.x.shape[1], axis=1),
    "last channel lost": lambda liar: liar.honestly()[:, :-1],
    "input unchanged": lambda liar: liar.x,
}  # fmt: skip
"""Liars that pool something else than they were asked for."""

ANY_PADDING = {"pad_limit": "none"}

SAID_WRONG = {
    "zeros": np.zeros_like,
    "ones": np.ones_like,
    "not a number": lambda y: np.full_like(y, np.nan) if y.dtype.kind == "f" else y,
    "one answer too many": lambda y: np.pad(y, [(0, 0)] * (y.ndim - 2) + [(0, 1)] * 2, mode="edge") if y.size else y,
    "last answers lost": lambda y: y[..., :-1, :-1],
    "rows and columns swapped": lambda y: y.swapaxes(-1, -2),
    "first sample for all": lambda y: y[:1].repeat(len(y), axis=0),
    "first sample alone": lambda y: y[:1],
    "second sample off by one": lambda y: y + np.arange(len(y), dtype=y.dtype).reshape(-1, *[1] * (y.ndim - 1)),
    "axes of size one dropped": np.squeeze,
    "twice the precision": lambda y: y.astype("float64"),
    "half the precision": lambda y: np.clip(y, -60000, 60000).astype("float16"),
}
"""Liars that pool as they were asked and tell something else."""


BESIDE = ("conv", "flatten", "input", "max_unpool", "upsample_nearest")
"""Operations beside pooling."""


def honest(case, pool):
    """The true answer: the oracle's; of a layer as it is written what is due, or its contrary where that was contradicted."""
    if not case.as_written:
        return answer_with_lie(LiarQuestion.honestly, case, pool)
    if case.due.invalid == (case.stands != "contradicted"):
        return Answer("rejects")
    y = np.zeros(case.due.output_shape or (1,) * case.input.value.ndim, case.input.dtype)
    return Answer("accepts", y if case.due.output is None else case.due.output, parameters=case.due.parameters)


def answer_with_lie(lie, case, pool):
    """What a liar who hears planes answers to a case, in the case's own layout.

    A layer's text it does not understand, and of what is no pooling it knows nothing wrong.
    """
    if case.as_written:
        return honest(case, pool)
    if pool.op in BESIDE:
        lie = LiarQuestion.honestly
    x = case.input.value if case.batched else case.input.value[None]
    last = case.layout == LAST and pool.op != "flatten"
    extra = {name: tensor.value for name, tensor in case.extra.items()}
    try:
        y = lie(LiarQuestion(np.moveaxis(x, -1, 1) if last else x, pool, case.reference, extra, FIRST if last else case.layout))
    except Refused as refusal:
        return Answer("rejects", detail=str(refusal))
    y = np.moveaxis(y, 1, -1) if last and y.ndim > 2 else y
    return Answer("accepts", y if case.batched else y[0], parameters=0)


def causes_of_lie(lie, case, pool):
    """What a liar answers who knows the truth."""
    truth = honest(case, pool)
    return truth if truth.output is None else replace(truth, output=lie(truth.output))


def takes_everything(case, pool):
    truth = honest(case, pool)
    return Answer("accepts", np.zeros_like(case.input.value)) if truth.outcome == "rejects" else truth


LIARS = {
    **{name: lambda case, pool, lie=lie: answer_with_lie(lie, case, pool) for name, lie in HEARD_WRONG.items()},
    **{name: lambda case, pool, lie=lie: causes_of_lie(lie, case, pool) for name, lie in SAID_WRONG.items()},
    "takes everything": takes_everything,
    "refuses everything": lambda case, pool: Answer("rejects"),
    "learns one number more": lambda case, pool: replace(honest(case, pool), parameters=1 + (case.due.parameters or 0)),
}


def verdicts(case, answerer):
    """The attributes of a case with their verdicts, and the answer that they are about."""
    answer = answerer(case, case.pool)
    other = answerer(case, case.due.equals) if case.due.equals else None
    return [(finding.attribute, finding.verdict) for finding in judge(case, answer, other)], answer


@cache
def verdicts_on_truth(case):
    """The attributes of a case with the verdicts on the true answer, and that answer: every liar is compared with them."""
    return verdicts(case, honest)


def is_caught(case, liar):
    """Whether the verdicts on a liar are not those on the truth; a pinned answer may not change either."""
    (true_verdicts, truth), (false_verdicts, lie) = verdicts_on_truth(case), verdicts(case, LIARS[liar])
    return true_verdicts != false_verdicts or (case.stands == "contradicted" and differ(truth, lie))


def differ(one, other):
    """Whether two answers are not the same to the last cell."""
    if one.outcome != other.outcome or one.output is None:
        return one.outcome != other.outcome
    return one.output.dtype != other.output.dtype or not np.array_equal(one.output, other.output, equal_nan=True)

"""Lying targets with the classic bugs: the fast oracle, each with one fault that people and frameworks are known for."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from support.followers import answer_from

from poolparity.cases.fast.vectorised import outcome
from poolparity.cases.model.arithmetic import is_floating
from poolparity.cases.model.case import Case
from poolparity.cases.model.pool import LAST, Crashed, Pool, Refused


@dataclass(frozen=True, eq=False)
class BugCase:
    """What a liar hears: a case, and which pooling of its input it is asked for."""

    case: Case
    pool: Pool

    def honestly(self, x=None, rules=None, **changes):
        """The oracle's outcome of the question, changed so."""
        if x is None:
            return honest_outcome(self.case, self.pool, tuple((rules or {}).items()), tuple(changes.items()))
        return ask_oracle(self.case, x, self.pool, rules or {}, changes)

    @property
    def x(self):
        return self.case.input.value

    @property
    def rank(self):
        return self.case.rank

    @property
    def first(self):
        """The first spatial axis."""
        return int(self.case.batched) + (self.case.layout != LAST)

    @property
    def spatial(self):
        return self.x.shape[self.first : self.first + self.rank]

    @property
    def channel(self):
        return -1 if self.case.layout == LAST else int(self.case.batched)

    @property
    def pads(self):
        """Padding in cells, None where there is none or it goes by name."""
        return self.pool.padding if isinstance(self.pool.padding, tuple) and self.pool.pads() else None


@lru_cache(maxsize=64)
def honest_outcome(case, pool, rules, changes):
    """The oracle's outcome of a case's own input; most bugs begin with it, so it is kept while the bugs of a case are tried."""
    return ask_oracle(case, case.input.value, pool, dict(rules), dict(changes))


def ask_oracle(case, x, pool, rules, changes):
    """The oracle's outcome of an input under changed rules and parameters; a gradient only where the cotangent fits the answer."""
    extra = {name: tensor.value for name, tensor in case.extra.items()}
    seed = extra.pop("cotangent", None) if case.wants("gradient") else None
    pool = replace(pool, data_format=case.layout, **changes)
    options = {"batched": case.batched, "extra": extra, "located": case.wants("indices")}
    result = outcome(x, pool, replace(case.reference, **rules), **options)
    if seed is None or seed.shape != result.output.shape:
        return result
    return outcome(x, pool, replace(case.reference, **rules), cotangent=seed, **options)


def spoil(y):
    """An array with every cell made another."""
    other = ~y if y.dtype == bool else np.where(np.isfinite(y.astype("float64")), y + 1, 0).astype(y.dtype)
    return np.where(other == y, 0, other).astype(y.dtype)  # a number so large that one more is the same


def shifted(liar):
    return liar.honestly(np.roll(liar.x, -1, axis=liar.first + liar.rank - 1))


def axes_swapped(liar):
    parameters = {name: value[::-1] for name, value in liar.pool.stated_parameters().items() if isinstance(value, tuple)}
    return liar.honestly(**parameters)


def stride_and_kernel_swapped(liar):
    return liar.honestly(kernel=liar.pool.stride, stride=liar.pool.kernel) if liar.pool.stride and liar.pool.kernel else liar.honestly()


def padded_on_one_side(liar):
    padding = liar.pads and tuple((0, low + high) for low, high in liar.pads)
    return liar.honestly(padding=padding, rules={"pad_limit": "none"}) if padding else liar.honestly()


def nan_lost_in_the_last_lane(liar):
    if not is_floating(liar.x.dtype) or not np.isnan(liar.x).any():
        return liar.honestly()
    lanes = np.arange(liar.x.size).reshape(liar.x.shape) % 4
    return liar.honestly(np.where(np.isnan(liar.x) & (lanes == 3), -np.inf, liar.x).astype(liar.x.dtype))


def index_off_by_the_padding(liar):
    truth = liar.honestly()
    return replace(truth, indices=truth.indices + liar.pads[-1][0]) if liar.pads and truth.indices is not None else truth


def gradient_doubled_at_ties(liar):
    truth = liar.honestly()
    if truth.gradient is None or liar.case.reference.tie == "split":
        return truth
    split = liar.honestly(rules={"tie": "split"}).gradient
    return replace(truth, gradient=np.where(split == truth.gradient, 1, 2).astype(split.dtype) * truth.gradient)


def wrong_for_odd_sizes(liar):
    truth = liar.honestly()
    return replace(truth, output=spoil(truth.output)) if any(n % 2 for n in liar.spatial) else truth


def wrong_for_batch_over_one(liar):
    return liar.honestly(liar.x[:1].repeat(len(liar.x), axis=0)) if liar.case.batched else liar.honestly()


def wrong_in_the_last_channel(liar):
    truth = liar.honestly()
    at = liar.channel % truth.output.ndim
    if not truth.output.size or truth.output.shape[at] < 2:
        return truth
    *most, last = np.split(truth.output, truth.output.shape[at], at)
    return replace(truth, output=np.concatenate([*most, spoil(last)], at))


def first_column_alone(liar):
    if not liar.pool.op.startswith("global"):
        return liar.honestly()
    return liar.honestly(np.take(liar.x, [0], axis=liar.first + liar.rank - 1) if liar.spatial[-1] else None)


def last_adaptive_bin_repeats_the_first(liar):
    truth = liar.honestly()
    if not liar.pool.op.startswith("adaptive") or not truth.output.size:
        return truth
    axis = liar.first + liar.rank - 1
    *most, _ = np.split(truth.output, truth.output.shape[axis], axis)
    return replace(truth, output=np.concatenate([*most, most[0]], axis)) if most else truth


def planes_counted_in_pairs(liar):
    truth = liar.honestly()
    if truth.indices is None or truth.indices.shape[liar.channel] < 2:
        return truth
    channels = np.arange(truth.indices.shape[liar.channel])
    place = [1] * truth.indices.ndim
    place[liar.channel] = -1
    return replace(truth, indices=truth.indices + (channels // 2).reshape(place))


def ceil_mode_ignored_beside_same_alone(liar):
    return liar.honestly(ceil_mode=None, padding="valid") if liar.pool.ceil_mode and liar.pool.padding == "same" else liar.honestly()


def dilation_ignored(liar):
    return liar.honestly(dilation=None)


def of_the_wrong_type(liar):
    truth = liar.honestly()
    return replace(truth, output=truth.output.astype("float32" if truth.output.dtype == "float64" else "float64"))


def indices_by_columns(liar):
    truth = liar.honestly()
    if truth.indices is None or liar.rank < 2 or not truth.indices.size or 0 in liar.spatial:
        return truth
    inside = (truth.indices >= 0) & (truth.indices < np.prod(liar.spatial))
    at = np.unravel_index(np.where(inside, truth.indices, 0), liar.spatial)
    return replace(truth, indices=np.where(inside, np.ravel_multi_index(at, liar.spatial, order="F"), truth.indices))


def mask_ignored(liar):
    extra = {name: tensor for name, tensor in liar.case.extra.items() if name != "mask"}
    return ask_oracle(replace(liar.case, extra=extra), liar.x, liar.pool, {}, {}) if "mask" in liar.case.extra else liar.honestly()


def masked_cells_taken_for_zeros(liar):
    truth = liar.honestly()  # which refuses a mask of another shape
    if "mask" not in liar.case.extra:
        return truth
    mask = np.expand_dims(liar.case.extra["mask"].value, liar.channel % liar.x.ndim)
    without_mask = replace(liar.case, extra={name: tensor for name, tensor in liar.case.extra.items() if name != "mask"})
    return ask_oracle(without_mask, np.where(mask, liar.x, liar.x.dtype.type(0)), liar.pool, {}, {})


def a_constant(liar):
    truth = liar.honestly()
    return replace(truth, output=np.full_like(truth.output, 1))


def the_input(liar):
    return replace(liar.honestly(), output=liar.x)


def nan_everywhere(liar):
    truth = liar.honestly()
    return replace(truth, output=np.full(truth.output.shape, np.nan, truth.output.dtype if is_floating(truth.output.dtype) else "float32"))


def nothing_at_all(liar):
    truth = liar.honestly()
    return replace(truth, output=truth.output.ravel()[:0])


BUGS = {
    "window shifted by one": shifted,
    "axes swapped": axes_swapped,
    "stride and kernel swapped": stride_and_kernel_swapped,
    "padding on one side only": padded_on_one_side,
    "NaN lost only in the last lane": nan_lost_in_the_last_lane,
    "index off by the padding": index_off_by_the_padding,
    "gradient doubled at ties": gradient_doubled_at_ties,
    "wrong only for odd sizes": wrong_for_odd_sizes,
    "wrong only for batch over one": wrong_for_batch_over_one,
    "wrong only in the last channel": wrong_in_the_last_channel,
    "wrong only for dilation over one": dilation_ignored,
    "global pooling of the first column alone": first_column_alone,
    "last adaptive bin repeats the first": last_adaptive_bin_repeats_the_first,
    "planes counted in pairs in an index": planes_counted_in_pairs,
    "SAME ignored beside ceil_mode": ceil_mode_ignored_beside_same_alone,
    "right values in the wrong dtype": of_the_wrong_type,
    "transposed indices": indices_by_columns,
    "mask of a global average ignored": mask_ignored,
    "masked cells taken for zeros": masked_cells_taken_for_zeros,
    "a constant": a_constant,
    "the input unchanged": the_input,
    "an answer of the right shape full of NaN": nan_everywhere,
    "an empty answer": nothing_at_all,
}


def answer_with_bug(case, bug, pool=None):
    """What a liar with a bug answers to a case, or to another pooling of its input."""
    try:
        return answer_from(BUGS[bug](BugCase(case, pool or case.pool)), case)
    except Crashed:
        return answer_from("crashes", case)
    except Refused:
        return answer_from("rejects", case)

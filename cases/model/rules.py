"""The rules: every choice that a pooling's caller leaves open, or that frameworks make on their own, is one axis.

This table is the only place where an axis and its values are defined: `Rules` has a field for each axis, and the
published schemas, the wording and the reports' short words are made from it. ADDING_A_RULE.md says how to add an axis or a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True)
class Value:
    """One choice on an axis: in a word or two for the cell of a table, and as a phrase that continues "the target ..." or stands alone."""

    short: str
    phrase: str


@dataclass(frozen=True)
class Axis:
    """One choice that a pooling leaves open: its values by name, the reference first.

    `title` says in a few words what it is about, `sentence` describes it in the published schema. `acceptance` marks
    axes that decide only whether an operation is refused.
    """

    title: str
    sentence: str
    acceptance: bool
    values: Mapping[str, Value]

    @property
    def reference(self) -> str:
        """The value by the definition of the operation and, where that is silent, by torch."""
        return next(iter(self.values))


def axis(title: str, sentence: str, *, acceptance: bool = False, **values: tuple[str, str]) -> Any:
    """A field of `Rules` for an axis; each value has its short word and its phrase, and the first is the default."""
    axis_entry = Axis(title, sentence, acceptance, {name: Value(*words) for name, words in values.items()})
    return field(default=axis_entry.reference, metadata={"axis": axis_entry})


@dataclass(frozen=True, kw_only=True)
class Rules:
    """One value for each axis; the defaults are the reference."""

    # What is refused.
    explicit_padding: str = axis(
        "padding in cells",
        "Whether a window is given padding in cells at all; zero is none.",
        acceptance=True,
        accept=("takes", "takes padding in cells"),
        reject=("refuses", "takes no padding in cells"),
    )
    same_padding: str = axis(
        "padding of SAME",
        "Whether a window is given the padding of SAME at all.",
        acceptance=True,
        accept=("takes", "takes same padding"),
        reject=("refuses", "refuses same padding"),
    )
    pad_limit: str = axis(
        "largest padding",
        "The most padding that is taken on a side: half a window, less than a window, or any.",
        acceptance=True,
        half_window=("half a window", "refuses padding over half the window"),
        below_window=("window less one", "allows padding up to the window less one"),
        none=("any", "allows any padding"),
    )
    size_zero: str = axis(
        "window one stride too large",
        "What a size of zero is: a reason to refuse, an empty output, or the end of the process.",
        acceptance=True,
        reject=("refuses", "refuses a window that is one stride too large"),
        empty=("empty output", "gives an empty output where the size is zero"),
        crash=("ends process", "ends the process where the size is zero"),
    )
    size_negative: str = axis(
        "window far too large",
        "What a size below zero is, of windows or of an up-sampling: a reason to refuse, or an empty output.",
        acceptance=True,
        reject=("refuses", "refuses a window that is much too large"),
        empty=("empty output", "gives an empty output where the size is negative"),
    )
    empty_input: str = axis(
        "input without cells",
        "Whether an input without channels or cells is taken.",
        acceptance=True,
        accept=("takes", "takes inputs without cells"),
        reject=("refuses", "refuses inputs without cells"),
    )
    small_input: str = axis(
        "input below the window",
        "What becomes of an input that is smaller than its window, not counting padding.",
        acceptance=True,
        accept=("takes", "takes inputs smaller than the window"),
        reject=("refuses", "refuses inputs smaller than the window, not counting padding"),
    )
    element_type: str = axis(
        "type of the input",
        "Whether the operation takes the type of the input's cells at all.",
        acceptance=True,
        accept=("takes", "takes this type"),
        reject=("refuses", "does not take this type"),
    )
    parameter_limit: str = axis(
        "largest parameter",
        "How large a kernel, a stride or a dilation may be: any size, or what 32 bits hold; a larger one is refused or ends the process.",
        acceptance=True,
        none=("any size", "takes parameters of any size"),
        int32=("32 bits", "refuses parameters of more than 32 bits"),
        crash=("ends process", "ends the process for parameters of more than 32 bits"),
    )
    sample_limit: str = axis(
        "fractional windows as large as the input",
        "How far the windows of a fractional pooling must fit: into the input, or into one cell less.",
        acceptance=True,
        input=("takes", "takes fractional windows that fill the input"),
        below_input=("refuses", "refuses fractional windows that fill the input"),
    )

    # Where windows are, and the shape of the output.
    stride_default: str = axis(
        "stride if none is given",
        "The stride of a window where none is stated: the window itself, or one; or a reason to refuse.",
        window=("window", "strides by the window where no stride is given"),
        one=("one", "strides by one where no stride is given"),
        reject=("refuses", "refuses a window without a stride"),
    )
    padding_default: str = axis(
        "padding of a convolution if none is given",
        "The padding of a convolution where none is stated: none, or that of same.",
        valid=("none", "convolves without padding where none is given"),
        same=("same", "convolves with same padding where none is given"),
    )
    same_amount: str = axis(
        "how much SAME pads",
        "How much SAME pads in all: as little as covers the input, as much as a stride of one needs, or the exact amount, which crops or is refused where it is negative.",
        minimal=("least", "same pads no more than covers the input"),
        half_window=("half a window", "same pads half the window whatever the stride"),
        unclamped=("may crop", "same crops where the stride exceeds the window"),
        reject_negative=("refuses to crop", "refuses same padding where the stride exceeds the window"),
    )
    same_split: str = axis(
        "odd cell of SAME",
        "The side that gets the odd cell of SAME; for SAME_LOWER it is the other one.",
        high=("high side", "the odd cell of same goes to the high side"),
        low=("low side", "the odd cell of same goes to the low side"),
    )
    same_dilation: str = axis(
        "SAME and dilation",
        "The window that SAME pads for: the effective one, dilation included, or the one without holes, with zeros up to the size of SAME or without; or a reason to refuse both together.",
        effective=("knows it", "same pads for the dilated window"),
        ignored=("ignores it", "same pads for the window without its dilation"),
        ignored_with_zeros=(
            "ignores it, zeros",
            "same pads for the window without its dilation, and leaves zeros where no window fits",
        ),
        reject=("refuses both", "refuses same with a dilation"),
    )
    ceil_window: str = axis(
        "last window in the padding",
        "What becomes of a last window that starts in the far padding under ceil_mode.",
        clipped=("drops it", "drops a last window that starts in the far padding"),
        kept=("keeps it", "keeps a last window that starts in the far padding"),
    )
    named_ceil: str = axis(
        "ceil_mode beside a named padding",
        "What ceil_mode does where the padding is named, as VALID or SAME: it rounds the size up, does nothing, or is refused.",
        rounds_up=("rounds up", "ceil_mode rounds up beside a named padding"),
        ignored=("ignored", "ignores ceil_mode beside a named padding"),
        reject=("refuses both", "refuses ceil_mode beside a named padding"),
    )
    size_division: str = axis(
        "rounding of sizes",
        "How the number of windows is rounded: down, or towards zero before or after one window is added.",
        floor=("down", "rounds sizes down"),
        trunc_kernel=("to zero, early", "rounds sizes towards zero before the last window is counted"),
        trunc_stride=("to zero, late", "rounds sizes towards zero after the last window is counted"),
    )
    adaptive_bins: str = axis(
        "adaptive bins",
        "How an adaptive pooling divides an axis that its output size does not divide, and whether one bin on the last axis ends the process.",
        overlapping=("overlap", "adaptive bins overlap"),
        disjoint=("disjoint", "adaptive bins are disjoint"),
        crash_for_one=("overlap, or end process", "adaptive bins overlap, and one on the last axis ends the process of a maximum"),
    )
    adaptive_passes: str = axis(
        "axes of an adaptive window",
        "Whether an adaptive pooling takes the axes of a window together, or pools along one axis after another and rounds in between.",
        together=("together", "takes the axes of an adaptive window together"),
        in_turn=("in turn", "pools along one axis after another, and rounds in between"),
    )
    reduced_axes: str = axis(
        "axes of a global pooling",
        "The axes that a global pooling reduces: the spatial ones, or the last two whatever the rank, with a size of one for each spatial axis behind what is left.",
        spatial=("spatial", "a global pooling reduces the spatial axes"),
        last_two=("last two", "a global pooling reduces the last two axes, whatever the rank"),
    )
    keepdims_default: str = axis(
        "spatial axes of a global output",
        "What becomes of the pooled axes of a global pooling where that is not stated.",
        kept=("kept", "keeps the spatial axes by default"),
        dropped=("dropped", "drops the spatial axes by default"),
    )
    sample_order: str = axis(
        "order of samples",
        "The spatial axis that the first sample of a fractional pooling is for: the first axis, or the last.",
        axes=("as axes", "samples are in the order of the axes"),
        reversed=("reversed", "samples are in the reverse order of the axes"),
    )
    nearest: str = axis(
        "nearest cell",
        "Where up-sampling to a given size looks for the nearest cell: under the corner of the new one, or its middle.",
        corner=("corner", "the nearest cell is the one under the corner"),
        middle=("middle", "the nearest cell is the one under the middle"),
    )
    flatten_order: str = axis(
        "order of flattening",
        "The order in which cells are laid flat: as they are written, or with the channels last.",
        written=("as written", "flattens cells in the order of the array"),
        channels_last=("channels last", "flattens cells with the channels last"),
    )

    # What an average divides by and sums.
    include_default: str = axis(
        "average at the border",
        "What an average counts at the border where that is not stated: padding too, or valid cells alone.",
        padded=("counts padding", "counts padding in the average by default"),
        valid=("valid cells", "leaves padding out of the average by default"),
    )
    overhang: str = axis(
        "cells beyond the padding",
        "Whether an average counts the places of a window beyond the padding, under ceil_mode.",
        excluded=("left out", "leaves cells beyond the padding out of the average"),
        counted=("counted", "counts cells beyond the padding in the average"),
    )
    average_pad: str = axis(
        "padding in an average's sum",
        "What an average sums for padding: nothing, the nearest cell at the edge, or that cell where the padding is uneven.",
        absent=("absent", "padding takes no part in the average's sum"),
        edge=("edge again", "averages repeat the edge in the padding"),
        edge_if_uneven=("edge if uneven", "averages repeat the edge where the padding is uneven"),
    )
    empty_average: str = axis(
        "average of an empty window",
        "The average of a window without cells.",
        nan=("NaN", "the average of an empty window is NaN"),
        zero=("zero", "the average of an empty window is zero"),
    )

    # What a maximum is where cells are missing or equal.
    pad_value: str = axis(
        "padding in a maximum",
        "What padding is to a maximum: nothing, or zeros.",
        excluded=("left out", "padding takes no part in a maximum"),
        zero=("zero", "padding counts as zero in a maximum"),
    )
    empty_max: str = axis(
        "maximum of an empty window",
        "The maximum of a window without cells: minus infinity, the lowest number of the type, zero, or NaN.",
        minus_inf=("-inf", "the maximum of an empty window is -inf"),
        lowest=("lowest number", "the maximum of an empty window is the lowest finite number"),
        zero=("zero", "the maximum of an empty window is zero"),
        nan=("NaN", "the maximum of an empty window is NaN"),
    )
    all_minus_inf: str = axis(
        "maximum of -inf alone",
        "The maximum of a window of minus infinities alone: that, or the lowest number of the type, in all windows or in those that cross an end of a row.",
        minus_inf=("-inf", "a maximum of -inf alone is -inf"),
        lowest=("lowest number", "a maximum of -inf alone is the lowest finite number"),
        lowest_at_edges=("lowest at edges", "a maximum of -inf alone is the lowest finite number where the window crosses an end of a row"),
    )
    nan: str = axis(
        "NaN in a maximum",
        "What NaN is to a maximum that walks through its window: it wins, is ignored, counts in some places alone, or starts the walk anew.",
        propagate=("keeps NaN", "NaN in a window is its maximum"),
        ignore=("drops NaN", "a maximum ignores NaN"),
        ignore_else_nan=("drops unless alone", "a maximum ignores NaN unless there is nothing else"),
        seeded=("only if first", "NaN is the maximum only where it comes first"),
        restart=("restarts after", "a maximum restarts after NaN"),
        columns_restart=("restarts by column", "a maximum restarts after NaN, column by column"),
        lanes4=("drops in lanes", "a maximum ignores NaN in four lanes"),
    )
    zero_sign: str = axis(
        "zeros of both signs",
        "Which of several zeros a maximum is: the first, a positive one, or the last.",
        first=("first", "of zeros of both signs the first is the maximum"),
        positive=("positive", "of zeros of both signs the positive one is the maximum"),
        last=("last", "of zeros of both signs the last is the maximum"),
    )

    # Where a maximum is found, and where its gradient goes.
    nan_index: str = axis(
        "index of NaN",
        "The position of a maximum that is NaN: the last NaN, the first, or that of the number a comparison stops at.",
        last=("last NaN", "the index is that of the last NaN"),
        first=("first NaN", "the index is that of the first NaN"),
        ignore=("ignores NaN", "the index ignores NaN"),
        seeded=("only if first", "the index is that of NaN only where it comes first"),
        restart=("restarts after", "the index restarts after NaN"),
    )
    tie: str = axis(
        "gradient of equal values",
        "Which of several equal maxima is found and gets the gradient: the first, the last, each a share, or each all of it.",
        first=("first", "of equal values the first takes the gradient"),
        last=("last", "of equal values the last takes the gradient"),
        split=("shared", "equal values share the gradient"),
        all=("each in full", "each of equal values takes the whole gradient"),
    )
    scan_order: str = axis(
        "order of a search",
        "The order in which the cells of a window are searched for its maximum: row by row, or column by column.",
        rows=("rows", "searches a window row by row"),
        columns=("columns", "searches a window column by column"),
    )
    pad_candidate: str = axis(
        "maximum in padding",
        "Whether padding can be the maximum, so that it wins ties and takes the gradient with it.",
        no=("never", "padding is never the position of a maximum"),
        yes=("may be", "padding may be the position of a maximum"),
    )
    all_minus_inf_index: str = axis(
        "position of -inf alone",
        "The position of a maximum of minus infinities alone: one that was found, that of a window without cells, or the first of the plane.",
        found=("first", "of -inf alone the first is the position of the maximum"),
        empty=("none", "-inf alone has no position of a maximum"),
        plane_start=("plane start", "of -inf alone the first cell of the plane is the position of the maximum"),
    )
    index_base: str = axis(
        "what indices count",
        "What the index of a maximum counts: cells of its plane, of the whole tensor, or of one with the channels last.",
        plane=("plane", "indices count the cells of a plane"),
        tensor=("tensor", "indices count the cells of the whole tensor"),
        channels_last=("channels last", "indices count cells and channels, channels last"),
        channels_last_batch=("with batch", "indices count batches, cells and channels, channels last"),
    )
    index_planes: str = axis(
        "planes in an index",
        "Whether an index of the whole tensor counts the planes before its own; indices are compared as positions in their planes, so one that leaves them out is that much too small.",
        counted=("counted", "indices count the planes before their own"),
        left_out=("left out", "indices leave out the planes before their own"),
    )
    index_tap: str = axis(
        "cell of an index",
        "How the number of a cell in its window becomes a position: by the rows of the window, or by those of the output.",
        window=("window", "indices count the cells of a window in its own rows"),
        output=("output", "indices count the cells of a window in the rows of the output"),
    )
    empty_index: str = axis(
        "index of an empty window",
        "The index of a window without cells: minus one, zero, minus one for each axis, the first position of the window that is not before the input, or its very first position.",
        minus_one=("-1", "the index of an empty window is -1"),
        window_start=("window start", "the index of an empty window is where it starts"),
        zero=("0", "the index of an empty window is 0"),
        minus_one_each=("-1 each axis", "the index of an empty window is -1 along each axis"),
        first_position=("first position", "the index of an empty window is its first position, even before the input"),
    )
    empty_gradient: str = axis(
        "gradient of an empty window",
        "Where the gradient of a window without a maximum goes: nowhere, or to where the window starts, which may be in a later plane.",
        dropped=("nowhere", "the gradient of an empty window goes nowhere"),
        window_start=("window start", "the gradient of an empty window goes to where it starts, even in another plane"),
    )

    # What a norm makes of negative numbers and of a window over the edge.
    lp_sign: str = axis(
        "negative numbers in a norm",
        "Whether an LP pooling takes negative numbers with their sign or as absolute values.",
        signed=("keep sign", "negative numbers keep their sign in a norm"),
        absolute=("lose sign", "negative numbers lose their sign in a norm"),
    )
    lp_partial: str = axis(
        "norm over the edge",
        "What an LP pooling makes of a window that hangs over the edge: a norm of fewer cells, or one scaled up to a whole window.",
        absent=("cells there", "a norm takes the cells inside the input"),
        rescaled=("scaled up", "a norm is scaled up where the window hangs over the edge"),
    )

    # In which type, how and in which order numbers are computed.
    cast: str = axis(
        "type of computation",
        "The type that the input is cast to before anything is computed; the output is cast back or keeps it.",
        none=("the input's", "computes in the input's type"),
        float32=("float32", "computes in float32"),
        bits32=("32 bits", "computes in 32 bits"),
        float32_inside=("float32 inside", "computes in float32 and returns the input's type"),
    )
    accumulator: str = axis(
        "type of sums",
        "The type in which numbers are added up.",
        float64=("without loss", "sums without loss"),
        float32=("float32", "sums in float32"),
        input=("the input's", "sums in the input's type"),
    )
    sum_order: str = axis(
        "order of a sum",
        "The order in which numbers are added up: one after another, in blocks of 32, or each row before the rows.",
        sequential=("one by one", "sums one cell after another"),
        blocks32=("blocks of 32", "sums in blocks of 32"),
        rows=("row by row", "sums each row before it sums the rows"),
    )
    division: str = axis(
        "division by a count",
        "How an average divides: by a division, or by multiplying with the reciprocal.",
        divide=("divides", "divides by the number of cells"),
        reciprocal=("reciprocal", "multiplies by the reciprocal of the number of cells"),
    )
    result_dtype: str = axis(
        "type of the output",
        "The type of the answer's cells: the input's, or no smaller than float32 or float64.",
        input=("the input's", "the output has the input's type"),
        at_least_float32=("float32 or more", "the output is float32 or wider"),
        at_least_float64=("float64 or more", "the output is float64 or wider"),
    )
    integer_average: str = axis(
        "average of integers",
        "The average of integers: cut towards zero, rounded down, to the nearest (to even, away from zero, or up in the middle), a floating number, or refused.",
        truncate=("truncated", "averages of integers are truncated"),
        floor=("down", "averages of integers are rounded down"),
        half_even=("half to even", "averages of integers are rounded to the nearest, halves to even"),
        half_away=("half away", "averages of integers are rounded to the nearest, halves away from zero"),
        half_up=("half up", "averages of integers are rounded to the nearest, halves up"),
        promote32=("float32", "averages of integers are float32"),
        promote64=("float64", "averages of integers are float64"),
        reject=("refuses", "refuses averages of integers"),
    )

    def but(self, **choices: str) -> Rules:
        """The same rules with other values on some axes."""
        return replace(self, **choices)


REFERENCE = Rules()

AXES: Mapping[str, Axis] = {field.name: field.metadata["axis"] for field in fields(Rules)}
"""Every axis by its name, in the order of the table."""

AXIS_VALUES: Mapping[str, tuple[str, ...]] = {name: tuple(entry.values) for name, entry in AXES.items()}
"""The values of every axis, the reference first."""

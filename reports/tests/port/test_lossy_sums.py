"""A layer whose sums lose much in a type of low precision is ported to one whose sums do not, and that is said."""

from dataclasses import replace

import numpy as np
import pytest

from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets
from poolparity.cases.judge.answer import ACCEPTS, Answer
from poolparity.reports.port.answer import Porter
from poolparity.reports.port.lossy_sums import answer_without_loss, describe_loss
from poolparity.reports.port.record import DROP_IN
from poolparity.reports.port.request import read_source
from poolparity.reports.port.samples import sample_of_shape

ENTRIES = find_targets()


def lossy(text, dtype):
    """A layer with a sample, the answer of a framework that adds up in the input's type, and the answer without loss."""
    source = read_source(text, (1, 2, 64, 64), dtype, ENTRIES)
    sample = sample_of_shape(source.ask)
    coarse, exact = (replace(source, rules={**source.rules, "accumulator": kind}).apply_rules(sample) for kind in ("input", "float64"))
    return source, sample, Answer(ACCEPTS, output=coarse), exact


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_the_answer_without_loss_is_that_of_exact_sums(dtype):
    source, sample, answer, exact = lossy("torch.nn.AvgPool2d(64)", dtype)
    assert (answer_without_loss(source, sample, answer).output == exact).all()
    between = Answer(ACCEPTS, output=((answer.output.astype("float64") + exact.astype("float64")) / 2).astype(exact.dtype))
    assert (answer_without_loss(source, sample, between).output == exact).all()
    beyond = Answer(ACCEPTS, output=(exact.astype("float64") * 1.2).astype(exact.dtype))
    assert answer_without_loss(source, sample, beyond) is None
    assert answer_without_loss(source, sample, Answer("rejects")) is None


def test_the_loss_is_said_where_it_is_more_than_the_tolerance():
    source, sample, answer, exact = lossy("torch.nn.AvgPool2d(64)", "bfloat16")
    off = np.max(np.abs(answer.output.astype("float64") - exact.astype("float64"))) / np.max(exact.astype("float64"))
    assert f"adds up in bfloat16 and is off by up to {off:.1%}" in describe_loss(source, [(sample, answer)])
    assert describe_loss(source, [(sample, Answer(ACCEPTS, output=exact))]) == ""


def test_maxima_and_wide_types_lose_nothing():
    for text, dtype in (("torch.nn.MaxPool2d(64)", "bfloat16"), ("torch.nn.AvgPool2d(64)", "float32")):
        source, sample, answer, _ = lossy(text, dtype)
        assert answer_without_loss(source, sample, answer) is None
        assert describe_loss(source, [(sample, answer)]) == ""


@pytest.mark.needs("flax", "torch")
def test_a_layer_that_loses_half_moves_to_one_that_does_not(workers):
    source = read_source("flax.linen.avg_pool(x, (32, 32), strides=(32, 32))", (1, 64, 64, 8), "bfloat16", ENTRIES)
    porter = Porter(source, workers)
    port = porter.port(select_targets(["torch"], ENTRIES)[0])
    assert port.verdict == DROP_IN
    assert "adds up in bfloat16" in porter.source.notes[-1]

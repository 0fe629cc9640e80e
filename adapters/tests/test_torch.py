"""What torch is asked, and refused, by its own page."""

import pytest

from poolparity.adapters import Ask, Unsupported
from poolparity.adapters.torch import ADAPTER
from poolparity.cases.layers import spell
from poolparity.cases.pool import FIRST, LAST, Pool


def ask(op, shape=(1, 1, 8, 8), layout=FIRST, batched=True, **stated):
    return ADAPTER.call(Ask(Pool(op=op, **stated), shape, "float32", layout, batched))


def test_padding_in_cells_is_written_once_for_both_sides():
    assert (
        str(ask("max_pool", kernel=(3, 3), padding=((1, 1), (0, 0))).steps[0])
        == "layer = torch.nn.MaxPool2d(kernel_size=(3, 3), padding=(1, 0))"
    )


def test_valid_is_no_padding():
    assert str(ask("avg_pool", kernel=(3, 3), padding="valid").steps[0]) == "layer = torch.nn.AvgPool2d(kernel_size=(3, 3), padding=0)"


def test_one_axis_is_written_as_a_number():
    assert (
        str(ask("max_pool", (1, 1, 8), kernel=(3,), padding=((1, 1),)).steps[0]) == "layer = torch.nn.MaxPool1d(kernel_size=3, padding=1)"
    )


@pytest.mark.parametrize(("layout", "batched", "shape", "axes"), [
    (FIRST, True, (1, 1, 8, 8), (2, 3)), (LAST, True, (1, 8, 8, 1), (1, 2)), (LAST, False, (8, 8, 1), (0, 1)),
])  # fmt: skip
def test_global_pooling_is_a_reduction_wherever_the_channels_are(layout, batched, shape, axes):
    call = ask("global_avg_pool", shape, layout, batched, data_format=layout, keepdims=True)
    assert [str(step) for step in call.steps] == [f"y = torch.mean(x, dim={axes}, keepdim=True)"]


def test_what_changes_nothing_needs_no_counterpart():
    assert str(ask("avg_pool", kernel=(2, 2), dilation=(1, 1)).steps[0]) == "layer = torch.nn.AvgPool2d(kernel_size=(2, 2))"


@pytest.mark.parametrize(("stated", "why"), [
    ({"op": "max_pool", "kernel": (2, 2), "padding": "same"}, "torch's pooling has no padding by name"),
    ({"op": "max_pool", "kernel": (2, 2), "padding": ((0, 1), (0, 1))}, "torch pads both sides of an axis alike"),
    ({"op": "avg_pool", "kernel": (2, 2), "dilation": (2, 1)}, "torch's average pooling has no dilation"),
    ({"op": "max_pool", "kernel": (2, 2), "data_format": LAST}, "torch has no data_format: its arrays are channels first"),
    ({"op": "max_pool"}, "torch's windows have no default size"),
])  # fmt: skip
def test_what_has_no_counterpart_is_refused_with_the_reason(stated, why):
    with pytest.raises(Unsupported, match=why):
        ask(layout=stated.get("data_format", FIRST), **stated)


def test_documents_spell_torch_nn_as_nn():
    assert spell("nn.MaxPool2d(3)", ADAPTER.layers).stated == spell("torch.nn.MaxPool2d(3)", ADAPTER.layers).stated
    assert spell("nn.MaxPool2d(3)", ADAPTER.layers).layer.name == "torch.nn.MaxPool2d"

"""Frames survive any cut, and nothing else passes for one."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from poolparity.adapters.common.frames import HEAD, MAGIC, Frame, Frames, Garbled, encode, join_arrays, parse, split_arrays
from poolparity.adapters.parent.conversation import answer_of, answers_of
from poolparity.adapters.parent.job import Batch

DTYPES = st.sampled_from(["bool", "int8", "uint16", "int64", "float16", "float32", "float64", "complex128"])
SENT = st.dictionaries(
    st.text(max_size=3), arrays.arrays(DTYPES, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)), max_size=3
)


@given(st.lists(SENT, max_size=4), st.data())
def test_frames_come_out_as_they_went_in_however_they_are_cut(arrays_of_frames, data):
    stream = b"".join(b"".join(encode({"number": number}, arrays)) for number, arrays in enumerate(arrays_of_frames))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    frames, received_frames = Frames(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        received_frames += frames.feed(stream[start:end])
    assert [frame.message["number"] for frame in received_frames] == list(range(len(arrays_of_frames)))
    for frame, frame_arrays in zip(received_frames, arrays_of_frames, strict=True):
        got = frame.arrays()
        assert list(got) == list(frame_arrays)
        for name, array in frame_arrays.items():
            assert (got[name].dtype, got[name].shape, got[name].tobytes()) == (array.dtype, array.shape, array.tobytes())


@given(st.binary(min_size=1))
def test_bytes_that_begin_no_frame_are_refused_at_the_first_of_them(noise):
    if noise.startswith(MAGIC[:1]):
        noise = b"\0" + noise
    with pytest.raises(Garbled, match="expected a frame"):
        list(Frames().feed(noise))


def test_frames_before_garbage_are_not_lost():
    received_frames = Frames().feed(b"".join(encode({"id": "a"})) + b"garbage")
    assert next(received_frames).message["id"] == "a"
    with pytest.raises(Garbled, match=r"unexpected bytes b'garb' on the channel; expected a frame"):
        next(received_frames)


def test_an_answer_over_the_limit_is_refused_before_it_comes():
    with pytest.raises(Garbled, match="an answer of 1,001 bytes; the limit is 1,000"):
        list(Frames(1000).feed(HEAD.pack(MAGIC, 1, 1000)))


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000], ids=["empty", "cut", "list", "not utf-8", "deep"])
def test_a_frame_holds_an_object(text):
    with pytest.raises(Garbled, match="expected a JSON object"):
        parse(text)


@pytest.mark.parametrize(
    "descriptions",
    [
        None,
        [["x", "float32"]],
        [["x", "float32", [3]]],
        [["x", "float32", [-1, 2]]],
        [["x", "float32", [0.5]]],
        [["x", "object", [1]]],
        [["x", "S8", ["one"]]],
        [["x", "finfo", [1]]],
        [["x", "no_such_type", [1]]],
        [["x", "i4,i4", [1]]],
    ],
)
def test_arrays_that_are_described_wrongly_are_refused(descriptions):
    with pytest.raises(Garbled, match="arrays cannot be read"):
        Frame({"arrays": descriptions}, b"\0" * 8).arrays()


def test_arrays_have_memory_of_their_own():
    frame = next(Frames().feed(b"".join(encode({}, {"odd": np.zeros(3, "int8"), "x": np.zeros(2)}))))
    x = frame.arrays()["x"]
    assert x.flags.owndata
    assert x.flags.writeable
    assert x.flags.aligned


@pytest.mark.parametrize("value", [object(), np.array(["a"]), np.array([None]), np.zeros(1, "i4,i4"), np.zeros(1, "V3")])
def test_what_is_no_array_of_numbers_cannot_travel(value):
    with pytest.raises(TypeError, match=r"an array of .* cannot be sent; expected numbers"):
        encode({}, {"y": value})


@pytest.mark.parametrize("message", [{}, {"error": 3}, {"seconds": "long", "parameters": None}, {"seconds": 0.5, "parameters": "all"}])
def test_an_answer_that_says_nothing_known_is_refused(message):
    with pytest.raises(Garbled, match="is no answer"):
        answer_of(json.loads(json.dumps(message)), {})


@pytest.mark.parametrize("message", [{}, {"told": {}}, {"told": []}, {"told": [{}, {}]}, {"failed": 3}])
def test_an_answer_to_other_jobs_than_were_asked_is_refused(message, good):
    with pytest.raises(Garbled, match="is no answer"):
        answers_of(Frame({"kind": "answer", **message}), Batch((good(0),)))


@pytest.mark.parametrize("name", ["y", "2 y", "one y", " y", ""])
def test_arrays_of_a_job_that_was_not_asked_are_refused(name):
    with pytest.raises(Garbled, match=f"invalid array name {name!r} for 2 jobs"):
        split_arrays({name: np.zeros(1)}, 2)


def test_arrays_of_several_jobs_are_distinguished():
    arrays_of_jobs = [{"x": np.zeros(1)}, {}, {"x": np.ones(1), "a name": np.ones(2)}]
    assert split_arrays(join_arrays(arrays_of_jobs), 3) == arrays_of_jobs


def test_an_array_of_one_value_travels_as_one_cell_where_that_is_wanted():
    [frame] = Frames().feed(b"".join(encode({}, {"x": np.broadcast_to(np.float32(7), (2, 3))}, may_repeat=True)))
    assert len(frame.body) == 4
    np.testing.assert_array_equal(frame.arrays(may_repeat=True)["x"], np.full((2, 3), 7, "float32"), strict=True)
    with pytest.raises(Garbled, match="after a shape; expected nothing"):
        frame.arrays()
    assert len(b"".join(encode({}, {"x": np.broadcast_to(np.float32(7), (2, 3))})[2:])) == 24

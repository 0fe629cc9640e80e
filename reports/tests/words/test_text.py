"""Error messages in one line: the reason, whole words, nothing that a terminal obeys."""

import pytest

from poolparity.reports.words.text import find_reason

KERAS = (
    "RuntimeError: Exception encountered when calling AveragePooling2D.call().\n\n\x1b[1mOutput size is too small\x1b[0m\n\n"
    "Arguments received by AveragePooling2D.call():\n  • inputs=torch.Tensor(shape=torch.Size([1, 3, 3, 8]))"
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ValueError: no such window", "ValueError: no such window"),
        ("  first\nsecond", "first"),
        (KERAS, "RuntimeError: Output size is too small"),
        (KERAS.removeprefix("RuntimeError: "), "Output size is too small"),
        ("the worker was killed by SIGFPE; it said last:\nFatal Python error", "the worker was killed by SIGFPE"),
        ("", ""),
    ],
)
def test_the_reason_is_the_line_that_says_more_than_what_was_called(text, reason):
    assert find_reason(text) == reason


def test_a_long_reason_keeps_both_ends_and_whole_words():
    words = [f"word{number}" for number in range(200)]
    reason = find_reason(" ".join(words))
    assert len(reason) < 280
    head, tail = reason.split(" ... ")
    assert head.split() == words[: len(head.split())]
    assert tail.split() == words[-len(tail.split()) :]
    assert len(find_reason("x" * 10_000)) < 500


def test_a_reason_does_not_control_the_terminal():
    assert find_reason("a\x1b[2Jb\x1b[31mc") == r"a\x1b[2Jbc"

"""Sets of sizes, and how they are put in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolparity.cases.sizes.size_set import EVERY_SIZE, SizeSet, describe_sizes

sets = st.builds(
    lambda start, period, remainders, small: SizeSet(
        start, period, frozenset(r % period for r in remainders), frozenset(n for n in small if n < start)
    ),
    st.integers(1, 6), st.integers(1, 5), st.sets(st.integers(0, 4)), st.sets(st.integers(1, 6)),
)  # fmt: skip


@given(sets, sets, st.integers(1, 200))
def test_sets_combine_as_their_members_do(first, second, n):
    assert (n in (first & second)) == (n in first and n in second)
    assert (n in (first - second)) == (n in first and n not in second)
    assert (first <= second) == all(n in second for n in range(1, 60) if n in first)


@given(sets, st.integers(1, 20))
def test_the_first_sizes_are_the_smallest_members(sizes, least):
    expected = [n for n in range(least, 200) if n in sizes][:3]
    assert sizes.first(least, 3) == expected


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        (EVERY_SIZE, "any"),
        (SizeSet(1, 2, frozenset({0})), "even"),
        (SizeSet(1, 4, frozenset({1, 3})), "odd"),
        (SizeSet(1, 3, frozenset({0})), "divisible by 3"),
        (SizeSet(1, 3, frozenset({1, 2})), "with remainder 1 or 2 by 3"),
        (SizeSet(1, 8, frozenset({1, 2, 3, 4, 5, 6, 7})), "not divisible by 8"),
        (SizeSet.only([57]), "only 57"),
        (SizeSet.only([3, 5]), "only 3 and 5"),
        (SizeSet(4, 1, frozenset({0}), frozenset({1})), "from 4"),
        (SizeSet(4, 2, frozenset({0})), "even from 4"),
        (SizeSet.only([]), "none"),
    ],
)
def test_sets_in_words(sizes, expected):
    assert describe_sizes(sizes, EVERY_SIZE) == expected

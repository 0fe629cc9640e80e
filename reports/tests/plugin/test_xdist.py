"""What xdist is spared where it deals out tens of thousands of items."""

import pytest

from poolparity.reports.plugin.xdist import IndexedList


def test_an_item_is_found_where_it_stands_first():
    items = IndexedList(["one", "two", "one"])
    assert [items.index(item) for item in ("one", "two")] == [0, 1]
    assert items.index("one", 1) == 2


def test_an_item_that_is_missing_is_an_error_as_in_every_list():
    with pytest.raises(ValueError, match="three"):
        IndexedList(["one"]).index("three")

"""Versions that the ledger does not know: which they are, and whose answers are expected of them."""

import numpy as np
import pytest

from poolparity.adapters import Adapter, Target
from poolparity.adapters.ledger.unknown_versions import describe_unknown_versions, is_of_release, nearest_release
from poolparity.adapters.targets.choose import SelectedTarget
from poolparity.adapters.targets.find import AdapterEntry

JAX = ("0.4.30", "0.4.35", "0.10.2", "0.12")


@pytest.mark.parametrize(
    ("version", "release", "expected"),
    [
        ("2.21.1", "2.21", True),
        ("2.21", "2.21", True),
        ("2.13.0+cpu", "2.13", True),
        ("2.13+cpu", "2.13", True),
        ("2.210.0", "2.21", False),
        ("2.2.0", "2.21", False),
        ("0.12.0.1", "0.12", True),
        ("0.dev20261023182759", "0.dev20261023182759", True),
        ("0.dev20261024182759", "0.dev20261023182759", False),
    ],
)
def test_a_release_includes_its_patches_and_builds(version, release, expected):
    assert is_of_release(version, release) is expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [("0.4.29", "0.4.30"), ("0.4.31", "0.4.30"), ("0.10.1", "0.4.35"), ("0.11.0", "0.10.2"), ("1.0", "0.12"), ("nightly", "0.4.30")],
)
def test_the_answers_of_the_last_release_before_are_expected(version, expected):
    assert nearest_release(version, JAX) == expected


def select(*releases):
    """Two targets of an adapter whose ledger knows some releases of NumPy."""

    class Known(Adapter):
        ledger_versions = {"numpy": releases}

    targets = [Target(name, ("numpy",), ("numpy",)) for name in ("first", "second")]
    return [SelectedTarget(target.name, AdapterEntry(Known(), "", target), target.name) for target in targets]


def test_an_unknown_version_is_named_once_for_all_targets():
    assert describe_unknown_versions(select("0.9", "0.10")) == [
        f"numpy {np.__version__}: the ledger knows 0.9, 0.10; the answers of 0.10 are expected, and others count as unexpected"
    ]


def test_a_known_version_is_not_named():
    assert describe_unknown_versions(select("0.9", np.__version__)) == []
    assert describe_unknown_versions(select(np.__version__.rpartition(".")[0])) == []

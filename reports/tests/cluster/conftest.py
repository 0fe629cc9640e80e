"""A Dask cluster of real processes for the tests of a module, and workers for each test."""

import pytest
from support.clusters import Cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler, which ends with the tests of the module."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.stop(cluster.processes)


@pytest.fixture
def workers(cluster):
    """Starts workers, which end with the test."""
    yield cluster.start
    cluster.stop_workers()

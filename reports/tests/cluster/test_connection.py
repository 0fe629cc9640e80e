"""A connection that is lost has an exception of its own, and is one line in the log of Dask."""

import io
import logging

import pytest

core = pytest.importorskip("distributed.comm.core", reason="distributed is not installed; to install: pip install 'poolparity[cluster]'")

from poolparity.reports.cluster.connection import Connection, Disconnected, shorten_records_of_lost_connections  # noqa: E402


@pytest.fixture
def log():
    """What is logged below `distributed`, where a handler was there before the connection."""
    stream = io.StringIO()
    handler, logger = logging.StreamHandler(stream), logging.getLogger("distributed")
    logger.addHandler(handler)
    shorten_records_of_lost_connections()
    yield stream
    logger.removeHandler(handler)


def write_record(name, error):
    """Log an exception as Dask does where it sends messages."""
    try:
        raise error
    except type(error):
        logging.getLogger(name).warning("Batched Comm Closed %r", "comm", exc_info=True)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (core.CommClosedError(), "Batched Comm Closed 'comm': CommClosedError\n"),
        (core.CommClosedError("100 % gone"), "Batched Comm Closed 'comm': CommClosedError: 100 % gone\n"),
        (TimeoutError("late"), "Batched Comm Closed 'comm': TimeoutError: late\n"),
    ],
    ids=["closed", "closed with a reason", "late"],
)
def test_a_lost_connection_is_one_line(log, error, text):
    write_record("distributed.batched", error)
    assert log.getvalue() == text


def test_another_exception_keeps_its_traceback(log):
    write_record("distributed.batched", ValueError("a fault"))
    assert "Traceback (most recent call last)" in log.getvalue()


def test_the_records_of_other_libraries_stay_as_they_are(caplog):
    shorten_records_of_lost_connections()
    write_record("another.library", core.CommClosedError())
    assert "Traceback (most recent call last)" in caplog.text


@pytest.fixture(scope="module")
def closed():
    """The connection to a scheduler that is gone for good."""
    connection = Connection("local:1")
    connection.client.close()
    yield connection
    connection.close()


@pytest.mark.process
@pytest.mark.parametrize(
    "ask",
    [
        lambda connection: connection.submit(sum, [1], key="a task", resources={}),
        lambda connection: connection.assigned_tasks(),
        lambda connection: connection.run(sum, [1], worker="tcp://127.0.0.1:1"),
    ],
    ids=["submit", "assigned tasks", "run"],
)
def test_what_needs_the_scheduler_says_that_it_is_gone(closed, ask):
    assert closed.is_lost
    with pytest.raises(Disconnected):
        ask(closed)


@pytest.mark.process
def test_what_is_of_no_use_without_the_scheduler_is_left_out(closed):
    assert closed.workers() is None
    closed.cancel(["a future"])
    closed.run_on_all(sum, [1], workers={"tcp://127.0.0.1:1"})

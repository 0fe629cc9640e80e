"""The connection to a Dask cluster: the scheduler at an address, or a cluster of processes on this machine."""

from __future__ import annotations

import logging
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import Any

import dask
from distributed import Client, LocalCluster, Security
from distributed.client import ClosedClientError

from ..run.selection import WrongUse

PATIENCE = 10.0
"""Seconds in which a scheduler must answer."""
LOCAL = re.compile("local:([1-9][0-9]*)")
TLS_FILES = "expected DASK_DISTRIBUTED__COMM__TLS__CA_FILE, __CLIENT__CERT and __CLIENT__KEY to name them"
LEAVING = 5.0
"""Seconds that a cluster is given to end."""
LOGGERS = "distributed", "tornado", "asyncio"
"""Loggers of Dask and of what it is built on; those below them count, too."""


class Disconnected(OSError):
    """There is no connection to the scheduler, for a while or for good."""


@contextmanager
def requiring_connection() -> Iterator[None]:
    """Raise `Disconnected` in place of what Dask's client raises without a connection."""
    try:
        yield
    except (OSError, CancelledError, ClosedClientError, AttributeError) as error:  # AttributeError: it has no channel yet
        raise Disconnected(f"no connection to the scheduler: {str(error) or type(error).__name__}") from error


class Connection:
    """A client of a scheduler; `processes` is how many workers a cluster on this machine has, None for another one."""

    def __init__(self, address: str) -> None:
        """Raises `WrongUse` where no scheduler answers."""
        self.address = address
        shorten_records_of_lost_connections()
        if address.startswith("tls://"):
            require_certificate(address)
        local = LOCAL.fullmatch(address)
        self.processes = int(local[1]) if local else None
        self.cluster: Any = start_local(self.processes) if self.processes else None
        try:
            self.client: Any = Client(self.cluster or address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise WrongUse(
                f"--cluster {address}: no Dask scheduler answered within {PATIENCE:g} s: {str(error) or type(error).__name__}; "
                "expected the address of a scheduler, such as tcp://host:8786, or local:N"
            ) from error

    def workers(self) -> dict[str, Any] | None:
        """The workers that the scheduler knows, by their addresses; None while there is no connection to it.

        Without n_workers some versions of Dask name five workers at most.
        """
        with suppress(Disconnected), requiring_connection():
            info: dict[str, Any] = self.client.scheduler_info(n_workers=-1)
            return info.get("workers")  # a client that is closed knows nothing
        return None

    def assigned_tasks(self) -> set[str]:
        """The keys of the tasks that workers have been given and have not answered. Raises `Disconnected`."""
        with requiring_connection():
            return {key for keys in self.client.processing().values() for key in keys}

    @property
    def is_lost(self) -> bool:
        """Whether the scheduler is gone for good."""
        return self.client.status not in ("running", "connecting")

    def submit(self, function: Any, *arguments: Any, key: str, resources: Mapping[str, float]) -> Any:
        """The future of a task for a worker that has some resources. Raises `Disconnected` where the scheduler is gone for good."""
        try:
            return self.client.submit(function, *arguments, key=key, resources=resources, pure=False)
        except ClosedClientError as error:
            raise Disconnected(str(error)) from error

    def cancel(self, futures: Sequence[Any]) -> None:
        """Cancel tasks, unless the scheduler has gone, and they with it."""
        with suppress(Disconnected), requiring_connection():
            if futures and self.client.status == "running":
                self.client.cancel(futures, force=True)

    def run(self, function: Any, *arguments: Any, worker: str) -> Any:
        """What a function returns on a worker, or the exception that it raised there; a worker that has gone raises OSError."""
        try:
            with requiring_connection():
                return self.client.run(function, *arguments, workers=[worker], on_error="return")[worker]
        except KeyError as error:
            raise OSError(f"{worker} does not answer") from error

    def run_on_all(self, function: Any, *arguments: Any, workers: AbstractSet[str]) -> None:
        """Run a function on those of some workers that are there, unless the scheduler has gone."""
        with suppress(Disconnected), requiring_connection():
            if self.client.status == "running" and (present := list(workers & (self.workers() or {}).keys())):
                self.client.run(function, *arguments, workers=present, on_error="ignore")

    def close(self) -> None:
        """Let go of the scheduler, and end the cluster if it is on this machine."""
        with suppress(OSError, TimeoutError):
            self.client.close(LEAVING)
        if self.cluster:
            with suppress(TimeoutError):
                self.cluster.close(LEAVING)


def require_certificate(address: str) -> None:
    """Raise `WrongUse` where Dask's configuration names no files for TLS, or not such as can be read."""
    try:
        context = Security().get_connection_args("client").get("ssl_context")
    except OSError as error:
        raise WrongUse(f"--cluster {address}: Dask's files for TLS cannot be read: {error}; {TLS_FILES}") from error
    if context is None:
        raise WrongUse(f"--cluster {address}: no files for TLS are named; {TLS_FILES}")


def start_local(processes: int) -> LocalCluster:
    """Start a cluster on this machine; its workers have our environment unchanged, as the workers of a plain run have.

    Dask's profiler, which looks at what its workers do a hundred times a second, is off.
    """
    with dask.config.set({"distributed.nanny.pre-spawn-environ": {}, "distributed.worker.profile.enabled": False}), ignoring_interrupts():
        return LocalCluster(processes, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=logging.ERROR)


def shorten_records_of_lost_connections() -> None:
    """Have the handlers of Dask's loggers write a lost connection as one line.

    A worker or scheduler that goes away is no fault in the code, so its traceback helps nobody. Other exceptions keep theirs.
    """
    names = [name for name in (*LOGGERS, *logging.root.manager.loggerDict) if name.partition(".")[0] in LOGGERS]
    handlers = [logging.lastResort, *logging.root.handlers, *(handler for name in names for handler in logging.getLogger(name).handlers)]
    for handler in filter(None, handlers):
        handler.addFilter(shorten_record)  # adds the same filter once


def shorten_record(record: logging.LogRecord) -> bool:
    """Put the exception of a record into its message, if a connection was lost; returns that the record is to be written."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, OSError) and record.name.partition(".")[0] in LOGGERS:  # Dask's CommClosedError is one
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        record.msg, record.args, record.exc_info, record.exc_text = f"{record.getMessage()}: {reason}", (), None, None
    return True


@contextmanager
def ignoring_interrupts() -> Iterator[None]:
    """Let processes that are started meanwhile ignore Ctrl-C, which a terminal sends to them too: the run ends them."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)

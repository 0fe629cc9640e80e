"""Hands tasks to the workers of a cluster that have their targets, and hands them out again where they are lost."""

from __future__ import annotations

import queue
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

from distributed.scheduler import KilledWorker

from ...adapters.targets.find import AdapterEntry
from ...cases.model.mistake import UserError
from .columns import Column
from .connection import Connection, Disconnected
from .exchange import Settings
from .members import Members, Tell
from .worker import end_run

LOOK = 1.0
"""Seconds between two looks at which workers there are."""
LOST = TimeoutError, OSError, CancelledError
"""What is raised where the worker that has an answer is gone, or the scheduler."""
RETURN = 60.0
"""Seconds to wait for another worker where none is left that has a target."""
FETCH = 30.0
"""Seconds in which an answer must be here; a task whose answer is later is handed out again."""


class ClusterLost(UserError):
    """The cluster cannot go on; what has arrived is kept."""


class Task(Protocol):
    """What one worker does at a time, for targets that it has."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The targets that a worker must have for it."""

    @property
    def place(self) -> str:
        """What it is, for messages."""

    def call(self) -> tuple[Any, ...]:
        """The function that a worker runs, and its arguments."""

    def split(self) -> Iterable[Task]:
        """Tasks that are the same together, each for one target; none where it cannot be split."""


@dataclass(eq=False)
class Submission:
    """A task on its way; without a future while no worker could take it."""

    task: Task
    future: Any = None


class Dispatcher:
    """The workers of a cluster and the tasks that they have. Dask decides who does what, and repeats what was lost with a worker.

    `kept_text` says what becomes of the answers that have arrived where the cluster cannot go on. `reinforced` are the columns with a
    new worker that has not yet been given what nobody could take.
    """

    def __init__(self, address: str, settings: Settings, entries: Mapping[str, AdapterEntry], tell: Tell, kept_text: str) -> None:
        """Raises `WrongUse` where there is no scheduler or no worker that can be asked, `UnknownTarget` where no worker has a target."""
        self.settings, self.kept_text = settings, kept_text
        self.numbers = count()
        self.submissions: dict[str, Submission] = {}
        self.done: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.answer_counts: Counter[str] = Counter()
        self.reinforced: set[Column] = set()
        self.connection = Connection(address)
        self.members = Members(self.connection, settings, tell)
        try:
            self.members.gather(entries, settings.patterns)
        except BaseException:
            self.close()
            raise
        self.last_look = self.complete = time.monotonic()

    @property
    def columns(self) -> dict[str, Column]:
        """The targets of the cluster, by the names of their rows."""
        return self.members.columns

    def send(self, task: Task) -> None:
        """Hand a task to Dask, which sends it to a worker that has all of its targets; keep it for the next one where none has."""
        able = set[str].intersection(*(set(column.workers) for column in task.columns))
        if not able and (parts := list(task.split())):
            for part in parts:
                self.send(part)
            return
        key = f"{task.columns[0].name}-{next(self.numbers)}-{self.settings.run}"
        submission = self.submissions[key] = Submission(task)
        if not able:
            return
        function, *arguments = task.call()
        resources = {column.resource: 1 for column in task.columns}
        with suppress(Disconnected):  # the scheduler is gone for good, which the next look shows
            submission.future = self.connection.submit(function, *arguments, key=key, resources=resources)
            submission.future.add_done_callback(lambda future: self.done.put(future.key))

    def wait(self) -> Iterator[tuple[Any, Any]]:
        """Wait for a task for a while, and give its answer; look now and then at which workers there are."""
        with suppress(queue.Empty):
            key = self.done.get(timeout=LOOK)
            if submission := self.submissions.pop(key, None):
                yield from self.fetch(submission)
        if time.monotonic() - self.last_look > LOOK:
            self.look_at_workers()

    def fetch(self, submission: Submission) -> Iterator[tuple[Task, Any]]:
        """The answer of a task, or hand it out again where that is lost; raises what a worker raised."""
        try:
            answer = submission.future.result(FETCH)
        except Exception as error:  # noqa: BLE001 - whatever a worker raised ends the run, with what the task was
            if submission.future.status == "error" or not isinstance(error, LOST):
                raise self.describe_failure(submission.task, error) from None
            self.look_at_workers()
            self.send(submission.task)
            return
        yield submission.task, answer

    def look_at_workers(self) -> None:
        """Hand out again what nobody could take, where a worker has come that can; raises `ClusterLost` where none comes for long.

        Dask looks for a worker with the resources that a task needs when the task is sent and when a worker joins, which is
        before it has them.
        """
        if self.connection.is_lost:
            raise ClusterLost(f"--cluster {self.connection.address}: the scheduler is gone; {self.kept_text}")
        self.reinforced |= set(self.members.refresh())
        with suppress(Disconnected):  # the next look hands them out
            self.send_unassigned()
        self.last_look = time.monotonic()
        alone = {column.name for submission in self.submissions.values() for column in submission.task.columns if not column.workers}
        self.complete = self.complete if alone else self.last_look
        if self.last_look - self.complete > RETURN:
            raise ClusterLost(
                f"--cluster {self.connection.address}: no worker is left that has {', '.join(sorted(alone))}; {self.kept_text}"
            )

    def send_unassigned(self) -> None:
        """Hand out again what no worker has, of the columns that have a new one. Raises `Disconnected`."""
        if not self.reinforced:
            return
        assigned_keys = self.connection.assigned_tasks()
        columns, self.reinforced = self.reinforced, set()
        for key, submission in list(self.submissions.items()):
            if (
                not columns.isdisjoint(submission.task.columns)
                and key not in assigned_keys
                and (submission.future is None or not submission.future.done())
            ):
                del self.submissions[key]
                self.send(submission.task)

    def describe_failure(self, task: Task, error: Exception) -> Exception:
        """What ends the run: a task that ended worker after worker, or what a worker raised."""
        if isinstance(error, KilledWorker):
            many = error.allowed_failures + 1
            return ClusterLost(
                f"{many} workers of the cluster ended, one after another, while they had {task.place}; {self.kept_text}; see the workers' logs"
            )
        if isinstance(error, OSError):
            return ClusterLost(f"a worker of the cluster could not answer {task.place}: {type(error).__name__}: {error}; {self.kept_text}")
        return error

    def machine(self, worker: str) -> str:
        """The machine of a worker, or its address if it has gone."""
        probe = self.members.workers.get(worker)
        return probe.machine if probe else worker

    def describe_machines(self, noun: str) -> str:
        """The machines, and how many cases or questions each has answered."""
        machines = Counter(probe.machine for probe in self.members.workers.values())
        return ", ".join(
            f"{machine}: {number} worker{'s' * (number > 1)}, {self.answer_counts[machine]:,} {noun}"
            for machine, number in machines.items()
        )

    def cancel(self, tasks: Iterable[Task] | None = None) -> None:
        """Cancel tasks that have not been answered, all unless some are given."""
        task_ids = None if tasks is None else set(map(id, tasks))
        keys = [key for key, submission in self.submissions.items() if task_ids is None or id(submission.task) in task_ids]
        futures = [submission.future for submission in map(self.submissions.pop, keys) if submission.future is not None]
        self.connection.cancel(futures)

    def end_frameworks(self, run: str) -> None:
        """End the frameworks of a run on all workers that are there."""
        self.connection.run_on_all(end_run, run, workers=self.members.workers.keys())

    def begin(self, settings: Settings) -> None:
        """Go on with the tasks of another run on the same workers, whose frameworks then are those of that one."""
        self.end_frameworks(self.settings.run)
        self.answer_counts.clear()
        self.settings = settings

    def close(self) -> None:
        """Cancel what is not answered, end the frameworks of this run on the workers, and leave the cluster.

        Workers of a cluster on this machine end with it, and their frameworks with them.
        """
        if self.connection.processes:
            self.submissions = {}
        else:
            self.cancel()
            self.end_frameworks(self.settings.run)
        self.connection.close()

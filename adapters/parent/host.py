"""The parent's side of one target: a thread that has its jobs done, in as many lives of a worker as that takes."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from ...cases.judge.answer import Answer
from ..common.frames import Garbled
from .compile_cache import CompileCache, compile_variables
from .conversation import TICK, Conversation, MemoryLimitExceeded, NeedsRestart, TimeLimitExceeded
from .job import Batch, Job, batches
from .launch import Launch
from .limits import Limits
from .process import Process, WorkerEnded

__all__ = ["Host", "Job", "Launch", "Limits"]

STOPPED = Answer("not_run", detail="the run was stopped before this was answered")


class Host:
    """One target's worker: started on first need, fed ahead, and restarted after a death.

    `deliver` is called once for every job, from the host's thread. What the worker says of itself
    stands in `versions`; failed starts and deaths that belong to no case stand in `notes`.
    """

    def __init__(
        self,
        launch: Launch,
        limits: Limits,
        deliver: Callable[[str, Answer], None],
        environment: Mapping[str, str],
        programs: CompileCache | None = None,
    ) -> None:
        """`environment` is a copy made before any thread starts a process: the real one may change meanwhile.

        `programs` is where the framework keeps compiled programs; whoever made it closes it after `join`.
        """
        self.launch, self.limits, self.deliver, self.environment = launch, limits, deliver, environment
        self.programs = programs
        self.versions: dict[str, str] = {}
        self.notes: list[str] = []
        self.queue: deque[Batch] = deque()
        self.failures = 0
        self.first = ""
        self.joining = self.closed = self.over = False
        self.error: BaseException | None = None
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()

    def feed(self, jobs: Iterable[Job]) -> None:
        """Take more jobs; those that come after the end are told at once that they are not run."""
        jobs = list(jobs)
        with self.lock:
            if not self.over:
                self.queue.extend(batches(jobs, self.launch.target))
                if self.queue and self.thread is None:
                    self.thread = threading.Thread(target=self.run, name=self.launch.target.name, daemon=True)
                    self.thread.start()
                return
        for job in jobs:
            self.report(job, STOPPED)

    def close(self) -> None:
        """Have everything killed, without waiting for it: what is not answered yet is not run."""
        self.closed = True

    def join(self) -> None:
        """Wait until every job is told of and the worker gone, and raise what stopped the host, if anything did."""
        self.joining = True
        if self.thread:
            self.thread.join()
        if self.error:
            raise self.error

    def run(self) -> None:
        """The thread."""
        try:
            with tempfile.TemporaryDirectory(prefix="poolparity-", ignore_cleanup_errors=True) as home:
                environment = {**self.compile_variables(), **self.environment, "KERAS_HOME": home}
                while not self.is_finished():
                    self.advance(environment)
        except BaseException as error:  # noqa: BLE001 join raises it
            self.error = error
        finally:
            self.abandon()

    def compile_variables(self) -> dict[str, str]:
        """The environment variables that have the framework keep its compiled programs."""
        variables = self.launch.target.compile_cache
        return compile_variables(variables, self.programs.open(), self.launch.versions) if self.programs and variables else {}

    def folders(self, environment: Mapping[str, str]) -> list[str]:
        """The temporary folders that a worker's guard removes if this process dies first."""
        temporary = self.programs.temporary if self.programs else None
        return [environment["KERAS_HOME"], *([temporary] if temporary else [])]

    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.closed or (self.joining and not self.queue)

    def advance(self, environment: Mapping[str, str]) -> None:
        """Have the jobs done that wait, or wait for some."""
        if not self.queue:
            time.sleep(TICK)
        elif self.failures < self.limits.starts:
            self.run_worker(environment)
        else:
            self.give_up(self.queue.popleft().jobs)

    def run_worker(self, environment: Mapping[str, str]) -> None:
        """Start a worker, have it do what waits, and record how it ended."""
        try:
            process = Process(self.launch, environment, self.limits.answer_bytes, self.folders(environment))
        except OSError as error:
            self.failures += 1
            self.notes.append(f"{self.launch.python} cannot be started: {error}")
            return
        conversation = Conversation(process, self.queue, self.limits, self.versions, self.report)
        outcome, reason = self.converse(conversation)
        self.failures = self.failures + 1 if conversation.started_nothing else 0
        if conversation.running and reason:
            if self.programs and self.launch.target.compile_cache:
                self.programs.remove_unfinished(conversation.start)
            conversation.ahead, batch = 0, self.queue.popleft()
            conversation.fail(batch, Answer(outcome, detail=reason))
            reason = f"{len(batch.jobs)} cases in one program: {reason}" if batch.several else ""
        if reason:
            self.notes.append(reason)

    def converse(self, conversation: Conversation) -> tuple[str, str]:
        """Talk until nothing is left to do, or to the death: the verdict that deserves, and why."""
        outcome, reason = "crashes", ""
        try:
            conversation.open(self.launch)
            while not self.is_finished():
                conversation.turn()
        except WorkerEnded:
            reason = f"the worker {conversation.process.describe_end()}"
        except (Garbled, MemoryLimitExceeded) as error:
            reason = f"the worker was stopped: {error}"
        except NeedsRestart:
            pass  # the next life goes on with what is left in the queue
        except TimeLimitExceeded as error:
            outcome, reason = "times_out", str(error)
        finally:
            conversation.process.close()
        error_text = conversation.process.error_tail() if reason else ""
        return outcome, f"{reason}; it said last:\n{error_text}" if error_text else reason

    def give_up(self, jobs: Iterable[Job]) -> None:
        """Tell of jobs that no worker will do them; the first one tells why."""
        for job in jobs:
            story = f"as {self.first} tells" if self.first else f"tried {self.limits.starts} times: {self.notes[-1]}"
            self.first = self.first or job.id
            self.report(job, Answer("crashes", detail=f"the worker could not start, {story}"))

    def report(self, job: Job, answer: Answer) -> None:
        """Deliver one answer; a receiver that fails stops the host."""
        try:
            self.deliver(job.id, answer)
        except BaseException as error:  # noqa: BLE001 join raises it
            self.error, self.closed = self.error or error, True

    def abandon(self) -> None:
        """Tell of all jobs that are left."""
        with self.lock:
            self.over = True
        while self.queue:
            for job in self.queue.popleft().jobs:
                self.report(job, STOPPED)

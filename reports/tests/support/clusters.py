"""A Dask cluster of processes on this machine, whose workers tests start and kill one by one."""

import os
import subprocess
import sys
import time
from itertools import count

NUMBERS = count()
PATIENCE = 120.0
COMMAND = "import sys; from distributed.cli.dask_{} import main; main()"


class Cluster:
    """A scheduler, and the workers that were started for it; `options` are given to all of them."""

    def __init__(self, folder, *options, host="127.0.0.1"):
        self.folder, self.options, self.host = folder, options, host
        self.processes = []
        self.address = self.start_scheduler("0")

    def start_scheduler(self, port):
        """Start a scheduler at a port: its address."""
        arguments = ("--host", self.host, "--port", port, "--no-dashboard", "--no-jupyter", *self.options)
        return self.launch("scheduler", "Scheduler at:", *arguments)[1]

    def restart_scheduler(self):
        """Kill the scheduler, and start another one at its address."""
        self.stop(self.processes[:1])
        del self.processes[0]
        self.start_scheduler(self.address.rpartition(":")[2])
        self.processes.insert(0, self.processes.pop())

    def start(self, **environment):
        """Start a worker of one thread, with these variables, and wait until the scheduler knows it."""
        arguments = ("--no-nanny", "--nthreads", "1", "--no-dashboard", *self.options)
        return self.launch("worker", "Registered to:", self.address, *arguments, **environment)[0]

    def launch(self, kind, sign, *arguments, **environment):
        """Start a process and wait for a line of its log: the process, and the end of the line."""
        log = self.folder / f"{kind}-{next(NUMBERS)}.log"
        with log.open("w") as stream:
            process = subprocess.Popen(
                [sys.executable, "-c", COMMAND.format(kind), *arguments], cwd=self.folder, env={**os.environ, **environment},
                stdout=stream, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.processes.append(process)
        end = time.monotonic() + PATIENCE
        while sign not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.02)
        return process, log.read_text().partition(sign)[2].split()[0]

    def stop_workers(self):
        """End all workers."""
        self.stop(self.processes[1:])
        del self.processes[1:]

    def stop(self, processes):
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()

"""The parent's side of a worker: it starts the process, sends jobs and receives answers."""

"""A faulty framework: the oracle, but for the calls that go wrong in every way a framework can.

A kernel named in `FAULTS` asks for the fault of that name, so that specs can have one; its first
cell is the number, and what is not a fault is answered by the oracle.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np

from poolparity.adapters import Ask, Call, Form, Ref, Step, Target
from poolparity.adapters.common.frames import encode
from poolparity.adapters.frameworks.numpy.adapter import Oracle

HERE = "poolparity.adapters.faulty"
MODULES = ("numpy",)
FLOOD = b"flood " * (1 << 15)
PROGRAMS = "FAULTY_PROGRAMS"
"""The environment variable with the folder in which the target `faulty+compiler` keeps its programs."""
POISON = np.zeros(0)
HELD = []

DEATHS = {
    "segfault": "SIGSEGV",
    "floating_point": "SIGFPE",
    "abort": "SIGABRT",
    "killed": "SIGKILL",
    "leave": "exited with status 3",
    "leave_quietly": "exited with status 0",
    "exit_politely": "exited with status 4",
    "leave_an_orphan": "SIGABRT",
    "leave_a_daemon": "SIGABRT",
    "garble_the_channel": "expected a frame",
    "forge_a_message": "no message that was due",
    "break_off_a_frame": "exited with status 5",
    "enormous": "the limit is 1,048,576",
    "hoard": "of memory; at most 128 MiB are allowed",
}
HANGS = ("loop", "hold_the_lock", "stop")
REFUSALS = {
    "refuse": "ValueError: no such window",
    "refuse_without_a_text": "Mute: (its text cannot be had: RuntimeError)",
    "refuse_in_bytes": "ValueError: \ufffd",
    "run_out_of_memory": "MemoryError",
    "recur": "RecursionError: maximum recursion depth exceeded",
    "miss_a_module": "ModuleNotFoundError: No module named 'no_such_module'",
}
UNTOLD = ("unencodable", "answer_with_words")
FORKS = ("fork_and_go_on", "fork_and_write", "fork_and_exit")
DAMAGES = ("replace_asarray", "empty_modules", "replace_modules")
NOISES = ("flood_the_output", "flood_the_errors", "flood_natively", "garble_the_output")
FAULTS = dict(enumerate((*DEATHS, *HANGS, *REFUSALS, *UNTOLD, *NOISES), start=901))


class Faulty(Oracle):
    targets = (
        Target("faulty", MODULES, MODULES),
        Target("faulty+unimportable", ("no_such_module",), ()),
        Target("faulty+raising", MODULES, MODULES, prepare=(Step("", f"{HERE}.refuse", (None,)),)),
        Target("faulty+stillborn", MODULES, MODULES, prepare=(Step("", f"{HERE}.abort", (None,)),)),
        Target("faulty+sleeping", MODULES, MODULES, prepare=(Step("", f"{HERE}.loop", (None,)),)),
        Target("faulty+program", MODULES, MODULES, mode=(Step("f", f"{HERE}.compile_function", (Ref("f"),)),), together=4),
        Target("faulty+compiler", MODULES, MODULES, compile_cache={PROGRAMS: "{folder}"}),
        Target("faulty+late", MODULES, MODULES, prepare=(Step("", f"{HERE}.die_at_first"),)),
    )

    def operation_steps(self, ask: Ask, form: Form) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        fault = FAULTS.get(ask.pool.kernel[0]) if ask.pool.kernel else None
        return (call(fault).steps, ()) if fault else super().operation_steps(ask, form)

    def count_parameters(self, scope):
        raise TypeError("nobody has counted")


ADAPTER = Faulty()


def call(fault: str) -> Call:
    """The call that goes wrong in this way."""
    return Call((Step("y", f"{HERE}.{fault}", (Ref("x"),)),))


def compile_function(f):
    """A function as a compiler leaves it, which refuses poison in whatever the function gives."""

    def run(x):
        result = f(x)
        programs = result if isinstance(result, list) else [{"y": result}]
        if any(value is POISON for outputs in programs if outputs for value in outputs.values()):
            raise ValueError("poison")
        return result

    return run


def segfault(x):
    ctypes.string_at(0)


def floating_point(x):
    signal.raise_signal(signal.SIGFPE)


def abort(x):
    os.abort()


def killed(x):
    os.kill(os.getpid(), signal.SIGKILL)


def compile_half(x):
    """Die while a program is written."""
    Path(os.environ[PROGRAMS], "half").write_bytes(b"prog")
    os.abort()


def compile_whole(x):
    Path(os.environ[PROGRAMS], "whole").write_bytes(b"program")
    return x


def leave(x):
    os._exit(3)


def leave_quietly(x):
    os._exit(0)


def exit_politely(x):
    sys.exit(4)


def leave_an_orphan(x):
    if os.fork():
        os.abort()
    time.sleep(60)


def leave_a_daemon(x):
    """Die and leave a process behind that holds the channel, out of the group's reach."""
    if os.fork():
        os.abort()
    os.setsid()
    time.sleep(3)
    os._exit(0)


def close_the_channel(x):
    os.closerange(3, 64)
    time.sleep(60)


def into_the_channel(data):
    """Write to everything that takes it, the worker's private end of the channel among it."""
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(descriptor, data)


def garble_the_channel(x):
    into_the_channel(b"\x00\x01garbage")


def forge_a_message(x):
    into_the_channel(b"".join(encode({"kind": "ready"})))


def break_off_a_frame(x):
    into_the_channel(b"".join(encode({"kind": "answer"}))[:-4])
    os._exit(5)


def fork_and_go_on(x):
    """Return twice, in the child as well."""
    os.fork()
    return x


def fork_and_write(x):
    child = os.fork()
    if not child:
        into_the_channel(b"".join(encode({"kind": "ready"})))
        os._exit(0)
    os.waitpid(child, 0)
    return x


def fork_and_exit(x):
    """End the child as Python ends, which writes what is still in its buffers."""
    child = os.fork()
    if not child:
        sys.exit(0)
    os.waitpid(child, 0)
    return x


def fork_away(x):
    """The process of a child that has left the group."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.setsid()
        os.write(write, b"x")
        time.sleep(600)
    os.read(read, 1)
    return np.asarray(child)


def replace_asarray(x):
    np.asarray = None
    return x


def empty_modules(x):
    sys.modules.clear()
    return x


def replace_modules(x):
    sys.modules = {}
    return x


def enormous(x):
    return np.zeros(1 << 24, "uint8")


def hoard(x):
    cells = np.ones(1 << 26)
    time.sleep(60)
    return cells


def leave_behind(x):
    """Tell the process, which has grown by 4 MiB since, and not so fast that nobody would see it grow."""
    HELD.append(np.ones(1 << 19))
    time.sleep(0.05)
    return np.asarray(os.getpid())


def loop(x):
    while True:
        time.sleep(0.01)


def hold_the_lock(x):
    """Keeps the interpreter's lock in a call of C that does not return."""
    ctypes.PyDLL(None).sleep(1_000_000)


def stop(x):
    os.kill(os.getpid(), signal.SIGSTOP)


def refuse(x):
    raise ValueError("no such window")


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no text either")


def refuse_without_a_text(x):
    raise Mute


def refuse_in_bytes(x):
    raise ValueError("\udcff\x1b[31m")


def run_out_of_memory(x):
    raise MemoryError


def recur(x):
    return recur(x)


def miss_a_module(x):
    import no_such_module  # noqa: F401


def poison(x):
    return POISON


def unencodable(x):
    return object()


def answer_with_words(x):
    return np.array(["max"])


def flood_the_output(x):
    for _ in range(64):
        sys.stdout.write("flood " * (1 << 15))
    return x


def flood_the_errors(x):
    for _ in range(64):
        os.write(2, FLOOD)
    return x


def roar(x):
    """Say a gigabyte on standard output, and another on standard error."""
    megabyte = bytes(1 << 20)
    for _ in range(1 << 10):
        for descriptor in (1, 2):
            total = 0
            while total < len(megabyte):
                total += os.write(descriptor, megabyte[total:])
    return x


def flood_natively(x):
    for _ in range(64):
        os.write(1, FLOOD)
    return x


def garble_the_output(x):
    os.write(1, b"pool\xff\xfe\x00")
    return x


def die_at_first():
    """Die in the first life of a worker only; the folder outlasts it."""
    mark = Path(os.environ["KERAS_HOME"]) / "born"
    if not mark.exists():
        mark.touch()
        os.abort()


def die_soon(seconds):
    """Die in a while, whatever is going on then."""
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return seconds

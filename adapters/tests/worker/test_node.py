"""The worker in Node: its answers, and every fault as the verdict of the case in flight alone, as with the worker in Python."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from poolparity.adapters import Call, Def, Name, Ref, Step
from poolparity.adapters.common.npm_packages import has_node, package_version
from poolparity.adapters.contract import NODE, Target
from poolparity.adapters.parent.host import Host, Job
from poolparity.adapters.parent.javascript import javascript_code, write_value
from poolparity.adapters.parent.launch import Launch
from poolparity.adapters.parent.limits import MEBIBYTE, Limits
from poolparity.cases.model.inputs import arange, literal

pytestmark = [pytest.mark.process, pytest.mark.skipif(not has_node(), reason="Node is not installed")]

TARGET = Target("plain", (), (), prepare=(Step("vm", "require", ("vm",)),), program=NODE)
GOOD = Call((Step("y", "Object", ({"data": Name("x.data"), "shape": Name("x.shape"), "dtype": Name("x.dtype")},)),))


def script(text):
    """A call that runs some JavaScript in the worker, then answers."""
    run = Step("run", "vm.runInThisContext", (f"((fs, process) => {{ {text} }})",))
    return Call((run, Step("", "run", (Name("fs"), Name("process"))), *GOOD.steps))


def ask(calls, dtype="float32", **limits):
    """The answers to calls on one worker, and its notes."""
    answers = {}
    host = Host(Launch(TARGET, "none", sys.executable), Limits(**{"case": 20, **limits}), answers.__setitem__, dict(os.environ))
    host.feed([Job(name, call, {"x": np.arange(12).reshape(1, 2, 6).astype(dtype)}) for name, call in calls.items()])
    host.join()
    return answers, host


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int8", "uint8", "int16", "int32", "int64", "bool"])
def test_arrays_of_every_type_come_back_as_they_were(dtype):
    answers, _ = ask({"same": GOOD}, dtype)
    x = np.arange(12).reshape(1, 2, 6).astype(dtype)
    assert answers["same"].outcome == "accepts", answers["same"].detail
    assert answers["same"].output.dtype == x.dtype
    np.testing.assert_array_equal(answers["same"].output, x)


def test_channels_are_moved_as_numpy_moves_them():
    moving_call = Call(GOOD.steps, {"x": (1, 2)})
    both = Call(GOOD.steps, {"x": (1, 2), "y": (2, 1)})
    lacking = Call(GOOD.steps, {"y": (3, 1)})
    answers, _ = ask({"moved": moving_call, "both": both, "lacking": lacking})
    np.testing.assert_array_equal(answers["lacking"].output, answers["both"].output)
    x = np.arange(12).reshape(1, 2, 6)
    np.testing.assert_array_equal(answers["moved"].output, np.moveaxis(x, 1, 2))
    np.testing.assert_array_equal(answers["both"].output, x)


FAULTS = {
    "death": ("process.abort()", "crashes", "the worker was killed by SIGABRT"),
    "exit": ("process.exit(3)", "crashes", "the worker exited with status 3"),
    "hang": ("for (;;) ;", "times_out", "no answer within 1 s"),
    "garbage": ("fs.writeSync(1, 'garbage')", "crashes", "the worker was stopped: unexpected bytes"),
    "exception": ("throw new RangeError('too far')", "rejects", "RangeError: too far"),
    "text_thrown": ("throw 'a text'", "rejects", "a text"),
    "long_message": ("throw new Error('x'.repeat(100000))", "rejects", "Error: xxx"),
    "closed_channel": ("fs.closeSync(1); fs.openSync('/dev/null', 'w')", "crashes", "the worker "),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_the_verdict_of_the_case_in_flight_alone(fault):
    text, outcome, reason = FAULTS[fault]
    answers, _ = ask({"first": GOOD, "bad": script(text), "last": GOOD}, case=1 if outcome == "times_out" else 20)
    assert answers["bad"].outcome == outcome
    assert answers["bad"].detail.startswith(reason)
    assert len(answers["bad"].detail) <= 4000 + 200
    assert answers["first"].outcome == answers["last"].outcome == "accepts"


def test_memory_is_limited():
    text = "const kept = []; for (;;) kept.push(new Uint8Array(1 << 24).fill(1))"
    answers, _ = ask({"bad": script(text), "last": GOOD}, memory=256 * MEBIBYTE)
    assert answers["bad"].outcome == "crashes"
    assert "256 MiB" in answers["bad"].detail
    assert answers["last"].outcome == "accepts"


def test_what_is_printed_harms_nothing():
    answers, _ = ask({"loud": script("process.stdout.write('noise'.repeat(100000)); console.log('more')"), "last": GOOD})
    assert answers["loud"].outcome == answers["last"].outcome == "accepts"


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({"data": 1}, "y is not an object of data, shape and dtype"),
        ({"data": Name("x.data"), "shape": [1, -2, 6], "dtype": "float32"}, "y has the shape [1,-2,6]; expected sizes of 0 or more"),
        ({"data": Name("x.data"), "shape": [1, 2, 7], "dtype": "float32"}, "y has 12 cells and the shape [1,2,7]; expected 14"),
        ({"data": Name("x.data"), "shape": [1, 2, 6], "dtype": "complex64"}, "y is not an object of data, shape and dtype"),
    ],
)
def test_an_answer_that_is_no_array_is_no_refusal(result, reason):
    answers, _ = ask({"bad": Call((Step("y", "Object", (result,)),)), "last": GOOD})
    assert answers["bad"].outcome == "crashes"
    assert answers["bad"].detail == f"the answer cannot be had: Error: {reason}"
    assert answers["last"].outcome == "accepts"


def test_code_is_what_the_worker_does():
    call = Call((Def("f", (Step("y", "Object", (Ref("x"),)),)), Step("y", "f", (Ref("x"),))))
    text = javascript_code(TARGET, call, {"x": literal([[float("nan"), float("-inf"), 1]], "float32")})
    assert text.splitlines() == [
        "(async () => {",
        '  let vm = require("vm");',
        '  let x = { data: Float32Array.from([NaN, -Infinity, 1.0]), shape: [1, 3], dtype: "float32" };',
        "  let f = (x) => { let y = Object(x); return y; };",
        "  let y = f(x);",
        "  console.log(y);",
        "})();",
    ]
    assert "BigInt64Array.from([0n, 1n])" in javascript_code(TARGET, call, {"x": arange((2,), "int64")})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "undefined"),
        (True, "true"),
        ("it's", '"it\'s"'),
        ((1, [2]), "[1, [2]]"),
        ({"a": Ref("x")}, "{a: x}"),
        (float("inf"), "Infinity"),
    ],
)
def test_arguments_are_literals_of_javascript(value, text):
    assert write_value(value) == text


def test_packages_are_found_in_the_folder_and_in_node_path(tmp_path, monkeypatch):
    for place, version in (("here/node_modules", "1.0.0"), ("there", "2.0.0")):
        folder = tmp_path / place / "some-package"
        folder.mkdir(parents=True)
        Path(folder / "package.json").write_text(f'{{"version": "{version}"}}', encoding="utf-8")
    monkeypatch.setenv("NODE_PATH", str(tmp_path / "there"))
    monkeypatch.chdir(tmp_path)
    assert package_version("some-package") == "2.0.0"
    monkeypatch.chdir(tmp_path / "here")
    assert package_version("some-package") == "1.0.0"
    assert package_version("no-such-package") is None

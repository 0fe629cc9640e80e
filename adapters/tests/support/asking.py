"""Asking a target for samples: its worker answers them, and their printed code does in an interpreter of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace

import numpy as np
from support.sampling import Sample

from poolparity.adapters import Call, Unsupported
from poolparity.adapters.contract import NODE
from poolparity.adapters.parent.compile_cache import compile_variables
from poolparity.adapters.parent.host import Host
from poolparity.adapters.parent.job import Job
from poolparity.adapters.parent.limits import Limits
from poolparity.adapters.parent.source_code import code
from poolparity.cases.judge.answer import CRASHES, Answer
from poolparity.cases.oracle.index_bases import positions_to_indices

PATIENCE = Limits(case=300.0)
"""What compiles takes its time where others work as well."""

FRESH = """
import contextlib, io, json, sys, numpy

def answer(code, names):
    scope = {}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, scope)
    except Exception as error:
        return None
    return {name: told(scope[name], name) for name in names}

def told(result, name):
    if name == "inferred_shape":
        result = [size if isinstance(size, int) else -1 for size in result]
    y = numpy.asarray(result)
    return [y.dtype.name, list(y.shape), y.tobytes().hex()]

with open(sys.argv[1]) as codes, open(sys.argv[2], "w") as answers:
    answers.writelines(json.dumps(answer(*json.loads(code))) + "\\n" for code in codes)
"""

FRESH_NODE = """
const fs = require("fs"), load = require("module").createRequire(process.cwd() + "/");
const TYPES = {
  bool: Uint8Array, int8: Int8Array, uint8: Uint8Array, int32: Int32Array, int64: BigInt64Array, float16: Uint16Array, float32: Float32Array,
  float64: Float64Array,
};

function describe({data, shape, dtype}) {
  const typed = TYPES[dtype].from(data);
  return [dtype, shape, Buffer.from(typed.buffer).toString("hex")];
}

(async () => {
  const answers = [];
  for (const line of fs.readFileSync(process.argv[2], "utf8").split("\\n").filter(Boolean)) {
    const [code, names] = JSON.parse(line), printed = [];
    let answer = null;
    try {
      await new Function("require", "console", "return " + code)(load, {...console, log: (value) => printed.push(value)});
      answer = Object.fromEntries(names.map((name, at) => [name, describe(printed[at])]));
    } catch (error) { /* refused */ }
    answers.push(JSON.stringify(answer) + "\\n");
  }
  fs.writeFileSync(process.argv[3], answers.join(""));
})();
"""


@dataclass(frozen=True)
class SampleReply:
    """A sample that a target can be asked for: what it answered, and what its printed code answered."""

    sample: Sample
    call: Call
    base: str
    code: str
    answer: Answer
    printed_answer: dict | None


def answer_samples(grid_target, adapter, samples, folder, programs):
    """Samples as an adapter translates them, asked of a target's worker, and printed and executed in one other interpreter.

    Each sample has a program of its own, as its printed code has, and the interpreter starts when the worker has ended, and so finds
    the compiled programs. What the target sets in its environment is something else there, because the code has to set it.
    """
    answers, target = {}, grid_target.target
    calls = {sample.name: (sample, call) for sample in samples if (call := translate_sample(adapter, target, sample))}
    bases = {name: adapter.index_base(sample.ask, target) for name, (sample, _) in calls.items()}
    tensors = {name: arrays_of(sample, bases[name]) for name, (sample, _) in calls.items()}
    launch = replace(grid_target.launch, target=replace(target, together=1))
    host = Host(launch, PATIENCE, answers.__setitem__, dict(os.environ), programs)
    host.feed(Job(name, call, {key: tensor.value for key, tensor in tensors[name].items()}) for name, (_, call) in calls.items())
    codes = {name: code(adapter, target, call, tensors[name]) for name, (_, call) in calls.items()}
    host.join()
    variables = compile_variables(target.compile_cache, programs.open(), grid_target.launch.versions)
    alive = {name: call for name, (_, call) in calls.items() if answers[name].outcome != CRASHES}
    codes_and_results = [(codes[name], call.results) for name, call in alive.items()]
    if target.program == NODE:
        printed_answers = [
            move_axes(answer, call) for answer, call in zip(run_codes_in_node(codes_and_results, folder), alive.values(), strict=True)
        ]
    else:
        printed_answers = run_codes(codes_and_results, folder, {**variables, **dict.fromkeys(target.environment, "0")})
    printed = dict(zip(alive, printed_answers, strict=True))  # what ends the worker would end this interpreter as well
    return [SampleReply(*calls[name], bases[name], codes[name], answers[name], printed.get(name)) for name in calls]


def translate_sample(adapter, target, sample):
    try:
        return translation(adapter, sample)(sample.ask, target)
    except Unsupported:
        return None


def translation(adapter, sample):
    return {"gradient": adapter.gradient, "inferred": adapter.inferred_shape}.get(sample.question, adapter.call)


def arrays_of(sample, base):
    """The arrays of a sample, whose indices count what the target's do."""
    extra = dict(sample.case.extra)
    if "indices" in extra and base != "plane":
        extra["indices"] = positions_to_indices(extra["indices"], sample.case, base)
    return {"x": sample.case.input, **extra}


def run_codes(codes, folder, variables):
    """What codes answer, in an interpreter whose environment has these variables and no other of Keras."""
    (folder / "codes").write_text("".join(json.dumps(code) + "\n" for code in codes))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KERAS")} | {
        "KERAS_HOME": str(folder),
        **variables,
    }
    command = [sys.executable, "-c", FRESH, str(folder / "codes"), str(folder / "answers")]
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr[-2000:]
    return [json.loads(line) for line in (folder / "answers").read_text().splitlines()]


def run_codes_in_node(codes, folder):
    """What codes in JavaScript answer, in a process of Node."""
    (folder / "codes").write_text("".join(json.dumps(code) + "\n" for code in codes))
    (folder / "fresh.js").write_text(FRESH_NODE)
    command = ["node", str(folder / "fresh.js"), str(folder / "codes"), str(folder / "answers")]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr[-2000:]
    return [json.loads(line) for line in (folder / "answers").read_text().splitlines()]


def move_axes(answer, call):
    """What a code in JavaScript printed, in the layout of the case: it prints results in that of the target."""
    if answer is None:
        return None
    arrays_by_name = {}
    for name, (dtype, shape, digits) in answer.items():
        array = np.frombuffer(bytes.fromhex(digits), dtype).reshape(shape)
        array = np.moveaxis(array, *call.moves[name]) if name in call.moves and max(call.moves[name]) < array.ndim else array
        arrays_by_name[name] = [dtype, list(array.shape), array.tobytes().hex()]
    return arrays_by_name

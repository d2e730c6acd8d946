// Figures out of a tree and its runs: filters, sums by function, callers and callees.

/** The weight and the samples of each run that the filter leaves; a part of a run counts as one. */
function selectRuns(page, filter) {
  const { order, threads, phases } = page, each = page.trees[0].each;
  const n = order.n, weight = new Float64Array(n), samples = new Float64Array(n);
  const inThread = threads.map((thread, t) =>
    (filter.thread == null || filter.thread === t) &&
    (filter.process == null || filter.process === thread.process));
  const inTest = [filter.test == null].concat(
    phases.map(phase => filter.test == null || phase.test === filter.test));
  const cut = order.timed && filter.from != null;
  for (let r = 0; r < n; r++) {
    if (order.thread && inThread.length && !inThread[order.thread[r]]) continue;
    if (filter.test != null && !(order.test && inTest[order.test[r]])) continue;
    let part = 1;
    if (cut) {
      const start = order.start[r], span = order.span[r];
      const inside = Math.min(filter.to, start + span) - Math.max(filter.from, start);
      part = span > 0 ? inside / span : Number(start >= filter.from && start < filter.to);
      if (!(part > 0)) continue;
    }
    samples[r] = order.count[r] * part;
    weight[r] = order.weight ? order.weight[r] * part : samples[r] * (each == null ? 1 : each);
  }
  return { n, node: order.node, thread: order.thread, weight, samples };
}

/** Own weight and samples of each node, of all or of these runs; and the totals. */
function nodeFigures(tree, runs) {
  let self = tree.self, samples = tree.samples_self;
  if (runs) {
    self = new Float64Array(tree.n);
    samples = new Float64Array(tree.n);
    for (let r = 0; r < runs.n; r++) {
      self[runs.node[r]] += runs.weight[r];
      samples[runs.node[r]] += runs.samples[r];
    }
  }
  return { self, samples, total: totals(tree.parent, self) };
}

/** Own and total weight and samples of each function; recursion counts once a stack. */
function functionFigures(tree, nodes, n) {
  const self = new Float64Array(n), total = new Float64Array(n);
  const samples = new Float64Array(n), until = new Uint32Array(n), allSamples = new Float64Array(n);
  const subtree = totals(tree.parent, nodes.samples);
  for (let i = 1; i < tree.n; i++) {
    const f = tree.fn[i];
    self[f] += nodes.self[i];
    samples[f] += nodes.samples[i];
    if (i < until[f]) continue;
    until[f] = i + tree.size[i];
    total[f] += nodes.total[i];
    allSamples[f] += subtree[i];
  }
  return { self, total, samples, allSamples, weight: nodes.total[0] || 0, count: subtree[0] || 0 };
}

const heaviest = (map, most) => [...map].sort((a, b) => b[1] - a[1]).slice(0, most);

/** Callers of f and what it calls, as [function, weight]; each counts once a stack; -1: none. */
function neighbours(tree, total, f, most = 12) {
  const callers = new Map(), callees = new Map(), until = new Map();
  for (let i = 1, end = 0; i < tree.n; i++) {
    if (!total[i]) continue;
    const g = tree.fn[i], p = tree.parent[i];
    if (g === f && i >= end) {
      const caller = p > 0 ? tree.fn[p] : -1;
      callers.set(caller, (callers.get(caller) || 0) + total[i]);
      end = i + tree.size[i];
    }
    if (p > 0 && tree.fn[p] === f && g !== f && !(until.get(g) > i)) {
      callees.set(g, (callees.get(g) || 0) + total[i]);
      until.set(g, i + tree.size[i]);
    }
  }
  return [heaviest(callers, most), heaviest(callees, most)];
}

/** The same out of a recording of calls, which has edges in place of stacks. */
function edges(calls, f, most = 12) {
  const callers = new Map(), callees = new Map();
  for (let i = 0; i < calls.caller.length; i++) {
    const a = calls.caller[i], b = calls.callee[i], w = calls.weight[i];
    if (b === f) callers.set(a, (callers.get(a) || 0) + w);
    if (a === f && b !== f) callees.set(b, (callees.get(b) || 0) + w);
  }
  return [heaviest(callers, most), heaviest(callees, most)];
}

/**
 * Busy seconds in columns of time, by colour: lanes[l][column * colours + colour]. `lane` says
 * which lane a run belongs to (-1: none); `colour` is by node's function.
 */
function columnsOfTime(page, columns, from, to, lanes, lane, colour, colours = 7) {
  const { order, trees } = page, fn = trees[0].fn, width = (to - from) / columns;
  const each = trees[0].each == null ? 1 : trees[0].each;
  const out = Array.from({ length: lanes }, () => new Float64Array(columns * colours));
  if (!(width > 0)) return out;
  for (let r = 0; r < order.n; r++) {
    const l = lane(r);
    if (l < 0) continue;
    const row = out[l], k = colour(fn[order.node[r]]);
    const weight = order.weight ? order.weight[r] : order.count[r] * each;
    const start = (order.start[r] - from) / width;
    const span = Math.max(1e-9, order.span[r] / width);
    const last = Math.min(columns - 1, Math.ceil(start + span) - 1);
    for (let c = Math.max(0, Math.floor(start)); c <= last; c++) {
      const inside = Math.min(c + 1, start + span) - Math.max(c, start);
      row[c * colours + k] += weight * Math.min(1, inside / span);
    }
  }
  return out;
}

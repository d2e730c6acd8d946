// Trees of calls in arrays: depth first, node 0 is the root, a parent before its children.

/** Adds parent, size and each node's own weight to a tree of the data block. */
function prepare(tree) {
  const { n, depth } = tree, parent = new Int32Array(n), size = new Uint32Array(n).fill(1);
  const open = new Int32Array(65537);
  const fn = tree.map ? Uint32Array.from(tree.function, f => tree.map[f]) : tree.function;
  for (let i = 0; i < n; i++) {
    const d = depth[i];
    open[d] = i;
    parent[i] = d ? open[d - 1] : -1;
  }
  for (let i = n - 1; i > 0; i--) size[parent[i]] += size[i];
  let self = tree.weight_self;
  if (!self) {
    const each = tree.each == null ? 1 : tree.each;
    self = Float64Array.from(tree.samples_self, samples => samples * each);
  }
  Object.assign(tree, { parent, size, fn, self });
}

function totals(parent, self) {
  const total = Float64Array.from(self);
  for (let i = total.length - 1; i > 0; i--) total[parent[i]] += total[i];
  return total;
}

/** Grows a tree of (parent, function) pairs: the same child twice is one node. */
class Grown {
  constructor(functions) {
    this.functions = functions + 1;
    this.known = new Map();
    this.parent = [-1];
    this.fn = [functions];
    this.self = [0];
    this.x = null;
  }

  child(p, f) {
    const key = p * this.functions + f;
    let node = this.known.get(key);
    if (node === undefined) {
      node = this.add(p, f);
      this.known.set(key, node);
    }
    return node;
  }

  add(p, f) {
    this.parent.push(p);
    this.fn.push(f);
    this.self.push(0);
    return this.parent.length - 1;
  }

  get n() {
    return this.parent.length;
  }
}

/**
 * Which parent a call of f gets below the node p of `grown`: p itself swallows it when recursion is
 * merged, or when f is of a library and these are hidden (own) or folded into the first (fold).
 */
function swallows(grown, p, f, rule) {
  if (rule.merge && grown.fn[p] === f) return true;
  if (!rule.library || !rule.library(f)) return false;
  return rule.frames === "own" || (p > 0 && rule.library(grown.fn[p]));
}

/** The tree by that rule, without what has no weight; `self` is by node of `tree`. */
function regrouped(tree, self, total, rule) {
  const grown = new Grown(rule.functions), map = new Int32Array(tree.n);
  const same = !rule.merge && !rule.library;
  grown.self[0] = self[0];
  for (let i = 1; i < tree.n;) {
    if (!total[i]) {
      i += tree.size[i];
      continue;
    }
    const p = map[tree.parent[i]], f = tree.fn[i];
    const node = same ? grown.add(p, f) : swallows(grown, p, f, rule) ? p : grown.child(p, f);
    map[i] = node;
    grown.self[node] += self[i];
    i++;
  }
  return grown;
}

/** Calls one after the other in time: a box for each unbroken stay in a call. Null: too many. */
function inTime(tree, runs, rule, most = 1500000) {
  const grown = new Grown(rule.functions), open = [0], nodes = [0], path = [];
  let thread = -1, x = 0;
  grown.x = [0];
  for (let r = 0; r < runs.n; r++) {
    const weight = runs.weight[r];
    if (!weight) continue;
    if (runs.thread && runs.thread[r] !== thread) {
      thread = runs.thread[r];
      open.length = 1;
    }
    path.length = 0;
    let i = runs.node[r];
    while (i > 0 && open[tree.depth[i]] !== i) {
      path.push(i);
      i = tree.parent[i];
    }
    open.length = nodes.length = tree.depth[i < 0 ? 0 : i] + 1;
    for (let k = path.length - 1; k >= 0; k--) {
      const p = nodes[nodes.length - 1], f = tree.fn[path[k]];
      open.push(path[k]);
      if (swallows(grown, p, f, rule)) {
        nodes.push(p);
        continue;
      }
      nodes.push(grown.add(p, f));
      grown.x.push(x);
    }
    x += weight;
    grown.self[nodes[nodes.length - 1]] += weight;
    if (grown.n > most) return null;
  }
  return grown;
}

/** Who calls f, upside down (root: f), each stack counted once, at its outermost f. */
function callersTree(tree, total, f, rule) {
  const grown = new Grown(rule.functions);
  grown.fn[0] = f;
  for (let i = 1, end = 0; i < tree.n; i++) {
    if (tree.fn[i] !== f || i < end || !total[i]) continue;
    end = i + tree.size[i];
    let node = 0;
    for (let p = tree.parent[i]; p > 0; p = tree.parent[p]) {
      if (!swallows(grown, node, tree.fn[p], rule)) node = grown.child(node, tree.fn[p]);
    }
    grown.self[node] += total[i];
  }
  return grown;
}

/** What f calls (root: f), all its outermost calls merged. */
function calleesTree(tree, self, total, f, rule) {
  const grown = new Grown(rule.functions), map = new Int32Array(tree.n);
  grown.fn[0] = f;
  for (let i = 1, end = 0; i < tree.n; i++) {
    if (i >= end) {
      if (tree.fn[i] !== f || !total[i]) continue;
      end = i + tree.size[i];
      map[i] = 0;
    } else {
      if (!total[i]) continue;
      const p = map[tree.parent[i]], g = tree.fn[i];
      map[i] = swallows(grown, p, g, rule) ? p : grown.child(p, g);
    }
    grown.self[map[i]] += self[i];
  }
  return grown;
}

/**
 * Boxes in display order: preorder, siblings heaviest first (or as they came), with place, weight,
 * depth, end of the subtree and parent. So what cannot be seen is left out without a look at it.
 */
function layout(tree, asGiven) {
  const { n, parent, fn, self } = tree, total = totals(parent, self);
  const head = new Int32Array(n).fill(-1), tail = new Int32Array(n);
  const next = new Int32Array(n).fill(-1), sizes = new Uint32Array(n).fill(1);
  for (let i = n - 1; i > 0; i--) sizes[parent[i]] += sizes[i];
  const hang = i => {
    const p = parent[i];
    if (p < 0) return;
    if (head[p] < 0) head[p] = i;
    else next[tail[p]] = i;
    tail[p] = i;
  };
  // Of more nodes a rank and a number have no room in 53 bits; they come nearly in order anyhow.
  if (asGiven || n > 2e6) {
    for (let i = 0; i < n; i++) hang(i);
  } else {
    // One sort of plain numbers, rank × n + node: a comparison function takes thrice the time.
    const scale = total[0] > 0 ? 4e9 / total[0] : 0, order = new Float64Array(n);
    for (let i = 0; i < n; i++) order[i] = Math.floor(Math.max(0, 4e9 - total[i] * scale)) * n + i;
    order.sort();
    for (let k = 0; k < n; k++) hang(order[k] % n);
  }
  const L = {
    n, X: new Float64Array(n), W: new Float64Array(n), S: new Float64Array(n),
    D: new Uint16Array(n), E: new Uint32Array(n), P: new Int32Array(n), F: new Uint32Array(n),
    deep: 0, timed: Boolean(tree.x),
  };
  L.P[0] = -1;
  for (let q = 0, source = new Uint32Array(n); q < n; q++) {
    const i = source[q];
    L.W[q] = total[i];
    L.S[q] = self[i];
    L.F[q] = fn[i];
    L.E[q] = q + sizes[i];
    if (L.D[q] > L.deep) L.deep = L.D[q];
    let place = q + 1, x = L.X[q];
    for (let c = head[i]; c >= 0; c = next[c]) {
      source[place] = c;
      L.P[place] = q;
      L.D[place] = L.D[q] + 1;
      L.X[place] = tree.x ? tree.x[c] : x;
      place += sizes[c];
      x += total[c];
    }
  }
  return L;
}

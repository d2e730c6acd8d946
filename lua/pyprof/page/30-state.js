// What is chosen stands in the address, and everything shown is a function of it.
// view, f (function), q (search), tree (metric), from, to (seconds), thread, process, test, frames
// (all, fold, own), merge, order (weight, time), up, colour, sandwich, zoom, preset, sort, file,
// line
// The page's data, what it knows of functions, and the state that is shown.
let page = null, facts = null, current = null;
const remembered = new Map();

const address = () => new URLSearchParams(location.hash.slice(1));

/** Writes choices into the address; null removes one. A choice is a step that Back takes back. */
function go(change, quietly) {
  const next = address();
  for (const [key, value] of Object.entries(change)) {
    if (value == null || value === "" || value === false) next.delete(key);
    else next.set(key, value === true ? "1" : String(value));
  }
  const hash = "#" + next;
  if (hash === (location.hash || "#")) return;
  history[quietly ? "replaceState" : "pushState"](null, "", hash);
  apply();
}

function whole(text, below) {
  const value = /^\d{1,9}$/.test(text || "") ? Number(text) : -1;
  return value >= 0 && value < below ? value : null;
}

const among = (text, list) => (list.includes(text) ? text : list[0]);

/** The address as a state. It may hold anything: what is not known is left out. */
function stateOf(params, views) {
  const timed = Boolean(page.order && page.order.timed);
  const state = { view: among(params.get("view"), views), from: null, to: null };
  for (const key of ["q", "colour", "preset", "sort"]) state[key] = params.get(key) || "";
  for (const key of ["merge", "up", "sandwich"]) state[key] = params.get(key) === "1";
  const below = {
    f: facts.n, tree: page.trees.length, zoom: 1e9, file: page.files.length, line: 1e9,
    thread: page.order && page.threads.length, process: page.order && page.processes.length,
    test: page.order && page.tests && page.tests.length,
  };
  for (const [key, n] of Object.entries(below)) state[key] = whole(params.get(key), n || 0);
  state.tree ||= 0;
  state.frames = among(params.get("frames"), ["all", "fold", "own"]);
  state.order = among(params.get("order"), ["weight", "time"]);
  const from = parseFloat(params.get("from")), to = parseFloat(params.get("to"));
  if (timed && from >= 0 && to > from) Object.assign(state, { from, to });
  if (!timed) state.order = "weight";
  return state;
}

/** Keeps what `make` returned as long as its key stays the same. */
function kept(name, key, make) {
  const before = remembered.get(name);
  if (before && before.key === key) return before.value;
  const value = make();
  remembered.set(name, { key, value });
  return value;
}

/** What the runs are filtered by, "" for nothing: a filter is of the first tree. */
function filterKey(s, tree = s.tree) {
  const by = [s.thread, s.process, s.test, s.from, s.to];
  return tree === 0 && page.order && by.some(x => x != null) ? by.join() : "";
}

const isFiltered = s => filterKey(s) !== "";
const treeOf = s => page.trees[s.tree];
const runsOf = s => kept("runs", filterKey(s, 0), () => selectRuns(page, s));

function nodesOf(s, tree = s.tree) {
  const key = filterKey(s, tree);
  return kept("nodes" + tree, key, () => nodeFigures(page.trees[tree], key ? runsOf(s) : null));
}

/** Figures by function of what is shown: of the tree in view, or of a recording of calls. */
function figuresOf(s, tree = s.tree) {
  if (!page.trees.length) return kept("figures", "calls", () => figuresOfCalls());
  return kept("figures" + tree, filterKey(s, tree), () =>
    functionFigures(page.trees[tree], nodesOf(s, tree), facts.n));
}

function figuresOfCalls() {
  const zero = new Float64Array(facts.n);
  const self = Float64Array.from(facts.self || zero, x => x || 0);
  const total = Float64Array.from(facts.total || zero, x => x || 0);
  const weight = page.meta.weight || self.reduce((a, b) => a + b, 0);
  return { self, total, samples: zero, allSamples: zero, weight, count: 0 };
}

const unitOf = s => (page.trees.length ? treeOf(s).unit : page.meta.unit) || "none";
const isLibrary = f => facts.origin[f] > 0;

function ruleOf(s) {
  return {
    functions: facts.n, merge: s.merge, frames: s.frames,
    library: s.frames === "all" ? null : isLibrary,
  };
}

/** The boxes of the flame graph, with a note where what was asked for cannot be drawn. */
function boxesOf(s, tree = s.tree) {
  const inOrder = s.order === "time" && tree === 0;
  const filter = filterKey(s, tree), key = [filter, s.frames, s.merge, inOrder].join("|");
  return kept("boxes" + tree, key, () => {
    const source = page.trees[tree], nodes = nodesOf(s, tree), rule = ruleOf(s);
    if (inOrder) {
      const grown = inTime(source, runsOf(s), rule);
      if (grown) return { L: layout(grown, true), note: null };
    }
    const note = inOrder ? "There are too many calls to draw them in order of time: " +
      "brush a shorter time. They are shown heaviest first." : null;
    const plain = !s.merge && s.frames === "all";
    if (plain && !filter) return { L: layout(source, true), note };
    return { L: layout(regrouped(source, nodes.self, nodes.total, rule)), note };
  });
}

function matchesOf(s) {
  return kept("matches", s.q, () => {
    const pattern = expression(s.q);
    if (pattern instanceof Error) return { wrong: true };
    return matching(pattern, facts.name, facts.file, page.files);
  });
}

const whereOf = f => {
  const file = page.paths[facts.file[f]] || "?", line = facts.line[f];
  return line ? file + ":" + line : file;
};
const threadName = thread => show(thread.name || (thread.main ? "main thread" : "thread"));
const processName = process => show(process.name || process.command);
const briefWhere = f => base(whereOf(f));

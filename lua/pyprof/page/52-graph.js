// The view of the flame graph: the strip of time, the tools, and one or two graphs.
let flames = null;

/** Words about a box: for the label, the tip and a screen reader. */
function wordsOf(which) {
  const s = () => current, L = () => flames[which].shown.L, F = i => L().F[i];
  const isRoot = i => i === 0 && !flames[which].named;
  const share = w => percent(w / (flames[which].weight || 1));
  const name = i => {
    if (isRoot(i)) return flames[which].all;
    return paintOf(s()).sign[F(i)] + page.names[F(i)];
  };
  const figures = i => `${share(L().W[i])} total, ${share(L().S[i])} self`;
  return {
    name,
    tell: i => (isRoot(i) ? name(i) : `${short(name(i), 400)}, ${figures(i)}, ${
      briefWhere(F(i))}`),
    tip: i => {
      if (isRoot(i)) return [name(i)];
      const f = F(i), unit = unitOf(s());
      const here = L().W[i], own = L().S[i], change = changeOf(f);
      return [
        el("div", "code name", short(name(i), 400)),
        el("div", "muted name", short(whereOf(f), 300)),
        el("div", {}, bold(share(here)), ` ${amount(here, unit)} here · `,
          bold(share(own)), ` ${amount(own, unit)} self`),
        change && el("div", { class: change.share > 0 ? "more" : "less" },
          signed(change.share), change.certain ? " certain" : " may be chance"),
        s().frames !== "all" && el("div", "muted", s().frames === "own"
          ? "self includes library frames below" : "library frames are folded"),
      ].filter(Boolean);
    },
  };
}

function makeGraph(which, label, zoom) {
  const head = el("h2", { hidden: true });
  const flame = new Flame(label, {
    ...wordsOf(which),
    pick: f => go({ f }),
    zoom,
    seen: which === "main" ? showCrumbs : () => {},
  });
  flame.head = head;
  flame.box = el("div", "graph", head, flame.stage);
  return flame;
}

function makeFlameView() {
  flames = {};
  flames.crumb = el("span");
  flames.out = el("button", { hidden: true, onclick: () => zoomMain(0) }, "Reset zoom");
  flames.legend = el("span", "legend");
  flames.note = el("p", { class: "note", hidden: true });
  flames.second = makeGraph("second", "Second flame graph", i => flames.second.zoomTo(i));
  flames.main = makeGraph("main", "Flame graph. Arrow keys move between calls, Enter zooms, " +
    "Escape zooms out. The Functions view has the same figures.", zoomMain);
  flames.over = el("canvas", { role: "img", "aria-label": "Busy time over the recording" });
  flames.axis = el("div", { class: "axis", "aria-hidden": "true" });
  flames.strip = el("div", { class: "over", hidden: true }, flames.axis, flames.over);
  fill($("flame"), flames.strip,
    el("div", "crumbs", flames.out, flames.crumb, flames.legend),
    flames.note, flames.second.box, flames.main.box);
  new ResizeObserver(() => flames && drawStrip(current)).observe(flames.strip);
}

/** Zooming is a step that Back takes back. */
function zoomMain(i) {
  if ((address().get("zoom") || "0") === String(i)) flames.main.zoomTo(i);
  else go({ zoom: i || null });
}

function showCrumbs(isWhole, i) {
  flames.out.hidden = isWhole;
  const names = [], L = flames.main.shown && flames.main.shown.L;
  for (let p = i; L && p > 0; p = L.P[p]) names.unshift(short(page.names[L.F[p]], 50));
  const cut = names.length > 4 ? "… › " : "";
  flames.crumb.textContent = isWhole ? "" : cut + names.slice(-4).join(" › ");
}

/** Draws the strip above the graph. It shows the whole time, whatever is brushed. */
function drawStrip(s) {
  const width = flames.over.clientWidth, from = 0, height = 54;
  if (!isTimed() || !width) return;
  const length = timeLength(), columns = Math.max(1, Math.floor(width / COLUMN));
  if (!flames.brush) {
    flames.brush = brushable(flames.strip, length, brushTo);
    flames.axis.append(...axisOf(length, innerWidth < 700 ? "" : "busy time, "));
  }
  const key = [columns, s.thread, s.process, s.test].join();
  const [values] = kept("strip", key, () =>
    columnsOfTime(page, columns, from, length, 1, laneBy(s, () => 0), colourOf));
  paintColumns(flames.over, width, height, values, busiest(values));
  flames.brush(s.from, s.to);
}

const NOTHING_HERE = "Nothing was sampled here: take away a filter to see more.";
const ORDERS = [["weight", "heaviest first"], ["time", "time order"]];
const FRAMES = [["all", "all frames"], ["fold", "fold libraries"], ["own", "my code only"]];

function metricTool(s) {
  if (page.trees.length < 2 || page.diff) return null;
  const metrics = page.trees.map((tree, i) => [i, show(tree.metric || tree.what)]);
  return choice("Metric", metrics, s.tree, v => refilter({ tree: v === "0" ? null : v }));
}

const framesTool = s =>
  choice("Frames", FRAMES, s.frames, v => refilter({ frames: v === "all" ? null : v }));

function threadsTool(s) {
  const { threads, processes } = page;
  if (page.order && threads.length > 1) {
    const words = (text, n) => short(text, 40) + (n == null ? "" : " " + n);
    const options = [["", "all threads"]];
    if (processes.length > 1) {
      processes.forEach((p, i) =>
        options.push(["p" + i, "process " + words(processName(p), p.pid)]));
    }
    threads.forEach((t, i) => options.push(["t" + i, words(threadName(t), t.id)]));
    const now = s.thread != null ? "t" + s.thread : s.process != null ? "p" + s.process : "";
    return choice("Threads", options.slice(0, 2000), now, v => refilter({
      thread: v[0] === "t" ? v.slice(1) : null, process: v[0] === "p" ? v.slice(1) : null,
    }));
  }
  return null;
}

/** Choices that the graph and the table share. */
const commonTools = s => [metricTool(s), threadsTool(s), framesTool(s)];

function flameTools(s) {
  const sandwich = s.sandwich && s.f != null;
  return [
    choice("Colour", colourings().map(([k, t]) => [k, "by " + t]), colouringOf(s),
      v => go({ colour: v })),
    ...commonTools(s),
    isTimed() && !sandwich && choice("Order", ORDERS, s.order,
      v => refilter({ order: v === "weight" ? null : v })),
    toggle("Merge recursion", s.merge, () => refilter({ merge: !s.merge })),
    toggle("Upside down", s.up, () => go({ up: !s.up })),
    sandwich && toggle("Sandwich", true, () => go({ sandwich: null, zoom: null })),
  ];
}

function sandwichOf(s) {
  const tree = treeOf(s), nodes = nodesOf(s), rule = ruleOf(s), key = [
    s.f, s.tree, s.frames, s.merge, filterKey(s)].join();
  return kept("sandwich", key, () => ({
    callers: layout(callersTree(tree, nodes.total, s.f, rule)),
    callees: layout(calleesTree(tree, nodes.self, nodes.total, s.f, rule)),
  }));
}

function allWords(s, tree) {
  const figures = figuresOf(s, tree), samples = Math.round(figures.count);
  const text = amount(figures.weight, page.trees[tree].unit || "none");
  const what = page.trees[tree].what === "memory" ? "allocation" : "sample";
  return `all ${text} in ${count(samples, what)}`;
}

function showFlame(s) {
  // What a filter leaves may be nothing: the strip of time must stay, to choose another part.
  const none = !page.trees.length || !figuresOf(s).weight;
  if (none && !isFiltered(s)) return showNoStacks();
  if (!flames) makeFlameView();
  const hits = matchesOf(s), paint = paintOf(s), sandwich = s.sandwich && s.f != null;
  const shown = { paint, hits: hits && hits.hits, selected: s.f };
  const { main, second } = flames, weight = figuresOf(s).weight;
  main.weight = second.weight = weight;
  main.named = second.named = sandwich;
  main.all = allWords(s, s.tree);
  flames.strip.hidden = !isTimed() || s.tree !== 0 || Boolean(page.diff);
  $("flame").classList.toggle("two", Boolean(sandwich || page.diff));
  second.box.hidden = second.head.hidden = main.head.hidden = !sandwich && !page.diff;
  let note = none ? NOTHING_HERE : null;
  if (sandwich) {
    const both = sandwichOf(s);
    fill(second.head, bold("Called by"), "callers, upwards");
    fill(main.head, bold("Calls"), "what it calls, downwards");
    second.set({ ...shown, L: both.callers, up: true });
    main.set({ ...shown, L: both.callees, up: false });
  } else {
    const boxes = boxesOf(s);
    note ||= boxes.note;
    if (page.diff) showBefore(s, shown);
    main.set({ ...shown, L: boxes.L, up: s.up });
  }
  const out = treeOf(s).left_out;
  if (out) note = `${count(out, "call")} left out: their samples count for their callers.`;
  flames.note.hidden = !note;
  flames.note.textContent = note || "";
  fill(flames.legend, ...paint.legend.map(([text, colour]) =>
    el("span", { class: "swatch", "--k": colour }, text)));
  drawStrip(s);
  const zoom = s.zoom && s.zoom < main.shown.L.n && !sandwich ? s.zoom : 0;
  if (zoom !== main.root) main.zoomTo(zoom);
}

function showBefore(s, shown) {
  const tree = page.trees.findIndex(t => t.side === "before"), { main, second } = flames;
  if (tree < 0) return;
  second.weight = figuresOf(s, tree).weight;
  second.all = allWords(s, tree);
  const words = side => [bold(side), short(show(page.diff[side].name || ""), 80)];
  fill(second.head, ...words("before"));
  fill(main.head, ...words("after"));
  second.set({ ...shown, L: boxesOf({ ...s, order: "weight" }, tree).L, up: s.up });
}

function showNoStacks() {
  flames = null;
  fill($("flame"), page.trees.length ? nothingSampled() : empty(
    "This recording has no stacks",
    "It holds calls and their callers. The Functions view has its figures."));
}

function nothingSampled() {
  return empty("Nothing was sampled", "The program ended before the first sample, or waited all " +
    "the time. Try --rate 1000 or --idle.");
}

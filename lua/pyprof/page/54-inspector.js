// The inspector: where the time goes, or everything known of the selected function.
const heading = (left, right) => el("h3", {}, bit(left), bit(right));

/** A function's name that selects it. */
const nameButton = (f, most) => el("button", {
  class: "name", title: short(page.names[f]) + "  " + short(whereOf(f)), onclick: () => go({ f }),
}, short(page.names[f] + (facts.name[f] === "<module>" ? " " + briefWhere(f) : ""), most));

/** Functions with their share as buttons; a bar behind each name. */
function ranking(rows, weight, most) {
  const item = ([f, w]) => el("li", {}, bar(w / most), f < 0
    ? el("span", "t muted", "(the program)")
    : nameButton(f, 80), bit(percent(w / (weight || 1))));
  return el("ol", {}, rows.map(item));
}

function topBy(values, most) {
  const rows = [];
  for (let f = 0; f < values.length; f++) if (values[f] > 0) rows.push([f, values[f]]);
  return rows.sort((a, b) => b[1] - a[1]).slice(0, most);
}

function overviewSide(s) {
  const figures = figuresOf(s), { weight } = figures, G = page.groups;
  if (!weight) return [el("h2", { class: "plain", id: "chosen" }, "Nothing was sampled")];
  const hot = topBy(figures.self, 10), sums = new Float64Array(7);
  for (let f = 0; f < facts.n; f++) sums[colourOf(f)] += figures.self[f];
  const groups = topBy(sums, 7), colour = k => ({ "--k": `var(--c${k})` });
  const name = k => (k === 6 ? show(G[G.length - 1] || "other") : show(G[k]));
  const memory = page.trees.length && treeOf(s).what === "memory";
  const changed = page.diff ? changedSide() : [];
  return [
    el("h2", { class: "plain", id: "chosen" },
      memory ? "Where the memory goes" : "Where the time goes"),
    ...changed,
    heading(page.diff ? "By self, after" : "By self " + (memory ? "bytes" : "time"), "self"),
    ranking(hot, weight, hot.length ? hot[0][1] * 1.2 : 1),
    heading("By module", "self"),
    el("div", { class: "meter stack", "aria-hidden": "true" }, groups.map(([k, w]) =>
      bar(w / weight, { background: `var(--c${k})` }))),
    el("ol", {}, groups.map(([k, w]) => el("li", {},
      el("span", { class: "t swatch", ...colour(k) }, name(k)),
      bit(percent(w / weight))))),
    el("p", "muted", "Select a function anywhere to see who calls it and what it calls."),
  ];
}

function changedSide() {
  const c = page.diff.changes, rows = [];
  for (let i = 0; i < c.function.length && rows.length < 8; i++) if (c.certain[i]) rows.push(i);
  const item = i => {
    const f = c.function[i], change = changeOf(f);
    return el("li", {}, nameButton(f, 80), el("span", { class: change.share > 0 ? "more" : "less" },
      signed(change.share)));
  };
  return [heading("What changed for certain", page.diff.compare), rows.length
    ? el("ol", {}, rows.map(item))
    : el("p", "muted", "Nothing: every difference may be chance.")];
}

function figureRow(label, weight, all, unit, samples, colour) {
  const share = all ? weight / all : 0, meter = bar(share, { background: `var(--${colour})` });
  return [bit(label), el("div", { class: "meter", "aria-hidden": "true" }, meter),
    el("span", { class: "v", title: samples == null ? null
      : count(Math.round(samples), "sample") },
    bold(percent(share)), " ", amount(weight, unit))];
}

function coverageChip(f) {
  if (!coverageOf(f)) return el("span", "chip muted", "? coverage not measured");
  const [sign, words, style, part] = coverageWords(f);
  return el("span", "chip " + style, `${sign} ${words}${part}`);
}

/** What is known of a function beyond its time; what was collected but is not known is "?". */
function factsOf(f) {
  const rows = [], unknown = [];
  const add = (label, list, words = number) => {
    if (list && list[f] == null) unknown.push(label);
    else if (list) rows.push([label, words(list[f])]);
  };
  add("executions", facts.executions);
  add("calls", facts.calls);
  const part = (list, words) => n => number(n) + (list && list[f]
    ? `, ${number(list[f])} ${words}` : "");
  add("statements", facts.statements, part(facts.missing, "never executed"));
  add("branches", facts.branches, part(facts.partial, "missing"));
  add("risk (CRAP)", facts.risk, x => x.toFixed(x < 10 ? 1 : 0));
  add("memory at the peak", facts.bytes, bytes);
  add("of its own", facts.self_bytes, bytes);
  add("allocations", facts.allocations);
  add("tests that reach it", facts.tests);
  add("evidence", facts.evidence, show);
  const pairs = rows.map(([label, value]) => [el("dt", {}, label), el("dd", {}, value)]);
  const long = (label, list) => {
    if (!list || !list[f]) return;
    pairs.push([el("dt", {}, label), el("dd", "long code partial",
      short(show(String(list[f])).replace(/->/g, "→"), 400))]);
  };
  long("lines never executed", facts.missing_lines);
  long("missing branches", facts.missing_branches);
  if (facts.why && facts.why[f]) {
    pairs.push([el("dt", {}, "why"), el("dd", "long", short(show(facts.why[f]), 400))]);
  }
  if (unknown.length) {
    pairs.push([el("dt", {}, "not measured here"), el("dd", "long muted", "? ",
      unknown.join(", "))]);
  }
  return pairs.length ? el("dl", "pairs", pairs) : null;
}

function changeRows(f) {
  const change = changeOf(f), c = page.diff.changes;
  if (!change) return null;
  const { i } = change, style = change.share > 0 ? "more" : "less", unit = page.meta.unit;
  const line = (label, share, weight) => [el("dt", {}, label), el("dd", {}, el("b", {},
    percent(share)), " ", amount(weight, unit))];
  return el("dl", "pairs",
    line("before, " + page.diff.compare, c.before_share[i], c.before_weight[i]),
    line("after, " + page.diff.compare, c.after_share[i], c.after_weight[i]),
    el("dt", {}, "change"), el("dd", { class: style }, signed(change.share)),
    el("dt", {}, "by chance"), el("dd", {}, change.p == null ? "?" : change.certain
      ? "no: certain" : "maybe, p = " + change.p.toPrecision(2)));
}

function neighbourLists(s, f, total, weight) {
  const key = [f, s.tree, filterKey(s)].join();
  const [callers, callees] = kept("neighbours", key, () => (page.trees.length
    ? neighbours(treeOf(s), nodesOf(s).total, f) : page.calls ? edges(page.calls, f) : [[], []]));
  const most = total || 1, none = el("p", "muted", "nothing that was sampled");
  return [
    heading("Called by", "total"), callers.length ? ranking(callers, weight, most)
      : none.cloneNode(true),
    heading("Calls", "total"), callees.length ? ranking(callees, weight, most) : none,
  ];
}

function functionSide(s) {
  const { f } = s, figures = figuresOf(s), unit = unitOf(s);
  const { weight } = figures, n = figures.count;
  const width = n ? uncertainty(figures.allSamples[f] / n, n) : null;
  const complexity = facts.complexity ? facts.complexity[f] : undefined;
  const act = (text, change, props) =>
    el("button", { onclick: () => go(change), ...props }, text);
  return [
    el("h2", { id: "chosen" }, short(page.names[f], 2000)),
    el("p", "path code", short(whereOf(f), 1000)),
    page.diff ? changeRows(f) : null,
    el("div", "figures",
      figureRow("total", figures.total[f], weight, unit, figures.allSamples[f], "c1"),
      figureRow("self", figures.self[f], weight, unit, figures.samples[f], "c0")),
    el("div", "chips",
      width != null && el("span", "chip", `± ${(100 * width).toFixed(2)} % at 95 %`),
      complexity !== undefined && el("span", "chip", "complexity " + (complexity ?? "?")),
      coverageChip(f)),
    factsOf(f),
    el("div", "actions",
      act("Source", { view: "source", file: null, line: null }),
      page.trees.length > 0 && el("button", { onclick: () => zoomToFunction(s) },
        "Zoom to it"),
      page.trees.length > 0 && act("Sandwich", { view: null, sandwich: true, zoom: null }),
      act("Clear", { f: null, sandwich: null })),
    ...neighbourLists(s, f, figures.total[f], weight),
  ];
}

function zoomToFunction(s) {
  const i = heaviestBox(boxesOf(s).L, s.f);
  if (i < 0) return say("This function has no box in the flame graph.");
  return go({ view: null, sandwich: null, zoom: i });
}

function showSide(s) {
  const key = [s.f, s.tree, filterKey(s), Boolean(page.order)].join("|");
  kept("side", key, () => {
    fill($("side"), s.f == null ? overviewSide(s) : functionSide(s));
    $("side").scrollTop = 0;
    return true;
  });
}

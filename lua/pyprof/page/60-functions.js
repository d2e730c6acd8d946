// The table of functions, with presets, and of changes between two recordings.
const FIRST_ROWS = 250;
let rowsShown = FIRST_ROWS;

const byNumber = list => f => (list[f] == null ? -Infinity : list[f]);

/** A column: key, head, cell(f, s, scale), order value, and whether small ones come first. */
function functionColumns(s) {
  const figures = figuresOf(s), all = figures.weight || 1, columns = [];
  const most = list => list.reduce((a, b) => Math.max(a, b), 1e-300);
  const add = (key, head, value, cell, more) => columns.push({ key, head, value, cell, ...more });
  const share = (key, head, list, style) => {
    const max = most(list);
    add(key, head, f => list[f], f => el("td", {}, list[f] ? bar(list[f] / max * 0.9,
      { class: style }) : null, isSeen(f) ? percent(list[f] / all) : "?"), { style: "" });
  };
  // What sampling did not see may have run all the same.
  const isSeen = f => figures.total[f] || page.diff || coverageOf(f) === "never";
  const plain = (key, head, list, words = number, more = {}) => list && add(key, head,
    byNumber(list), f => list[f] == null ? el("td", "opt muted", "?")
      : el("td", "opt", words(list[f])), more);
  add("name", "Function", f => page.names[f].toLowerCase(),
    f => el("td", "l fn", nameButton(f, 160)), { up: true, style: "l fn" });
  if (page.diff) changeColumns(add);
  share("self", "Self", figures.self, "");
  share("total", "Total", figures.total, "t");
  if (figures.count && !page.diff) {
    add("samples", "Samples", f => figures.samples[f], f => el("td", "opt",
      isSeen(f) ? number(Math.round(figures.samples[f])) : "?"));
  }
  if (!page.diff) {
    plain("executions", "Executions", facts.executions);
    plain("calls", "Calls", facts.calls);
  }
  if (facts.covered_share || facts.status) {
    add("covered", "Coverage", f => facts.covered_share?.[f] ?? 2, coverageCell, { up: true });
  }
  if (page.diff) return columns;
  plain("partial", "Branches", facts.partial, number, { title: "branches that were never taken" });
  plain("complexity", "Complexity", facts.complexity);
  plain("risk", "Risk", facts.risk, x => x.toFixed(x < 10 ? 1 : 0));
  plain("bytes", "Memory", facts.bytes, bytes);
  plain("tests", "Tests", facts.tests);
  // With so many columns the file has no room: the inspector and the name's title have it.
  if (columns.length < 10) {
    add("file", "File",
      f => page.paths[facts.file[f]] + ":" + String(facts.line[f]).padStart(7, "0"),
      f => el("td", { class: "l file opt muted", title: short(whereOf(f)) },
        short(briefWhere(f), 60)), { up: true, style: "l file opt" });
  }
  return columns;
}

function coverageCell(f) {
  const [sign, words, style, part] = coverageWords(f);
  return el("td", { class: "opt " + style, title: words }, sign + part);
}

function changeColumns(add) {
  const c = page.diff.changes, unit = page.meta.unit;
  // A function without an entry has nothing on either side.
  const of = (f, list) => list[changeOf(f)?.i] || 0;
  add("change", "Change", f => {
    // Certain changes first, then by size.
    const change = changeOf(f);
    return change ? Math.abs(change.share) + (change.certain ? 10 : 0) : -1;
  }, f => {
    const change = changeOf(f);
    if (!change) return el("td", {}, "0");
    const style = [change.certain && "certain", change.share > 0 ? "more" : "less"];
    return el("td", { class: change.share ? style.filter(Boolean).join(" ") : "" },
      signed(change.share));
  }, { style: "" });
  add("seconds", "Difference", f => of(f, c.after_weight) - of(f, c.before_weight), f => {
    const by = of(f, c.after_weight) - of(f, c.before_weight);
    return el("td", "opt", (by > 0 ? "+" : by < 0 ? "−" : "") + amount(Math.abs(by), unit));
  });
  add("certain", "Certain", f => (changeOf(f) ? Number(changeOf(f).certain) : -1), f => {
    const change = changeOf(f);
    return el("td", "opt", !change ? "" : change.p == null ? "?"
      : change.certain ? "● certain" : "○ maybe");
  });
  const side = (key, head) => add(key, head, f => of(f, c[key + "_share"]),
    f => el("td", "opt", percent(of(f, c[key + "_share"]))));
  side("before", "Before");
  side("after", "After");
}

/** Presets: key → words, and which functions each keeps. */
function presetsOf(s) {
  const figures = figuresOf(s), all = figures.weight || 1;
  const measured = facts.covered_share || facts.status;
  const list = [["hot", "Hot", () => true, page.diff ? "change" : "self"]];
  if (page.diff) list.push(["certain", "Changed for certain", f => changeOf(f)?.certain, "change"]);
  if (measured) {
    list.push(["untested", "Hot and untested", f => figures.self[f] > 0 &&
      ((facts.covered_share?.[f] ?? 1) < 0.8 || facts.tests?.[f] === 0), "self"]);
    list.push(["never", "Never executed", f => coverageOf(f) === "never", "name"]);
  }
  if (facts.complexity) {
    list.push(["complex", "Complex and slow",
      f => facts.complexity[f] >= 10 && figures.total[f] > 0.005 * all, "total"]);
  }
  if (measured) {
    list.push(["unknown", "Unknown",
      f => ["unknown", "unseen", "unmatched", null].includes(coverageOf(f)), "total"]);
  }
  return list;
}

function functionRows(s) {
  const hits = matchesOf(s), keep = hits && hits.hits, rows = [], presets = presetsOf(s);
  const preset = presets.find(([key]) => key === s.preset) || presets[0];
  const { total } = figuresOf(s);
  for (let f = 0; f < facts.n; f++) {
    if (keep && !keep[f]) continue;
    if (!preset[2](f) || (s.frames === "own" && isLibrary(f))) continue;
    // A filter shows what ran in it.
    if (preset[0] === "hot" && isFiltered(s) && !total[f]) continue;
    rows.push(f);
  }
  const columns = functionColumns(s), order = sortRows(rows, columns, s.sort, preset[3]);
  return { rows, columns, order, presets, preset };
}

function showFunctions(s) {
  const key = [s.q, s.preset, s.sort, s.tree, filterKey(s), s.frames, rowsShown,
    Boolean(page.order), Boolean(page.diff)].join("|");
  kept("functions", key, () => {
    drawFunctions(s);
    return true;
  });
  markRow($("functions"), s.f);
}

function drawFunctions(s) {
  const { rows, columns, order, presets, preset } = functionRows(s), more = rows.length - rowsShown;
  fill($("functions"),
    el("div", { class: "presets", role: "group", "aria-label": "Presets" },
      presets.map(([key, words]) => toggle(words, key === preset[0],
        () => go({ preset: key === "hot" ? null : key, sort: null }))),
      el("span", "muted", `${number(rows.length)} of ${count(facts.n, "function")}`)),
    rows.length ? sortedTable("Functions", rows.slice(0, rowsShown), columns, order)
      : facts.n ? empty("No function matches", "Clear the search, or take another preset.")
        : nothingSampled(),
    more > 0 && el("p", "presets", el("button", { onclick: () => {
      rowsShown += 1000;
      showFunctions(current);
    } }, `Show ${number(Math.min(1000, more))} more`)));
}

// Tests with their outcome and time; a test's name filters every view by it.
const OUTCOMES = new Map([["passed", ["● ", "ran"]], ["failed", ["○ ", "never"]],
  ["error", ["○ ", "never"]]]);

function testColumns() {
  const T = page.tests, known = key => T.some(test => test[key] != null);
  const all = page.meta.weight || 1, list = [];
  const text = (key, head, up = true) => known(key) && list.push({
    key, head, up, value: t => String(T[t][key] ?? ""), style: "l file opt",
    cell: t => el("td", { class: "l file opt muted", title: short(show(String(T[t][key] ?? ""))) },
      short(show(String(T[t][key] ?? "?")), 80)),
  });
  list.push({
    key: "name", head: "Test", up: true, style: "l fn", value: t => T[t].id,
    cell: t => el("td", "l fn", el("button", {
      title: short(show(T[t].id)), onclick: () => refilter({
        test: current.test === t ? null : t,
      }),
    }, short(show(T[t].name || T[t].id), 160))),
  });
  if (known("outcome")) {
    list.push({
      key: "outcome", head: "Outcome", up: true, style: "", value: t => T[t].outcome || "",
      cell: t => el("td", { class: OUTCOMES.get(T[t].outcome)?.[1] || "partial" },
        (OUTCOMES.get(T[t].outcome)?.[0] || "◐ ") + show(T[t].outcome || "?")),
    });
  }
  for (const [key, head] of [["seconds", "Seconds"], ["setup", "Setup"], ["call", "Call"],
    ["teardown", "Teardown"]]) {
    if (!known(key)) continue;
    list.push({ key, head, value: t => T[t][key] ?? -1, style: key === "seconds" ? "" : "opt",
      cell: t => el("td", { class: key === "seconds" ? "" : "opt" }, seconds(T[t][key])) });
  }
  if (known("weight")) {
    const most = T.reduce((a, test) => Math.max(a, test.weight || 0), 1e-300);
    list.push({ key: "share", head: "Share", style: "", value: t => T[t].weight || 0,
      cell: t => el("td", {}, T[t].weight ? bar(T[t].weight / most * 0.9) : null,
        percent(T[t].weight == null ? null : T[t].weight / all)) });
    list.push({ key: "samples", head: "Samples", value: t => T[t].samples || 0, style: "opt",
      cell: t => el("td", "opt", T[t].samples == null ? "?" : number(T[t].samples)) });
  }
  text("hottest", "Hottest");
  text("worker", "Worker");
  text("file", "File");
  return list;
}

function showTests(s) {
  const key = [s.q, s.sort, s.view].join("|");
  kept("tests", key, () => drawTests(s));
  markRow($("tests"), s.test);
}

function drawTests(s) {
  const pattern = expression(s.q), columns = testColumns();
  const rows = page.tests.map((_, t) => t)
    .filter(t => !(pattern instanceof RegExp) || pattern.test(page.tests[t].id));
  const order = sortRows(rows, columns, s.sort, "seconds");
  const note = `${number(rows.length)} of ${count(page.tests.length, "test")}` +
    (rows.length > 3000 ? ", the first 3,000 are shown: search for others" : "");
  fill($("tests"), el("p", "presets muted", note), rows.length
    ? sortedTable("Tests", rows.slice(0, 3000), columns, order)
    : empty("No test matches", "Clear the search."));
  return true;
}

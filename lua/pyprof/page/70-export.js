// What leaves the page: the selection (the filter and the selected function) in other formats.

/** Stacks as [function numbers, weight, samples] that pass the filter and hold the function. */
function stacksOf(s) {
  const tree = treeOf(s), nodes = nodesOf(s), out = [];
  const inside = new Uint8Array(tree.n);
  for (let i = 1; i < tree.n; i++) {
    inside[i] = s.f == null || tree.fn[i] === s.f || inside[tree.parent[i]] ? 1 : 0;
    if (!inside[i] || !nodes.self[i]) continue;
    const stack = [];
    for (let p = i; p > 0; p = tree.parent[p]) stack.push(tree.fn[p]);
    out.push([stack.reverse(), nodes.self[i], nodes.samples[i]]);
  }
  return out;
}

const csvCell = value => {
  const text = value == null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
};

/** The functions as the table has them: its filter, its preset and its order. */
function csvOf(s) {
  const figures = figuresOf(s), { rows } = functionRows(s);
  const lists = ["covered_share", "partial", "complexity", "risk", "executions", "calls", "bytes",
    "tests", "status"].filter(key => facts[key]);
  const lines = rows.map(f => [facts.name[f], page.files[facts.file[f]], facts.line[f],
    figures.self[f], figures.total[f], figures.samples[f], ...lists.map(key => facts[key][f])]);
  lines.unshift(["function", "file", "line", "self", "total", "samples", ...lists]);
  return lines.map(line => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

function foldedOf(s) {
  const name = f => facts.name[f].replace(/[;\r\n]/g, " ");
  return stacksOf(s).map(([stack, weight, samples]) =>
    stack.map(name).join(";") + " " + Math.max(1, Math.round(samples || weight)) + "\n").join("");
}

function speedscopeOf(s) {
  const stacks = stacksOf(s), unit = unitOf(s), sum = (a, [, w]) => a + w;
  const frames = Array.from({ length: facts.n }, (_, f) => ({
    name: facts.name[f], file: page.files[facts.file[f]], line: facts.line[f] || undefined,
  }));
  return JSON.stringify({
    $schema: "https://www.speedscope.app/file-format-schema.json",
    exporter: "pyprof-lua " + (page.meta.version || ""), name: page.meta.title || "selection",
    shared: { frames },
    profiles: [{
      type: "sampled", name: "selection", unit: ["seconds", "bytes"].includes(unit) ? unit : "none",
      startValue: 0, endValue: stacks.reduce(sum, 0),
      samples: stacks.map(([stack]) => stack), weights: stacks.map(([, weight]) => weight),
    }],
  });
}

function exportsOf(s) {
  const list = [["Functions as CSV", () => save("functions.csv", "text/csv", csvOf(s))]];
  if (page.trees.length) {
    list.push(
      ["Stacks, folded", () => save("stacks.folded", "text/plain", foldedOf(s))],
      ["Stacks for speedscope (JSON)", () => save("selection.speedscope.json", "application/json",
        speedscopeOf(s))]);
  }
  if (flames && s.view === "flame" && flames.main.shown) {
    const { main } = flames;
    list.push(["Flame graph as seen (SVG)", () => save("flame.svg", "image/svg+xml", svgOf(
      main.shown.L, main.see(), main.shown.paint, main.hooks.name, main.hooks.tell))]);
  }
  return list;
}

function openMenu() {
  const menu = $("menu"), opener = $("export"), s = current;
  if (!menu.hidden) return closeMenu(true);
  const about = s.f != null ? "Stacks with the selected function" : isFiltered(s)
    ? "What the filter leaves" : "The whole recording";
  fill(menu, el("p", { role: "presentation" }, about),
    ...exportsOf(s).map(([words, act]) => el("button", {
      role: "menuitem", onclick: () => {
        closeMenu(true);
        act();
      },
    }, words)));
  menu.hidden = false;
  opener.setAttribute("aria-expanded", "true");
  placeBeside(menu, opener);
  menu.querySelector("button").focus();
}

function closeMenu(back) {
  $("menu").hidden = true;
  $("export").setAttribute("aria-expanded", "false");
  if (back) $("export").focus();
}

function menuKey(event) {
  const items = [...$("menu").querySelectorAll("button")];
  const i = items.indexOf(document.activeElement);
  const to = { ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") closeMenu(event.key === "Escape");
  else if (to != null) {
    event.preventDefault();
    items[(to + items.length) % items.length].focus();
  } else return;
  event.stopPropagation();
}

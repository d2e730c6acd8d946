// Keys, and the help that tells them.
const KEYS = [
  ["/", "search by a regular expression"], ["n N", "next and previous match"],
  ["1 – 5", "views"], ["← ↑ → ↓", "flame graph: neighbour, caller, callee"],
  ["Enter", "zoom to the call and select it"], ["Esc", "zoom out, then clear the selection"],
  ["+ −", "zoom; also Ctrl and the wheel"], ["m", "my code only, and all frames again"],
  ["r", "merge recursion"], ["o", "heaviest first or in order of time"],
  ["s", "sandwich: callers and callees of the selected function"], ["i", "upside down"],
  ["c", "next colouring"], ["t", "dark or light"], ["e", "export"], ["?", "this help"],
];
const KEYS_OFF = "pyprof-lua keys";

/** localStorage of file:// is one for all files: only habits live there, nothing of a recording. */
function habit(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(name);
    localStorage.setItem(name, value);
  } catch {
    // A browser may forbid it: the habit is then forgotten.
  }
  return null;
}

function makeHelp() {
  const off = el("input", { type: "checkbox", onchange: () =>
    habit(KEYS_OFF, off.checked ? "off" : "on") });
  off.checked = habit(KEYS_OFF) === "off";
  const keys = text => text.split(" ").map(key =>
    (key === "–" ? " – " : [el("kbd", {}, key), " "]));
  fill($("keys"), el("h2", { id: "keys-head" }, "Help"),
    el("p", {}, "A click selects a function in every view. A double click zooms. Drag over the " +
      "time above the graph to look at a part of it. The browser's Back takes a step back."),
    el("dl", {}, KEYS.map(([key, words]) => [el("dt", {}, keys(key)),
      el("dd", {}, words)])),
    el("label", {}, off, "Keys of one letter do nothing"),
    el("p", "muted", "A share is the weight of the samples with a function, divided " +
      "by all in view. Sampling shows what ran, never what did not: ? is not measured. ± is the " +
      "95 % interval of a share."),
    el("form", { method: "dialog" }, el("button", { type: "submit" }, "Close")));
}

function stepMatch(way) {
  const hits = matchesOf(current);
  if (!hits || !hits.hits || !hits.found) return say("no match");
  if (current.view === "flame" && flames) {
    const { main } = flames, i = nextMatch(main.shown.L, hits.hits, main.cursor, way);
    if (i < 0) return say("no match in view");
    main.point(i);
    return go({ f: main.shown.L.F[i] });
  }
  const { total } = figuresOf(current), list = [];
  for (let f = 0; f < hits.hits.length; f++) if (hits.hits[f]) list.push(f);
  list.sort((a, b) => total[b] - total[a] || a - b);
  const at = list.indexOf(current.f);
  return go({ f: list[(at + way + list.length) % list.length], line: null, file: null });
}

function switchTheme() {
  const theme = isDark() ? "light" : "dark";
  root.dataset.theme = theme;
  habit("pyprof-lua theme", theme);
  repaint();
}

function escape() {
  if (!$("menu").hidden) return closeMenu(true);
  if (flames && current.view === "flame" && !flames.out.hidden) return zoomMain(0);
  return go({ f: null, sandwich: null, line: null });
}

const ACTS = {
  "/": () => $("q").select(), "?": () => $("keys").showModal(), Escape: escape,
  n: () => stepMatch(1), N: () => stepMatch(-1), t: switchTheme, e: openMenu,
  m: s => refilter({ frames: s.frames === "own" ? null : "own" }),
  r: s => refilter({ merge: !s.merge }),
  o: s => isTimed() && refilter({ order: s.order === "time" ? null : "time" }),
  s: s => go({ view: null, sandwich: !s.sandwich, zoom: null }),
  i: s => go({ up: !s.up }),
  c: s => {
    const list = colourings().map(([key]) => key);
    go({ colour: list[(list.indexOf(colouringOf(s)) + 1) % list.length] });
  },
  "+": () => flames?.main.scale(0.7), "-": () => flames?.main.scale(1.43),
};
ACTS["="] = ACTS["+"];

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (typing) {
    if (event.key === "Escape" && event.target === $("q")) {
      $("q").value = "";
      go({ q: null }, true);
      $("q").blur();
    } else if (event.key === "Enter" && event.target === $("q")) stepMatch(event.shiftKey ? -1 : 1);
    return;
  }
  const single = event.key.length === 1, tabs = $("tabs").children;
  if (single && habit(KEYS_OFF) === "off") return;
  if (/^[1-5]$/.test(event.key) && tabs[event.key - 1]) tabs[event.key - 1].click();
  else if (ACTS[event.key] && Object.hasOwn(ACTS, event.key)) ACTS[event.key](current);
  else return;
  event.preventDefault();
}

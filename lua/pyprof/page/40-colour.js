// Colours come from the style; they are read again when the theme changes.
const PALETTE = ["c0", "c1", "c2", "c3", "c4", "c5", "c6"];
const INKS = ["bg", "ink", "rest", "accent", "muted", "text", "line", "less", "same", "more",
  "never", "partial", "found"];
let ink = {}, printing = false;

function isDark() {
  if (printing) return false;
  const chosen = root.dataset.theme;
  if (chosen) return chosen === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function readTheme() {
  root.classList.toggle("dark", isDark());
  root.style.colorScheme = isDark() ? "dark" : "light";
  const style = getComputedStyle(root);
  const read = name => style.getPropertyValue("--" + name).trim();
  ink = { palette: PALETTE.map(read), font: getComputedStyle(document.body).fontFamily };
  for (const name of INKS) ink[name] = read(name);
  remembered.delete("paint");
}

/** Six digits mixed with six digits: canvas ignores a colour that it cannot read. */
function mix(a, b, share) {
  const parts = s => [1, 3, 5].map(i => parseInt(s.slice(i, i + 2), 16)), to = parts(b);
  return "#" + parts(a).map((x, i) => Math.round(x + (to[i] - x) * share).toString(16)
    .padStart(2, "0")).join("");
}

/** The colour number of a group: six have one of their own, the others share the neutral one. */
const groupColour = g => (g < 6 && g !== page.groups.length - 1 ? g : 6);
const colourOf = f => groupColour(facts.group[f]);

/** What the measurements say of a function: a key of STATUS, or null if nothing was collected. */
function coverageOf(f) {
  const { covered_share: shares, status } = facts, said = status?.[f];
  const share = shares?.[f];
  if (share != null) return share >= 1 ? "ran" : share > 0 ? "partial" : "never";
  if (said === "ran") return "seen";
  return said || (shares || status ? "unknown" : null);
}

/** The sign, the words, the style and the share of a function's coverage. */
function coverageWords(f) {
  const share = facts.covered_share?.[f];
  return [...STATUS[coverageOf(f)] || STATUS.unknown,
    share == null ? "" : ` ${Math.round(100 * share)} %`];
}

/** Change of a function's share between before and after, by what the diff compares. */
function changeOf(f) {
  const changes = kept("changes", "", () => {
    const map = new Map(), c = page.diff ? page.diff.changes : null;
    if (c) c.function.forEach((g, i) => map.set(g, i));
    return map;
  });
  const i = changes.get(f);
  if (i === undefined) return null;
  const c = page.diff.changes, before = c.before_share[i] || 0, after = c.after_share[i] || 0;
  return { i, share: after - before, p: c.p ? c.p[i] : null, certain: c.certain && c.certain[i] };
}

function colourings() {
  const list = [["module", "module"], ["self", "self time"]];
  if (facts.covered_share || facts.status) list.push(["coverage", "coverage"]);
  if (page.diff) list.unshift(["change", "change"]);
  return list;
}

const colouringOf = s => among(s.colour, colourings().map(([key]) => key));

/** Fill colours by function, an edge (1 dashed, 2 double) where one is due, and a legend. */
function paintOf(s) {
  const kind = colouringOf(s), key = [kind, kind === "self" ? s.tree + filterKey(s) : ""].join();
  return kept("paint", key, () => {
    const n = facts.n, colours = new Array(n + 1).fill(ink.rest), pal = ink.palette;
    const edge = new Uint8Array(n + 1), sign = new Array(n).fill("");
    let legend = [];
    if (kind === "module") {
      // Functions of one group differ a little, and more where there is but one.
      const step = page.groups.length < 3 ? 0.1 : 0.05;
      for (let f = 0; f < n; f++) colours[f] = mix(pal[colourOf(f)], ink.bg, (f % 4) * step);
      const last = page.groups.length - 1;
      legend = page.groups.slice(0, Math.min(6, last)).map((g, i) => [show(g), pal[i]]);
      legend.push([last > 6 ? "other" : show(page.groups[last] || "other"), pal[6]]);
    } else if (kind === "self") {
      const { self } = figuresOf(s), most = self.reduce((a, b) => Math.max(a, b), 1e-300);
      for (let f = 0; f < n; f++) colours[f] = mix(pal[6], pal[0], Math.sqrt(self[f] / most));
      legend = [["no self time", pal[6]], ["most self time", pal[0]]];
    } else if (kind === "coverage") {
      const by = { ran: pal[2], seen: pal[2], partial: pal[0], never: pal[4] };
      for (let f = 0; f < n; f++) {
        const status = coverageOf(f);
        colours[f] = by[status] || pal[6];
        edge[f] = { partial: 1, never: 2 }[status] || 0;
        sign[f] = (STATUS[status] || ["?"])[0] + " ";
      }
      legend = [["● covered", pal[2]], ["◐ partly", pal[0]], ["○ never executed", pal[4]],
        ["? not measured", pal[6]]];
    } else {
      let most = 1e-300;
      for (let f = 0; f < n; f++) most = Math.max(most, Math.abs(changeOf(f)?.share || 0));
      for (let f = 0; f < n; f++) {
        const change = changeOf(f), share = change ? change.share : 0;
        colours[f] = mix(ink.same, share > 0 ? ink.more : ink.less,
          Math.sqrt(Math.abs(share) / most));
        if (change && change.certain) sign[f] = share > 0 ? "▲ " : "▼ ";
      }
      legend = [["▼ less", ink.less], ["the same", ink.same], ["▲ more", ink.more]];
    }
    return { kind, colours, edge, sign, legend };
  });
}

// A file's text beside its figures, with a map of its heat.
let shownFile = null, mapLines = null;
const texts = new Map();

const sourceOf = file => page.sources.find(source => source.file === file);

/** The text and the lines' figures of a file; decoded once it is asked for. */
function readSource(file) {
  if (!texts.has(file)) texts.set(file, decoded(sourceOf(file)));
  return texts.get(file);
}

function fileInView(s) {
  if (s.file != null) return s.file;
  if (s.f != null) return page.functions.file[s.f];
  return page.sources.length ? page.sources[0].file : null;
}

function sourceTools(s) {
  if (!page.sources.length) return [];
  const file = fileInView(s), list = page.sources.map(x => [x.file, short(page.paths[x.file], 90)]);
  if (!sourceOf(file)) list.unshift(["", "another file"]);
  return [choice("File", list, file, v => v && go({ file: v, line: null, f: null }),
    "file")];
}

function noSource(file) {
  const missing = page.missing.find(m => m.what === "source");
  const how = missing && missing.command
    ? ["Make the page with: ", el("code", {}, show(missing.command))]
    : ["Source is kept for measured files that are there when the page is made: make it where " +
      "the program ran."];
  return empty(file == null ? "No source in this page"
    : `${short(base(page.paths[file] || "?"), 80)} is not in this page`, ...how);
}

async function showSource(s) {
  const file = fileInView(s), box = $("source");
  if (file == null || !sourceOf(file)) {
    shownFile = null;
    fill(box, noSource(file));
    return;
  }
  if (shownFile !== file) {
    shownFile = file;
    try {
      const source = await readSource(file);
      // While it was read, another file may have been asked for.
      if (shownFile !== file) return;
      drawSource(source, file);
    } catch (problem) {
      fill(box, empty("The source cannot be shown", problem.message));
      return;
    }
  }
  markLines(current);
}

/** The columns that this file has figures for: head, list, words. */
function lineColumns(lines) {
  const all = page.meta.samples || 1, share = n => percent(n / all);
  const list = [];
  if (lines.samples) list.push(["Self", lines.samples, share, true]);
  if (lines.total) list.push(["Total", lines.total, share]);
  if (lines.count) list.push(["Count", lines.count, number, false, "opt"]);
  if (lines.bytes) list.push(["Memory", lines.bytes, bytes, false, "opt"]);
  return list;
}

function drawSource(source, file) {
  const lines = source.lines || { line: [] }, columns = lineColumns(lines);
  const at = new Map(lines.line.map((line, i) => [line, i])), F = page.functions;
  const defined = new Map();
  for (let f = 0; f < F.n; f++) if (F.file[f] === file && F.line[f]) defined.set(F.line[f], f);
  const most = (lines.samples || []).reduce((a, b) => Math.max(a, b || 0), 1e-300);
  const painted = paintedLines(source.text.replace(/\r\n?/g, "\n"));
  mapLines = [];
  const piece = ([text, kind], line) => {
    const words = show(text).replace(/\\u0009/g, "\t").replace(/\\u000c/g, "");
    if (kind === "d" && defined.has(line)) {
      return el("button", { onclick: () => go({ f: defined.get(line), line: null }) },
        words);
    }
    return kind ? el("span", { class: kind }, words) : words;
  };
  const rows = painted.map((pieces, j) => {
    const line = j + 1, i = at.get(line), known = i !== undefined;
    const status = known && lines.status ? lines.status[i] : null;
    const arcs = known && lines.arcs ? lines.arcs[i] : null;
    const heat = known ? Math.sqrt((lines.samples?.[i] || 0) / most) : 0;
    mapLines.push([heat, status]);
    const cells = columns.map(([, list, words, hot, style]) => {
      const value = known ? list[i] : null, cell = el("td", { class: style }, value == null ? ""
        : value === 0 && hot ? "" : words(value));
      if (hot && heat) {
        cell.classList.add("heat");
        cell.style.setProperty("--h", Math.round(85 * heat) + "%");
        cell.title = count(value, "sample") + (lines.weight ? ", " +
          amount(lines.weight[i], page.meta.unit) : "");
      }
      return cell;
    });
    const row = el("tr", { class: status }, el("th", { scope: "row" }, String(line)), cells,
      el("td", "code", pieces.map(p => piece(p, line)),
        arcs && el("span", "arc", show(arcs).replace(/->/g, "→")),
        status === "missing" && el("span", "sr", " never executed")));
    row.dataset.line = line;
    return row;
  });
  const head = el("tr", {}, el("th", { scope: "col" }, "Line"),
    columns.map(([words, , , , style]) => el("th", { scope: "col", class: style }, words)),
    el("th", { scope: "col", class: "code" }, short(page.paths[file], 200)));
  const table = el("table", "src", el("caption", "sr", page.paths[file]),
    el("thead", {}, head), el("tbody", {}, rows));
  table.onclick = event => {
    const number_ = event.target.closest("th[scope=row]");
    if (number_) go({ file, line: number_.textContent }, true);
  };
  const scroller = el("div", { class: "code-box", tabindex: "0", role: "region",
    "aria-label": "Source" }, source.changed && el("p", "note",
    "This file changed between the two runs: only its text is right."), table);
  const map = el("div", { class: "map", "aria-hidden": "true" }, el("canvas"), el("i"));
  fill($("source"), scroller, map);
  scroller.onscroll = drawMap;
  const jump = event => {
    const box = map.getBoundingClientRect(), share = (event.clientY - box.top) / box.height;
    scroller.scrollTop = share * scroller.scrollHeight - scroller.clientHeight / 2;
  };
  map.onpointerdown = event => {
    map.setPointerCapture(event.pointerId);
    jump(event);
  };
  map.onpointermove = event => event.buttons && jump(event);
  drawMap();
}

/** The map at the right edge: heat across, coverage at the left of it. */
function drawMap() {
  const map = $("source").querySelector(".map");
  if (!map || !mapLines) return;
  const scroller = $("source").querySelector(".code-box"), canvas = map.firstChild;
  const context = paper(canvas, map.clientWidth, map.clientHeight), h = map.clientHeight;
  if (!context) return;
  const each = Math.min(19, h / mapLines.length), cover = { covered: 2, partial: 0, missing: 4 };
  mapLines.forEach(([heat, status], j) => {
    const y = j * each, thick = Math.max(1, each - 0.3);
    if (cover[status] != null) {
      context.fillStyle = ink.palette[cover[status]];
      context.fillRect(0, y, 3, thick);
    }
    if (!heat) return;
    context.fillStyle = mix(ink.bg, ink.palette[0], 0.25 + 0.75 * heat);
    context.fillRect(4, y, 4 + 14 * heat, Math.max(2, thick));
  });
  const seen = map.lastChild, shareTop = scroller.scrollTop / scroller.scrollHeight;
  const all = Math.min(h, each * mapLines.length);
  seen.style.top = shareTop * all + "px";
  seen.style.height = Math.min(1, scroller.clientHeight / scroller.scrollHeight) * all + "px";
}

function markLines(s) {
  const box = $("source"), F = page.functions, scroller = box.querySelector(".code-box");
  for (const row of box.querySelectorAll("tr.at, tr.in")) row.classList.remove("at", "in");
  const inFile = s.f != null && F.file[s.f] === shownFile;
  const line = s.line || (inFile ? F.line[s.f] : null);
  if (inFile && F.end_line && F.end_line[s.f]) {
    for (let l = F.line[s.f]; l <= F.end_line[s.f]; l++) {
      box.querySelector(`tr[data-line="${l}"]`)?.classList.add("in");
    }
  }
  const row = line && box.querySelector(`tr[data-line="${line}"]`);
  if (row && scroller) {
    row.classList.add("at");
    const y = row.offsetTop;
    if (y < scroller.scrollTop + 40 || y > scroller.scrollTop + scroller.clientHeight - 60) {
      scroller.scrollTop = y - 90;
    }
  }
  drawMap();
}

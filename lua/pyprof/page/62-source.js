// A file's text beside its figures, with a map of its heat.
const LINE = 19, ROOM = 200;
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
  if (s.f != null) return facts.file[s.f];
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

/** Makes the rows of a file's lines; all rows have one height. */
function rowMaker(source, file, columns) {
  const lines = source.lines || { line: [] };
  const painted = paintedLines(source.text.replace(/\r\n?/g, "\n"));
  const at = new Map(lines.line.map((line, i) => [line, i])), defined = new Map();
  for (let f = 0; f < facts.n; f++) {
    if (facts.file[f] === file && facts.line[f]) defined.set(facts.line[f], f);
  }
  const most = (lines.samples || []).reduce((x, y) => Math.max(x, y || 0), 1e-300);
  const heat = i => Math.sqrt((lines.samples?.[i] || 0) / most);
  mapLines = painted.map((_, j) => [heat(at.get(j + 1)), lines.status?.[at.get(j + 1)]]);
  const piece = ([text, kind], line) => {
    const words = shownLine(text);
    if (kind === "d" && defined.has(line)) {
      return el("button", { onclick: () => go({ f: defined.get(line), line: null }) }, words);
    }
    return kind ? el("span", kind, words) : words;
  };
  return j => {
    const line = j + 1, i = at.get(line), [hot, status] = mapLines[j], arcs = lines.arcs?.[i];
    const cells = columns.map(([, list, words, isHot, style], k) => {
      const value = list[i], cell = el("td", style, value == null || (isHot && !value) ? ""
        : words(value));
      if (!k && hot) {
        cell.classList.add("heat");
        cell.style.setProperty("--h", Math.round(85 * hot) + "%");
        cell.title = count(value, "sample") + (lines.weight ? ", " +
          amount(lines.weight[i], page.meta.unit) : "");
      }
      return cell;
    });
    const row = el("tr", status || "", el("th", { scope: "row" }, String(line)), cells,
      el("td", "code", painted[j].map(p => piece(p, line)),
        arcs && el("span", "arc", show(arcs).replace(/->/g, "→")),
        status === "missing" && el("span", "sr", " never executed")));
    row.dataset.line = line;
    return row;
  };
}

/** Only lines near the window become rows: a room of the same height stands for the others. */
function drawSource(source, file) {
  const columns = lineColumns(source.lines || {}), make = rowMaker(source, file, columns);
  const rooms = [];
  for (let from = 0; from < mapLines.length; from += ROOM) {
    const n = Math.min(ROOM, mapLines.length - from);
    const room = el("tbody", {}, el("tr", { height: n * LINE + "px" }));
    room.open = () => {
      room.open = () => {};
      fill(room, Array.from({ length: n }, (_, k) => make(from + k)));
    };
    rooms.push(room);
  }
  const watch = new IntersectionObserver(seen => {
    for (const entry of seen) if (entry.isIntersecting) entry.target.open();
  }, { rootMargin: "900px" });
  rooms.forEach(room => watch.observe(room));
  const head = el("tr", {}, el("th", { scope: "col" }, "Line"),
    columns.map(([words, , , , style]) => el("th", { scope: "col", class: style }, words)),
    el("th", { scope: "col", class: "code" }, short(page.paths[file], 200)));
  const table = el("table", "src", el("caption", "sr", page.paths[file]),
    el("thead", {}, head), rooms);
  table.onclick = event => {
    const row = event.target.closest("th[scope=row]");
    if (row) go({ file, line: row.textContent }, true);
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
}

/** The map at the right edge: heat across, coverage at the left of it. */
function drawMap() {
  const map = $("source").querySelector(".map");
  if (!map || !mapLines) return;
  const scroller = $("source").querySelector(".code-box"), canvas = map.firstChild;
  const context = paper(canvas, map.clientWidth, map.clientHeight), h = map.clientHeight;
  if (!context) return;
  const each = Math.min(LINE, h / mapLines.length), cover = { covered: 2, partial: 0, missing: 4 };
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
  const box = $("source"), scroller = box.querySelector(".code-box");
  if (!scroller) return;
  const inFile = s.f != null && facts.file[s.f] === shownFile;
  const line = s.line || (inFile ? facts.line[s.f] : null), rooms = box.querySelectorAll("tbody");
  for (const row of box.querySelectorAll("tr.at, tr.in")) row.classList.remove("at", "in");
  const mark = (l, style) => {
    rooms[Math.floor((l - 1) / ROOM)]?.open();
    box.querySelector(`tr[data-line="${l}"]`)?.classList.add(style);
  };
  if (inFile && facts.end_line?.[s.f]) {
    for (let l = facts.line[s.f]; l <= facts.end_line[s.f]; l++) mark(l, "in");
  }
  if (line) {
    const y = (line - 1) * LINE;
    mark(line, "at");
    if (y < scroller.scrollTop || y > scroller.scrollTop + scroller.clientHeight - 90) {
      scroller.scrollTop = y - 90;
    }
  }
  drawMap();
}

// Who was busy when; a brushed span filters every view.
const MOST_LANES = 60;
let lanes = null;

function timelineTools(s) {
  if (!isTimed()) return [threadsTool(s)];
  const length = timeLength(), field = (label, key, value) => {
    const input = el("input", {
      type: "number", min: 0, max: length, step: "any", value, "aria-label": label, class: "time",
      onchange: () => {
        const span = { from: s.from ?? 0, to: s.to ?? Number(length.toPrecision(6)) };
        span[key] = Number(input.value);
        if (span.to > span.from) refilter(span);
      },
    });
    return input;
  };
  const round = x => Number(x.toPrecision(6));
  return [threadsTool(s), bit("from"),
    field("From, in seconds", "from", s.from ?? 0), bit("to"),
    field("To, in seconds", "to", s.to ?? round(length)), bit("s")];
}

function makeLane(words, small, figure, props, onclick) {
  const canvas = el("canvas", { role: "img", "aria-label": short(words + ", " + small, 300) });
  const track = el("div", "track", canvas);
  const text = [short(words, 120), small ? el("small", {}, short(small, 120)) : null];
  const what = onclick
    ? el("button", { class: "what", onclick, title: short(words, 300) }, text)
    : el("div", { class: "what", title: short(words, 300) }, text);
  const row = el("div", { class: "lane", ...props }, what, track, el("div", "v", figure));
  return { row, canvas, track };
}

function makeLanes() {
  const { threads, processes, trees: [{ weight }] } = page, length = timeLength();
  lanes = { list: [], brushes: [], ofThread: [], ofProcess: [] };
  const add = (made, l, fixed) => {
    lanes.list.push({ ...made, l });
    if (!fixed) lanes.brushes.push(brushable(made.track, length, brushTo));
    return made.row;
  };
  const rows = [el("div", { class: "lane head", "aria-hidden": "true" }, bit(),
    el("div", "axis", axisOf(length)), el("span", "v", "busy")),
  add(makeLane("All threads", "by module", seconds(weight), { class: "lane big" }), 0)];
  const heavy = new Set(threads.map((_, t) => t)
    .sort((a, b) => threads[b].weight - threads[a].weight).slice(0, MOST_LANES));
  const many = processes.length > 1, left = threads.length - heavy.size;
  const named = (name, id) => name + (id == null ? "" : " " + id);
  let l = 1;
  const one = (list, i, words, small, change) => {
    list[i] = l;
    rows.push(add(makeLane(words, small, percent(change.weight / (weight || 1)), {},
      () => refilter({ thread: null, process: null, ...change.to() })), l++));
  };
  processes.forEach((process, p) => {
    const name = named(processName(process), process.pid);
    if (many) {
      one(lanes.ofProcess, p, name, "process", { weight: process.weight,
        to: () => ({ process: current.process === p ? null : p }) });
    }
    threads.forEach((thread, t) => {
      if (thread.process !== p || !heavy.has(t)) return;
      one(lanes.ofThread, t, named(threadName(thread), thread.id), many ? "thread" : name, {
        weight: thread.weight, to: () => ({ thread: current.thread === t ? null : t }) });
    });
  });
  lanes.count = l;
  if (left) rows.push(el("p", "muted", count(left, "more thread") + " not shown"));
  if (page.memory) rows.push(makeMemory(length, add));
  if (page.tests && page.order.test) rows.push(add(makeTests([...spansOfTests()]), -1));
  if (page.passes) rows.push(add(makePasses(), -1, true));
  fill($("timeline"), el("div", "lanes", rows));
}

function makeMemory(length, add) {
  const { peak, bytes: list } = page.memory;
  const most = peak || list.reduce((a, b) => Math.max(a, b), 0);
  const made = makeLane("Resident memory", page.memory.run === "memory" ? "of the run for memory"
    : "of the run for the profile", bytes(most), {});
  made.paint = width => {
    const context = paper(made.canvas, width, 40), { seconds: at } = page.memory;
    if (!context) return;
    context.beginPath();
    context.moveTo(0, 40);
    // Another run may last longer: its time has the same scale and ends at the edge.
    for (let i = 0; i < list.length; i++) {
      const x = at[i] / length * width, y = 40 - list[i] / most * 36;
      if (i) context.lineTo(x, 40 - list[i - 1] / most * 36);
      context.lineTo(x, y);
    }
    context.lineTo(at[list.length - 1] / length * width, 40);
    context.fillStyle = mix(ink.bg, ink.palette[1], 0.45);
    context.fill();
    context.strokeStyle = ink.palette[1];
    context.stroke();
  };
  return add(made, -1);
}

/** First and last moment of each test, out of the runs. */
function spansOfTests() {
  const { order, phases } = page, spans = new Map();
  for (let r = 0; r < order.n; r++) {
    const phase = order.test[r] ? phases[order.test[r] - 1] : null;
    if (!phase || phase.test == null) continue;
    const from = order.start[r], to = from + order.span[r], span = spans.get(phase.test);
    if (span) spans.set(phase.test, [Math.min(span[0], from), Math.max(span[1], to)]);
    else spans.set(phase.test, [from, to]);
  }
  return spans;
}

/** A lane of named spans: [words, from, to, test]. */
function makeSpans(words, small, figure, length, spans) {
  const made = makeLane(words, small, figure, {});
  made.paint = width => {
    const context = paper(made.canvas, width, 40);
    if (!context) return;
    context.font = "11px " + ink.font;
    context.textBaseline = "middle";
    spans.forEach(([name, from, to, test], i) => {
      const x = from / length * width, w = Math.max(1, (to - from) / length * width - 1);
      const on = test != null && current.test === test;
      context.fillStyle = on ? ink.accent : ink.palette[i % 6];
      context.fillRect(x, 8, w, 22);
      context.fillStyle = on ? ink.bg : ink.ink;
      if (w > 30) context.fillText(fit(context, name, w - 8), x + 4, 19);
    });
  };
  made.track.addEventListener("pointermove", event => {
    const at = event.offsetX / made.track.clientWidth * length;
    const hit = spans.find(([, from, to]) => from <= at && at <= to);
    if (hit && !event.buttons) {
      const [name, from, to, test] = hit;
      showTip(event, el("div", "code name", short(test == null ? name : show(page.tests[test].id))),
        test == null ? seconds(to - from) : `${seconds(from)} – ${seconds(to)}`);
    }
  });
  made.track.onpointerleave = hideTip;
  return made;
}

const makeTests = spans => makeSpans("Tests", count(spans.length, "test") + " in the samples", "",
  timeLength(), spans.map(([test, [from, to]]) =>
    [show(page.tests[test].name || page.tests[test].id), from, to, test]));

/** Each pass is a run of its own, so they have a scale of their own. */
function makePasses() {
  let end = 0;
  const spans = page.passes.map(({ name, seconds: s }) =>
    [`${show(name)} ${seconds(s)}`, end, end += s]);
  return makeSpans("Passes", "runs in their order, own scale", seconds(end), end, spans);
}

function showTimeline(s) {
  const box = $("timeline");
  if (!page.trees.length || !page.meta.samples) return fill(box, nothingSampled());
  if (!isTimed()) {
    const note = page.missing.find(m => m.what === "order" || m.what === "time");
    return fill(box, empty("No order in time in this page",
      note ? show(note.text) : page.notes.map(show).join(" ") || "The recording has none."));
  }
  if (!lanes) {
    makeLanes();
    new ResizeObserver(() => current.view === "timeline" && drawLanes(current)).observe(box);
  }
  return drawLanes(s);
}

function drawLanes(s) {
  const width = lanes.list[0].canvas.clientWidth, length = timeLength();
  if (!width) return;
  const columns = Math.max(1, Math.floor(width / COLUMN)), second = length / columns;
  const filter = { ...s, thread: null, process: null };
  const values = kept("lanes", [columns, s.test].join(), () => {
    const by = (n, laneOf) =>
      columnsOfTime(page, columns, 0, length, n, laneBy(filter, laneOf), colourOf);
    const out = by(lanes.count, t => lanes.ofThread[t] ?? -1);
    // Processes and the first lane hold all threads, those without a lane as well.
    [out[0]] = by(1, () => 0);
    if (lanes.ofProcess.length) {
      by(page.processes.length, t => page.threads[t].process)
        .forEach((row, p) => (out[lanes.ofProcess[p]] = row));
    }
    return out;
  });
  for (const { row, canvas, paint, l } of lanes.list) {
    if (paint) paint(width);
    else {
      paintColumns(canvas, width, canvas.clientHeight, values[l],
        Math.max(second, busiest(values[l])));
    }
    const t = lanes.ofThread.indexOf(l);
    row.classList.toggle("off", t >= 0 && ((s.thread != null && s.thread !== t) ||
      (s.process != null && s.process !== page.threads[t].process)));
  }
  for (const brush of lanes.brushes) brush(s.from, s.to);
}

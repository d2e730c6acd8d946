// Busy time in columns, and the brush that chooses a part of it.
const COLUMN = 3;

/** Seconds from the first moment of the order in time to its end. */
function timeLength() {
  return kept("length", "", () => {
    const { order, meta } = page;
    let end = meta.to != null ? meta.to - (order.from || 0) : 0;
    for (let r = 0; r < order.n; r++) end = Math.max(end, order.start[r] + order.span[r]);
    return end;
  });
}

const isTimed = () => Boolean(page.order && page.order.timed && page.order.n && timeLength() > 0);

/** Which lane each run belongs to, by the filters of thread, process and test. */
function laneBy(s, laneOfThread) {
  const { order, threads, phases } = page;
  const inTest = [s.test == null]
    .concat(phases.map(phase => s.test == null || phase.test === s.test));
  return r => {
    const t = order.thread ? order.thread[r] : 0, thread = threads[t];
    if (s.thread != null && s.thread !== t) return -1;
    if (s.process != null && thread && s.process !== thread.process) return -1;
    if (s.test != null && !(order.test && inTest[order.test[r]])) return -1;
    return laneOfThread(t);
  };
}

/** Draws one lane: a column's height is its busy share of the busiest, or of one processor. */
function paintColumns(canvas, width, height, values, most, colours = 7) {
  const context = paper(canvas, width, height);
  if (!context) return;
  const columns = values.length / colours;
  for (let c = 0; c < columns; c++) {
    let y = height;
    for (let k = 0; k < colours; k++) {
      const h = values[c * colours + k] / most * (height - 3);
      if (!h) continue;
      context.fillStyle = ink.palette[k];
      context.fillRect(c * COLUMN, y - h, COLUMN, h);
      y -= h;
    }
  }
}

function busiest(values, colours = 7) {
  let most = 1e-300;
  for (let c = 0; c < values.length; c += colours) {
    let sum = 0;
    for (let k = 0; k < colours; k++) sum += values[c + k];
    most = Math.max(most, sum);
  }
  return most;
}

/** Lets a pointer choose a span on `track`: change(from, to), or (null, null) by a click. */
function brushable(track, length, change) {
  const brush = el("div", { class: "brush", hidden: true });
  let begun = null;
  track.append(brush);
  const secondsAt = event => {
    const box = track.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * length;
  };
  const showSpan = (from, to) => {
    brush.hidden = from == null;
    brush.style.left = 100 * from / length + "%";
    brush.style.width = 100 * (to - from) / length + "%";
  };
  const span = event => {
    const now = secondsAt(event);
    return [Math.min(begun.at, now), Math.max(begun.at, now)];
  };
  track.onpointerdown = event => {
    if (event.button !== 0) return;
    begun = { at: secondsAt(event), x: event.clientX };
    track.setPointerCapture(event.pointerId);
  };
  track.onpointermove = event => {
    if (begun) showSpan(...span(event));
    else showTip(event, seconds(secondsAt(event)));
  };
  track.onpointerleave = hideTip;
  track.onpointerup = event => {
    if (!begun) return;
    const [from, to] = span(event), moved = Math.abs(event.clientX - begun.x) > 3;
    begun = null;
    if (moved) change(from, to);
    else change(null, null);
  };
  track.onpointercancel = () => {
    begun = null;
  };
  return showSpan;
}

/** A filter changes which boxes there are, so a zoom into the old ones ends. */
const refilter = change => go({ ...change, zoom: null });

function brushTo(from, to) {
  if (from == null && current.from == null) return;
  const digits = x => (x == null ? null : Number(x.toPrecision(5)));
  refilter({ from: digits(from), to: digits(to) });
}

/** Round marks below one another's width, so that one can count. */
function axisOf(length, first = "") {
  return steps(length, 6).map(at => {
    const mark = bit((at ? "" : first) + Number(at.toPrecision(6)) + " s");
    mark.style.left = 100 * Math.min(1, at / length) + "%";
    if (at > length * 0.97) mark.style.transform = "translateX(-100%)";
    return mark;
  });
}

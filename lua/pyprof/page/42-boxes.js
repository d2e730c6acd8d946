// Which boxes of a layout are seen. A look costs what it shows, never what there is.

/** The place of a box's row. */
const rowOf = (L, depth, see) => (see.up ? L.deep - depth : depth) * see.row - see.top;

/**
 * Calls box(i, x, y, width) for each call at least a pixel wide, and rest(x, y, width, parent) for
 * what is thinner. `see`: v0, v1 (weights at the left and right edge), width, height, top, row, up.
 */
function visible(L, see, box, rest) {
  const { X, W, S, D, E, P, n } = L, { v0, width, height, up } = see;
  const k = width / (see.v1 - v0), drawnTo = L.timed ? new Float64Array(L.deep + 1) : null;
  for (let i = 0; i < n;) {
    const y = rowOf(L, D[i], see);
    if (up ? y < -see.row : y > height) {
      i = E[i];
      continue;
    }
    const x = (X[i] - v0) * k, w = W[i] * k;
    if (x + w < 0) {
      i = E[i];
      continue;
    }
    const p = P[i];
    if (x > width) {
      i = p < 0 ? n : E[p];
      continue;
    }
    if (w < 1 && p >= 0) {
      if (L.timed) {
        // A later call may be wide: only the pixel that is already grey is left out.
        if (x + w > drawnTo[D[i]]) {
          rest(Math.max(0, x), y, Math.max(0.5, w), p);
          drawnTo[D[i]] = x + 0.5;
        }
        i = E[i];
        continue;
      }
      // Siblings come heaviest first: all that follow are thinner still.
      const end = Math.min(width, (X[p] + W[p] - S[p] - v0) * k);
      rest(Math.max(0, x), y, Math.max(0.5, end - Math.max(0, x)), p);
      i = E[p];
      continue;
    }
    if (y > -see.row && y < height) {
      const left = Math.max(0, x);
      box(i, left, y, Math.min(width, x + w) - left);
    }
    i++;
  }
}

/** The call at that weight and depth, or -1. */
function boxAt(L, place, depth) {
  if (depth < 0 || depth > L.deep || place < 0 || place > L.W[0]) return -1;
  let i = 0;
  while (L.D[i] < depth) {
    let c = i + 1;
    const end = L.E[i];
    while (c < end && L.X[c] + L.W[c] <= place) c = L.E[c];
    if (c >= end || L.X[c] > place) return -1;
    i = c;
  }
  return i;
}

/** The neighbour of a box for an arrow: parent, child, next or before; -1: there is none. */
function neighbourBox(L, i, way) {
  const { P, E } = L, p = P[i];
  if (way === "parent") return p;
  if (way === "child") return E[i] > i + 1 ? i + 1 : -1;
  if (p < 0) return -1;
  if (way === "next") return E[i] < E[p] ? E[i] : -1;
  let before = -1;
  for (let c = p + 1; c < i; c = E[c]) before = c;
  return before;
}

/** The heaviest box of a function, or -1. */
function heaviestBox(L, f) {
  let best = -1;
  for (let i = 1; i < L.n; i++) if (L.F[i] === f && (best < 0 || L.W[i] > L.W[best])) best = i;
  return best;
}

/** The next box (way 1) or the one before (way -1) whose function matches, or -1. */
function nextMatch(L, hits, from, way) {
  for (let k = 1; k <= L.n; k++) {
    const i = (from + way * k + L.n * 2) % L.n;
    if (i > 0 && hits[L.F[i]]) return i;
  }
  return -1;
}

const escapeXml = text => text.replace(/[&<>"]/g, c =>
  ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

/** What is seen, whole in height, as an SVG. */
function svgOf(L, see, paint, label, tell) {
  const height = (L.deep + 1) * see.row, parts = [];
  const frame = { ...see, top: 0, height };
  const rect = (x, y, w, colour, title, inside = "") => parts.push(
    `<g><title>${escapeXml(title)}</title><rect x="${x.toFixed(2)}" y="${y}" ` +
    `width="${Math.max(0.5, w - 1).toFixed(2)}" height="${see.row - 1}" fill="${colour}"/>` +
    inside + "</g>");
  visible(L, frame, (i, x, y, w) => {
    const most = Math.floor((w - 8) / 7), name = label(i);
    const text = most < 2 ? "" : name.length > most ? name.slice(0, most - 1) + "…" : name;
    rect(x, y, w, i ? paint.colours[L.F[i]] : ink.rest, tell(i), text &&
      `<text x="${(x + 4).toFixed(2)}" y="${y + see.row * 0.68}">${escapeXml(text)}</text>`);
  }, (x, y, w) => rect(x, y, w + 1, ink.rest, "calls too thin to show"));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${see.width} ${height}" ` +
    `width="${see.width}" height="${height}"><rect width="100%" height="100%" fill="${ink.bg}"/>` +
    `<g font-family="ui-monospace, monospace" font-size="11.5" fill="${ink.ink}">\n` +
    `${parts.join("\n")}\n</g></svg>\n`;
}

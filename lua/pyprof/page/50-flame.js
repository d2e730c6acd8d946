// A flame graph on a canvas as large as its window, in a scroller with a spacer.
const ROW = 20;
const ASCII = new Float64Array(128), OTHERS = new Map();
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The text, cut so that it fits. Glyphs are measured once, not boxes. */
function fit(context, text, width) {
  let x = 0, cut = -1;
  for (let i = 0; i < text.length && i < 400; i++) {
    const c = text.charCodeAt(i);
    let w = c < 128 ? ASCII[c] : OTHERS.get(c);
    if (!w) {
      w = context.measureText(text[i]).width;
      if (c < 128) ASCII[c] = w;
      else OTHERS.set(c, w);
    }
    if (x + 10 <= width) cut = i;
    x += w;
    if (x > width) return cut < 2 ? "" : text.slice(0, cut) + "…";
  }
  return text;
}

class Flame {
  /** hooks: name(i), tell(i), tip(i), pick(f), zoom(i), seen(isWhole, i) */
  constructor(label, hooks) {
    this.hooks = hooks;
    this.id = "g" + Flame.made++;
    this.canvas = el("canvas", { role: "tree", tabindex: "0", "aria-label": label });
    this.spacer = el("div");
    this.stage = el("div", "stage", this.canvas, this.spacer);
    this.hover = -1;
    this.cursor = 0;
    this.root = 0;
    this.frame = 0;
    this.v0 = 0;
    this.v1 = 1;
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.stage);
  }

  /** shown: L, paint, hits, selected, up */
  set(shown) {
    const fresh = !this.shown || this.shown.L !== shown.L, turned = this.shown?.up !== shown.up;
    this.shown = shown;
    if (fresh) {
      this.cursor = this.root = 0;
      this.hover = -1;
      this.v0 = 0;
      this.v1 = shown.L.W[0] || 1;
      this.describe();
      this.hooks.seen(true, 0);
    }
    this.redraw();
    if (fresh || turned) {
      this.measure();
      this.stage.scrollTop = shown.up ? 1e7 : 0;
    }
  }

  measure() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    this.canvas.style.height = height + "px";
    const more = this.shown ? Math.max(0, (this.shown.L.deep + 1) * ROW - height) : 0;
    this.spacer.style.height = more + "px";
    return { width, height };
  }

  /** What is in the window. */
  see() {
    return {
      v0: this.v0, v1: this.v1, top: this.stage.scrollTop, row: ROW, up: this.shown.up,
      ...this.measure(),
    };
  }

  redraw() {
    if (!this.frame) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.draw();
      });
    }
  }

  draw() {
    if (!this.shown || !this.stage.clientWidth) return;
    const see = this.see(), context = paper(this.canvas, see.width, see.height);
    if (!context) return;
    const { L, paint, hits, selected } = this.shown, { F } = L, labels = [], marked = [];
    context.font = "12px " + ink.font;
    context.textBaseline = "middle";
    const faint = i => hits && i && !hits[F[i]];
    visible(L, see, (i, x, y, w) => {
      context.globalAlpha = faint(i) ? 0.3 : 1;
      context.fillStyle = !i ? ink.rest : hits && hits[F[i]] ? ink.found : paint.colours[F[i]];
      context.fillRect(x, y, Math.max(0.6, w - 1), ROW - 1);
      if (i && F[i] === selected) marked.push(x, y, w - 1);
      if (w > 26) labels.push(i, x, y, w);
      if (i && w > 6 && paint.edge[F[i]]) this.edge(context, paint.edge[F[i]], x, y, w);
    }, (x, y, w, p) => {
      context.globalAlpha = faint(p) ? 0.35 : 1;
      context.fillStyle = ink.rest;
      context.fillRect(x, y, w, ROW - 1);
    });
    context.fillStyle = ink.ink;
    for (let j = 0; j < labels.length; j += 4) {
      const i = labels[j], text = fit(context, this.hooks.name(i), labels[j + 3] - 9);
      context.globalAlpha = faint(i) ? 0.55 : 1;
      if (text) context.fillText(text, labels[j + 1] + 4, labels[j + 2] + ROW / 2);
    }
    context.globalAlpha = 1;
    context.fillStyle = ink.accent;
    for (let j = 0; j < marked.length; j += 3) {
      const [x, y, w] = marked.slice(j, j + 3);
      if (w > 5) this.frameBox(context, ink.accent, x, y, w);
      else context.fillRect(x, y, Math.max(1, w), ROW - 1);
    }
    this.outline(context, see, this.hover, ink.muted);
    if (document.activeElement === this.canvas) this.outline(context, see, this.cursor, ink.text);
  }

  edge(context, kind, x, y, w) {
    context.strokeStyle = kind === 2 ? ink.never : ink.partial;
    context.lineWidth = 1;
    context.setLineDash(kind === 1 ? [3, 2] : []);
    context.strokeRect(x + 0.5, y + 0.5, w - 2, ROW - 2);
    if (kind === 2) context.strokeRect(x + 2.5, y + 2.5, w - 6, ROW - 6);
    context.setLineDash([]);
  }

  frameBox(context, colour, x, y, w) {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.strokeRect(x + 1, y + 1, Math.max(1, w - 2), ROW - 3);
  }

  outline(context, see, i, colour) {
    const { L } = this.shown;
    if (i < 0 || i >= L.n) return;
    const k = see.width / (see.v1 - see.v0), x = Math.max(0, (L.X[i] - see.v0) * k);
    const end = Math.min(see.width, (L.X[i] + L.W[i] - see.v0) * k);
    if (end > x) this.frameBox(context, colour, x, rowOf(L, L.D[i], see), end - x - 1);
  }

  at(event) {
    const { L, up } = this.shown, row = Math.floor((event.offsetY + this.stage.scrollTop) / ROW);
    const place = this.v0 + event.offsetX / this.stage.clientWidth * (this.v1 - this.v0);
    return boxAt(L, place, up ? L.deep - row : row);
  }

  /** Shows the weights from a to b. */
  look(a, b, quick) {
    const all = this.shown.L.W[0] || 1, least = all / 5e6;
    if (b - a < least) b = a + least;
    const to = [Math.max(0, a), Math.min(all, b)], from = [this.v0, this.v1];
    this.hooks.seen(to[0] <= 0 && to[1] >= all, this.root);
    cancelAnimationFrame(this.moving);
    const begun = performance.now(), step = now => {
      const k = quick || calm() ? 1 : Math.min(1, Math.max(0, now - begun) / 140);
      const eased = 1 - (1 - k) ** 3;
      this.v0 = from[0] + (to[0] - from[0]) * eased;
      this.v1 = from[1] + (to[1] - from[1]) * eased;
      this.draw();
      if (k < 1) this.moving = requestAnimationFrame(step);
    };
    step(begun);
  }

  zoomTo(i, quick) {
    const { L } = this.shown;
    this.root = i < L.n ? i : 0;
    this.cursor = this.root;
    this.look(L.X[this.root], L.X[this.root] + L.W[this.root], quick);
    this.describe();
  }

  /** Zooms by a factor around the share of the width. */
  scale(factor, share = 0.5) {
    const at = this.v0 + share * (this.v1 - this.v0);
    this.look(at - (at - this.v0) * factor, at + (this.v1 - at) * factor, true);
  }

  /** Moves the keyboard's mark, and what is seen with it. */
  point(i) {
    if (i < 0) return;
    const { L } = this.shown, span = this.v1 - this.v0;
    this.cursor = i;
    const { row, up, height } = this.see(), y = (up ? L.deep - L.D[i] : L.D[i]) * row;
    if (y < this.stage.scrollTop) this.stage.scrollTop = y;
    else if (y + row > this.stage.scrollTop + height) this.stage.scrollTop = y + row - height;
    if (L.X[i] + L.W[i] <= this.v0 || L.X[i] >= this.v1 || L.W[i] / span < 0.003) {
      const p = Math.max(0, L.P[i]);
      this.look(L.X[p], L.X[p] + L.W[p]);
    }
    this.describe();
    say(this.hooks.tell(i));
    this.redraw();
  }

  /** The canvas's fallback: the current call, its caller, siblings and first callees. */
  describe() {
    const { L } = this.shown, i = this.cursor, p = L.P[i], near = [];
    const next = neighbourBox(L, i, "next"), before = neighbourBox(L, i, "before");
    const item = (j, level) => near.push(el("div", {
      role: "treeitem", id: this.id + "-" + j, "aria-level": level,
      "aria-selected": String(j === i),
    }, short(this.hooks.tell(j), 500)));
    if (p >= 0) item(p, L.D[p] + 1);
    if (before > 0) item(before, L.D[i] + 1);
    item(i, L.D[i] + 1);
    for (let c = i + 1, k = 0; c < L.E[i] && k < 5; c = L.E[c], k++) item(c, L.D[i] + 2);
    if (next > 0) item(next, L.D[i] + 1);
    fill(this.canvas, ...near);
    this.canvas.setAttribute("aria-activedescendant", this.id + "-" + i);
  }
}
Flame.made = 0;

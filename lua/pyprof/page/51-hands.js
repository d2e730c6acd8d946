// Hands on a flame graph: pointer, wheel and keys.
function showTip(event, ...lines) {
  const tip = $("tip");
  fill(tip, ...lines);
  tip.hidden = false;
  tip.style.left = Math.max(4, Math.min(innerWidth - tip.offsetWidth - 8,
    event.clientX + 14)) + "px";
  const under = event.clientY + 18, over = event.clientY - tip.offsetHeight - 12;
  tip.style.top = (under + tip.offsetHeight > innerHeight ? Math.max(4, over) : under) + "px";
}

const hideTip = () => {
  $("tip").hidden = true;
};

Flame.prototype.listen = function listen() {
  const { canvas, stage, hooks } = this;
  let drag = null;
  canvas.onpointerdown = event => {
    if (event.button === 0) drag = { x: event.clientX, v0: this.v0, v1: this.v1, moved: false };
  };
  canvas.onpointermove = event => {
    if (drag) {
      const dx = event.clientX - drag.x, span = drag.v1 - drag.v0, all = this.shown.L.W[0];
      if (Math.abs(dx) > 4 && !drag.moved) {
        drag.moved = true;
        canvas.setPointerCapture(event.pointerId);
        hideTip();
      }
      if (drag.moved) {
        const a = drag.v0 - dx / stage.clientWidth * span;
        this.v0 = Math.max(0, Math.min(all - span, a));
        this.v1 = this.v0 + span;
        this.redraw();
        return;
      }
    }
    const i = this.at(event);
    if (i !== this.hover) {
      this.hover = i;
      this.redraw();
    }
    if (i < 0 || event.pointerType === "touch") hideTip();
    else showTip(event, ...hooks.tip(i));
  };
  // The click comes after this: only then the drag is over.
  canvas.onpointerup = canvas.onpointercancel = () => setTimeout(() => (drag = null));
  canvas.onpointerleave = () => {
    this.hover = -1;
    hideTip();
    this.redraw();
  };
  canvas.onclick = event => {
    if (drag && drag.moved) return;
    const i = this.at(event);
    if (i >= 0) this.cursor = i;
    this.describe();
    hooks.pick(i > 0 ? this.shown.L.F[i] : null, i);
  };
  canvas.ondblclick = event => {
    const i = this.at(event);
    if (i >= 0) hooks.zoom(i);
  };
  canvas.addEventListener("wheel", event => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.scale(Math.exp(event.deltaY * 0.0025), event.offsetX / stage.clientWidth);
  }, { passive: false });
  canvas.onkeydown = event => this.key(event);
  canvas.onfocus = canvas.onblur = () => this.redraw();
  stage.onscroll = () => this.redraw();
};

Flame.prototype.key = function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { L, up } = this.shown, i = this.cursor;
  const ways = {
    ArrowDown: up ? "parent" : "child", ArrowUp: up ? "child" : "parent",
    ArrowRight: "next", ArrowLeft: "before",
  };
  if (ways[event.key]) this.point(neighbourBox(L, i, ways[event.key]));
  else if (event.key === "Home") this.point(0);
  else if (event.key === "Enter" || event.key === " ") {
    hooksPick(this, i, event.key === "Enter");
  } else if (event.key === "Escape" && (this.v0 > 0 || this.v1 < L.W[0])) this.hooks.zoom(0);
  else return;
  event.preventDefault();
  event.stopPropagation();
};

function hooksPick(flame, i, zoom) {
  if (zoom) flame.hooks.zoom(i);
  flame.hooks.pick(i > 0 ? flame.shown.L.F[i] : null, i);
}

// Elements are made by createElement and text nodes alone: a hostile name has no way in.
const $ = id => document.getElementById(id);
const root = document.documentElement;

/** Lists of lists as one; what is null or false is not there. */
const shownOf = kids => kids.flat(Infinity).filter(kid => kid != null && kid !== false);

/** An element. props: its class, or attributes, handlers ("on…"), "--…", width and such. */
function el(tag, props, ...kids) {
  const node = document.createElement(tag);
  if (tag === "button") node.type = "button";
  if (typeof props === "string") props = { class: props };
  for (const [key, value] of Object.entries(props || {})) {
    if (value == null || value === false) continue;
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node[key] = value;
    else if (/^(--|width|height|background)/.test(key)) node.style.setProperty(key, value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...shownOf(kids));
  return node;
}

/** Gives a box these children in place of those that it has. */
const fill = (box, ...kids) => box.replaceChildren(...shownOf(kids));

// What is not seen, or turns the text after it round, is shown as the escape of all reports.
// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const show = text => text.replace(UNSEEN, c => {
  const hex = c.charCodeAt(0).toString(16);
  return hex[2] ? "\\u" + hex.padStart(4, "0") : "\\x" + hex.padStart(2, "0");
});
// Tabs of a source stay, and form feeds, which only printers obey, are left out.
const shownLine = text => text.replace(/\f/g, "").split("\t").map(show).join("\t");

const short = (text, most = 300) => (text.length > most ? text.slice(0, most) + "…" : text);
const base = path => path.replace(/^.*\//, "");

const bold = (...kids) => el("b", {}, kids);
const bit = (...kids) => el("span", {}, kids);

/** A bar whose width is that share of its box. */
const bar = (share, props) =>
  el("i", { width: Math.max(0, Math.min(100, 100 * share)) + "%", ...props });

function empty(head, ...text) {
  return el("p", "empty", bold(head), ...text);
}

function option(value, text, chosen) {
  const node = el("option", { value }, text);
  node.selected = chosen;
  return node;
}

function choice(label, options, value, change, box) {
  const list = options.map(([key, text]) => option(key, text, String(key) === String(value)));
  const select = el("select", { onchange: () => change(select.value) }, list);
  return el("label", { class: box }, el("span", "sr", label), select);
}

const toggle = (text, on, change) =>
  el("button", { "aria-pressed": String(on), onclick: change }, text);

const say = text => {
  $("say").textContent = text;
};

/** An empty canvas of that size at the screen's resolution; null while it is not seen. */
function paper(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  if (!width || !height) return null;
  const w = Math.round(width * ratio), h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext("2d", { alpha: false });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = ink.bg;
  context.fillRect(0, 0, width, height);
  return context;
}

function save(name, type, text) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** The place of the page has room for a popover beside the element that opens it. */
function placeBeside(box, beside) {
  const at = beside.getBoundingClientRect();
  box.style.top = Math.min(at.bottom + 4, innerHeight - box.offsetHeight - 8) + "px";
  box.style.left = Math.max(8, Math.min(at.left, innerWidth - box.offsetWidth - 8)) + "px";
}

"use strict";
const root = document.documentElement;

// localStorage of file:// is one for all files, and may be refused.
function habit(value) {
  try {
    if (value === undefined) return localStorage.getItem("pyprof-lua theme");
    localStorage.setItem("pyprof-lua theme", value);
  } catch { /* The page works without it. */ }
  return null;
}

const kept = habit();
if (kept === "dark" || kept === "light") root.dataset.theme = kept;
const switcher = document.getElementById("theme");
switcher.hidden = false;
switcher.onclick = () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  habit(root.dataset.theme);
};

// Numbers are sorted largest first, texts A-Z; a second click reverses the order.
function makeSortable(head) {
  const table = head.closest("table"), i = head.cellIndex;
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.onclick = () => {
    const rows = [...table.tBodies[0].rows].map(row => {
      const cell = row.cells[i], raw = cell.dataset.value;
      return { row, key: raw === undefined ? cell.textContent : +raw };
    });
    const numbers = rows.some(x => typeof x.key === "number");
    const before = head.getAttribute("aria-sort");
    const down = before ? before === "ascending" : numbers;
    const order = (x, y) => x === y ? 0 : x === "" ? 1 : y === "" ? -1 :
      (typeof x === "number" && typeof y === "number" ? x - y :
        String(x).localeCompare(String(y), undefined, { numeric: true })) * (down ? -1 : 1);
    rows.sort((a, b) => order(a.key, b.key));
    for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    table.tBodies[0].append(...rows.map(x => x.row));
  };
}

// The policy allows no style attribute: the script sets how long the bars are.
for (const cell of document.querySelectorAll("td.bar")) {
  cell.style.setProperty("--part", Math.min(1, Math.max(0, +cell.dataset.value)));
}

// Rows of a tree come in preorder, each with its level.
function makeCollapsible(table) {
  const rows = [...table.tBodies[0].rows], level = row => +row.getAttribute("aria-level");
  const show = (from, open) => {
    let hidden = open ? Infinity : level(rows[from]);
    for (let i = from + 1; i < rows.length && level(rows[i]) > level(rows[from]); i++) {
      if (level(rows[i]) <= hidden) hidden = Infinity;
      rows[i].hidden = hidden !== Infinity;
      if (hidden === Infinity && rows[i].getAttribute("aria-expanded") === "false") {
        hidden = level(rows[i]);
      }
    }
  };
  rows.forEach((row, i) => {
    const cell = row.querySelector("td.tree"), parent = level(rows[i + 1] || row) > level(row);
    const sign = document.createElement(parent ? "button" : "span");
    if (parent) {
      const turn = open => {
        row.setAttribute("aria-expanded", open);
        sign.textContent = open ? "▾" : "▸";
        show(i, open);
      };
      sign.type = "button";
      sign.setAttribute("aria-label", "Callees of " + cell.textContent.trim());
      sign.onclick = () => turn(row.getAttribute("aria-expanded") === "false");
      sign.textContent = "▾";
      row.setAttribute("aria-expanded", true);
    } else {
      sign.className = "leaf";
    }
    cell.prepend(sign);
  });
}

for (const table of document.querySelectorAll("table")) {
  if (table.querySelector("td.tree")) makeCollapsible(table);
  else for (const head of table.querySelectorAll("th")) makeSortable(head);
}
root.dataset.ready = "true";

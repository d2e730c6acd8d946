// Tables whose heads sort. A column: key, head, value(x), cell(x); up: small ones come first;
// style: the class of its head ("opt": it has no room on a telephone).

/** Sorts the rows as the address asks, else by the column `first`; by which column, which way. */
function sortRows(rows, columns, asked, first) {
  const key = asked.replace(/^-/, ""), by = name => columns.find(c => c.key === name);
  const column = by(key) || by(first) || columns[0];
  const up = key === column.key ? !asked.startsWith("-") : Boolean(column.up);
  const value = new Map(rows.map(row => [row, column.value(row)]));
  rows.sort((a, b) => {
    const x = value.get(a), y = value.get(b);
    return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1) || a - b;
  });
  return { column, up };
}

function sortedTable(caption, rows, columns, { column, up }) {
  const heads = columns.map(c => el("th", {
    scope: "col", class: c.style ?? "opt", title: c.title,
    "aria-sort": c === column ? (up ? "ascending" : "descending") : null,
  }, el("button", { onclick: event => {
    const again = c === column ? !up : c.up, box = event.target.closest("section");
    go({ sort: (again ? "" : "-") + c.key }, true);
    box.querySelector("th[aria-sort] button")?.focus();
  } }, c.head)));
  const lines = rows.map(row => {
    const line = el("tr", {}, columns.map(c => c.cell(row)));
    line.dataset.row = row;
    return line;
  });
  return el("table", "grid", el("caption", "sr", caption),
    el("thead", {}, el("tr", {}, heads)), el("tbody", {}, lines));
}

function markRow(box, chosen) {
  for (const line of box.querySelectorAll("tbody tr")) {
    if (Number(line.dataset.row) === chosen) line.setAttribute("aria-current", "true");
    else line.removeAttribute("aria-current");
  }
}

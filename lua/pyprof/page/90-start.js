// Builds the shell, reads the data, and shows the state that the address holds.
const VIEWS = [["flame", "Flame graph"], ["functions", "Functions"], ["source", "Source"],
  ["timeline", "Timeline"], ["tests", "Tests"]];
const SHOW = { flame: showFlame, functions: showFunctions, source: showSource,
  timeline: showTimeline, tests: showTests };
const TOOLS = { flame: flameTools, functions: commonTools, source: sourceTools,
  timeline: timelineTools, tests: () => [] };

/** A recording of calls has no stacks: its functions come first. */
function viewsOfPage() {
  const list = VIEWS.filter(([key]) => key !== "tests" || page.tests);
  if (!page.trees.length) list.unshift(...list.splice(1, 1));
  return list;
}

function makeHead() {
  const { meta } = page, { weight } = figuresOf(stateOf(new URLSearchParams(), ["flame"]));
  const command = show(meta.command || meta.title || "recording");
  $("title").textContent = short(command, 500);
  $("title").title = short(command, 2000);
  const unit = meta.unit || "none";
  if (meta.kind === "calls") {
    $("figure").append(bold(amount(weight, unit)), " in calls");
  } else {
    $("figure").append(bold(amount(meta.weight ?? weight, unit)), " in ",
      bold(number(meta.samples || 0)),
      meta.samples === 1 ? " sample" : " samples");
    const before = page.diff?.before;
    if (before) $("figure").append(`, before ${amount(before.weight, unit)} in ${
      number(before.samples)}`);
  }
  for (const fact of page.strip) {
    $("facts").append(el("li", { class: fact.level === "warn" ? "warn" : null,
      title: fact.tip ? show(fact.tip) : null }, short(show(fact.text), 200)));
  }
  const notes = page.notes.map(note => ({ text: short(note, 60), why: note }));
  for (const part of [...page.missing, ...notes]) {
    $("facts").append(el("li", {}, missingButton(part)));
  }
  $("tabs").append(...viewsOfPage().map(([key, words]) => el("button", {
    role: "tab", id: "tab-" + key, "aria-controls": key,
    onclick: () => go({ view: key === viewsOfPage()[0][0] ? null : key }),
  }, words)));
}

/** What is missing opens with the command that brings it. */
function missingButton(part) {
  return el("button", { "aria-haspopup": "dialog", onclick: event => {
    const about = $("about"), copy = el("button", {}, "Copy");
    const command = part.command ? show(part.command) : "";
    copy.onclick = async () => {
      try {
        await navigator.clipboard.writeText(part.command);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(about.querySelector("code"));
        copy.textContent = "Selected: press Ctrl+C";
      }
    };
    fill(about, bold(show(part.text)), part.why ? el("p", {}, show(part.why)) : "",
      command ? el("code", {}, command) : "", command ? copy : "");
    about.showPopover();
    placeBeside(about, event.target);
  } }, show(part.text));
}

function showTabs(s) {
  for (const tab of $("tabs").children) {
    const on = tab.id === "tab-" + s.view;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    $(tab.id.slice(4)).hidden = !on;
  }
}

function tabKey(event) {
  const tabs = [...$("tabs").children], i = tabs.indexOf(document.activeElement);
  const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (to == null) return;
  event.preventDefault();
  const tab = tabs[(to + tabs.length) % tabs.length];
  tab.click();
  tab.focus();
}

/** The filters that hold, each a button that takes it away. */
function showFilters(s) {
  const list = [], add = (words, change) => list.push(el("button", {
    title: "Take this filter away", onclick: () => refilter(change) }, words, " ×"));
  if (isFiltered(s)) {
    if (s.from != null) add(`${seconds(s.from)} – ${seconds(s.to)}`, { from: null, to: null });
    if (s.process != null) {
      add("process " + short(processName(page.processes[s.process]), 80), { process: null });
    }
    if (s.thread != null) {
      add("thread " + short(threadName(page.threads[s.thread]), 80), { thread: null });
    }
    if (s.test != null) add("test " + short(show(page.tests[s.test].id), 120), { test: null });
    const { count: n, weight } = figuresOf(s);
    list.push(bit(`${amount(weight, unitOf(s))} in ${count(Math.round(n), "sample")}; ` +
      "shares are of these" + (s.view === "source" ? ", but a line's are of the whole" : "")));
  }
  if (s.tree && filterKey(s, 0)) list.push(bit("the first metric is filtered, this one is not"));
  $("filters").hidden = !list.length;
  fill($("filters"), ...list.length ? [bit("Only"), ...list] : []);
}

function showMatched(s) {
  const hits = matchesOf(s), box = $("matched");
  if (document.activeElement !== $("q")) $("q").value = s.q;
  if (hits && hits.wrong) $("q").setAttribute("aria-invalid", "true");
  else $("q").removeAttribute("aria-invalid");
  if (!hits) return fill(box);
  if (hits.wrong) return fill(box, "not a regular expression");
  const words = ` in ${count(hits.found, "function")}`;
  if (!page.trees.length) return fill(box, count(hits.found, "function"));
  const { total } = nodesOf(s), weight = kept("matched", [s.q, s.tree, filterKey(s)].join("|"),
    () => matchedWeight(treeOf(s), total, hits.hits));
  return fill(box, bold(percent(total[0] ? weight / total[0] : 0)), words);
}

/** Tools are built anew only when they differ, so that a select keeps its focus. */
function showTools(s) {
  const inside = () => [...$("tools").querySelectorAll("button, select, input")];
  const held = inside().indexOf(document.activeElement);
  fill($("tools"), TOOLS[s.view](s));
  if (held >= 0) inside()[held]?.focus();
}

function apply() {
  const s = stateOf(address(), viewsOfPage().map(([key]) => key));
  current = s;
  showTabs(s);
  showMatched(s);
  showFilters(s);
  showTools(s);
  SHOW[s.view](s);
  showSide(s);
  hideTip();
}

/** After a change of the theme all that is drawn is drawn again. */
function repaint() {
  readTheme();
  apply();
  drawMap();
}

/** Paper is light, and has the table of functions as well. */
function print(on) {
  printing = on;
  repaint();
  if (on) showFunctions(current);
}

function listenToPage() {
  $("q").oninput = () => go({ q: $("q").value }, true);
  $("theme").onclick = switchTheme;
  $("theme").title = "Dark or light";
  $("help").onclick = () => $("keys").showModal();
  $("export").onclick = openMenu;
  $("menu").onkeydown = menuKey;
  $("tabs").onkeydown = tabKey;
  document.onpointerdown = event => {
    if (!$("menu").hidden && !event.target.closest("#menu, #export")) closeMenu(false);
  };
  addEventListener("keydown", onKey);
  addEventListener("popstate", apply);
  addEventListener("hashchange", apply);
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  matchMedia("(prefers-color-scheme: dark)").onchange = repaint;
}

async function showPage() {
  document.querySelector("main").append(...VIEWS.map(([id]) => el("section", {
    role: "tabpanel", id, "aria-labelledby": "tab-" + id, tabindex: id === "flame" ? null : 0,
    hidden: true,
  })));
  const theme = habit("pyprof-lua theme");
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  readTheme();
  $("app").hidden = false;
  const block = JSON.parse($("data").textContent);
  page = await readPage(block);
  facts = page.functions;
  makeHead();
  makeHelp();
  listenToPage();
  apply();
  performance.mark("first");
  // The order in time may be as large as the tree: the first paint does not wait for it.
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  await readLater(block, page);
  apply();
  root.dataset.ready = "1";
}

showPage().catch(problem => {
  $("app").hidden = false;
  $("flame").hidden = false;
  fill($("flame"), empty("This page cannot be shown", problem.message));
});

// The whole page in Chromium: what a reader does, and what hostile names may not do.
"use strict";
const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const { column, blockOf, treeOf, test, finish } = require("./page.js");
const { written, program, folder, clear, NAMES, STACKS } = require("./pages.js");
const { Browser } = require("./browser.js");

let browser;

/** Runs a test on a page, and then asks for what no page may do. */
function onPage(name, block, run, options) {
  test(name, async () => {
    const file = written(block()), page = await browser.open(file, options);
    await run(page);
    assert.deepEqual(page.problems, [], "console");
    assert.deepEqual(page.requests.filter(url => !url.startsWith("file://" + folder) &&
      !url.startsWith("blob:")), [], "requests");
    await page.send("Page.close");
  });
}

const head = () => document.querySelector("aside h2").textContent;
const selected = (page, name) => page.until(want =>
  document.querySelector("aside h2").textContent === want, name);
const hash = page => page.evaluate(() => location.hash);

/** The place of a call in the flame graph: its share of the width, and its row. */
async function call(page, share, row) {
  const { left, top, width } = await page.find("tree", "Flame graph");
  return [left + share * width, top + row * 20 + 10];
}

onPage("a click selects everywhere, Back returns", program, async page => {
  assert.equal(await page.evaluate(head), "Where the time goes");
  await page.clickAt(...await call(page, 0.2, 2));
  await selected(page, "parse");
  await page.click("tab", "Functions");
  assert.equal(await page.until(() =>
    document.querySelector("tr[aria-current] button")?.textContent), "parse");
  await page.click("button", "read_line");
  await selected(page, "read_line");
  await page.click("tab", "Source");
  await page.until(() => document.querySelector("tr.at")?.dataset.line === "3");
  await page.evaluate(() => history.back());
  await page.evaluate(() => history.back());
  await selected(page, "parse");
  await page.evaluate(() => history.go(-2));
  await selected(page, "Where the time goes");
});

onPage("the inspector has the figures, what is not measured is ?", program, async page => {
  await page.clickAt(...await call(page, 0.2, 2));
  await selected(page, "parse");
  const text = await page.evaluate(() => document.querySelector("aside").innerText);
  for (const part of ["70.00 %", "0.700 s", "30.00 %", "complexity 12", "partly covered 50 %",
    "12→15", "Called by", "main", "read_line", "at 95 %"]) assert.ok(text.includes(part), part);
  await page.clickAt(...await call(page, 0.8, 2));
  await selected(page, "Library.call");
  assert.match(await page.evaluate(() => document.querySelector("aside").innerText),
    /complexity \?[^]*\? unknown/);
});

onPage("a double click zooms, Escape zooms out, Ctrl and wheel zoom", program, async page => {
  const place = await call(page, 0.2, 2);
  await page.clickAt(...place, 2);
  await page.until(() => /zoom=\d/.test(location.hash));
  await page.find("button", "Reset zoom");
  await page.press("Escape");
  await page.until(() => !/zoom=/.test(location.hash));
  await page.mouse("mouseWheel", ...place, { deltaX: 0, deltaY: -300, modifiers: 2 });
  await page.find("button", "Reset zoom");
});

onPage("search: matched share, n, a broken expression, Escape", program, async page => {
  await page.press("/");
  await page.type("read");
  await page.until(() => document.querySelector("#matched").textContent ===
    "40.00 % in 1 function");
  await page.press("Enter");
  await selected(page, "read_line");
  await page.press("Escape");
  await page.until(() => document.querySelector("#matched").textContent === "");
  await page.press("/");
  await page.type("(");
  await page.until(() => document.querySelector("#matched").textContent ===
    "not a regular expression");
});

onPage("keys: my code only, colour, upside down, theme, help", program, async page => {
  for (const [key, part] of [["m", "frames=own"], ["r", "merge=1"], ["c", "colour=self"],
    ["i", "up=1"], ["o", "order=time"], ["3", "view=source"]]) {
    await page.press(key);
    await page.until(want => location.hash.includes(want), part);
  }
  await page.press("t");
  await page.until(() => document.documentElement.classList.contains("dark"));
  await page.press("?");
  await page.exposed("dialog", "Help");
});

onPage("keys walk the tree of calls and say where they are", program, async page => {
  await page.evaluate(() => document.querySelectorAll("canvas[role=tree]")[1].focus());
  await page.press("ArrowDown");
  await page.press("ArrowDown");
  await page.until(() => /^parse, 70.00 % total, 30.00 % self/.test(
    document.querySelector("#say").textContent));
  await page.exposed("treeitem", "read_line, 40.00 % total");
  await page.press("Enter");
  await selected(page, "parse");
});

onPage("the table sorts, presets choose", program, async page => {
  await page.press("2");
  const names = () => page.evaluate(() => [...document.querySelectorAll("#functions td.fn")]
    .map(cell => cell.textContent).join(" "));
  await page.exposed("columnheader", "Self");
  assert.equal(await names(), "read_line parse Library.call main never_called");
  await page.click("button", "Total");
  await page.until(() => /sort=-total/.test(location.hash));
  assert.equal(await names(), "main parse read_line Library.call never_called");
  await page.click("button", "Hot and untested");
  assert.equal(await names(), "parse");
  await page.click("button", "Never executed");
  assert.equal(await names(), "never_called");
  await page.click("button", "Complex and slow");
  assert.equal(await names(), "parse");
});

onPage("a brushed span filters every view", program, async page => {
  const { left, top, width } = await page.find("image", "Busy time");
  await page.drag([left + 1, top + 20], [left + width * 0.3, top + 20]);
  await page.until(() => /from=[\d.]+&to=0\.3/.test(location.hash));
  await page.click("tab", "Functions");
  await page.until(() => document.querySelectorAll("#functions tbody tr").length === 2);
  await page.click("tab", "Timeline");
  await page.find("image", "MainThread, python3 program.py");
  await page.evaluate(() => document.querySelector("#filters button").click());
  await page.until(() => !/from=/.test(location.hash));
});

onPage("passes are spans on a scale of their own, which no brush filters", () => program({
  passes: [{ name: "profile", seconds: 2 }, { name: "coverage", seconds: 6 }] }), async page => {
  await page.click("tab", "Timeline");
  const { left, top, width } = await page.find("image", "Passes, runs in their order");
  await page.mouse("mouseMoved", left + width * 0.5, top + 20, { button: "none" });
  await page.until(() => document.querySelector("#tip").textContent === "coverage 6.00 s6.00 s");
  await page.drag([left + 5, top + 20], [left + width * 0.5, top + 20]);
  assert.ok(!/from=/.test(await hash(page)));
});

onPage("functions of an empty recording: nothing was sampled", () =>
  Object.assign(emptyBlock(), { functions: { n: 0, name: column("json", []) } }), async page => {
  await page.click("tab", "Functions");
  await page.until(() => document.querySelector("#functions").innerText.includes(
    "Nothing was sampled"));
});

onPage("a filter that leaves nothing can be taken away", program, async page => {
  await page.evaluate(() => (location.hash = "from=5&to=6&q=x&merge=1"));
  await page.until(() => document.querySelector("#flame").innerText.includes(
    "Nothing was sampled here"));
  await page.send("Emulation.setDeviceMetricsOverride",
    { width: 1000, height: 700, deviceScaleFactor: 1, mobile: false });
  await page.find("image", "Busy time");
  await page.evaluate(() => document.querySelector("#filters button").click());
  await page.until(() => !document.querySelector("#flame").innerText.includes("Nothing"));
});

onPage("source is coloured by tokens and jumps to functions", program, async page => {
  await page.press("3");
  await page.until(() => document.querySelector("#source tr"));
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("#source .s")]
    .map(node => node.textContent)), ["'''A docstring", "    if here'''"]);
  assert.match(await page.evaluate(() => document.querySelector("#source").innerText), /6→exit/);
  await page.click("button", "main");
  await selected(page, "main");
});

onPage("of a long file only what is near the window is made", () => {
  const block = program();
  block.sources[0].text = column("text", "x = 1\n".repeat(20000));
  return block;
}, async page => {
  await page.evaluate(() => (location.hash = "view=source&file=0&line=15000"));
  await page.until(() => {
    const row = document.querySelector("tr.at"), box = row?.getBoundingClientRect();
    return row?.dataset.line === "15000" && box.top > 100 && box.bottom < innerHeight;
  });
  assert.ok(await page.evaluate(() => document.querySelectorAll("#source tr").length < 2000));
});

onPage("paper is light and has the table", program, async page => {
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.equal(await page.evaluate(() => document.documentElement.className), "");
  assert.equal(await page.evaluate(() =>
    document.querySelectorAll("#functions tbody tr").length), 5);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  assert.equal(await page.evaluate(() => document.documentElement.className), "dark");
}, { dark: true });

onPage("exports: folded, speedscope, CSV and SVG of what is chosen", program, async page => {
  const texts = await page.evaluate(async () => {
    const out = [], make = URL.createObjectURL;
    URL.createObjectURL = blob => {
      out.push(blob.text());
      return make(blob);
    };
    for (let i = 0; i < 4; i++) {
      document.querySelector("#export").click();
      document.querySelectorAll("#menu button")[i].click();
    }
    return Promise.all(out);
  });
  assert.match(texts[0], /^function,file,line,self,total,samples.*\r\nread_line,.*,3,0.4,0.4,40,/);
  assert.equal(texts[1], "main 10\nmain;parse 30\nmain;parse;read_line 40\nmain;Library.call 20\n");
  const { profiles: [profile] } = JSON.parse(texts[2]);
  assert.deepEqual(profile.samples, [[0], [0, 1], [0, 1, 2], [0, 3]]);
  assert.match(texts[3], /^<svg [^]*<text[^>]*>parse<\/text>[^]*<\/svg>\n$/);
});

const HOSTILE = ["</script><script>alert(1)</script>", "<!-- <img src=x onerror=alert(1)>",
  "__proto__", "constructor", "a\u202eb\u2028c\u0000\u001b[31m", "x".repeat(10000)];

onPage("hostile names do nothing but show", () => {
  const block = blockOf(HOSTILE, [[[0, 1, 2, 3, 4, 5], 3], [[2, 2, 3], 4]]);
  block.files = column("json", ["/srv/\"><script>\u202e.py"]);
  block.threads[0].name = HOSTILE[0];
  block.meta.command = HOSTILE[1];
  block.sources = [{ file: 0, text: column("text", HOSTILE.join("\n")),
    lines: column("json", { line: [1], samples: [1] }) }];
  block.tests = [{ id: HOSTILE[0], name: HOSTILE[4], outcome: "__proto__", seconds: 1 }];
  return block;
}, async page => {
  for (const view of ["flame", "functions", "source", "timeline", "tests"]) {
    await page.evaluate(to => (location.hash = "view=" + to + "&f=4"), view);
    await selected(page, "a\\u202eb\\u2028c\\x00\\x1b[31m");
  }
  assert.equal(await page.evaluate(() =>
    document.querySelectorAll("script, img, iframe").length), 2);
  await page.until(() =>
    document.querySelector("#source").textContent.includes("</script><script>alert"));
});

onPage("an address that holds anything shows the first view", program, async page => {
  await page.evaluate(() => (location.hash =
    "view=__proto__&f=99999999&q=%00&tree=7&zoom=1e9&thread=-1&from=x&to=3&sort=__proto__"));
  await page.until(() =>
    document.querySelector("[aria-selected=true]").textContent === "Flame graph");
  assert.equal(await page.evaluate(head), "Where the time goes");
});

function emptyBlock() {
  const block = blockOf(NAMES, []);
  block.order.n = 0;
  return block;
}

onPage("an empty recording says so in each view", emptyBlock, async page => {
  for (const view of ["flame", "timeline"]) {
    await page.evaluate(to => (location.hash = "view=" + to), view);
    await page.until(to => document.querySelector("#" + to).innerText.includes(
      "Nothing was sampled"), view);
  }
});

onPage("one sample", () => blockOf(["f"], [[[0], 1]]), async page => {
  await page.press("2");
  assert.match(await page.evaluate(() => document.querySelector("#functions").innerText),
    /100.00 %/);
});

onPage("a recording of calls has a table, no stacks", () => {
  const block = program();
  delete block.trees;
  delete block.order;
  block.meta.kind = "calls";
  block.functions.self = column("json", [1, 2, 3, 4, null]);
  block.functions.total = column("json", [10, 5, 3, 4, null]);
  block.calls = { caller: column("u8", [0]), callee: column("u8", [1]),
    calls: column("f64", [3]), weight: column("f64", [5]) };
  return block;
}, async page => {
  await page.click("button", "parse");
  await selected(page, "parse");
  await page.click("tab", "Flame graph");
  await page.until(() => document.querySelector("#flame").innerText.includes("no stacks"));
});

onPage("a diff shows both graphs, what is certain first", () => {
  const block = program();
  block.trees[0].side = "after";
  block.trees.push(treeOf([[[0, 1], 50], [[0, 3], 50]], { side: "before" }).tree);
  block.meta.kind = "diff";
  delete block.order;
  block.diff = { before: { name: "old.json", samples: 100, weight: 1, runs: 1 },
    after: { name: "new.json", samples: 100, weight: 1, runs: 1 }, compare: "self",
    changes: column("json", { function: [2, 3], before: [0, 50], before_weight: [0, 0.5],
      before_share: [0, 0.5], after: [40, 20], after_weight: [0.4, 0.2], after_share: [0.4, 0.2],
      p: [0.3, 0.001], certain: [false, true] }) };
  return block;
}, async page => {
  assert.match(await page.evaluate(() => document.querySelector("#flame").innerText),
    /before\s*old.json[^]*after\s*new.json/);
  await page.press("2");
  assert.match(await page.evaluate(() =>
    document.querySelector("#functions tbody tr").innerText),
  /Library.call\s+−30.00 %\s+−0.300 s\s+● certain/);
});

test("damaged data is said in words", async () => {
  const block = blockOf(NAMES, STACKS);
  block.trees[0].depth.data = "!!";
  const page = await browser.open(written(block));
  await page.until(() => document.body.innerText.includes("damaged: make the page again"));
});

test("nothing is wider than a telephone", async () => {
  const page = await browser.open(written(program()), { width: 390, height: 844, dark: true });
  for (const view of ["flame", "functions", "source", "timeline", "tests"]) {
    await page.evaluate(to => (location.hash = "view=" + to + "&f=1"), view);
    await selected(page, "parse");
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 390), view);
  }
  // A long source counts on rows of one height.
  assert.deepEqual(await page.evaluate(() => {
    location.hash = "view=source&file=0";
    return [...new Set([...document.querySelectorAll("#source tbody tr")]
      .map(row => row.getBoundingClientRect().height))];
  }).then(heights => heights.filter(Boolean)), [19]);
});

(async () => {
  try {
    execFileSync("chromium", ["--version"], { stdio: "ignore" });
  } catch {
    console.log("skip - there is no chromium");
    return;
  }
  browser = await Browser.start();
  await finish();
  await browser.stop();
  clear();
})();

// Pages that the program writes, in Chromium: those of all reports, and the page of html.lua.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { execFileSync } = require("node:child_process");
const { test, finish } = require("./page.js");
const { Browser } = require("./browser.js");

const PROGRAM = process.env.TEST_PROGRAM || path.resolve("build/pyprof-lua");
const CALCULATOR = "tests/data/calculator.speedscope.json";
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pyprof-reports-"));
const HOSTILE = ["</script><script>document.title='x'</script>", "<!--", "<img src=x>", "\u2028",
  "\u202eabc", "__proto__", "n".repeat(10000)];
let browser, made = 0;

/** Runs the program with -o and gives the page's path. */
function written(...words) {
  const file = path.join(folder, `${made++}.html`);
  execFileSync(PROGRAM, [words[0], "-o", file, ...words.slice(1)]);
  return file;
}

function recording() {
  const file = path.join(folder, "hostile.json");
  const frames = HOSTILE.map(name => ({ name, file: "/x/" + name + ".py", line: 1 }));
  const samples = HOSTILE.map((_, i) => [0, i]);
  fs.writeFileSync(file, JSON.stringify({
    $schema: "https://www.speedscope.app/file-format-schema.json", shared: { frames },
    profiles: [{ type: "sampled", name: 'Thread 1 "' + HOSTILE[0] + '"', unit: "seconds",
      startValue: 0, endValue: samples.length, samples, weights: samples.map(() => 1) }] }));
  return file;
}

function onPage(name, words, run, options) {
  test(name, async () => {
    const page = await browser.open(written(...words()), options);
    await run(page);
    assert.deepEqual(page.problems, [], "console");
    assert.deepEqual(page.requests.filter(url => !url.startsWith("file://" + folder)), []);
  });
}

test("a browser starts", async () => { browser = await Browser.start(); });

onPage("a tree folds and unfolds, each branch by itself", () => ["tree.lua", CALCULATOR],
  async page => {
    const seen = () => page.evaluate(() => [...document.querySelectorAll("tbody tr")]
      .filter(row => !row.hidden).map(row => row.querySelector(".tree").textContent));
    const all = await seen();
    assert.ok(all.length > 5, all);
    await page.click("button", "Callees of └─ Calculator.multiply");
    const folded = await seen();
    assert.equal(folded.length, all.length - 1);
    await page.click("button", "Callees of └─ main");
    assert.equal((await seen()).length, 3);
    await page.click("button", "Callees of └─ main");
    assert.deepEqual(await seen(), folded);
    assert.equal(await page.evaluate(() =>
      document.querySelector('tr[aria-level="3"]').getAttribute("aria-expanded")), "true");
  });

onPage("a head sorts, largest first, then the other way", () => ["top.lua", CALCULATOR],
  async page => {
    const first = () => page.evaluate(() =>
      document.querySelector("tbody tr").cells[4].textContent);
    assert.equal(await first(), "compute_heavy");
    await page.click("button", "name");
    assert.equal(await first(), "<module>");
    await page.click("button", "self%");
    assert.equal(await first(), "compute_heavy");
    await page.click("button", "self%");
    assert.notEqual(await first(), "compute_heavy");
  });

for (const dark of [false, true]) {
  onPage(`the theme follows the ${dark ? "dark" : "light"} preference, and a switch`,
    () => ["top.lua", CALCULATOR], async page => {
      const ground = () => page.evaluate(() =>
        getComputedStyle(document.documentElement).backgroundColor);
      const colours = ["rgb(255, 255, 255)", "rgb(20, 23, 28)"];
      await page.evaluate(() => localStorage.clear());
      assert.equal(await ground(), colours[+dark]);
      await page.click("button", "Theme");
      assert.equal(await ground(), colours[+!dark]);
      await page.evaluate(() => localStorage.clear());
    }, { dark });
}

onPage("bars are as long as the shares", () => ["top.lua", CALCULATOR], async page => {
  const [part, value] = await page.evaluate(() => {
    const cell = document.querySelector("td.bar");
    return [+cell.style.getPropertyValue("--part"), +cell.dataset.value];
  });
  assert.ok(part > 0 && part === value, [part, value]);
});

onPage("a narrow window needs no scrolling of the page", () => ["top.lua", recording()],
  async page => {
    assert.ok(await page.evaluate(() =>
      document.documentElement.scrollWidth <= window.innerWidth));
  }, { width: 390, height: 844 });

for (const report of ["html.lua", "top.lua", "tree.lua"]) {
  onPage(`hostile names only show in ${report}`, () => [report, recording()], async page => {
    const [title, images, scripts] = await page.evaluate(() => [document.title,
      document.images.length, document.scripts.length]);
    assert.notEqual(title, "x");
    assert.deepEqual([images, scripts], [0, report === "html.lua" ? 2 : 1]);
  });
}

test("the browser ends", async () => {
  await browser.stop();
  fs.rmSync(folder, { recursive: true });
});

finish();

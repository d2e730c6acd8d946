// Measures the page in headless Chromium on grown trees: own code, first paint, CPU a frame while
// zooming, memory. Beside it speedscope and d3-flame-graph if build/npm has them (`make analyze`
// installs them there), and a page without anything, which is what the browser itself takes.
"use strict";
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { blockOf, random, FOLDER } = require("../page/page.js");
const { written, folder, clear } = require("../page/pages.js");
const { Browser } = require("../page/browser.js");

const NPM = path.resolve("build/npm");
const SCOPE = path.join(NPM, "node_modules/speedscope/dist/release");
const D3 = path.join(NPM, "node_modules/d3-flame-graph");
const FUNCTIONS = 1500;

/** Stacks that share beginnings and repeat calls, until their tree has n nodes. */
function grown(n) {
  const next = random(7), stacks = [], seen = new Set();
  const calls = Array.from({ length: FUNCTIONS }, () =>
    Array.from({ length: 1 + next(5) }, () => next(FUNCTIONS)));
  while (seen.size < n) {
    const stack = [0];
    for (let key = "0"; stack.length < 300 && next(100) < 95;) {
      const list = calls[stack[stack.length - 1]], f = list[Math.min(next(list.length), next(3))];
      stack.push(f === undefined ? list[0] : f);
      key += "/" + stack[stack.length - 1];
      seen.add(key);
    }
    stacks.push([stack, 1 + next(3)]);
  }
  return stacks;
}

const names = Array.from({ length: FUNCTIONS }, (_, f) => `Class${f % 60}.method_${f}`);

/** A page of speedscope that loads these stacks, as its own command makes it. */
function scopePage(stacks, n) {
  const profile = JSON.stringify({
    $schema: "https://www.speedscope.app/file-format-schema.json",
    shared: { frames: names.map(name => ({ name })) },
    profiles: [{ type: "sampled", name: "grown", unit: "none", startValue: 0,
      endValue: stacks.reduce((a, [, k]) => a + k, 0), samples: stacks.map(([s]) => s),
      weights: stacks.map(([, k]) => k) }],
  });
  const script = path.join(folder, `scope${n}.js`);
  fs.writeFileSync(script, `speedscope.loadFileFromBase64("grown.json", "${
    Buffer.from(profile).toString("base64")}")`);
  return [path.join(SCOPE, "index.html"), "#localProfilePath=" + script];
}

/** The stacks as the objects that d3-flame-graph takes. */
function nested(stacks) {
  const root = { name: "all", value: 0, children: [] };
  for (const [stack, samples] of stacks) {
    let node = root;
    node.value += samples;
    for (const f of stack) {
      let kid = node.children.find(({ name }) => name === names[f]);
      if (!kid) node.children.push(kid = { name: names[f], value: 0, children: [] });
      node = kid;
      node.value += samples;
    }
  }
  return root;
}

/** A page of d3-flame-graph that leaves out what is thinner than a pixel, as ours does. */
function d3Page(stacks, n) {
  const script = execFileSync("esbuild", ["--bundle", "--minify", "--format=iife",
    "--loader:.css=empty"], { cwd: NPM,
    input: `import { select } from "d3-selection";
      import flamegraph from "d3-flame-graph";
      const data = JSON.parse(document.getElementById("data").textContent);
      select("#chart").datum(data).call(flamegraph().width(1280).minFrameSize(1));
      requestAnimationFrame(() => setTimeout(() => {
        performance.mark("first");
        document.documentElement.dataset.ready = 1;
      }));` });
  const style = fs.readFileSync(path.join(D3, "dist/d3-flamegraph.css"), "utf8");
  const file = path.join(folder, `d3-${n}.html`);
  fs.writeFileSync(file, `<!doctype html><meta charset="utf-8"><style>${style}</style>` +
    `<div id="chart"></div><script type="application/json" id="data">${
      JSON.stringify(nested(stacks))}</script><script>${script}</script>`);
  return file;
}

function blankPage() {
  const file = path.join(folder, "blank.html");
  fs.writeFileSync(file, "<!doctype html><title>blank</title>");
  return file;
}

/** MiB of the process that shows the page. */
async function resident(browser) {
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  const sizes = processInfo.filter(p => p.type === "renderer").map(p =>
    Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${p.id}/status`, "utf8"))[1]) / 1024);
  return Math.max(...sizes);
}

// d3-flame-graph zooms by a click alone, so its frames cannot be compared.
async function measure(file, hash, isReady, zooms = true) {
  const browser = await Browser.start();
  const page = await browser.open(file, { hash, ready: isReady });
  // The page marks its first paint; speedscope is asked every 20 ms.
  const shown = await page.evaluate(() =>
    performance.getEntriesByName("first")[0]?.startTime ?? performance.now());
  await page.send("Performance.enable");
  const cpu = async () => (await page.send("Performance.getMetrics")).metrics
    .find(m => m.name === "TaskDuration").value * 1000;
  const before = await cpu();
  for (let i = 0; i < 20; i++) {
    await page.mouse("mouseWheel", 400, 400,
      { deltaX: 0, deltaY: i < 10 ? -60 : 60, modifiers: 2 });
    await page.evaluate(() => new Promise(done => requestAnimationFrame(() => done(1))));
  }
  const frame = zooms ? (await cpu() - before) / 20 : null, memory = await resident(browser);
  await browser.stop();
  return [shown, frame, memory];
}

(async () => {
  const code = ["page.js", "page.css"].map(name => "build/compiled/lua/pyprof/page/" + name);
  const own = [...code, path.join(FOLDER, "page.html")]
    .reduce((all, file) => all + fs.statSync(file).size, 0);
  console.log(`the page's own code: ${(own / 1024).toFixed(1)} KiB\n`);
  console.log("nodes      shown by      shown ms   CPU ms a frame   resident MiB");
  const row = (n, who, figures) => console.log(String(n).padStart(7), "  ", who.padEnd(12),
    ...figures.map((x, i) => (x == null ? "-" : x.toFixed(i ? 1 : 0)).padStart(i ? 14 : 9)));
  row(0, "nothing", await measure(blankPage(), "", () => document.title === "blank",
    false));
  for (const n of [100000, 600000]) {
    const stacks = grown(n), ready = () => document.documentElement?.dataset.ready;
    row(n, "the page", await measure(written(blockOf(names, stacks)), "", ready));
    if (fs.existsSync(D3)) row(n, "d3", await measure(d3Page(stacks, n), "", ready, false));
    if (!fs.existsSync(SCOPE)) continue;
    // speedscope puts the profile's name into the title when it has it.
    const [file, hash] = scopePage(stacks, n), loaded = () => /grown/.test(document.title);
    row(n, "speedscope", await measure(file, hash, loaded));
  }
  clear();
})();

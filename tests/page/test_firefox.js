// The page in Firefox: that it decodes, draws and answers there as well.
"use strict";
const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const { column, blockOf, test, finish } = require("./page.js");
const { written, program, clear } = require("./pages.js");
const { Firefox } = require("./firefox.js");

let firefox;

const selected = name => firefox.until(want =>
  document.querySelector("aside h2").textContent === want, name);

/** Where the flame graph and the strip of time are. */
const places = () => firefox.evaluate(() => [...document.querySelectorAll(
  "#flame canvas[role=tree]:last-of-type, .over canvas")].map(canvas => {
  const { x, y, width } = canvas.getBoundingClientRect();
  return [x, y, width];
}).filter(([, , width]) => width));

test("a click selects, Back returns, search, keys, the brush", async () => {
  await firefox.open(written(program()));
  const [[stripX, stripY, width], [x, y]] = await places();
  await firefox.clickAt(x + 100, y + 50);
  await selected("parse");
  await firefox.evaluate(() => history.back());
  await selected("Where the time goes");
  await firefox.press("/", ..."read");
  await firefox.until(() => document.querySelector("#matched").textContent ===
    "40.00 % in 1 function");
  await firefox.press("\ue00c", "m");
  await firefox.until(() => /frames=own/.test(location.hash) && !/q=/.test(location.hash));
  await firefox.drag([stripX + 1, stripY + 20], [stripX + width * 0.3, stripY + 20]);
  await firefox.until(() => /from=[\d.]+&to=0\.3/.test(location.hash));
  for (const [i, view] of ["functions", "source", "timeline", "tests"].entries()) {
    await firefox.press(String(i + 2));
    await firefox.until(id => document.querySelector("#" + id).innerText.length > 20, view);
  }
});

test("deflated columns are read, the graph is drawn", async () => {
  const names = Array.from({ length: 3000 }, (_, i) => "function_" + i);
  const stacks = names.map((_, i) => [[i % 50, i], 1 + i % 7]);
  const block = blockOf(names, stacks);
  assert.equal(block.functions.name.z, 1);
  block.functions.group = column("u8", names.map(() => 0));
  await firefox.open(written(block));
  const colours = await firefox.evaluate(() => {
    const canvas = [...document.querySelectorAll("canvas[role=tree]")].find(c => c.width > 300);
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, 50);
    return new Set(new Uint32Array(data.buffer)).size;
  });
  assert.ok(colours > 3, "colours: " + colours);
});

test("damaged data is said in words", async () => {
  const block = program(), good = column("u32", Array.from({ length: 5000 }, (_, i) => i));
  block.trees[0].depth = { ...good, data: good.data.slice(0, 400) };
  await firefox.send("WebDriver:Navigate", { url: "file://" + written(block) });
  await firefox.until(() => document.body.innerText.includes("damaged: make the page again"));
});

(async () => {
  try {
    execFileSync("firefox-esr", ["--version"], { stdio: "ignore" });
  } catch {
    console.log("skip - there is no firefox-esr");
    return;
  }
  firefox = await Firefox.start();
  await finish();
  await firefox.stop();
  clear();
})();

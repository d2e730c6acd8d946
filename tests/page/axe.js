// axe.js AXE: looks for what keeps people out of the page, with axe-core, in each view and theme.
// Prints each finding that is serious or critical; tests/analyze runs it.
"use strict";
const fs = require("node:fs");
const { written, program, clear } = require("./pages.js");
const { Browser } = require("./browser.js");

const STATES = ["", "#f=1", "#view=functions", "#view=source&f=1", "#view=timeline", "#view=tests",
  "#f=1&sandwich=1", "#from=0.1&to=0.5&colour=coverage"];

(async () => {
  const axe = fs.readFileSync(process.argv[2], "utf8"), browser = await Browser.start();
  const file = written(program());
  for (const dark of [false, true]) {
    for (const hash of STATES) {
      const page = await browser.open(file, { dark, hash });
      await page.send("Runtime.evaluate", { expression: axe });
      const found = await page.evaluate(async () => {
        const { violations } = await window.axe.run({ resultTypes: ["violations"] });
        return violations.filter(v => ["serious", "critical"].includes(v.impact))
          .map(v => `${v.id}: ${v.nodes[0].html.slice(0, 200)}`);
      });
      for (const line of found) {
        console.log(`axe: ${dark ? "dark" : "light"} ${hash}: ${line}`);
        process.exitCode = 1;
      }
      await page.send("Page.close");
    }
  }
  await browser.stop();
  clear();
})();

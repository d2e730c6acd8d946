// Pages for the browsers: written as the program's writer does, with its policy.
"use strict";
const crypto = require("node:crypto");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { joined, column, blockOf, FOLDER } = require("./page.js");

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pyprof-pages-"));
let made = 0;

const sha = text => "sha256-" + crypto.createHash("sha256").update(text).digest("base64");

/** Writes such a page; its path. */
function written(block) {
  const style = joined(".css"), script = `(() => { "use strict";\n${joined(".js")}\n})();\n`;
  const body = fs.readFileSync(path.join(FOLDER, "page.html"), "utf8").replace("@NOSCRIPT@", "");
  const data = JSON.stringify(block).replace(/</g, "\\u003c").replace(/\u2028/g, "\\u2028")
    .replace(/\u2029/g, "\\u2029");
  const policy = `default-src 'none'; script-src '${sha(script)}'; style-src '${sha(style)}'; ` +
    "img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; " +
    "trusted-types 'none'";
  const file = path.join(folder, `page${made++}.html`);
  fs.writeFileSync(file, `<!doctype html>\n<html lang="en"><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="${policy}"><title>page</title>` +
    `<style>${style}</style>\n<body>${body}<script type="application/json" id="data">${data}` +
    `</script><script>${script}</script>\n`);
  return file;
}

const NAMES = ["main", "parse", "read_line", "Library.call", "never_called"];
const STACKS = [[[0, 1], 30], [[0, 1, 2], 40], [[0, 3], 20], [[0], 10]];
const SOURCE = "def main():\n    '''A docstring\n    if here'''\n    parse()\n\n" +
  "def parse(): pass\n";

function program(more = {}) {
  const block = blockOf(NAMES, STACKS, more), F = block.functions;
  F.origin = column("u8", [0, 0, 0, 2, 0]);
  F.covered_share = column("json", [1, 0.5, 1, null, 0]);
  F.status = column("json", ["ran", "ran", "ran", null, "never"]);
  F.missing_branches = column("json", [null, "12->15", null, null, null]);
  F.complexity = column("json", [1, 12, 2, null, 1]);
  block.sources = [{ file: 0, text: column("text", SOURCE), lines: column("json", {
    line: [1, 4, 6], samples: [null, 10, 30], total: [100, 100, 70],
    status: ["covered", "covered", "partial"], arcs: [null, null, "6->exit"] }) }];
  block.tests = [{ id: "test_a.py::test_b", name: "test_b", outcome: "passed", seconds: 1 }];
  return Object.assign(block, more);
}

const clear = () => fs.rmSync(folder, { recursive: true, force: true });

module.exports = { written, program, folder, clear, NAMES, STACKS };

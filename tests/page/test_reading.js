// Decoding of the data block, search, figures as words, and the colours of Python.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const page = require("./page.js");
const { column, blockOf, random, test, finish } = page;
const lib = page.load("readColumn", "decoded", "readPage", "readLater", "expression", "matching",
  "matchedWeight", "percent", "signed", "seconds", "bytes", "amount", "uncertainty", "steps",
  "show", "shownLine", "tokens", "paintedLines", "mix");

test("columns of every type come back, plain and deflated", async () => {
  for (const n of [0, 1, 3, 5000]) {
    for (const [type, most] of [["u8", 255], ["u16", 65535], ["u32", 4294967295]]) {
      const list = Array.from({ length: n }, (_, i) => (i * 7919) % (most + 1));
      assert.deepEqual([...await lib.readColumn(column(type, list))], list);
    }
    const numbers = Array.from({ length: n }, (_, i) => i / 3);
    assert.deepEqual([...await lib.readColumn(column("f64", numbers))], numbers);
    const words = Array.from({ length: n }, (_, i) => (i % 5 ? "f" + i : null));
    assert.deepEqual(await lib.readColumn(column("json", words)), words);
  }
  const text = "naïve \u2028 \ud83d\ude00 ".repeat(1000);
  assert.equal(await lib.readColumn(column("text", text)), text);
  assert.equal(await lib.readColumn(column("text", "short")), "short");
});

test("damaged data is said in our own words", async () => {
  const good = column("u32", Array.from({ length: 5000 }, (_, i) => i));
  const broken = { ...good, data: good.data.slice(0, 400) + "AAAA" + good.data.slice(404, 2000) };
  await assert.rejects(lib.readColumn(broken), /damaged/);
  await assert.rejects(lib.readColumn({ ...good, data: "&&&&" }), /damaged/);
});

test("a whole data block is read, names as they are and as they show", async () => {
  const names = ["main", "__proto__", "constructor", "a\u202eb", "</script>"];
  const block = blockOf(names, [[[0, 1], 3], [[0, 2, 3], 4]]);
  const read = await lib.readPage(block);
  await lib.readLater(block, read);
  assert.deepEqual(read.functions.name, names);
  assert.equal(read.names[3], "a\\u202eb");
  assert.equal(read.trees[0].n, 5);
  assert.deepEqual([...read.order.start].map(x => x.toFixed(2)), ["0.00", "0.03"]);
});

test("search: small letters find large ones, large ones do not, / searches paths", () => {
  const names = ["parse", "Parser.feed", "x_1", "__proto__"], files = ["/a/b.py", "/lib/re.py"];
  const found = text => {
    const m = lib.matching(lib.expression(text), names, [0, 0, 1, 1], files);
    return m && [...m.hits].join("");
  };
  assert.equal(found("parse"), "1100");
  assert.equal(found("Parse"), "0100");
  assert.equal(found("^parse$"), "1000");
  assert.equal(found("x\\_1"), "0010");
  assert.equal(found("__proto__"), "0001");
  assert.equal(found("lib/re"), "0011");
  assert.equal(found(""), null);
  assert.ok(lib.expression("(") instanceof Error);
});

test("the share of a search counts each stack once", async () => {
  const block = blockOf(["a", "b"], [[[0, 1, 0], 6], [[1], 4]]);
  const { trees: [tree] } = await lib.readPage(block);
  const total = [0.1, 0.06, 0.06, 0.06, 0.04];
  assert.ok(Math.abs(lib.matchedWeight(tree, total, [1, 0]) - 0.06) < 1e-9);
  assert.ok(Math.abs(lib.matchedWeight(tree, total, [0, 1]) - 0.1) < 1e-9);
});

test("what is not nothing never reads as nothing, what is unknown is ?", () => {
  assert.equal(lib.percent(0), "0.00 %");
  assert.equal(lib.percent(0.00001), "< 0.01 %");
  assert.equal(lib.percent(1), "100.00 %");
  assert.equal(lib.percent(null), "?");
  assert.equal(lib.signed(-0.01), "−1.00 %");
  assert.equal(lib.seconds(0.0005), "0.5 ms");
  assert.equal(lib.seconds(12.34), "12.3 s");
  assert.equal(lib.seconds(null), "?");
  assert.equal(lib.bytes(1536), "1.5 KiB");
  assert.equal(lib.amount(3, "calls"), "3 calls");
  assert.equal(lib.amount(2e9, "nanoseconds"), "2.00 s");
  assert.equal(lib.amount(3, "constructor"), "3 constructor");
  assert.ok(Math.abs(lib.uncertainty(0.1671, 29412) - 0.00426) < 1e-4);
  assert.equal(lib.uncertainty(0.5, 0), null);
  assert.deepEqual(lib.steps(3.16, 6), [0, 1, 2, 3]);
});

test("what is not seen, or turns text round, shows as an escape", () => {
  assert.equal(lib.show("a\u202eb\u0000\u001b\u2028\u200b\ufeff"),
    "a\\u202eb\\x00\\x1b\\u2028\\u200b\\ufeff");
  assert.equal(lib.show("naïve 日本 <b>"), "naïve 日本 <b>");
  assert.equal(lib.shownLine("\tx = '\\x09\\x0c'\f\u0001"), "\tx = '\\x09\\x0c'\\x01");
});

test("colours mix six digits with six digits", () => {
  assert.equal(lib.mix("#000000", "#ffffff", 0.5), "#808080");
  assert.equal(lib.mix("#102030", "#405060", 0), "#102030");
});

const kinds = text => {
  const out = [];
  lib.tokens(text, (piece, kind) => kind && out.push(kind + ":" + piece));
  return out;
};

test("Python: strings, comments, numbers, keywords, definitions", () => {
  assert.deepEqual(kinds("def f(x):  # c\n  return rb'a\\'b' + 0x1F"),
    ["k:def", "d:f", "c:# c", "k:return", "s:rb'a\\'b'", "n:0x1F"]);
  assert.deepEqual(kinds('"""def\nif """ + x'), ['s:"""def\nif """']);
  assert.deepEqual(kinds("@a.b(c)\nclass D: pass"), ["o:@a.b", "k:class", "d:D", "k:pass"]);
  assert.deepEqual(kinds("a = b @ c"), []);
  assert.deepEqual(kinds("match x:\n match = 1.5e3j"), ["k:match", "n:1.5e3j"]);
  assert.deepEqual(kinds("'open\nif"), ["s:'open", "k:if"]);
  assert.deepEqual(kinds("définir_if = 1_000"), ["n:1_000"]);
});

test("Python: the pieces are the text, whatever it is", () => {
  const next = random(5);
  const letters = ["'", '"', '"""', "#", "\n", "\\", "def ", "x", "1", ".", "@", "é", " "];
  for (let i = 0; i < 500; i++) {
    const text = Array.from({ length: next(60) }, () => letters[next(letters.length)]).join("");
    let all = "";
    lib.tokens(text, piece => (all += piece));
    assert.equal(all, text);
    const lines = lib.paintedLines(text).map(line => line.map(([piece]) => piece).join(""));
    assert.equal(lines.join("\n"), text.replace(/\n$/, ""));
  }
});

test("no part of the script is longer than 300 lines, no markup is set as text", () => {
  for (const name of fs.readdirSync(page.FOLDER)) {
    const text = fs.readFileSync(path.join(page.FOLDER, name), "utf8");
    if (name.endsWith(".js")) assert.ok(text.split("\n").length <= 301, name);
    assert.ok(!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/.test(text), name);
    if (name.endsWith(".html")) assert.ok(!/ style=| on[a-z]+=/.test(text), name);
  }
});

test("the page's own code is at most 80 KiB", () => {
  const made = path.join(__dirname, "../../build/compiled/lua/pyprof/page");
  const size = file => fs.statSync(file).size;
  const all = size(path.join(made, "page.js")) + size(path.join(made, "page.css")) +
    size(path.join(page.FOLDER, "page.html"));
  assert.ok(all <= 80 * 1024, all + " bytes");
});

finish();

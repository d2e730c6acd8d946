// Drives headless Chromium over a pipe: no package, no port. Waiting is for what a test needs.
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-quic", "--remote-debugging-pipe"];
const KEYS = { Enter: 13, Escape: 27, ArrowDown: 40, ArrowUp: 38, ArrowLeft: 37, ArrowRight: 39,
  Home: 36, End: 35, Tab: 9 };
const sleep = ms => new Promise(done => setTimeout(done, ms));

class Browser {
  static async start() {
    const browser = new Browser();
    browser.folder = fs.mkdtempSync(path.join(os.tmpdir(), "pyprof-page-"));
    browser.child = spawn("chromium", [...FLAGS, "--user-data-dir=" + browser.folder],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    browser.pending = new Map();
    browser.pages = new Map();
    browser.next = 1;
    let rest = "";
    browser.child.stdio[4].setEncoding("utf8").on("data", data => {
      const parts = (rest + data).split("\0");
      rest = parts.pop();
      for (const part of parts) browser.receive(JSON.parse(part));
    });
    await browser.send("Browser.getVersion");
    return browser;
  }

  receive(message) {
    const waiting = this.pending.get(message.id);
    this.pending.delete(message.id);
    if (waiting && message.error) waiting.fail(new Error(JSON.stringify(message.error)));
    else if (waiting) waiting.done(message.result);
    else this.pages.get(message.sessionId)?.hear(message);
  }

  send(method, params = {}, sessionId) {
    const id = this.next++;
    return new Promise((done, fail) => {
      this.pending.set(id, { done, fail });
      this.child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    });
  }

  /** A new window of that size on a file. */
  async open(file, { width = 1280, height = 800, dark = false, hash = "",
    ready = () => document.documentElement?.dataset.ready || document.querySelector(".empty"),
  } = {}) {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId);
    this.pages.set(sessionId, page);
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await page.send(domain + ".enable");
    await page.send("Emulation.setDeviceMetricsOverride",
      { width, height, deviceScaleFactor: 1, mobile: false });
    await page.send("Emulation.setEmulatedMedia", { features: [
      { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
      { name: "prefers-reduced-motion", value: "reduce" }] });
    await page.send("Page.navigate", { url: "file://" + file + hash });
    await page.until(ready);
    return page;
  }

  stop() {
    return new Promise(done => {
      this.child.on("exit", () => {
        fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
        done();
      });
      this.send("Browser.close").catch(() => {});
    });
  }
}

class Page {
  constructor(browser, session) {
    Object.assign(this, { browser, session, problems: [], requests: [] });
  }

  send(method, params) {
    return this.browser.send(method, params, this.session);
  }

  hear({ method, params }) {
    if (method === "Runtime.exceptionThrown") {
      this.problems.push(params.exceptionDetails.exception?.description || "exception");
    } else if (method === "Runtime.consoleAPICalled") this.problems.push("console: " + params.type);
    else if (method === "Log.entryAdded") this.problems.push(params.entry.text);
    else if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
  }

  async evaluate(run, ...words) {
    const expression = `(${run})(${words.map(word => JSON.stringify(word)).join(",")})`;
    const { result, exceptionDetails } = await this.send("Runtime.evaluate",
      { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception.description);
    return result.value;
  }

  /** Waits until the function says something true in the page. */
  async until(run, ...words) {
    for (let tries = 0; tries < 6000; tries++) {
      const value = await this.evaluate(run, ...words);
      if (value) return value;
      await sleep(20);
    }
    throw new Error("never came true: " + run + " with " + words);
  }

  /** The element of that role whose name begins so, as a screen reader knows it. */
  async exposed(role, name) {
    for (let tries = 0; tries < 300; tries++) {
      const { root } = await this.send("DOM.getDocument", { depth: 0 });
      const { nodes } = await this.send("Accessibility.queryAXTree", { nodeId: root.nodeId, role });
      const node = nodes.find(n => !n.ignored && (n.name?.value || "").startsWith(name));
      if (node) return node;
      await sleep(20);
    }
    throw new Error(`no ${role} "${name}"`);
  }

  /** The same with its place and its middle. */
  async find(role, name) {
    const node = await this.exposed(role, name);
    await this.send("DOM.scrollIntoViewIfNeeded", { backendNodeId: node.backendDOMNodeId });
    const { quads: [[x, y, x2, , , y2]] } = await this.send("DOM.getContentQuads",
      { backendNodeId: node.backendDOMNodeId });
    return { x: (x + x2) / 2, y: (y + y2) / 2, left: x, top: y, width: x2 - x, height: y2 - y };
  }

  mouse(type, x, y, more = {}) {
    return this.send("Input.dispatchMouseEvent",
      { type, x, y, button: "left", clickCount: 1, ...more });
  }

  async clickAt(x, y, clickCount = 1) {
    for (let n = 1; n <= clickCount; n++) {
      await this.mouse("mousePressed", x, y, { clickCount: n });
      await this.mouse("mouseReleased", x, y, { clickCount: n });
    }
  }

  async click(role, name) {
    const { x, y } = await this.find(role, name);
    await this.clickAt(x, y);
  }

  async drag(from, to) {
    await this.mouse("mousePressed", ...from);
    await this.mouse("mouseMoved", (from[0] + to[0]) / 2, to[1], { buttons: 1 });
    await this.mouse("mouseMoved", ...to, { buttons: 1 });
    await this.mouse("mouseReleased", ...to);
  }

  async press(key) {
    const text = key.length === 1 ? key : key === "Enter" ? "\r" : undefined;
    const code = KEYS[key] || (/^[a-z0-9]$/i.test(key) ? key.toUpperCase().charCodeAt(0) : 0);
    await this.send("Input.dispatchKeyEvent",
      { type: "keyDown", key, text, windowsVirtualKeyCode: code });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, windowsVirtualKeyCode: code });
  }

  async type(text) {
    await this.send("Input.insertText", { text });
  }
}

module.exports = { Browser };

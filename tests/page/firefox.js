// Drives headless Firefox by its Marionette protocol: lines of "LENGTH:JSON" over a local socket.
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");

const sleep = ms => new Promise(done => setTimeout(done, ms));

class Firefox {
  static async start() {
    const firefox = new Firefox();
    firefox.folder = fs.mkdtempSync(path.join(os.tmpdir(), "pyprof-firefox-"));
    // Port 0: Firefox takes a free one and writes it into its profile.
    fs.writeFileSync(path.join(firefox.folder, "user.js"), [
      ["marionette.port", 0], ["browser.shell.checkDefaultBrowser", false],
      ["datareporting.policy.dataSubmissionEnabled", false], ["app.update.auto", false],
      ["ui.prefersReducedMotion", 1], ["network.captive-portal-service.enabled", false],
    ].map(([name, value]) => `user_pref("${name}", ${value});\n`).join(""));
    firefox.child = spawn("firefox-esr", ["--headless", "--marionette", "--no-remote",
      "--profile", firefox.folder],
    { stdio: "ignore", env: { ...process.env, HOME: firefox.folder } });
    const active = path.join(firefox.folder, "MarionetteActivePort");
    for (let tries = 0; tries < 1500 && !fs.existsSync(active); tries++) await sleep(40);
    firefox.socket = net.connect(Number(fs.readFileSync(active, "utf8")), "127.0.0.1");
    firefox.waiting = new Map();
    firefox.next = 1;
    let rest = Buffer.alloc(0);
    firefox.socket.on("data", data => {
      rest = Buffer.concat([rest, data]);
      for (let colon; (colon = rest.indexOf(58)) > 0;) {
        const end = colon + 1 + Number(rest.subarray(0, colon));
        if (rest.length < end) break;
        firefox.receive(JSON.parse(rest.subarray(colon + 1, end)));
        rest = rest.subarray(end);
      }
    });
    await firefox.send("WebDriver:NewSession", { capabilities: {} });
    return firefox;
  }

  receive(message) {
    if (!Array.isArray(message)) return;
    const [, id, error, result] = message, waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) waiting.fail(new Error(error.message));
    else waiting.done(result);
  }

  send(command, parameters = {}) {
    const id = this.next++, text = JSON.stringify([0, id, command, parameters]);
    return new Promise((done, fail) => {
      this.waiting.set(id, { done, fail });
      this.socket.write(Buffer.byteLength(text) + ":" + text);
    });
  }

  async open(file) {
    await this.send("WebDriver:SetWindowRect", { width: 1280, height: 900 });
    await this.send("WebDriver:Navigate", { url: "file://" + file });
    await this.until(() => document.documentElement.dataset.ready);
  }

  async evaluate(run, ...args) {
    const script = `return (${run})(...arguments)`;
    return (await this.send("WebDriver:ExecuteScript", { script, args })).value;
  }

  async until(run, ...args) {
    for (let tries = 0; tries < 600; tries++) {
      const value = await this.evaluate(run, ...args);
      if (value) return value;
      await sleep(20);
    }
    throw new Error("never came true: " + run);
  }

  /** Moves, presses and releases: steps [x, y, type]. */
  pointer(...steps) {
    const actions = steps.map(([type, x, y]) => (type === "pointerMove"
      ? { type, x: Math.round(x), y: Math.round(y), duration: 0 } : { type, button: 0 }));
    return this.send("WebDriver:PerformActions", { actions: [
      { type: "pointer", id: "mouse", parameters: { pointerType: "mouse" }, actions }] });
  }

  clickAt(x, y) {
    return this.pointer(["pointerMove", x, y], ["pointerDown"], ["pointerUp"]);
  }

  drag([x, y], [x2, y2]) {
    return this.pointer(["pointerMove", x, y], ["pointerDown"], ["pointerMove", (x + x2) / 2, y2],
      ["pointerMove", x2, y2], ["pointerUp"]);
  }

  press(...keys) {
    const actions = keys.flatMap(value =>
      [{ type: "keyDown", value }, { type: "keyUp", value }]);
    return this.send("WebDriver:PerformActions",
      { actions: [{ type: "key", id: "keys", actions }] });
  }

  stop() {
    return new Promise(done => {
      this.child.on("exit", () => {
        fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
        done();
      });
      this.send("Marionette:Quit", { flags: ["eForceQuit"] }).catch(() => this.child.kill());
    });
  }
}

module.exports = { Firefox };

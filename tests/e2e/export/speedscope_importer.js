// Prints what speedscope's own importer reads: node speedscope_importer.js RELEASE FILE...
// speedscope's web application exports nothing, so it is run until it would draw itself.
"use strict";
const fs = require("fs"), path = require("path"), vm = require("vm"), zlib = require("zlib");
const [release, ...files] = process.argv.slice(2);

// Stands for the page: each of its properties and results is this object again.
function nothing() {
  return new Proxy(function () {}, {
    get: (_, key) => key === Symbol.toPrimitive ? () => "" :
      key === Symbol.iterator ? function* () {} : nothing(),
    apply: nothing, construct: nothing, set: () => true,
  });
}
globalThis.window = globalThis;
for (const name of ["document", "localStorage", "location", "history", "addEventListener"]) {
  if (!(name in globalThis)) globalThis[name] = nothing();
}

const code = fs.readFileSync(path.join(release,
  fs.readdirSync(release).find((name) => /^speedscope-.*\.js$/.test(name))), "utf8");
const name = /async function (\w+)\(\w,\w\)\{return\(await \w+\)\.importProfilesFromArrayBuffer/
  .exec(code)[1];
console.log = () => {};
vm.runInThisContext(code.slice(0, code.lastIndexOf("console.log(`speedscope")) +
  `globalThis.importer = ${name};})();`);

async function read(file) {
  let bytes = fs.readFileSync(file);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = zlib.gunzipSync(bytes);
  const group = await globalThis.importer(path.basename(file),
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return group.profiles.map((profile) => {
    const frames = [];
    profile.forEachFrame((frame) => frames.push([frame.name, frame.file || "", frame.line || 0,
      frame.getSelfWeight(), frame.getTotalWeight()]));
    return { name: profile.getName(), unit: profile.getWeightUnit(),
      total: profile.getTotalWeight(), frames };
  });
}

Promise.all(files.map(read)).then((all) => process.stdout.write(JSON.stringify(all)));

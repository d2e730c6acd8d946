// Search by regular expression. Small letters find large ones too.

/** The expression, or null for none, or an Error that says what is wrong with it. */
function expression(text) {
  if (!text) return null;
  const flags = /[A-Z]/.test(text) ? "u" : "iu";
  try {
    return new RegExp(text, flags);
  } catch {
    try {
      // The flag u forbids escapes that need none, as \- and \_.
      return new RegExp(text, flags.replace("u", ""));
    } catch (problem) {
      return problem;
    }
  }
}

/** Which functions match, by name or by path; null where there is no expression. */
function matching(pattern, names, fileOf, files) {
  if (!(pattern instanceof RegExp)) return null;
  const inFile = files.map(file => pattern.source.includes("/") && pattern.test(file));
  const hits = new Uint8Array(names.length);
  let found = 0;
  for (let f = 0; f < names.length; f++) {
    if (pattern.test(names[f]) || inFile[fileOf[f]]) {
      hits[f] = 1;
      found++;
    }
  }
  return { hits, found };
}

/** The weight of the stacks that hold a match, each counted once. */
function matchedWeight(tree, total, hits) {
  let weight = 0;
  for (let i = 1; i < tree.n;) {
    if (hits[tree.fn[i]]) {
      weight += total[i];
      i += tree.size[i];
    } else i++;
  }
  return weight;
}

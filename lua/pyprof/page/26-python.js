// Python coloured by reading the whole file: a docstring that begins 200 lines above is a string.
const KEYWORDS = new Set(("False None True and as assert async await break class continue def " +
  "del elif else except finally for from global if import in is lambda nonlocal not or pass " +
  "raise return try while with yield match case").split(" "));
const SOFT = new Set(["match", "case"]);
const WORD = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const NUMERAL = /0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?[\d_]+)?[jJ]?/y;
const PREFIX = /^(?:[rR][bBfFtT]?|[bBfFtT][rR]?|[uU])$/;

/** Where the string ends whose quote begins at `at`. A short one ends with its line. */
function stringEnd(text, at) {
  const quote = text[at], long = text.startsWith(quote.repeat(3), at);
  const close = long ? quote.repeat(3) : quote;
  for (let i = at + close.length; i < text.length; i++) {
    const c = text[i];
    if (c === "\\") i++;
    else if (!long && c === "\n") return i;
    else if (c === quote && text.startsWith(close, i)) return i + close.length;
  }
  return text.length;
}

/** Calls `put(piece, kind)` for each piece: k keyword, s string, c comment, n number, d name of a
 * definition, o decorator, "" anything else. */
function tokens(text, put) {
  let plain = 0, i = 0, defines = false, atStart = true;
  const piece = (from, to, kind) => {
    if (plain < from) put(text.slice(plain, from), "");
    put(text.slice(from, to), kind);
    plain = i = to;
  };
  while (i < text.length) {
    const c = text[i];
    if (c === "\n") atStart = true;
    if (c === " " || c === "\t" || c === "\n" || c === "\r" || c === "\f") {
      i++;
      continue;
    }
    const first = atStart;
    atStart = false;
    if (c === "#") {
      const end = text.indexOf("\n", i);
      piece(i, end < 0 ? text.length : end, "c");
    } else if (c === '"' || c === "'") {
      piece(i, stringEnd(text, i), "s");
    } else if (c === "@" && first) {
      const end = /[^@\w.\s]|\n|$/g;
      end.lastIndex = i;
      piece(i, end.exec(text).index, "o");
    } else if ((c >= "0" && c <= "9") || (c === "." && text[i + 1] >= "0" && text[i + 1] <= "9")) {
      NUMERAL.lastIndex = i;
      NUMERAL.test(text);
      piece(i, NUMERAL.lastIndex || i + 1, "n");
    } else {
      WORD.lastIndex = i;
      if (!WORD.test(text)) {
        i++;
        continue;
      }
      const end = WORD.lastIndex, word = text.slice(i, end);
      if ((text[end] === '"' || text[end] === "'") && PREFIX.test(word)) {
        piece(i, stringEnd(text, end), "s");
      } else if (defines) piece(i, end, "d");
      else if (KEYWORDS.has(word) && (!SOFT.has(word) || (first && /^ +[^=.,)\]:]/.test(
        text.slice(end, end + 40))))) piece(i, end, "k");
      else i = end;
      defines = (word === "def" || word === "class") && !defines;
    }
  }
  if (plain < text.length) put(text.slice(plain), "");
}

/** The text's lines, each a list of [piece, kind]. */
function paintedLines(text) {
  const lines = [[]];
  tokens(text, (piece, kind) => {
    piece.split("\n").forEach((part, i) => {
      if (i) lines.push([]);
      if (part) lines[lines.length - 1].push([part, kind]);
    });
  });
  if (lines.length > 1 && !lines[lines.length - 1].length) lines.pop();
  return lines;
}

"""The right result of a scan of a Python file, from Python's own parser and tokenizer.

truth(bytes) gives (counts, definitions), or None for a file that this Python does not accept.
Complexity is counted as radon 6.0.1 does, except that `except*` counts as an except here.
"""
import ast
import io
import tokenize
import warnings

COUNTS = ("bytes", "lines", "source", "docstring", "comment", "blank", "functions", "lambdas",
          "classes", "imports", "complexity")
DEFINITION = ("kind", "name", "first_line", "line", "end_line", "complexity", "docstring")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
TRIES = (ast.Try, ast.TryStar) if hasattr(ast, "TryStar") else (ast.Try,)
MATCH = getattr(ast, "Match", ())
JOINED = tuple(getattr(ast, name) for name in ("JoinedStr", "TemplateStr") if hasattr(ast, name))


def points(node):
    """The decision points of a node, without those of definitions inside it."""
    if isinstance(node, FUNCTIONS + (ast.ClassDef,)):
        return 0
    if isinstance(node, ast.Assert):
        return 1
    own = 0
    if isinstance(node, (ast.If, ast.IfExp)):
        own = 1
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
        own = 1 + bool(node.orelse)
    elif isinstance(node, TRIES):
        own = len(node.handlers) + bool(node.orelse)
    elif isinstance(node, ast.BoolOp):
        own = len(node.values) - 1
    elif isinstance(node, ast.comprehension):
        own = 1 + len(node.ifs)
    elif MATCH and isinstance(node, MATCH):
        catches_all = any(isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
                          for case in node.cases)
        own = len(node.cases) - catches_all
    return own + sum(points(child) for child in ast.iter_child_nodes(node))


def body_points(node):
    return sum(points(child) for child in node.body)


def docstring_of(node):
    """The statement that is the body's docstring, if it has one."""
    return node.body[0] if ast.get_docstring(node, clean=False) is not None else None


def walk(node, parent, found, lines, seen):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Lambda):
            seen["lambdas"] += 1
        elif isinstance(child, (ast.Import, ast.ImportFrom)):
            seen["imports"] += 1
        if not isinstance(child, FUNCTIONS + (ast.ClassDef,)):
            walk(child, parent, found, lines, seen)
            continue
        name = parent + child.name
        first = min([child.lineno] + [d.lineno for d in child.decorator_list])
        # A decorator's `@` may stand on a line before its expression.
        while child.decorator_list and not lines[first - 1].lstrip(" \t\f").startswith("@"):
            first -= 1
        kind = ("class" if isinstance(child, ast.ClassDef) else
                "async function" if isinstance(child, ast.AsyncFunctionDef) else "function")
        docstring = docstring_of(child)
        complexity = (kind != "class") + body_points(child)
        found.append((kind, name, first, child.lineno, child.end_lineno, complexity,
                      docstring is not None))
        seen["classes" if kind == "class" else "functions"] += 1
        seen["complexity"] += complexity
        if docstring:
            seen["docstrings"].append(docstring)
        walk(child, name + (".<locals>." if kind != "class" else "."), found, lines, seen)


def split(text):
    """Physical lines, as Python's tokenizer sees them."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def string_lines(tree, text):
    """The lines inside strings of several lines, without the lines on which the strings begin."""
    inside, starts = set(), []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        name = tokenize.tok_name[token.type]
        if name in ("FSTRING_START", "TSTRING_START"):
            starts.append(token.start[0])
        elif name in ("FSTRING_END", "TSTRING_END"):
            inside.update(range(starts.pop() + 1, token.end[0] + 1))
        elif name == "STRING":
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
        yield token
    yield inside


def truth(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(data)
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
            text = data.decode(encoding)
        except (SyntaxError, ValueError, RecursionError, MemoryError, LookupError):
            return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = split(text)
    seen = dict.fromkeys(COUNTS, 0)
    seen.update(bytes=len(data), lines=len(lines), docstrings=[])
    definitions = []
    walk(tree, "", definitions, lines, seen)
    seen["complexity"] += body_points(tree)
    module = docstring_of(tree)
    if module:
        seen["docstrings"].append(module)

    *tokens, inside = string_lines(tree, text)
    docstring = set()
    for statement in seen["docstrings"]:
        docstring.update(range(statement.lineno, statement.end_lineno + 1))
    spans = [((s.lineno, character(lines, s.lineno, s.col_offset)),
              (s.end_lineno, character(lines, s.end_lineno, s.end_col_offset)))
             for s in seen["docstrings"]]
    spans.sort()
    at = 0
    quiet = (tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
             tokenize.ENDMARKER)
    for token in tokens:
        if token.type in quiet:
            continue
        while at < len(spans) and spans[at][1] <= token.start:
            at += 1
        if at < len(spans) and spans[at][0] <= token.start:
            continue
        docstring.difference_update(range(token.start[0], token.end[0] + 1))
    for number, line in enumerate(lines, 1):
        start = line.lstrip(" \t\f")
        if number in docstring:
            seen["docstring"] += 1
        elif number in inside:
            seen["source"] += 1
        elif start == "":
            seen["blank"] += 1
        elif start[0] == "#":
            seen["comment"] += 1
        else:
            seen["source"] += 1
    definitions.sort(key=lambda d: (d[3], d[2]))
    return tuple(seen[name] for name in COUNTS), definitions


def character(lines, number, column):
    """ast counts a column in bytes of UTF-8, tokenize in characters."""
    return len(lines[number - 1].encode("utf-8")[:column].decode("utf-8", "replace"))

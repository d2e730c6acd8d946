"""Odd but valid Python, one trap for a scanner each: name -> the file's bytes.

What a scan must say of each is computed with the Python that runs the test; of those that it does
not accept yet, oddities.json says it (written by a newer one: python oddities.py).
"""
import json
import os
import sys

Q3, A3 = b'"""', b"'''"


def lines(*texts):
    return "\n".join(texts).encode("utf-8") + b"\n"


ODDITIES = {
    # --- strings
    "prefixes": lines("x = [r'if', R'or', b'if', B'if', br'or', Rb'or', rB'and', u'for', U'if',",
                      "     f'{1 if 2 else 3}', F'{1}', fr'{1 or 2}', Rf'{1 or 2}', rF'{1}']"),
    "keyword touches quote": lines("def f(x):", "    return(1)if\"x\"else'y'or\"z\"",
                                   "def g(x): return[1for x in'y'if\"f\"]"),
    "escaped quotes in triple": b'x = """a\\""""; y = 1 if x else 2\nz = """\\"""def f(): 0"""\n',
    "raw with quote": b"x = r\"\\\"def f(): pass\" if 1 else r'\\'if'\n".replace(b"'if'", b"'' "),
    "raw ends in two backslashes": b"x = r'\\\\' if 1 else 2\n",
    "empty strings": b"x = '' or \"\" or '''''' or " + Q3 * 2 + b" or ''''''\ny = '' ''\n",
    "quotes in the other quotes": b"x = \"'\" or '\"' or '''\"''\"''' or " + Q3 + b"'''" + Q3 + b"\n",
    "hash in a string": b"x = '#' if '#' else \"# def f(): pass\"  # 'if\n",
    "string over lines with a backslash": b"x = 'a\\\nif b\\\r\nor c' or 1\ny = 2\n",
    "crlf in strings": b"x = " + Q3 + b"a\r\n# b\r\n\r\ndef f(): pass\r\n" + Q3 + b"\r\nif x: y = 1\r\n",
    "strings next to each other": b"x = ('a' \"b\" r'c'\n  '''d\n  e''' f'{1 or 2}')\n",
    "bytes and escapes": b"x = b'\\'' if b\"\\\"\" else b'\\\\'\n",
    "prefix that is a name": b"f = r = b = 1\nx = f if r else b\nrb = f'{r}' or rb''\n",
    "string of many lines": b"x = " + Q3 + b"if\n" * 30000 + Q3 + b"\ndef f(): pass\n",
    "unicode names and strings": lines("été = 'ñ' if 'é' else 1", "def naïve(ß): return ß or 'ü'"),
    "triple with two quotes at end": b"x = '''a\\'''' or 2\ny = " + Q3 + b'""a' + Q3 + b"\n",
    # --- f-strings
    "f: conditions in fields": lines("def f(a): return f'{a if a else 0} {[i for i in a if i]}'"),
    "f: doubled braces": lines("x = f'{{if a else b}} {{{1 or 2}}} }}{{'"),
    "f: nested format specs": lines("x = f'{1:{2 or 3}.{4 if 5 else 6}} {1:>{2}}{3!r:^{4}}'"),
    "f: same quote nested": lines("x = f'{'a' if 'b' else 'c'}' or 1",
                                  "y = f\"{f\"{f\"{1 or 2}\"}\"}\""),
    "f: named characters": lines("x = f'\\N{LATIN SMALL LETTER A} {1 or 2}'",
                                 "y = rf'\\N{1 or 2}'"),
    "f: unequal and conversion": lines("x = f'{1 != 2 or 3} {4!r} {5 !s:>{6}} {7=} {8 or 9 = !r}'"),
    "f: walrus or spec": lines("x = f'{(y := 1 or 2)} {y:=5} {y:=or}'"),
    "f: comment and newline in a field": lines("x = f'{1  # if }\"", "} {2 or", "  3}'", "y = 1"),
    "f: triple with comment in a field": lines("x = f'''", "# no comment {", "1 or # if", "",
                                               "2}", "'''", "y = 1"),
    "f: backslash before a brace": lines("x = rf'\\{1 or 2}' or f'\\\\{3 or 4}'"),
    "f: lambda and dict": lines("x = f'{(lambda a: a or 1)(2)} { {1: 2 or 3}[1] } {[1][0]:d}'"),
    "f: strings with braces in fields": lines("x = f'{\"}\" or \"{\"} {\"#\" or 1}'"),
    "f: quotes in a triple one": b"x = f'''a'b\"c''{1 or 2}\\''''\n",
    "f: spec with quotes and colons": lines("import datetime",
                                            "x = f'{datetime.datetime.now():%H:%M:%S if or}'"),
    "f: implicit docstring is none": lines("def f():", "    f'''not", "    a docstring'''"),
    "f: in a decorator and a default": lines("@f'{1 or 2}'.join", "def f(a=f'{1 if 2 else 3}'):",
                                             "    return f'{a and 1}'"),
    "f: newline in a spec": b"x = f'{1:>\n}' or f'{2!r:^\n{3 or 4}}'\n",
    "f: in an assert": lines("def f(a):", "    assert f'{a or 1}' or a, f'{a and 2}'; a or 1"),
    "f: empty and adjacent": lines("x = f'' f\"\" f'{1}' '' or 1"),
    # --- lines
    "lone carriage returns": b"def f():\r    if 1:\r        pass\r# c\r\rx = 1\r",
    "mixed line ends": b"def f():\n    x = 1\r\n    if x:\r        pass\n\r\n\r# c\r\n",
    "form feeds": b"\x0cdef f():\n\x0c    x = 1\n  \x0c    y = 1\n\x0c\n\x0cclass A: pass\n \x0c \n",
    "tabs": b"def f():\n\tif 1:\n\t    x = 1\n        # c\n\telse:\n\t\ty = 1\ndef g(): 0\n",
    "backslash before an empty line": b"def f():\n    x = 1 \\\n\n    y = 2\nz = 1\\\n  \nif z: 0\n",
    "backslash before a comment": b"def f():\n    x = 1 \\\n# comment\n    y = 2\n",
    "backslash and semicolon": b"def f():\n    x = 1 \\\n    ;\ndef g(): x = 1; \\\n\nz = 1\n",
    "backslash first in a line": b"def f():\n    x = 1\n    \\\n  y = 2\n    z = 3\n\\\nw = 4\n",
    "no newline at the end": b"def f():\n    return 1 if 2 else 3",
    "comment without a newline": b"def f(): pass\n# the end",
    "blanks at the end": b"def f(): pass\n   \n\t",
    "byte order mark alone": b"\xef\xbb\xbf",
    "byte order mark": b"\xef\xbb\xbf\"doc\"\ndef f(): pass\n",
    "empty": b"",
    "nothing but comments": b"# a\n\n  # b\n",
    "comments at odd columns": b"def f():\n# c\n    x = 1\n        # c\n  # c\n    y = 2\n# last\n",
    "trailing comments after a body": b"class A:\n    def f(self):\n        pass\n        # in\n    # out\n",
    "one line of many elements": b"x = [" + b"1 if 2 else 3, " * 20000 + b"]\n",
    "blank lines in brackets": b"x = [\n\n  1,\n  # c\n\n  2 or 3]\n\n",
    "semicolons": b"import a; import b, c; x = 1 if 2 else 3; assert x or 1; y = x and 1;\n",
    # --- encodings
    "latin-1": "# -*- coding: latin-1 -*-\ndef café(): return 'é' if 1 else 'ü'\n".encode("latin-1"),
    "koi8-r": "#!/usr/bin/python\n# vim: set fileencoding=koi8-r :\nclass Дом: 'док'\n".encode("koi8-r"),
    "cp1252": "# coding=cp1252\nx = '€' or 1\n".encode("cp1252"),
    "shift_jis": "# coding: shift_jis\nx = 'ソ' or '表' or 1\ndef f(): 'ソ'\n".encode("shift_jis"),
    "gbk": "# coding: gbk\nx = '乗' or 1\ndef 函数(): pass\n".encode("gbk"),
    "big5": "# coding: big5\nx = '許' or '功' or 1\n".encode("big5"),
    "euc-jp": "# coding: euc-jp\nx = '日本' or 1\n".encode("euc-jp"),
    "utf-7 of what iconv does not take": b"# coding: utf-7\n\x0cx = '\\n' or \\\n ~1\n",
    "utf-7": b"# coding: utf-7\nx = '+AOk-' or 1\ndef f(): pass\n",
    "utf-8 by its name": "# coding: UTF_8\nx = 'é' or 1\n".encode("utf-8"),
    "latin-1 with more to its name": "# coding: Latin_1-unix\nx = 'é' or 1\n".encode("latin-1"),
    "encodings by a number": "# coding: 1252\nx = '€' or 1\n".encode("cp1252"),
    "encodings of a year": "# coding: iso_8859-2:1987\nx = 'ł' or 1\n".encode("iso8859-2"),
    "cookie in the third line": "#\n#\n# coding: latin-1\nx = 'é'\n".encode("utf-8"),
    "cookie after code": "x = 1\n# coding: latin-1\ny = 'é'\n".encode("utf-8"),
    "names in their normal form": lines("def ﬁx(): pass", "class Å: pass", "def 𝐟(): pass",
                                        "def e\u0301(): pass", "class ª: pass"),
    # --- soft keywords
    "soft keywords as names": lines("match = case = type = _ = 1", "match.x = case[0] = type(_)",
                                    "match(case); match[1:]; match * case; type (x)",
                                    "match: int = 1", "case: int"),
    "match statement": lines("def f(x):", "    match x:", "        case 1: return 2",
                             "        case [a, b] if a or b: return 3",
                             "        case {'k': v}: return 4",
                             "        case _: return 5"),
    "match without a catch-all": lines("match x, y:", "    case 1, _: pass", "    case A(b=_): pass",
                                       "    case (1 | 2) as n: pass"),
    "match with a bare name": lines("match x:", "    case 1: pass", "    case y: pass"),
    "match with parenthesised name": lines("match (x):", "    case (1): pass", "    case((y)): pass"),
    "match with two catch-alls": lines("match x:", "    case a if a: pass", "    case _: pass"),
    "match with None and dotted": lines("match x:", "    case None: pass", "    case a.b: pass",
                                        "    case -1: pass", "    case 'a' 'b': pass"),
    "guard with a ternary": lines("match x:", "    case y if 1 if y else 2: pass",
                                  "    case [z] if (1 if z else 2): w = 1 if 2 else 3"),
    "case with a body on its line": lines("match x:", "    case 1: y = 1 if 2 else 3",
                                          "    case _: y = 4 or 5"),
    "case with a guard behind a number": b"match x:\n    case 1if\\\n  2 or 3: pass\n    case 0x1if 2: pass\n",
    "case continued": b"match x:\n    case \\\n    _:\n        pass\n    case \\\n  1: pass\n",
    "match in match": lines("match x:", "    case 1:", "        match y:", "            case 2: pass",
                            "            case _: pass", "        case = 1", "    case _:",
                            "        case = 1", "case = 2"),
    "match continued": lines("match x[", "  1:2", "]:", "    # c", "    case 1: pass",
                             "match \\", "  x:", "    case _: pass"),
    "type statements": lines("type X = int if 1 else str", "type Y[T: (int, str)] = list[T]",
                             "type = 1", "type X[A] = lambda: A or 1"),
    # --- structure
    "suites on one line": lines("if 1: x = 1 if 2 else 3", "else: y = 1 or 2",
                                "for i in []: pass", "else: pass", "while 0: pass",
                                "class A: x = 1 if 2 else 3", "def f(): return 1 or 2"),
    "what an else belongs to": lines("for i in x:", "    if i: pass", "    else: pass",
                                     "else:", "    try: pass", "    except A: pass",
                                     "    else: pass", "    finally: pass",
                                     "while x:", "    while y: pass", "    else: pass",
                                     "if z:", "    for a in b: pass", "else: pass"),
    "else after comments and blanks": lines("try:", "    pass", "except A:", "    pass", "  # c", "",
                                            "# d", "else:", "    pass"),
    "except without a space": lines("try: pass", "except(A, B): pass", "except[C][0]: pass",
                                    "except: pass"),
    "except groups": lines("try: pass", "except* A: pass", "except *B: pass", "else: pass"),
    "async": lines("async def f():", "    async for i in x: pass", "    else: pass",
                   "    async with a, b: pass", "    return [i async for i in x if i]"),
    "async continued": b"async \\\n  def f():\n    async \\\n  for i in x: pass\n    else: pass\n",
    "lambda in an annotation": lines("def f(a: (lambda: 1 if 2 else 3)) -> lambda: 1 or 2: return 3 or 4",
                                     "def g() -> (lambda x=1 or 2: {3: 4}): return 5 or 6",
                                     "def h() -> lambda a, b=lambda: 1 or 2: a or b: a or b"),
    "lambdas in lambdas": lines("x = lambda a=lambda: 1: lambda *b, **c: a or b",
                                "y = [lambda: (yield), lambda x: x if x else 1]"),
    "type parameters": lines("def f[T: (int, str) if 1 else 2, *A, **P](x: T) -> T: return x or 1",
                             "class B[T: int or str](A[T] if 1 else C): x = 1 or 2"),
    "decorators with decisions": lines("@a if b else c", "@(d or", "  e)", "# c", "", "@f(x for x in y)",
                                       "def g(): pass", "@h", "class I:", "    @j or k",
                                       "    async def l(self): pass"),
    "docstring on the def line": b"def f(): 'doc'\ndef g(): " + Q3 + b"doc\nmore" + Q3 + b"\nclass A: 'x'; y = 1\n",
    "docstring in parentheses": lines("('''of two", "lines''')", "def f():", "    ('doc')"),
    "docstring in parentheses, with lines between": lines(
        "(", "", "  # comment", "  'a'", "", "  r\"b\"  # more", "  # and more", ")  # end",
        "# not in it", "class A:", "    ((u'a'", "", "      'b')", "     ) ; x = (1,", "", ")",
        "    def g(): (('c')); y = 1", "    def h(): (", "        # c", "", "        'd'", "    )",
        "    def i(a='x', b=('y')):", "        (\\", "# c", "'e' \\", "    'f')  # g", "        # h"),
    "docstring in parentheses behind a header": lines(
        "def f(a", "      ): (  # (", "", "  (  # c", " 'a'", "  'b')) # d", "",
        "def g(): \\", "  ('c'", "   'd')", "async def h(x: (lambda: 'y')=('z')) -> ('w'): ('v')"),
    "docstring in parentheses over other line ends":
        b"(\r\n# c\r\n\r\n'a\\\r\nb'\r\n)\r\ndef f(): (\r  # d\r\r'''e\rf'''\r  # g\r)\rx = 1\r",
    "no docstrings in parentheses": lines(
        "('a', 'b')", "def f():", "    ('a').x", "def g():", "    ('a'", "     'b' % 1)",
        "def h():", "    ('a')['b']", "def i():", "    ('a'", "     f'b')", "def j():", "    ('a')(",
        "  'b')", "def k():", "    ()", "    ('a')", "def l(): ('a' if 1 else 'b')", "def m(): ('a'",
        "  ),", "def n():", "    (b'a')", "def o():", "    ['a']", "def p(): x = ('a')",
        "def q(a='b'):", "    ('c') or 1", "def r(): ('a') + 'b'", "def s(): (", "  # c", "",
        "  'a'), (", "  'b')", "if 1: ('a')", "def t():", "    pass", "    ('a')",
        "def u(): 1; ('a')"),
    "docstrings of all kinds": b"u'a' r\"b\"\nclass A:\n\n    # c\n    " + Q3 + b"d\n\n    # e\n    " + Q3 +
    b" # f\n    def g(self):\n        'h' \\\n        'i'\n        'j'\n    'k'\n",
    "no docstrings": lines("def f():", "    b'bytes'", "def g():", "    'a' % 1", "def h():",
                           "    'a'.x", "def i():", "    'a', 'b'", "def j():", "    x = 1", "    'a'",
                           "def k(): pass", "'after'"),
    "docstring and semicolon": b"'doc'; x = 1\ndef f():\n    " + Q3 + b"a\n    b" + Q3 + b"; x = 1\n"
    b"def g():\n    'c' \\\n    ; 'd'\n",
    "docstring after a decorated def": lines("@a('x')", "def f(b='y'):", "    'doc'"),
    "nested definitions": lines("class A:", "    class B:", "        def c(self):",
                                "            def d(): pass", "            class E:",
                                "                def f(self): return lambda: 1 or 2",
                                "            return d", "    async def g(self): pass",
                                "if 1:", "    def h(): pass", "else:", "    def h(): pass"),
    "definitions end before comments": lines("def f():", "    if 1:", "        x = [", "            1,",
                                             "        ]", "", "    # c", "", "", "# d", "def g():",
                                             "    '''a", "    b'''", "  # e"),
    "names continued": b"def \\\n  f \\\n (a): pass\nclass\\\n  A(object): pass\ndef\tg(): pass\n",
    "asserts": lines("def f(a):", "    assert a or 1 and 2, 'x' if a else 'y'",
                     "    assert (a or", "            1)", "    assert a or 1; a or 2",
                     "    if a: assert a and 1; b = a or 2", "    assert [x for x in a if x]"),
    "comprehensions": lines("x = [a or b for a in c if d if e for b in f]",
                            "y = {k: v for k, v in z if k and v}", "s = {i for i in x}",
                            "g = (i async for i in x)"),
    # --- numbers beside keywords
    "numbers beside keywords": lines("x = 1if 2else 3", "y = [0x1for x in y]", "z = 1.if 2 else 3",
                                     "w = 1_000and 2", "v = 1e5or 2", "u = 0xfor x", "t = 1jif 2else 3",
                                     "s = 0b1and 0o7or 1", "r = 1.5e-3if 4 else 5", "q = .5or 1."),
    "names beside keywords": lines("x1if = form = iforand = android = 1", "x1if.lambda1 = orig",
                                   "_or = or_ = for2 = 1", "imports = important = 1"),
    # --- imports
    "imports without spaces": b"from.import y\nfrom...a import b\nimport\ta\nfrom.a import(b,\n c)\nfrom .. import d; import e\n",
    "import in strings and names": lines("'import a'", "x.imported = 1", "import_ = 2"),
    # --- extremes
    "many indents": b"".join(b" " * i + b"if 1:\n" for i in range(95)) + b" " * 95 + b"pass\n",
    "many brackets": b"x = " + b"(" * 90 + b"1 or 2" + b")" * 90 + b"\n",
    "a long header": b"def f(a=[" + b"(1 if 2 else 'x'), # c\n" * 20000 +
    b"], b=lambda: {1: 2 or 3}): return 1 or 2\n",
    "a long assert": b"assert [" + b"(1 if 2 else \"x\"), " * 20000 + b"], 1 or 2; x = 1 or 2\n",
    "a long return annotation": b"def f() -> " + b"'a' " * 20000 + b": return 1 or 2\n",
    "a long string in a header": b"def f(a='" + b"\\\\ \\' " * 50000 + b"' if 1 else 2): return 1 or 2\n",
    "many definitions": b"".join(b"def f%d(): return 1 or 2\n" % i for i in range(20000)),
    "deep definitions": b"".join(b" " * i + b"def f():\n" for i in range(19)) + b" " * 19 + b"pass\n",
}

# t-strings are f-strings to a scanner, but no Python before 3.14 accepts them.
TEMPLATES = {
    "t: as an f-string": (b"x = t'{1 or 2}' or tr'\\N{1 or 2}' or Rt'{t'{1 and 2}'}'\n",
                          b"x = f'{1 or 2}' or fr'\\N{1 or 2}' or Rf'{f'{1 and 2}'}'\n"),
}

EXPECTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oddities.json")


def expected():
    with open(EXPECTED, encoding="utf-8") as stream:
        return json.load(stream)


def write():
    import truth
    found = {}
    for name, data in ODDITIES.items():
        result = truth.truth(data)
        if result is None:
            print("not accepted:", name)
        elif any(new in name for new in ("f:", "type", "match", "case", "guard", "except groups")):
            found[name] = result
    for name, (data, as_f) in TEMPLATES.items():
        found[name] = truth.truth(as_f)
    with open(EXPECTED, "w", encoding="utf-8") as stream:
        json.dump(found, stream, indent=None, separators=(",", ":"), sort_keys=True)
        stream.write("\n")


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    write()

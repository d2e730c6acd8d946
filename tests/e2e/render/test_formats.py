"""Every format with names of any characters, read back by foreign readers; and text on terminals of
all widths."""
import base64
import csv
import hashlib
import html.parser
import io
import json
import os
import random
import re
import subprocess
import tempfile
import unicodedata

import cmarkgfm

from check import PROGRAM, equal, finish, holds, run, test
from on_terminal import on_terminal, plain

NASTY = [
    b"", b" ", b"  two  spaces  ", b"|", b"a|b||c", b"\\", b"\\|", b"a\\", b"\\\\|", b'"', b'""',
    b'say "hi", now', b"'", b",", b"a,b", b"\n", b"a\nb", b"a\r\nb", b"\r", b"\t", b"\0", b"a\0b",
    b"\x1b[31mred\x1b[0m", b"\x1b]0;title\x07", b"\x7f", b"\x9b31m", "\x9b31m".encode(), b"\xff\xfe",
    b"caf\xc3", b"\xe6\xbc", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", "漢字".encode(),
    "e\u0301".encode(), "🐍".encode(), "\u202eevil".encode(), "\u2066x\u2069".encode(),
    "\u2028".encode(), "\ufeffbom".encode(), "\xa0".encode(), b"<module>", b"<b>bold</b>",
    b"</script>", b"</td></tr></table>", b"<!-- c -->", b"&amp;", b"&lt;&#60;", b"`code`", b"``",
    b"*a*", b"**b**", b"_c_", b"__init__", b"a_b", b"a__b_", b"~~d~~", b"[x](y)", b"![i](j)",
    b"# h", b"- item", b"1. one", b"> quote", b"---", b"$x$", b"{}", b"%s%d%n", b"=1+1", b"@x",
    b"null", b"true", b"-1", b"1e5", b"0x10", b":---:", b"http://a.b/?c=d&e_f_", b"www.a.b/c_d_", b"a@b.cc", b"\xc2\xad",
    b"x" * 300, "漢".encode() * 100, b"a/" * 100 + b"end.py",
]
ALPHABET = [b"|", b"\\", b"`", b"*", b"_", b"<", b">", b"&", b'"', b"'", b" ", b"  ", b"\n", b"\r",
            b"\0", b"\x1b", b"\xff", b"\xc3", b"[", b"]", b"~", b"#", b"a", b"B", b"7", b",", b";",
            "é".encode(), "字".encode(), "\u202e".encode(), "$".encode(), b"!", b"(", b")", b"-"]

REPORT = """return { help = "x", columns = { "rank", "name", { "file", optional = true }, "n", "real" },
  run = function()
    return { title = NAMES[3], head = NAMES[2], tail = NAMES[1], rows = ROWS }
  end }
"""


def names(seed):
    numbers = random.Random(seed)
    made = [b"".join(numbers.choices(ALPHABET, k=numbers.randint(1, 12))) for _ in range(200)]
    return NASTY + made


def quoted(name):
    return '"' + "".join("\\x%02x" % byte for byte in name) + '"'


def write_report(folder, listed, title=b"T", head=b"H", tail=b"L"):
    rows = ", ".join("{ name = %s, n = %d, real = %d / 7 }" % (quoted(name), i * 1001, i)
                     for i, name in enumerate(listed))
    path = os.path.join(folder, "nasty.lua")
    with open(path, "w") as out:
        out.write("local NAMES = { %s, %s, %s }\nlocal ROWS = { %s }\n" % (
            quoted(tail), quoted(head), quoted(title), rows) + REPORT)
    return path


def rendered(path, *words, env=None):
    done = subprocess.run([PROGRAM, *words, path, "--", "true"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=dict(os.environ, **(env or {})))
    equal((done.returncode, done.stderr), (0, b""))
    return done.stdout


def replaced(name):
    """The name for programs: broken UTF-8 is U+FFFD."""
    return re.sub("[\udc80-\udcff]", "\ufffd", name.decode(errors="surrogateescape"))


UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"
                    "\udc80-\udcff]")


def shown(name):
    """The name for people: like that, but characters that would move the cursor are numbers."""
    def number(found):
        code = ord(found.group())
        code = code - 0xdc00 if code >= 0xdc80 and code <= 0xdcff else code
        return "\\x%02x" % code if code < 0x100 else "\\u%04x" % code
    return UNSEEN.sub(number, name.decode(errors="surrogateescape"))


class Page(html.parser.HTMLParser):
    """The cells of all tables, and the count of each element."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.rows, self.elements, self.cell, self.texts = [], {}, None, {}
        self.open = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements[tag] = self.elements.get(tag, 0) + 1
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = ""

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        if tag in ("td", "th"):
            self.rows[-1].append(self.cell)
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data
        for tag in set(self.open):
            self.texts[tag] = self.texts.get(tag, "") + data


def width(text):
    """The width in terminal columns, by the tables of another program."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


def with_report(check_it):
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(3):
            listed = names(seed)
            check_it(listed, write_report(folder, listed))


@test
def json_is_read_back_as_it_was():
    def check_it(listed, path):
        rows = json.loads(rendered(path, "--format", "json"))
        equal([row["name"] for row in rows], [replaced(name) for name in listed])
        equal([row["real"] for row in rows], [i / 7 for i in range(len(listed))])
        equal(list(rows[0]), ["rank", "name", "n", "real"])
    with_report(check_it)


@test
def ndjson_is_one_value_a_line():
    def check_it(listed, path):
        lines = rendered(path, "--format", "ndjson").decode().split("\n")
        equal(lines.pop(), "")
        equal([json.loads(line)["name"] for line in lines], [replaced(name) for name in listed])
    with_report(check_it)


@test
def csv_is_read_back_as_it_was():
    def check_it(listed, path):
        wanted = [replaced(name).replace("\0", "\ufffd") for name in listed]
        guarded = ["'" + name if re.match("[=+@\t\r\n-]", name) else name for name in wanted]
        for more, texts in ([], guarded), (["--csv-raw"], wanted):
            text = rendered(path, "--format", "csv", *more).decode()
            assert "\0" not in text
            rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
            equal(rows.pop(0), ["rank", "name", "file", "n", "real"])
            equal([row[1] for row in rows], texts)
            equal([row[4] for row in rows], ["%.15g" % (i / 7) for i in range(len(listed))])
    with_report(check_it)


@test
def csv_has_no_formula_but_numbers_as_they_are():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "formula.lua")
        with open(path, "w") as out:
            out.write("return { help = 'x', run = function() return { { ['=a'] = '=1', b = -1, "
                      "c = -0.5, d = -math.huge, e = '+1', f = { '=1' } } } end }")
        equal(rendered(path, "--format", "csv"),
              b"'=a,b,c,d,e,f\r\n'=1,-1,-0.5,-inf,'+1,\"[\"\"=1\"\"]\"\r\n")
        equal(rendered(path, "--format", "csv", "--csv-raw"),
              b"=a,b,c,d,e,f\r\n=1,-1,-0.5,-inf,+1,\"[\"\"=1\"\"]\"\r\n")


@test
def markdown_shows_names_as_they_are():
    def check_it(listed, path):
        text = rendered(path, "--format", "markdown").decode()
        page = Page(cmarkgfm.github_flavored_markdown_to_html(text))
        equal(page.rows.pop(0), ["#", "name", "n", "real"])
        # A space that markdown would drop is written as a space that stays.
        equal([row[1].replace("\xa0", " ") for row in page.rows],
              [shown(name).replace("\xa0", " ") for name in listed])
        odd = set(page.elements) - set("table thead tbody tr th td h2 p code a br".split())
        equal(odd, set())
    with_report(check_it)


@test
def a_page_says_what_may_run_in_it():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "r.lua")
        with open(path, "w") as stream:
            stream.write("return { help = 'x', needs = { 'profile' }, run = function() "
                         "return { { a = 1 } } end }")
        page = run(path, "--format", "html", "tests/data/calculator.speedscope.json").out
    policy = re.search('<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    for tag in "style", "script":
        texts = re.findall("<%s>(.*?)</%s>" % (tag, tag), page, re.S)
        equal(len(texts), 1)
        digest = base64.b64encode(hashlib.sha256(texts[0].encode()).digest()).decode()
        holds(policy.group(1), "%s-src 'sha256-%s'" % (tag, digest))
    holds(policy.group(1), "default-src 'none'")
    assert page.index(policy.group(0)) < page.index("<style>")


@test
def html_shows_names_as_they_are():
    def check_it(listed, path):
        page = Page(rendered(path, "--format", "html").decode())
        equal(page.rows.pop(0), ["#", "name", "n", "real"])
        equal([row[1] for row in page.rows], [shown(name) for name in listed])
        equal(page.elements["script"], 1)
        odd = set(page.elements) - set("html meta title style body header h1 h2 p pre button ul li "
                                       "main details summary div table thead tbody tr th td script".split())
        equal(odd, set())
    with_report(check_it)


@test
def titles_and_texts_break_nothing():
    with tempfile.TemporaryDirectory() as folder:
        for name in NASTY:
            if not name:
                continue
            path = write_report(folder, [b"f"], title=name, head=b"h" + name, tail=b"l" + name)
            text = rendered(path, "--format", "text").decode()
            assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), name
            page = Page(rendered(path, "--format", "html").decode())
            equal((page.texts["h2"], len(page.rows)), (shown(name), 2))
            assert page.texts["title"].startswith(shown(name) + " · "), page.texts["title"]
            markdown = rendered(path, "--format", "markdown").decode()
            page = Page(cmarkgfm.github_flavored_markdown_to_html(markdown))
            equal((len(page.rows), page.elements.get("pre", 0)), (2, 0), markdown)
            odd = set(page.elements) - set("table thead tbody tr th td h2 p code a br".split())
            equal(odd, set(), markdown)
            if name.strip():
                equal(page.texts["h2"].replace("\xa0", " "), shown(name).replace("\xa0", " "))


@test
def text_aligns_whatever_the_names():
    def check_it(listed, path):
        for columns in (80, 40, 133):
            text = rendered(path, "--format", "text", env={"COLUMNS": str(columns)}).decode()
            table = text.split("\n")[2:-2]
            equal(len(table), len(listed) + 1)
            # The last column has numbers, aligned to the right: all lines have the same end.
            equal({width(line) for line in table}, {columns})
            assert not UNSEEN.search("".join(table))
            for i, line in enumerate(table[1:]):
                equal(line.split()[-2:], [str(i * 1001), "%.3f" % (i / 7)])
    with_report(check_it)


@test
def tables_of_many_numbers_fit():
    for columns in (200, 132, 100, 80, 72, 66, 60, 40, 20):
        result = run("scan.lua", "tests/e2e", env={"COLUMNS": str(columns)})
        equal(result.status, 0)
        assert max(map(width, result.out.split("\n"))) <= columns, result.out
        for number in ("bytes", "complexity"):
            assert re.search(r"\b%s\b" % number, result.out), result.out
    size = os.path.getsize("tests/e2e/check.py")
    assert re.search(r"check\.py +%d " % size, run("scan.lua", "tests/e2e").out)


@test
def a_remark_of_few_rows_stands_below_its_row():
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("a.py", "x = 1\n"), ("b.py", "x = '\n"), ("c.py", "x = 1\n")):
            with open(os.path.join(folder, name), "w") as out:
                out.write(text)
        out = run("scan.lua", folder, env={"COLUMNS": "80"}).out
        holds(out, "\n    error: line 1, column 5: unterminated string\n")
        wide = run("scan.lua", folder, env={"COLUMNS": "300"}).out
        assert re.search(r"complexity  error\n", wide), wide


@test
def colours_are_for_terminals_that_want_them():
    recording = "tests/data/calculator.speedscope.json"
    coloured = on_terminal("top.lua", recording, columns=100)
    holds(coloured, "\x1b[1;31m80.06%\x1b[0m")
    bare = run("top.lua", recording).out
    assert "\x1b" not in bare
    equal(plain(coloured), bare)
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        equal(on_terminal("top.lua", recording, columns=100, env=env), bare)
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "pyprof-lua"))
        for text, want in (("false", bare), ("{ hot = 'red' }", coloured.replace("[1;31m", "[31m"))):
            with open(os.path.join(folder, "pyprof-lua", "config.lua"), "w") as config:
                config.write("return { colours = %s }" % text)
            equal(on_terminal("top.lua", recording, columns=100, env={"XDG_CONFIG_HOME": folder}),
                  want)
        path = os.path.join(folder, "o.txt")
        equal(on_terminal("-o", path, "top.lua", recording, columns=200), "")
        equal(open(path).read(), bare)


@test
def a_wider_terminal_is_used():
    recording = "tests/data/calculator.speedscope.json"
    for columns, env, want in ((120, None, True), (80, None, False), (80, {"COLUMNS": "120"}, True),
                               (120, {"COLUMNS": "80"}, False)):
        text = plain(on_terminal("top.lua", recording, columns=columns, env=env))
        equal("/srv/calculator/calculator.py:23" in text, want)


@test
def prose_is_broken_on_a_terminal_alone():
    recording = "tests/data/calculator.speedscope.json"
    text = plain(on_terminal("report.lua", recording, columns=40))
    holds(text, "\n4. 2.25%  <module> > main >\n   Calculator.multiply > Calculator.add\n")
    holds(run("report.lua", recording, env={"COLUMNS": "40"}).out,
          "\n4. 2.25%  <module> > main > Calculator.multiply > Calculator.add\n")
    holds(run("report.lua", "--width", "40", recording).out,
          "\n4. 2.25%  <module> > main >\n   Calculator.multiply > Calculator.add\n")


@test
def an_error_midway_keeps_what_was_there():
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "half.lua")
        with open(report, "w") as out:
            out.write("""return { help = "x", columns = { "n" }, run = function()
              local n = 0
              return function()
                n = n + 1
                if n > 5000 then error("midway") end
                return { n = n }
              end
            end }""")
        for ending in ("csv", "ndjson", "json", "txt", "md", "html"):
            path = os.path.join(folder, "o." + ending)
            with open(path, "w") as out:
                out.write("before")
            result = run("-o", path, report, "--", "true")
            equal(result.status, 1)
            holds(result.err, "midway")
            equal(open(path).read(), "before")
            equal(sorted(os.listdir(folder)), sorted(["half.lua", "o." + ending]))
            os.remove(path)


@test
def what_a_format_cannot_hold_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "object.lua")
        with open(report, "w") as out:
            out.write('return { help = "x", run = function() return { object = { a = 1 } } end }')
        for kind in ("csv", "ndjson", "html"):
            result = run("--format", kind, report, "--", "true")
            equal((result.status, result.out), (2, ""))
            holds(result.err, "--format %s: the report" % kind)
        equal(run(report, "--", "true").out, '{"a": 1}\n')


finish()

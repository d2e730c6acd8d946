local check = dofile("tests/lua/check.lua")
local render = require "pyprof.render"
local to_sections = require("pyprof.render.sections").of

local function rendered(format, results, options)
  local parts = {}
  local function write(...)
    for _, part in ipairs { ... } do parts[#parts + 1] = part end
  end
  local report = options and options.report or { help = "x", run = print }
  local context = { unit = "seconds", width = options and options.width or 80, notes = {},
    section = options and options.section, facts = options and options.facts }
  local sections = to_sections(table.pack(table.unpack(results)), report, "r.lua", "seconds")
  render.render(format, sections, write, context)
  return table.concat(parts)
end

local function rows()
  return {
    { name = 'a|b "q", <x>\n', self = 3, self_share = 0.5 },
    { name = "wide 漢字", self = 12, self_share = 0.25 },
  }
end
local columns = { "rank", "name", "self", "self%" }
local titled = { title = "T", head = "before", rows = rows(), columns = columns, tail = "after" }

check.test("text aligns, and shows what would break a line", function()
  check.equal(rendered("text", { titled }), table.concat({
    "=== T ===", "before",
    "#  name              self   self%",
    '1  a|b "q", <x>\\x0a     3  50.00%',
    "2  wide 漢字           12  25.00%",
    "after", "" }, "\n"))
end)

check.test("text gives way in its widest text column", function()
  local wide = { { name = ("n"):rep(100), self = 1 } }
  local out = rendered("text", { { rows = wide, columns = { "name", "self" } } }, { width = 40 })
  for line in out:gmatch("[^\n]+") do
    check.truthy(utf8.len(line) <= 40, line)
  end
end)

check.test("heads break, then stand on two levels, before a number is cut", function()
  local row = { name = "a_rather_long_name_of_a_function", first_line = 1, complexity = 22,
    docstring = 333, comment = 4 }
  local section = { rows = { row },
    columns = { "name", "first_line", "complexity", "docstring", "comment" } }
  check.equal(rendered("text", { section }, { width = 73 }), table.concat({
    "                                  first",
    "name                               line  complexity  docstring  comment",
    "a_rather_long_name_of_a_function      1          22        333        4", "" }, "\n"))
  check.equal(rendered("text", { section }, { width = 50 }), table.concat({
    "                     first         docstring",
    "name                  line  complexity     comment",
    "a_rather_…a_function     1          22   333     4", "" }, "\n"))
  check.equal(rendered("text", { section }, { width = 26 }), table.concat({
    "name        a_rath…unction", "first line  1", "complexity  22", "docstring   333",
    "comment     4", "" }, "\n"))
end)

check.test("a sentence behind all other columns goes below its row, uncut", function()
  local list = { { file = "a.py", lines = 1, error = "line 1, column 5: nothing closes it" } }
  local of = { "file", "lines", { "error", optional = true } }
  check.equal(rendered("text", { { rows = list, columns = of } }, { width = 45 }),
    "file  lines\na.py      1\n    error: line 1, column 5: nothing closes\n    it\n")
end)

check.test("colours can be others than the usual", function()
  local colours = require("pyprof.base.colours").codes { hot = "bold bright-blue",
    head = "plain" }
  local sections = to_sections(table.pack({ { name = "f", self_share = 0.9 } }),
    { help = "x", columns = { "name", "self%" } }, "r.lua", "none")
  local parts = {}
  render.render("text", sections, function(...) parts[#parts + 1] = table.concat { ... } end,
    { unit = "none", width = 80, notes = {}, coloured = true, colours = colours })
  check.equal(table.concat(parts), "name   self%\nf     \27[1;94m90.00%\27[0m\n")
end)

check.test("what a template names must be there", function()
  check.error(function()
    rendered("text", { { rows = rows(), columns = columns, line = "{rank} {nmae}" } })
  end, "unknown field 'nmae' (did you mean 'name'?)")
end)

check.test("a row is a table", function()
  check.error(function() rendered("text", { { rows = { "a" } } }) end, "row 1 is a string")
end)

check.test("values that are tables stay in one line", function()
  local nested = { rows = { { a = { { b = 1 }, { b = "\n" } } } } }
  check.equal(rendered("ndjson", { nested }), '{"a": [{"b": 1}, {"b": "\\n"}]}\n')
  check.equal(rendered("csv", { nested }), 'a\r\n"[{""b"": 1}, {""b"": ""\\n""}]"\r\n')
end)

check.test("two tables of one title are both there", function()
  local out = rendered("json", { { title = "T", rows = { { a = 1 } } },
    { title = "T", rows = { { a = 2 } } } })
  check.equal(require("cjson").decode(out), { T = { { a = 1.0 } }, ["T 2"] = { { a = 2.0 } } })
end)

check.test("CSV writes what is no number in JSON, and no empty line", function()
  check.equal(rendered("csv", { { rows = { { a = 0 / 0 }, { a = -math.huge }, { a = "" } } } }),
    'a\r\nnan\r\n-inf\r\n""\r\n')
end)

check.test("ndjson is an object a line", function()
  check.equal(rendered("ndjson", { titled }),
    '{"rank": 1, "name": "a|b \\"q\\", <x>\\n", "self": 3, "self_share": 0.5}\n' ..
    '{"rank": 2, "name": "wide 漢字", "self": 12, "self_share": 0.25}\n')
end)

check.test("CSV is RFC 4180's", function()
  check.equal(rendered("csv", { titled }), 'rank,name,self,self_share\r\n' ..
    '1,"a|b ""q"", <x>\n",3,0.5\r\n2,wide 漢字,12,0.25\r\n')
end)

check.test("Markdown escapes what it would take as its own", function()
  local out = rendered("markdown", { titled })
  check.truthy(out:find("| 1 | a\\|b \"q\", \\<x\\>\\\\x0a | 3 | 50.00% |", 1, true), out)
  check.truthy(out:find("| ---: | --- | ---: | ---: |", 1, true), out)
end)

check.test("Markdown has names and paths as code, texts as paragraphs and lists", function()
  local list = { { name = "f", file = "/srv/a_b.py", line = 3, note = "<x>", bare = "g" } }
  local of = { "name", "file:line", "note", { "bare", code = true } }
  check.equal(rendered("markdown", { { verdict = "failed", because = "it is slow" },
    { title = "T", head = "One <b>.\nTwo\n- a\n- b\nThree\n\n# Four\n---", rows = list,
      columns = of }, { markdown = "## Mine\n\n**bold**\n" }, "2. two\n3) x" }),
    "**failed**: it is slow\n\n## T\n\nOne \\<b\\>.\\\nTwo\n- a\n- b\n\nThree\n\n" ..
    "\\# Four\\\n\\---\n\n" ..
    "| name | file:line | note | bare |\n| --- | --- | --- | --- |\n" ..
    "| `f` | `/srv/a_b.py:3` | \\<x\\> | `g` |\n\n## Mine\n\n**bold**\n\n2. two\n\n3\\) x\n")
  check.equal(rendered("markdown", { { rows = { { name = "a|b" }, { name = "`" }, { name = " " },
    { name = " a  b " } } } }), "| name |\n| --- |\n| a\\|b |\n| \\` |\n| &nbsp; |\n" ..
    "| `\u{a0}a\u{a0}\u{a0}b\u{a0}` |\n")
end)

check.test("a text of Markdown is shown as it is, and is no page by itself", function()
  local only = { { markdown = "# A <b>\n" } }
  check.equal(rendered("markdown", only), "# A <b>\n")
  check.equal(rendered("text", only), "# A <b>\n")
  check.truthy(rendered("html", only):find("# A &lt;b&gt;", 1, true))
end)

check.test("HTML escapes, and keeps the numbers for sorting", function()
  local out = rendered("html", { titled })
  check.truthy(out:find("<td>a|b &quot;q&quot;, &lt;x&gt;\\x0a</td>", 1, true), out)
  check.truthy(out:find('<td class="number bar" data-value="0.25">25.00%</td>', 1, true), out)
end)

check.test("HTML has a tree's levels, its facts and its title", function()
  local tree = { title = "Tree", columns = { "tree", "self" }, rows = {
    { name = "<all>", depth = 0, self = 1 }, { name = "a", depth = 1, self = 2 },
    { name = "b", depth = 2, self = 3 } } }
  local out = rendered("html", { tree }, { facts = { report = "r.lua", command = "x & y",
    date = "2026-11-30T10:00:00Z", strip = { { text = "<1>", tip = '"', level = "warn" } } } })
  for _, part in ipairs { '<table role="treegrid">', '<tr aria-level="1"><td class="tree">',
    '<tr aria-level="3"><td class="tree">   └─ b</td>',
    "<title>Tree · x &amp; y · 2026-11-30</title>",
    '<li class="warn" title="&quot;">&lt;1&gt;</li>', "<h1>x &amp; y</h1><p>r.lua</p>" } do
    check.truthy(out:find(part, 1, true), part .. "\n" .. out)
  end
end)

check.test("JSON of one table is a list, of several an object by title", function()
  check.equal(rendered("json", { { rows = {}, columns = columns } }), "[]\n")
  local out = rendered("json", { titled, { verdict = "failed", because = "so" } })
  local value = require("cjson").decode(out)
  check.equal(value.T[2].name, "wide 漢字")
  check.equal({ value.verdict, value.because }, { "failed", "so" })
end)

check.test("a verdict is a word; of several the worst counts", function()
  local decode = require("cjson").decode
  check.equal(decode(rendered("json", { { verdict = "passed" } })), { verdict = "passed" })
  local all = { { verdict = "unsure" }, { verdict = "failed", because = "x" },
    { verdict = "passed" } }
  check.equal(decode(rendered("json", all)), { verdict = "failed", because = "x" })
  local function verdict(results)
    return render.verdict(to_sections(table.pack(table.unpack(results)), { help = "x" },
      "r.lua", "none"))
  end
  check.equal({ verdict(all), verdict { { verdict = "passed" }, "text" },
    (verdict { { verdict = "passed" }, { verdict = "unsure" } }) }, { "failed", nil, "unsure" })
  check.equal(rendered("text", { { verdict = "failed", because = "so" } }),
    "verdict: failed (so)\n")
end)

check.test("text alone is the whole output; beside others only text formats show it", function()
  for _, format in ipairs { "text", "json", "csv", "ndjson", "markdown", "html" } do
    check.equal(rendered(format, { "as it is" }), "as it is")
  end
  local beside = { "words", { rows = { { a = 1 } } } }
  for format, shown in pairs { text = true, markdown = true, html = true, json = false,
    csv = false, ndjson = false } do
    check.equal(rendered(format, beside):find("words", 1, true) ~= nil, shown, format)
  end
  check.equal(rendered("json", beside), '[\n  {"a": 1}\n]\n')
end)

check.test("an object is one value, and no table", function()
  local object = { { object = { b = 1, a = { 2 } } } }
  check.equal(rendered("json", object), '{\n  "a": [2],\n  "b": 1\n}\n')
  for _, format in ipairs { "csv", "ndjson", "html" } do
    check.error(function() rendered(format, object) end, "--format " .. format)
  end
  local sections = to_sections(table.pack(object[1]), { help = "x" }, "r.lua", "none")
  check.equal(render.format_for({}, sections), "json")
  check.equal(render.format_for({ output = "x.txt" }, sections), "text")
end)

check.test("the format is what the file's ending says", function()
  for ending, format in pairs { json = "json", txt = "text", ndjson = "ndjson", jsonl = "ndjson",
    csv = "csv", md = "markdown", markdown = "markdown", html = "html", htm = "html", JSON = "json",
    other = "text" } do
    check.equal(render.format_for({ output = "/a.b/o." .. ending }, {}), format, ending)
  end
  check.equal(render.format_for({ output = "o.json", format = "csv" }, {}), "csv")
  check.equal(render.format_for({}, {}), "text")
end)

check.test("line takes the table's place, head and tail stand around it", function()
  local out = rendered("text", { { title = "T", head = "h", tail = "t", rows = rows(),
    columns = columns, line = "{rank}. {name} - {self} samples ({self%})" } })
  check.equal(out, table.concat({ "=== T ===", "h",
    '1. a|b "q", <x>\\x0a - 3 samples (50.00%)', "2. wide 漢字 - 12 samples (25.00%)", "t", "" },
    "\n"))
end)

check.test("one section of several", function()
  local two = { { title = "A", rows = { { x = 1 } } }, { title = "B", rows = { { x = 2 } } } }
  check.equal(rendered("csv", two, { section = "B" }), "x\r\n2\r\n")
  check.equal(rendered("csv", two), "x\r\n1\r\n")
  check.error(function() rendered("text", two, { section = "C" }) end, "unknown title 'C'")
end)

check.test("rows may be an iterator, and are written as they come", function()
  local produced, written = 0, {}
  local function iterate()
    produced = produced + 1
    if produced <= 3 then return { n = produced } end
  end
  local sections = to_sections(table.pack(iterate), { help = "x" }, "r.lua", "none")
  render.render("ndjson", sections, function()
    written[#written + 1] = produced
  end, { unit = "none", width = 80, notes = {} })
  check.equal(written, { 1, 2, 3 })
end)

check.test("what comes after many rows is written as it comes, nothing is lost", function()
  local produced, held
  local function iterate()
    produced = produced + 1
    if produced > 20000 then return nil end
    local late = produced > 15000
    return { name = late and ("n"):rep(90) or "short", self = late and 123456789 or 7,
      error = produced == 20000 and "at last" or nil }
  end
  local specs = { "name", "self", { "error", optional = true } }
  for _, format in ipairs { "text", "markdown", "html" } do
    produced, held = 0, nil
    local parts = {}
    local sections = to_sections(table.pack { rows = iterate, columns = specs },
      { help = "x" }, "r.lua", "none")
    render.render(format, sections, function(...)
      held = held or produced
      parts[#parts + 1] = table.concat { ... }
    end, { unit = "none", width = 60, notes = {}, coloured = true })
    local out = table.concat(parts)
    check.truthy(format == "html" or held == 10000, held)
    local times = format == "html" and 2 or 1 -- html has the value beside the text
    check.equal(select(2, out:gsub("123456789%f[^%d]", "")), times * 5000)
    check.equal(select(2, out:gsub("at last", "")), 1)
  end
end)

check.test("a column that no row has is an error, unless it may be", function()
  check.error(function() rendered("text", { { rows = rows(), columns = { "nmae" } } }) end,
    "unknown field 'nmae' (did you mean 'name'?)")
  check.error(function() rendered("text", { { rows = rows(), columns = { { "a", hed = "b" } } } })
  end, "r.lua: columns[1]: unknown key 'hed' (did you mean 'head'?)")
  rendered("text", { { rows = rows(), columns = { { "nmae", optional = true } } } })
  check.equal(rendered("text", { { rows = {}, columns = { "nmae" } } }), "(no rows)\n")
end)

check.test("a value and nil is the value", function()
  local sections = to_sections(table.pack("text", nil), { help = "x" }, "r.lua", "none")
  check.equal({ #sections, sections[1].text }, { 1, "text" })
end)

check.test("what is nil or false is no result", function()
  local sections = to_sections(table.pack("one", nil, false, "two"), { help = "x" }, "r.lua",
    "none")
  check.equal({ #sections, sections[2].text }, { 2, "two" })
end)

check.test("a result with a line needs none of the report's columns", function()
  local report = { help = "x", columns = { "name", "functions" } }
  local list = { { name = "a", line = 3 } }
  local results = { { rows = list, line = "{name} at {line}" } }
  check.equal(rendered("text", results, { report = report }), "a at 3\n")
  check.equal(rendered("csv", results, { report = report }), "name,line\r\na,3\r\n")
end)

check.test("what run may not return", function()
  check.error(function() rendered("text", { { name = "a", self = 1 } }) end,
    "a table that is no result (of one row: return { row })")
  check.error(function() rendered("text", { { { { name = "a" } }, { { name = "b" } } } }) end,
    "row 1 is a list (several results: return one, another)")
  check.error(function() rendered("text", { 5 }) end, "run returned number")
  for name, sentence in pairs { Profile = "a profile (want rows", Graph = "a profile (want rows",
    Source = "a source (want rows", Subject = "the subject (want rows" } do
    local object = setmetatable({}, { __name = "pyprof." .. name })
    check.error(function() rendered("text", { object }) end, "run returned " .. sentence)
  end
  check.error(function() rendered("text", { { row = {} } }) end,
    "unknown key 'row' (did you mean 'rows'?)")
  check.error(function() rendered("text", { { verdict = "fine" } }) end, "unknown verdict 'fine'")
  check.error(function() rendered("text", { { verdict = "passed", becuase = "x" } }) end,
    "r.lua: result: unknown key 'becuase' (did you mean 'because'?)")
  check.error(function() rendered("text", { { object = 1, rows = {} } }) end, "unknown key 'rows'")
  check.error(function() rendered("text", { { title = 3, rows = {} } }) end,
    "result: 'title' is number (want string)")
  check.error(function() rendered("text", { { rows = 3 } }) end,
    "result: 'rows' is number (want a list or an iterator)")
  check.error(function() rendered("csv", { "text", "more" }) end, "the report has no table")
end)

check.finish()

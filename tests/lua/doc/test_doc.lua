-- Pages, annotations and loaded functions agree with each other, in all directions.
local annotations = require "pyprof.doc.annotations"
local check = dofile("tests/lua/check.lua")
local pyprof = require "pyprof"
local embedded = require "pyprof.core.embedded"
local doc = require "pyprof.doc"
local help = require "pyprof.repl.help"

local recording = "tests/data/calculator.speedscope.json"

local function written(suffix, text)
  local path = os.tmpname() .. suffix
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

local calls = written(".callgrind", [[
# callgrind format
events: Cycles
fl=/x/a.py
fn=work
1 10
cfn=add
calls=2 1
1 5

fn=add
1 5
]])
local script = written(".py", "sum(range(6000000))\n")

local p = assert(pyprof.load(recording))
local source = assert(pyprof.scan("examples/calculator.py"))
local subject = assert(pyprof.subject(recording))
local graph = assert(pyprof.load(calls))

local function read(module)
  return annotations.read(assert(embedded.read("lua/pyprof/" .. module .. ".lua")))
end

check.test("annotations: types with spaces, names and texts, examples, classes", function()
  local items = annotations.read([[
--- One.
--- More of it: yes.
---
--- Two.
---     code(1)
---       more
---@param a fun(x: integer): string|nil   what it is
---  and on
---@param b { c: string, d: integer }|nil
---@return integer count   of them
---@return string|nil message
function M.f(a, b)
end

---@class A.B: A.C
---@field x string[]   text
local x
]])
  local f, class = items[1], items[2]
  check.equal({ #items, f.owner, f.name, f.arguments }, { 2, "M", "f", "a, b" })
  check.equal(f.text, { "One. More of it: yes.", "Two." })
  check.equal(f.example, { "code(1)", "  more" })
  check.equal(f.params, {
    { name = "a", type = "fun(x: integer): string|nil", text = "what it is and on" },
    { name = "b", type = "{ c: string, d: integer }|nil", text = "" } })
  check.equal(f.returns, { { name = "count", type = "integer", text = "of them" },
    { name = "message", type = "string|nil", text = "" } })
  check.equal({ class.name, class.base, class.fields[1].type }, { "A.B", "A.C", "string[]" })
end)

local tests = require("pyprof.collect.tests.results").new({
  { id = "a.py::test_a", file = "a.py", line = 1, outcome = "passed", setup = 0.0, call = 0.5,
    teardown = 0.0 } }, "9", p)
local summary = { num_statements = 2, missing_lines = 1, excluded_lines = 0, num_branches = 2,
  num_partial_branches = 1, covered_branches = 1 }
local coverage = require("pyprof.collect.coverage.data").new {
  meta = { version = "7" }, totals = summary, tests = { ["a.py"] = { ["t|run"] = { 1 } } },
  files = { ["a.py"] = { summary = summary, executed_lines = { 1 }, missing_lines = { 3 },
    excluded_lines = {}, executed_branches = { { 1, 2 } }, missing_branches = { { 1, -1 } } },
    ["examples/calculator.py"] = { summary = summary, executed_lines = { 8 }, missing_lines = {},
      excluded_lines = {}, executed_branches = {}, missing_branches = {} } } }
local counts = require("pyprof.collect.counts.data").new(
  { "file 22\nexamples/calculator.py\n7 1 8 5\n7 5\n" }, function(path) return path end)
local memory = require("pyprof.collect.memory.data").new({ { "a.py", 1, "f", 1.0, 2.0, 3 } }, {},
  { { seconds = 0.5, bytes = 100, pid = 4 } })
local objects = { profile = p, tests = tests, coverage = coverage, memory = memory,
  counts = counts, graph = graph, source = source, subject = subject,
  regex = pyprof.regex(""), process = pyprof.process, pyprof = pyprof,
  program = assert(pyprof.process.spawn { "true" }) }

check.test("each page of a function is of one that is there, with an example", function()
  for _, page in ipairs(doc.pages()) do
    if page.item and page.item.kind == "function" then
      local object = objects[page.key:match("^[^.]*")]
      check.equal(type(object[page.item.name]), "function", page.key)
      check.truthy(page.item.text[1], page.key)
      check.truthy(page.item.example[1], page.key)
      local arguments = {}
      for name in page.item.arguments:gmatch("[%w_%.]+") do arguments[#arguments + 1] = name end
      check.equal(#page.item.params, #arguments, page.key)
      for i, param in ipairs(page.item.params) do
        check.equal(param.name, arguments[i], page.key)
      end
    end
  end
end)

check.test("each function that is there has a page", function()
  local pages = doc.pages()
  for name, value in pairs(pyprof) do
    if type(value) == "function" then check.truthy(pages["pyprof." .. name], name) end
  end
  for name in pairs(pyprof.process) do check.truthy(pages["process." .. name], name) end
  for _, name in ipairs(require("pyprof.profile").names(nil, true)) do
    check.truthy(pages["profile." .. name], name)
  end
  local owners = { graph = { "profile/graph", "methods" },
    subject = { "subject/init", "methods" }, source = { "source/init", "Source" },
    program = { "target/process", "Program" }, tests = { "collect/tests/results", "Tests" },
    coverage = { "collect/coverage/data", "methods" },
    memory = { "collect/memory/data", "methods" }, counts = { "collect/counts/data", "methods" } }
  for page, where in pairs(owners) do
    local module, owner = table.unpack(where)
    local text = embedded.read("lua/pyprof/" .. module .. ".lua")
    for name in text:gmatch("\nfunction " .. owner .. "[.:](%a[%w_]*)") do
      check.truthy(pages[page .. "." .. name], name)
    end
  end
end)

check.test("each field of a profile and a subject is annotated, and the other way round", function()
  local fields = {}
  for _, field in ipairs(doc.fields_of(doc.pages().profile.item)) do fields[field.name] = true end
  local is_method = {}
  for _, name in ipairs(require("pyprof.profile").names(nil, true)) do is_method[name] = true end
  for _, name in ipairs(require("pyprof.profile").names()) do
    check.equal(fields[name] == nil, is_method[name] == true, name)
    fields[name] = nil
  end
  check.equal(next(fields), nil)
  for _, field in ipairs(doc.fields_of(doc.pages().subject.item)) do
    if field.name ~= "profile" and field.name ~= "source" and field.name ~= "recordings" then
      local _ = subject[field.name] -- raises if it is no field
    end
  end
end)

local function first(iterate) return { iterate() } end

local rows = {
  FunctionRow = p:functions(), LineRow = p:lines(), GroupRow = p:by "module",
  StackRow = p:stacks(), StackFrame = p:stacks()[1].frames, TreeRow = p:tree(),
  ImportRow = pyprof.load("tests/data/pytest.speedscope.json.gz"):imports { tree = true },
  CoverageFigures = {}, CoverageFileRow = coverage:files(),
  CoverageFunctionRow = coverage:functions(), CoverageTotalRow = { coverage:totals() },
  CoverageLineRow = coverage:lines "a.py", BranchRow = coverage:branches "a.py",
  ContextRow = coverage:tests "a.py",
  LineCountRow = counts:lines(), FunctionCountRow = counts:functions(),
  FileCountRow = counts:files(), MemoryLineRow = memory:lines(), ResidentRow = memory:timeline(),
  TestResultRow = tests:list(), TestTotalsRow = { tests:totals() },
  TestRow = pyprof.load("tests/data/pytest.speedscope.json.gz"):tests(),
  NeighbourRow = p:callers "fibonacci", ThreadRow = p:threads(),
  SplitRow = table.move(p:split { stacks = "line", runs = "stack" }, 1, 1, 2, p:split()),
  SpanRow = p:timeline(), ChangeRow = pyprof.diff(p, p), UsageRow = pyprof.usage(p, source),
  JoinRow = pyprof.join { profile = p, source = source },
  AnnotatedRow = pyprof.annotate { profile = p, source = source }, FileRow = source:files(),
  TotalRow = { source:totals() }, DefinitionRow = source:definitions(),
  SumRow = { p:sum "main", p:sum { "main", "fibonacci" } },
  RunRow = table.move(p:split { runs = "call" }[1].runs, 1, 3, 4,
    p:runs { by = "stack", limit = 3 }),
  Call = { p:split { runs = "call" }[1].runs[1].call, { depth = 1, frame = {} } },
  MatchRow = first(source:each_match { "def" }), OutlineRow = first(source:each_outline()),
  OutlineDefinition = source:each_outline()().definitions,
  OutlineImport = source:each_outline()().imported,
  CostRow = graph:functions(), CostGroupRow = graph:by "module", CallRow = graph:callers "add",
  CostSumRow = { graph:sum "work", graph:sum { "work", "add" } }, EdgeRow = graph:calls(),
  Counts = {},
}

check.test("rows have the fields that are annotated, all of them and no others", function()
  for _, item in ipairs(read "meta/rows") do
    local name = item.name:match("[^.]*$")
    check.truthy(rows[name], name .. ": no row to look at")
    local known = {}
    for _, field in ipairs(doc.fields_of(item)) do known[field.name] = field end
    for _, row in ipairs(rows[name]) do
      for key in next, row do
        check.truthy(known[key], name .. "." .. key .. " is not annotated")
      end
      for key, field in pairs(known) do
        local optional = field.type:find("|nil", 1, true)
        check.truthy(optional or rawget(row, key) ~= nil, name .. "." .. key .. " is missing")
        local kind = field.type:match("^(%a+)|nil$") or field.type
        local value = rawget(row, key)
        if value ~= nil and (kind == "string" or kind == "boolean" or kind == "number") then
          check.equal(type(value), kind, name .. "." .. key)
        elseif value ~= nil and kind == "integer" then
          check.equal(math.type(value), kind, name .. "." .. key)
        end
      end
    end
  end
end)

check.test("the stubs of the C modules name what is in them, all of it", function()
  local registry = debug.getregistry()
  for _, name in ipairs { "json", "process", "profile", "regex", "source" } do
    local module, stubs = require("pyprof.core." .. name), {}
    local owners = { [name] = module, core = module, run = registry["pyprof.core.process.run"],
      file = registry["pyprof.core.process.file"],
      directory = registry["pyprof.core.process.directory"],
      Profile = registry["pyprof.core.profile"], Calls = registry["pyprof.core.calls"],
      Regex = registry["pyprof.Regex"], Scans = registry["pyprof.core.scans"],
      Texts = registry["pyprof.core.texts"] }
    -- Also those without a comment.
    local text = embedded.read("lua/pyprof/meta/" .. name .. ".lua")
    for owner, member in text:gmatch("\nfunction (%a+)[.:]([%w_]+)%(") do
      local of = owners[owner]
      check.truthy(of, owner)
      stubs[of] = stubs[of] or {}
      stubs[of][member] = true
      check.equal(type((of.__index or of)[member]), "function", owner .. "." .. member)
    end
    for of, members in pairs(stubs) do
      for member, value in pairs(of.__index or of) do
        local ours = type(value) ~= "function" or member:find("^__")
        check.truthy(members[member] or ours, name .. ": " .. member)
      end
    end
  end
end)

local places = { ["monday.json.gz"] = recording, ["tuesday.json.gz"] = recording,
  ["run.json"] = recording, ["src"] = "examples", ["script.py"] = script }

-- Examples that need a process that goes on running; top.lua --live is tested with one.
local not_run = { ["subject.again"] = true }

local function run_example(page)
  local lines = page.item.example
  local code = table.concat(lines, "\n"):gsub('"([%w_%.]+)"', function(name)
    return places[name] and ("%q"):format(places[name])
  end)
  local printed, wanted = {}, {}
  local env = setmetatable({ p = p, source = source, subject = subject, graph = graph,
    tests = tests, coverage = coverage, memory = memory, counts = counts,
    pyprof = pyprof, print = function(...)
      local words = table.pack(...)
      for i = 1, words.n do words[i] = tostring(words[i]) end
      printed[#printed + 1] = table.concat(words, " ")
    end }, { __index = _G })
  for _, line in ipairs(lines) do
    local value = line:match("%-%-> (.*)$")
    if value then wanted[#wanted + 1] = value end
  end
  assert(load(code, "=" .. page.key, "t", env))()
  if #wanted > 0 then check.equal(printed, wanted, page.key) end
end

check.test("each example runs, and prints what it says", function()
  for _, page in ipairs(doc.pages()) do
    if page.item and page.item.kind == "function" and not not_run[page.key] then
      run_example(page)
    end
  end
end)

check.test("help finds pages by name, function and object", function()
  local function title(value)
    return assert(help.of(value, 80)):match("^[^\n]*")
  end
  check.equal(title(p.functions), "# p:functions(query)")
  check.equal(title(graph.callers), "# graph:callers(selected, query)")
  check.equal(title(pyprof.load), "# pyprof.load(...)")
  check.equal(title(pyprof.process.run), "# pyprof.process.run(start)")
  check.equal(title(source.line), "# source:line(file, number)")
  check.equal(title(subject.collect), "# subject:collect(name, changes)")
  check.equal(title(pyprof.regex("").gsub), "# regex:gsub(subject, new, limit)")
  check.equal(title(p), "# pyprof.Profile")
  check.equal(title(source), "# pyprof.Source")
  check.equal(title "p:where", "# p:where(selected)")
  check.equal(title "profile.where", "# p:where(selected)")
  check.equal(title "pyprof.Profile", "# pyprof.Profile")
  check.equal(title "functionrow", "# pyprof.FunctionRow")
  check.equal(title "selector", title "selectors")
  check.equal(title "options", "# The options of the command line")
  check.equal(select(2, help.of("selectrs", 80)),
    "unknown page 'selectrs' (did you mean 'selectors'?)")
  check.truthy(select(2, help.of(print, 80)):find("help() lists the pages", 1, true))
end)

check.test("pages fit their width", function()
  local text = require "pyprof.base.text"
  for _, page in ipairs(doc.pages()) do
    for line in assert(doc.text(page.key, 80)):gmatch("[^\n]+") do
      check.truthy(text.width(line) <= 80 or line:find("^    "), page.key .. ": " .. line)
    end
  end
  for line in doc.index(80):gmatch("[^\n]+") do check.truthy(text.width(line) <= 80, line) end
end)

os.remove(calls)
os.remove(script)
check.finish()

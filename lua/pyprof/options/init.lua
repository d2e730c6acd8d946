-- options/init.lua - the options that every report has, and reading options off the command line.
local fail = require "pyprof.base.fail"
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"

local M = {}

---@class pyprof.Option
---@field name string            as on the command line, without the dashes
---@field key string             where its value goes
---@field short string|nil       one letter
---@field value string|nil       the name of its value in the help; a flag has none
---@field type string|nil        "number", "percent", "integer" or "choice"; else the text is taken
---  as it is
---@field choice string[]|nil
---@field runs boolean|nil       says how a target is run: refused if none is run
---@field view boolean|nil       a view on the profile: may come several times, order counts
---@field all boolean|nil        "all" stands for the largest number
---@field many boolean|nil       may come several times: the values are gathered
---@field argument string|nil    of a report's or a collector's own: its name in `args`
---@field collects string|nil    an argument of a report that asks for this collector
---@field brings boolean|nil     its value makes further options known
---@field help string

---@type pyprof.Option[]
M.common = {
  { name = "output", short = "o", value = "FILE", help = "write the report there" },
  { name = "format", value = "NAME", type = "choice",
    choice = { "text", "json", "ndjson", "csv", "markdown", "html", "sarif" },
    help = "text, json, ndjson, csv, markdown, html or sarif" },
  { name = "csv-raw", help = "csv: texts as they are, formulas too" },
  { name = "width", value = "N", type = "integer", help = "columns of text, at most" },
  { name = "full-paths", help = "paths of files whole, not shortened" },
  { name = "section", value = "TITLE", help = "only the report's table of that title" },
  { name = "rate", runs = true, value = "N", type = "number", help = "samples a second (100)" },
  { name = "duration", runs = true, value = "S", type = "number", help = "end it after S seconds" },
  { name = "idle", runs = true, help = "sample threads that wait, too" },
  { name = "gil", runs = true, help = "only threads that hold the GIL" },
  { name = "native", runs = true, help = "frames of C extensions, too" },
  { name = "subprocesses", runs = true, help = "child processes, too" },
  { name = "nonblocking", runs = true, help = "do not pause the program for a sample" },
  { name = "pid", value = "N", type = "integer", help = "TARGET is this running process" },
  { name = "python", runs = true, value = "PATH", help = "the interpreter to run TARGET with" },
  { name = "py-spy", runs = true, value = "PATH", help = "the py-spy to use" },
  { name = "save", runs = true, value = "FILE", help = "keep the recording" },
  { name = "progress", runs = true, negatable = true,
    help = "time and memory of a run on a terminal that TARGET does not write to" },
  { name = "where", value = "SEL", view = true, help = "only samples with a selected frame" },
  { name = "without", value = "SEL", view = true, help = "only samples without one" },
  { name = "thread", value = "SEL", view = true, help = "only these threads" },
  { name = "test", value = "SEL", view = true, help = "only these tests of pytest" },
  { name = "window", value = "A..B", view = true, help = "only from second A to B" },
  { name = "weight", value = "KIND", type = "choice", choice = { "samples", "cpu", "wall" },
    view = true, help = "weights: samples, cpu (CPU time) or wall (clock)" },
  { name = "fold", value = "SEL", view = true, help = "selected frames vanish into callers" },
  { name = "root", value = "SEL", view = true, help = "stacks from the selected frame on" },
  { name = "metric", value = "NAME", help = "which metric of a recording that has several" },
  { name = "from", value = "COLLECTOR=FILE", many = true,
    help = "take COLLECTOR's data from FILE" },
  { name = "with", value = "[COLLECTOR=]NAME", many = true,
    brings = true, help = "collect NAME too, or in COLLECTOR's place" },
  { name = "sandbox", help = "before REPORT: give it only the data" },
  { name = "traceback", help = "show where in Lua an error arose" },
  { name = "help", short = "h", help = "this; with REPORT: what it takes" },
}

--- Options that stand alone, before any REPORT.
---@type pyprof.Option[]
M.alone = {
  { name = "eval", short = "e", value = "CODE", help = "run Lua; TARGET may follow" },
  { name = "interactive", short = "i", help = "read Lua, after REPORT if one is named" },
  { name = "list", help = "the reports that there are; --list WORD: those with it" },
  { name = "copy", value = "REPORT", help = "put an editable copy of REPORT here" },
  { name = "new", value = "NAME", help = "write a report to begin with here" },
  { name = "doc", help = "the help pages; --doc NAME shows one" },
  { name = "search", value = "WORD", help = "the help pages that hold WORD (--doc --search WORD)" },
  { name = "version", short = "V", help = "print the version" },
}

--- What `--limit all` means: more rows than there are, and a number that may still be added to.
M.all = 0x7fffffff

--- Option names that a report's own arguments may not have.
---@return table<string, boolean>
function M.reserved()
  local names = { views = true, brought = true, early = true } -- fields that M.read adds
  for _, list in ipairs { M.common, M.alone } do
    for _, option in ipairs(list) do names[option.name] = true end
  end
  return names
end

--- A number as people write it: 20, 0.5, and 20% for 0.2.
---@param text string
---@return number|nil
function M.number(text)
  local percent = text:match("^([%d.]+)%%$")
  if percent then
    local number = tonumber(percent)
    return number and number / 100
  end
  -- tonumber alone would take hexadecimal, white space, inf and nan.
  if not text:find("^[+-]?[%d.]+$") and not text:find("^[+-]?[%d.]+[eE][+-]?%d+$") then
    return nil
  end
  local number = tonumber(text)
  return number ~= math.huge and number ~= -math.huge and number or nil
end

--- The value of an option from its text; a text that is no value is a usage error.
---@param option pyprof.Option
---@param text string
---@return any
function M.converted(option, text)
  local value = text
  if option.all and text == "all" then return M.all end
  if option.type == "number" or option.type == "integer" or option.type == "percent" then
    local number = M.number(option.type == "percent" and text:gsub("%%$", "") or text)
    if option.type == "integer" then number = number and math.tointeger(number) end
    if not number then
      fail.usage("--%s: '%s' is not %s", option.name, text,
        option.type == "integer" and "a whole number" or "a number")
    elseif option.all and number < 0 then
      fail.usage("--%s: %s is less than 0", option.name, text)
    end
    value = number
  end
  if option.choice then
    if tables.has(option.choice, value) then return value end
    local names = {}
    for i, choice in ipairs(option.choice) do names[i] = tostring(choice) end
    fail.usage("--%s: %s", option.name, suggest.unknown("value", text, names))
  end
  if value ~= text then return value end
  if text:find("\0", 1, true) then fail.usage("--%s: contains a zero byte", option.name) end
  return text
end

local function find(lists, word)
  for _, list in ipairs(lists) do
    for _, option in ipairs(list) do
      if word == "--" .. option.name or (option.short and word == "-" .. option.short) then
        return option, true
      end
      if option.negatable and word == "--no-" .. option.name then return option, false end
    end
  end
end

local function unknown(lists, word, hint)
  local names = {}
  for _, list in ipairs(lists) do
    for _, option in ipairs(list) do names[#names + 1] = "--" .. option.name end
  end
  local message = suggest.unknown("option", word, names)
  local near = message:find("did you mean", 1, true)
  fail.usage("%s%s", message, not near and hint or "")
end

--- Reads options from position on, into values, up to the first word that is no option.
---@param words string[]
---@param position integer
---@param lists pyprof.Option[][]
---@param values table           by key; values.views gathers the views in their order,
---  values.brought the options that others made known
---@param bring (fun(value: string): pyprof.Option[])|nil   the options that a value makes known
---@param more { options: (fun(): pyprof.Option[]), hint: string }|nil   for a word that is none of
---  the lists: further options, and what to say if it is none of these
---@return integer position      of the first word that is no option
function M.read(words, position, lists, values, bring, more)
  values.brought = values.brought or {}
  while position <= #words do
    local word = words[position]
    -- "-m", "-c", "--" and "-" (standard input) begin TARGET.
    if word:sub(1, 1) ~= "-" or word == "-" or word == "--" or word == "-m" or word == "-c" then
      break
    end
    local name, text = word:match("^(%-%-[^=]+)=(.*)$")
    local option, on = find(lists, name or word)
    if not option then option, on = find({ values.brought }, name or word) end
    if not option and more then
      option, on = find({ more.options() }, name or word)
      values.early = values.early or option and (name or word)
    end
    if not option then unknown(lists, name or word, more and more.hint) end
    local key, value = option.key or option.name:gsub("-", "_"), on
    if option.value then
      if not text then
        position = position + 1
        text = words[position]
        if not text then fail.usage("--%s: %s is missing", option.name, option.value) end
      end
      value = M.converted(option, text)
    elseif text then
      fail.usage("--%s: takes no value%s", option.name,
        option.negatable and (" (--no-%s turns it off)"):format(option.name) or "")
    end
    if option.view then
      table.insert(values.views, { name = option.name, value = value })
    elseif option.many then
      values[key] = values[key] or {}
      table.insert(values[key], value)
    else
      values[key] = value
    end
    if option.brings and bring then
      for _, each in ipairs(bring(value)) do table.insert(values.brought, each) end
    end
    position = position + 1
  end
  return position
end

-- A help text, wrapped into a column.
local function in_column(help, from, to)
  local lines, line = {}, nil
  for word in help:gmatch("%S+") do
    if line and #line + 1 + #word > to - from then
      lines[#lines + 1], line = line, nil
    end
    line = line and line .. " " .. word or word
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n" .. (" "):rep(from))
end

--- Lines "  --name VALUE   help" for a list of options.
---@param list pyprof.Option[]
---@return string
function M.describe(list)
  local lines = {}
  for _, option in ipairs(list) do
    local flag = (option.negatable and "--[no-]" or "--") .. option.name
    if option.short then flag = "-" .. option.short .. ", " .. flag end
    if option.value then flag = flag .. " " .. option.value end
    lines[#lines + 1] = ("  %-23s %s"):format(flag, in_column(option.help, 26, 80))
  end
  return table.concat(lines, "\n")
end

return M

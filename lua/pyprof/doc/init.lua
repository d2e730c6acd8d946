-- doc/init.lua - the pages of --doc and help(): the topics in pages/, and a page for each function,
-- method, object and row from the library's annotations.
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"
local text = require "pyprof.base.text"
local embedded = require "pyprof.core.embedded"
local annotations = require "pyprof.doc.annotations"
local options = require "pyprof.options"

local M = {}

-- The modules with public annotations: the name of the table in the code that holds the functions,
-- how they are called, and the class whose methods they are.
local sources = {
  { name = "pyprof", module = "init", owner = "M", call = "pyprof." },
  { name = "process", module = "init", owner = "M.process", call = "pyprof.process." },
  { name = "profile", module = "profile/samples", owner = "methods", call = "p:",
    class = "pyprof.Profile" },
  { name = "graph", module = "profile/graph", owner = "methods", call = "graph:",
    class = "pyprof.Graph" },
  { name = "source", module = "source/init", owner = "Source", call = "source:",
    class = "pyprof.Source" },
  { name = "subject", module = "subject/init", owner = "methods", call = "subject:",
    class = "pyprof.Subject" },
  { name = "counts", module = "collect/counts/data", owner = "methods", call = "counts:",
    class = "pyprof.Counts" },
  { name = "tests", module = "collect/tests/results", owner = "Tests", call = "tests:",
    class = "pyprof.Tests" },
  { name = "coverage", module = "collect/coverage/data", owner = "methods", call = "coverage:",
    class = "pyprof.Coverage" },
  { name = "memory", module = "collect/memory/data", owner = "methods", call = "memory:",
    class = "pyprof.Memory" },
  { name = "regex", module = "meta/regex", owner = "Regex", call = "regex:",
    class = "pyprof.core.Regex" },
  { name = "program", module = "target/process", owner = "Program", call = "program:",
    class = "pyprof.Program" },
}

-- Tables without functions of their own.
local others = {
  ["pyprof.Ended"] = "target/process", ["pyprof.Exit"] = "target/launch",
  ["pyprof.Frame"] = "profile/frame", ["pyprof.ProcessTime"] = "target/times",
  ["pyprof.RunRecord"] = "profile/record", ["pyprof.Target"] = "target/init",
  ["pyprof.ThreadTime"] = "target/times", ["pyprof.Wrapping"] = "target/init",
}

---@class pyprof.Page
---@field key string         "profile.functions", "selectors", "FunctionRow"
---@field title string       the name that is shown
---@field about string       one line about it
---@field topic string|nil   a topic's text
---@field item pyprof.Annotated|nil
---@field call string|nil    the text before a function's name
---@field members pyprof.Page[]|nil   an object's functions

local function read(module)
  return annotations.read(assert(embedded.read("lua/pyprof/" .. module .. ".lua")))
end

-- The first sentence, or the first part of it up to ";" or ":", outside brackets.
local function first_sentence(value)
  local depth = 0
  for at, mark in value:gmatch("()([%(%){}%.;:])") do
    if mark == "(" or mark == "{" then depth = depth + 1
    elseif mark == ")" or mark == "}" then depth = depth - 1
    elseif depth == 0 and value:find("^%s", at + 1) then return value:sub(1, at - 1) end
  end
  return (value:gsub("[%.;:]$", ""))
end

-- --- the list of pages

local function add(pages, page)
  pages[#pages + 1] = page
  pages[page.key] = page
end

local function add_topics(pages)
  for _, path in ipairs(embedded.names("lua/pyprof/doc/pages/")) do
    local topic = embedded.read(path)
    local name = path:match("([^/]*)%.md$")
    add(pages, { key = name, title = name, topic = topic,
      about = topic:match("^#%s*([^\n]*)") or name })
  end
  add(pages, { key = "options", title = "options", topic = "options",
    about = "The options of the command line" })
end

local function add_objects(pages)
  for _, source in ipairs(sources) do
    local object = { key = source.name, members = {},
      title = source.class and source.class:gsub("%.core", "") or "pyprof",
      about = "The library" }
    -- The topic of an object's name is shown in its place.
    if source.name ~= "process" and not pages[source.name] then add(pages, object) end
    for _, item in ipairs(read(source.module)) do
      if item.kind == "function" and item.owner == source.owner then
        local page = { key = source.name .. "." .. item.name, item = item, call = source.call,
          title = source.call .. item.name, about = first_sentence(item.text[1] or "") }
        add(pages, page)
        local owner = pages[source.name] or pages.pyprof
        if owner.members then table.insert(owner.members, page) end
      elseif item.kind == "class" and item.name == source.class then
        object.item, object.about = item, first_sentence(item.text[1] or "")
      end
    end
  end
end

local function add_tables(pages)
  local function take(module, wanted)
    for _, item in ipairs(read(module)) do
      if item.kind == "class" and (not wanted or wanted == item.name) then
        add(pages, { key = item.name:match("[^.]*$"), title = item.name, item = item,
          about = first_sentence(item.text[1] or "") })
      end
    end
  end
  take("meta/rows")
  for _, name in ipairs(tables.names(others)) do take(others[name], name) end
end

local made

--- All pages, in the order of the list, and by their keys.
---@return pyprof.Page[]
function M.pages()
  if not made then
    made = {}
    add_topics(made)
    add_objects(made)
    add_tables(made)
  end
  return made
end

-- --- the text of a page

local function wrapped(value, width, indent)
  local lines = text.wrap(value, width - #indent)
  return indent .. lines:gsub("\n", "\n" .. indent)
end

--- Adds lines with names, types and texts, in columns.
---@param lines string[]
---@param tags pyprof.Tag[]
---@param width integer
local function add_tags(lines, tags, width)
  local names, widest, lefts = 0, 0, {}
  for _, tag in ipairs(tags) do names = math.max(names, #(tag.name or "")) end
  for i, tag in ipairs(tags) do
    lefts[i] = names > 0 and text.fill(tag.name or "", names) .. "  " .. tag.type or tag.type
    if #lefts[i] <= 36 then widest = math.max(widest, #lefts[i]) end
  end
  for i, tag in ipairs(tags) do
    local left = lefts[i]
    local alone = wrapped(left, width - 2, "  "):gsub("\n", "\n" .. (" "):rep(names + 2))
    if tag.text == "" then
      lines[#lines + 1] = alone
    elseif #left > widest then
      lines[#lines + 1] = alone
      lines[#lines + 1] = wrapped(tag.text, width, (" "):rep(widest + 4))
    else
      local body = wrapped(tag.text, width, (" "):rep(widest + 4))
      lines[#lines + 1] = "  " .. text.fill(left, widest) .. "  " .. body:sub(widest + 5)
    end
  end
end

M.add_tags = add_tags

-- The fields of a class, those of its base class first.
local function fields_of(item)
  local fields = {}
  if item.base and item.base ~= "" then
    local base = M.pages()[item.base:match("[^.]*$")]
    if base then table.move(fields_of(base.item), 1, #fields_of(base.item), 1, fields) end
  end
  table.move(item.fields, 1, #item.fields, #fields + 1, fields)
  return fields
end

M.fields_of = fields_of

local function add_block(lines, head, add_lines)
  table.move({ "", "## " .. head, "" }, 1, 3, #lines + 1, lines)
  add_lines()
end

-- The page of the rows that a function gives, if it gives rows.
local function rows_of(item)
  for _, tag in ipairs(item.returns) do
    local name = tag.type:match("pyprof%.([%w_]+Row)%f[^%w_]")
    if name and M.pages()[name] then return M.pages()[name] end
  end
end

--- The fields of the rows that a function gives; nil if it gives none.
---@param page pyprof.Page
---@return pyprof.Tag[]|nil
function M.row_fields(page)
  local rows = page.item and page.item.kind == "function" and rows_of(page.item)
  return rows and fields_of(rows.item) or nil
end

local function function_page(page, width)
  local item = page.item
  local lines = { "# " .. page.call .. item.name .. "(" .. item.arguments .. ")" }
  for _, paragraph in ipairs(item.text) do
    lines[#lines + 1] = ""
    lines[#lines + 1] = wrapped(paragraph, width, "")
  end
  if #item.params > 0 then
    add_block(lines, "Takes", function() add_tags(lines, item.params, width) end)
  end
  if #item.returns > 0 then
    add_block(lines, "Gives", function() add_tags(lines, item.returns, width) end)
  end
  local rows = rows_of(item)
  if rows then
    add_block(lines, "A row has", function() add_tags(lines, fields_of(rows.item), width) end)
  end
  if #item.example > 0 then
    add_block(lines, "Example", function()
      for _, line in ipairs(item.example) do lines[#lines + 1] = "    " .. line end
    end)
  end
  return table.concat(lines, "\n") .. "\n"
end

local function add_index(lines, pages, width)
  local widest = 0
  for _, page in ipairs(pages) do
    local name = page.title
    if #name <= 24 then widest = math.max(widest, #name) end
  end
  for _, page in ipairs(pages) do
    local about = wrapped(page.about, width, (" "):rep(widest + 4)):sub(widest + 5)
    lines[#lines + 1] = "  " .. text.fill(page.title, widest) .. "  " .. about
  end
end

local function object_page(page, width)
  local lines = { "# " .. page.title }
  for _, paragraph in ipairs(page.item and page.item.text or {}) do
    lines[#lines + 1] = ""
    lines[#lines + 1] = wrapped(paragraph, width, "")
  end
  if page.item and #page.item.fields > 0 then
    add_block(lines, "Fields", function() add_tags(lines, fields_of(page.item), width) end)
  end
  if page.members and #page.members > 0 then
    add_block(lines, "Functions", function() add_index(lines, page.members, width) end)
  end
  return table.concat(lines, "\n") .. "\n"
end

local function options_page()
  return "# The options of the command line\n\nBefore or after REPORT, always before TARGET:\n\n" ..
    options.describe(options.common) .. "\n\nInstead of REPORT:\n\n" ..
    options.describe(options.alone) .. "\n\nA report's own: pyprof-lua REPORT --help\n"
end

local function page_text(page, width)
  if page.key == "options" then return options_page() end
  if page.topic then return page.topic end
  if page.item and page.item.kind == "function" then return function_page(page, width) end
  return object_page(page, width)
end

--- The list of all pages.
---@param width integer   columns
---@return string
function M.index(width)
  local topics, objects, rows = {}, {}, {}
  for _, page in ipairs(M.pages()) do
    local list = page.topic and topics or page.members and objects or
      page.item and page.item.kind == "class" and rows
    if list then list[#list + 1] = page end
  end
  local lines = { "# Topics: pyprof-lua --doc NAME, help \"NAME\" at the prompt", "" }
  add_index(lines, topics, width)
  for _, object in ipairs(objects) do
    lines[#lines + 1] = ""
    lines[#lines + 1] = ("# %s: %s (%s)"):format(object.key, object.about, object.title)
    lines[#lines + 1] = ""
    add_index(lines, object.members, width)
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "# Rows, and other tables"
  lines[#lines + 1] = ""
  add_index(lines, rows, width)
  return table.concat(lines, "\n") .. "\n"
end

-- --- finding a page

-- "p:functions", "profile.functions", "functions", "FunctionRow", "pyprof.Profile", "selectors".
local function find(name)
  local pages = M.pages()
  local wanted = name:gsub(":", "."):gsub("%(.*$", ""):gsub("^p%.", "profile.")
    :gsub("^pyprof%.process%.", "process.")
  local topic = pages[wanted] or pages[wanted:lower() .. "s"]
  if topic then return { topic } end
  local found, last, bare = {}, "." .. wanted, wanted:gsub("^pyprof%.", ""):lower()
  for _, page in ipairs(pages) do
    if page.key:sub(-#last) == last or page.key:lower() == bare or
      page.title:gsub("^pyprof%.", ""):lower() == bare then
      found[#found + 1] = page
    end
  end
  return found
end

--- The pages that hold a word, and the first lines that have it.
---@param word string
---@param width integer   columns
---@return { page: pyprof.Page, lines: string[] }[]
function M.search(word, width)
  local found, wanted = {}, word:lower()
  for _, page in ipairs(M.pages()) do
    local lines = {}
    for line in (page_text(page, width)):gmatch("[^\n]+") do
      if line:lower():find(wanted, 1, true) then lines[#lines + 1] = line:match("^%s*(.-)%s*$") end
    end
    if #lines > 0 then found[#found + 1] = { page = page, lines = lines } end
  end
  return found
end

-- " (it is in: formats, views)": the topics that hold the word.
local function mentions(word, width)
  local names = {}
  for _, entry in ipairs(M.search(word, width)) do
    if entry.page.topic and #names < 6 then names[#names + 1] = entry.page.key end
  end
  return #names > 0 and (" (the word is in the pages: %s)"):format(table.concat(names, ", ")) or ""
end

--- The pages of that name, one after the other; nil and a message with similar names if there is
--- none.
---@param name string
---@param width integer   columns
---@param more string[]|nil   further names that may have been meant
---@return string|nil
---@return string|nil message
function M.text(name, width, more)
  local found = find(name)
  if #found == 0 then
    local names, seen = table.move(more or {}, 1, #(more or {}), 1, {}), {}
    for _, page in ipairs(M.pages()) do
      for _, known in ipairs { page.key, page.key:match("[^.]*$") } do
        if not seen[known] then names[#names + 1], seen[known] = known, true end
      end
    end
    local message = suggest.unknown("page", name, names)
    local near = message:find("did you mean", 1, true) ~= nil
    return nil, near and message or message .. mentions(name, width)
  end
  local parts = {}
  for i, page in ipairs(found) do parts[i] = page_text(page, width) end
  return table.concat(parts, "\n")
end

--- The page of a library function, by its place in the source.
---@param source string   the file, as debug.getinfo has it
---@param line integer
---@return pyprof.Page|nil
function M.page_at(source, line)
  for _, object in ipairs(sources) do
    local module = "lua/pyprof/" .. object.module .. ".lua"
    if source:sub(-#module) == module then
      for _, page in ipairs(M.pages()) do
        if page.item and page.item.line == line and page.key:match("^[^.]*") == object.name then
          return page
        end
      end
    end
  end
end

return M

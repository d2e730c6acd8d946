-- source/init.lua - the results of scans of Python source: pyprof.scan(path, …).
local fail = require "pyprof.base.fail"
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local core = require "pyprof.core.source"
local sys = require "pyprof.core.sys"
local rows = require "pyprof.rows"
local outline = require "pyprof.source.outline"
local rules_of = require "pyprof.source.rules"

local M = {}

--- Python source. The first query scans it; none of its code is run.
---@class pyprof.Source
---@field paths string[]
---@field folders boolean   one of the paths is a folder
---@field changed table<string, true>|false   the files that changed between two runs of the target
---@field texts pyprof.core.Texts|false   the files read before, where no file can be opened now
local Source = {}
Source.__index = Source
Source.__name = "pyprof.Source"

local option_names = { "ignore", "stubs", "complexity", "threads" }
local query_keys = { "sort", "limit" }
-- Rows sorted by a place are in the order of the text; other numbers begin with the largest.
local places = { first_line = true, line = true, end_line = true }

local function checked(options)
  options = misuse.options(options, option_names)
  local counting = options.complexity or "radon"
  if counting ~= "radon" and counting ~= "mccabe" then
    misuse.raise("%s", suggest.unknown("complexity", counting, { "radon", "mccabe" }))
  end
  return {
    no_ignore = options.ignore == false, stubs = options.stubs, mccabe = counting == "mccabe",
    threads = options.threads,
  }
end

-- The arguments are paths, and perhaps a table of options at the end.
local function arguments(...)
  local paths, options = { ... }, nil
  if type(paths[#paths]) == "table" then options = table.remove(paths) end
  if #paths == 0 then misuse.raise("a path is wanted") end
  for i, path in ipairs(paths) do
    if type(path) ~= "string" or path:find("\0") then misuse.raise("path %d is no path", i) end
  end
  return paths, checked(options)
end

-- Fields without a value yet are false, because reading a nil field raises an error.
local function new(paths, options)
  return setmetatable({
    paths = paths, options = options, folders = false, kept = false, summed = false,
    lines = false, texts = false, changed = false,
  }, Source)
end

--- Is this a Source?
---@param value any
---@return boolean
function M.is(value)
  return getmetatable(value) == Source
end

--- The Python files at and below these paths. The first query reads them.
--- Options: `ignore = false` (reads files that .gitignore names, too), `stubs` (*.pyi, too),
--- `complexity` ("radon", "mccabe"), `threads` (0: as many as there are cores).
---@param ... string|table
---@return pyprof.Source|nil
---@return string|nil message    if a path does not exist, or if none of them can be read
function M.scan(...)
  local paths, options = arguments(...)
  local source = new(paths, options)
  local readable, message = false, nil
  for _, path in ipairs(paths) do
    local status, reason = sys.stat(path)
    if not status then return nil, reason end
    local plain, refusal = sys.plain(path)
    if not plain then return nil, refusal end
    source.folders = source.folders or status.kind == "directory"
    local good, why = sys.readable(path)
    readable, message = readable or good, message or why
  end
  if not readable then return nil, message end
  return source
end

--- A source of the same paths with other options, as in pyprof.scan.
---     local all = source:with { ignore = false, stubs = true }
---@param options table
---@return pyprof.Source
function Source:with(options)
  local other, same = checked(options), true
  for _, name in ipairs { "no_ignore", "stubs", "mccabe", "threads" } do
    local alike = (other[name] or false) == (self.options[name] or false)
    if not alike and self.texts and (name == "no_ignore" or name == "stubs") then
      misuse.raise("source:with %s is not there in a sandbox (it can read no other files)",
        name == "stubs" and "stubs" or "ignore")
    end
    same = same and alike
  end
  if same then return self end
  local source = new(self.paths, other)
  source.texts, source.changed = self.texts, self.changed
  return source
end

local function copy(row)
  if not row then return nil end
  local copied = {}
  for key, value in pairs(row) do copied[key] = value end
  return copied
end

local function each(list)
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

-- Starts a new scan: returns an iterator over the files, and the scans for their definitions.
local function scans_of(source, rules)
  local options = {}
  for key, value in pairs(source.options) do options[key] = value end
  options.rules = rules
  local opened, message = core.scan_many(source.texts or source.paths, options)
  if not opened then error(message, 0) end
  return function()
    local file, reason = opened:next()
    if reason then error(reason, 0) end
    return file
  end, opened
end

local function definitions_of(opened)
  local i = 0
  return function()
    i = i + 1
    return opened:definition(i)
  end
end

--- An iterator over the files, one row each, as the scans finish; it keeps no rows.
---     for file in source:each_file() do print(file.file, file.complexity) end
---@return fun(): pyprof.FileRow|nil
function Source:each_file()
  if self.kept then
    local next_kept = each(self.kept.files)
    return function() return copy(next_kept()) end
  end
  local next_file, opened = scans_of(self)
  return function()
    local file = next_file()
    if not file then self.summed = opened:totals() end
    return file
  end
end

--- An iterator over one row, the totals. It uses the last each_file that came to its end, else it
--- scans the files itself.
---     for total in source:each_total() do print(total.files, total.lines) end
---@return fun(): pyprof.TotalRow|nil
function Source:each_total()
  local done = false
  return function()
    if done then return nil end
    done = true
    return self:totals()
  end
end

--- An iterator over the definitions, in the order of files and lines; it keeps no rows.
---     for definition in source:each_definition() do print(definition.name) end
---@return fun(): pyprof.DefinitionRow|nil
function Source:each_definition()
  if self.kept then
    local next_kept = each(self.kept.definitions)
    return function() return copy(next_kept()) end
  end
  local next_file, opened = scans_of(self)
  local next_definition
  return function()
    while true do
      local definition = next_definition and next_definition()
      if definition then return definition end
      if not next_file() then return nil end
      next_definition = definitions_of(opened)
    end
  end
end

--- An iterator over the matches of patterns, in the order of files and places: rule (its name, or
--- its number), file, line, column, text (the whole line), match, captures (false for a group that
--- took no part), definition (the qualified name of the innermost definition around it, or nil).
---
--- A rule is a pattern, or { pattern=, flags= (as in pyprof.regex), where = "code" (comments and
--- the contents of strings are blank), "comment", "string", "docstring" or "any", at = "anywhere"
--- or "line" (only at the beginning of a logical line, a comment or a string), name= }. A pattern
--- that backtracks without end raises an error.
---     for found in source:each_match { { pattern = [[\beval\(]], where = "code" } } do
---       print(found.file, found.line, found.text)
---     end
---@param rules (string|table)[]
---@return fun(): pyprof.MatchRow|nil
function Source:each_match(rules)
  local compiled, names = rules_of.compiled(rules)
  local next_file, opened = scans_of(self, compiled)
  local i = 0
  return function()
    while true do
      i = i + 1
      local found = opened:found(i)
      if found then
        found.rule = names[found.rule]
        return found
      end
      if not next_file() then return nil end
      i = 0
    end
  end
end

-- Reads all files at once and keeps the rows, for methods that return lists.
local function read(source)
  if source.kept then return source.kept end
  local files, definitions = {}, {}
  local next_file, opened = scans_of(source)
  for file in next_file do
    files[#files + 1] = file
    for definition in definitions_of(opened) do definitions[#definitions + 1] = definition end
  end
  source.summed = opened:totals()
  opened:close()
  source.kept = { files = files, definitions = definitions }
  return source.kept
end

--- An iterator over the files as nested tables: a file's row, its nested `definitions`, each with
--- `async`, `decorators` (names) and `parameters` (their number), and its `imported`: line, module,
--- level, names. Files that cannot be read are left out.
---     for file in source:each_outline() do
---       for _, import in ipairs(file.imported) do print(import.line, import.module) end
---     end
---@return fun(): pyprof.OutlineRow|nil
function Source:each_outline()
  local next_file = scans_of(self)
  return function()
    for file in next_file do
      local made = not file.unreadable and outline.of(file.file, self.options.mccabe,
        self.texts or nil)
      if made then return made end
    end
  end
end

--- The files in their order, as they are kept: do not change them.
---@param source pyprof.Source
---@return pyprof.FileRow[]
function M.kept_files(source)
  return read(source).files
end

--- The definitions in the order of files and lines, as they are kept: do not change them.
---@param source pyprof.Source
---@return pyprof.DefinitionRow[]
function M.kept_definitions(source)
  return read(source).definitions
end

local function copies(list, query)
  query = misuse.options(query, query_keys)
  local copied = {}
  for i, row in ipairs(list) do copied[i] = copy(row) end
  local key = query.sort
  if key and key ~= "file" then
    local name = key:match("^%-?(.*)$")
    if places[name] then key = key:sub(1, 1) == "-" and name or "-" .. name end
    copied = rows.sort(copied, key)
  end
  for i = #copied, (query.limit or #copied) + 1, -1 do copied[i] = nil end
  return copied
end

--- One row per file: file, bytes, lines = source + docstring + comment + blank, functions, lambdas,
--- classes, imports, complexity, and error if something is wrong with the file.
---     local longest = source:files { sort = "lines", limit = 10 }
---@param query { sort: string?, limit: integer? }|nil
---@return pyprof.FileRow[]
function Source:files(query)
  return copies(read(self).files, query)
end

--- One row per definition, in the order of files and lines: file, kind, name, first_line, line,
--- end_line, complexity, docstring (whether it has one), parent (the number of the definition
--- around it, counted in the file).
---     local complex = source:definitions { sort = "complexity", limit = 10 }
---@param query { sort: string?, limit: integer? }|nil
---@return pyprof.DefinitionRow[]
function Source:definitions(query)
  return copies(read(self).definitions, query)
end

--- The sums over all files, and the number of files.
---     print(source:totals().complexity)
---@return pyprof.TotalRow
function Source:totals()
  if not self.summed then
    local next_file, opened = scans_of(self)
    while next_file() do end
    self.summed = opened:totals()
  end
  return copy(self.summed) --[[@as table]]
end

-- A file that cannot be read has no text, but a lack of memory is an error.
local function known_text(text, message)
  if not text and fail.is_memory(message) then error(message, 0) end
  return text
end

local function text_of(source, file)
  if source.texts then return source.texts:text(file) end
  local stream <close>, message = io.open(file, "rb")
  return known_text(stream, message) and known_text(stream:read("a"))
end

--- Reads the files now, so that a sandbox, which can open no file, can scan them.
---@param source pyprof.Source
---@return string[]|nil paths   the paths of the files
---@return string|nil message
function M.keep(source)
  local texts, message = core.read(source.paths, source.options)
  source.texts = texts
  if not texts then return nil, message end
  local paths = {}
  for file in scans_of(source) do paths[#paths + 1] = file.file end
  return paths
end

--- The text of a file as the scan reads it, as UTF-8; nil if it cannot be read.
---@param source pyprof.Source
---@param file string
---@return string|nil
function M.text(source, file)
  local opened = known_text(core.open(file, nil, source.texts or nil))
  return opened and opened.text
end

--- The text of a line, without its newline and without a byte order mark; nil if the file has no
--- line of that number.
---     local row = p:lines({ limit = 1 })[1]
---     print(source:line(row.file, row.line))
---@param file string
---@param number integer
---@return string|nil
function Source:line(file, number)
  misuse.want(file, "string", "line: a file's name")
  misuse.want(number, "number", "line: a number")
  if not self.lines or self.lines.file ~= file then
    self.lines = { file = file }
    local text = text_of(self, file)
    if text and text ~= "" then
      -- A byte order mark is no part of the first line.
      text = text:gsub("^\xef\xbb\xbf", ""):gsub("\r\n?", "\n")
      for line in text:gmatch("([^\n]*)\n?") do self.lines[#self.lines + 1] = line end
    end
  end
  return self.lines[number]
end

setmetatable(Source, { __index = misuse.no_field("a source", { "paths", "folders" }, Source) })

--- The functions that files define, in the order of their lines, the outer one first.
---@param files string[]   those that cannot be read have none
---@return table<string, pyprof.DefinitionRow[]>  by file
function M.functions(files)
  local paths, of_file = {}, {}
  for _, path in ipairs(files) do
    if sys.readable(path) then paths[#paths + 1] = path end
  end
  local source = #paths > 0 and M.scan(table.unpack(paths))
  for _, row in ipairs(source and source:definitions {} or {}) do
    of_file[row.file] = of_file[row.file] or {}
    if row.kind ~= "class" then table.insert(of_file[row.file], row) end
  end
  for _, list in pairs(of_file) do
    table.sort(list, function(a, b)
      if a.line ~= b.line then return a.line < b.line end
      return a.end_line > b.end_line
    end)
  end
  return of_file
end

return M

-- source.lua - what scans of Python source say: pyprof.scan(path, …).
local core = require "pyprof.core.source"
local misuse = require "pyprof.misuse"
local rows = require "pyprof.rows"
local suggest = require "pyprof.suggest"
local sys = require "pyprof.core.sys"

local M = {}

---@class pyprof.Source
---@field paths string[]
local Source = {}
Source.__index = Source

local option_names = { "ignore", "stubs", "complexity", "threads" }
local query_keys = { "sort", "limit" }
local counted = {
  "bytes", "lines", "source", "docstring", "comment", "blank", "functions", "lambdas", "classes",
  "imports", "complexity",
}
-- Places come in the order of the text, amounts with the largest first.
local places = { first_line = true, line = true, end_line = true }

-- Paths, the last of them a table of options perhaps.
local function arguments(...)
  local paths, options = { ... }, {}
  if type(paths[#paths]) == "table" then options = table.remove(paths) end
  misuse.options(options, option_names)
  local counting = options.complexity or "radon"
  if counting ~= "radon" and counting ~= "mccabe" then
    misuse.raise("%s (one of: radon, mccabe)",
      suggest.unknown("complexity", counting, { "radon", "mccabe" }))
  end
  if #paths == 0 then misuse.raise("a path is wanted") end
  for i, path in ipairs(paths) do
    if type(path) ~= "string" or path:find("\0") then misuse.raise("path %d is no path", i) end
  end
  return paths, {
    no_ignore = options.ignore == false, stubs = options.stubs, mccabe = counting == "mccabe",
    threads = options.threads,
  }
end

--- What the files say that are, or are below, these paths. Folders are read when first asked of.
--- Options: `ignore = false` (whatever .gitignore says), `stubs` (*.pyi too), `complexity`
--- ("radon", "mccabe"), `threads` (0: as many as there are cores).
---@param ... string|table
---@return pyprof.Source|nil
---@return string|nil message    where a path is not there, or a file that was named cannot be read
function M.scan(...)
  local paths, options = arguments(...)
  local source = setmetatable({ paths = paths, options = options }, Source)
  for _, path in ipairs(paths) do
    local status, message = sys.stat(path)
    if not status then return nil, message end
    source.folders = source.folders or status.kind == "directory"
  end
  if not source.folders then
    local files = source:files()
    local readable, message = false, nil
    for _, file in ipairs(files) do
      readable = readable or not file.unreadable
      message = message or file.unreadable and ("%s: %s"):format(file.file, file.error)
    end
    if not readable then return nil, message end
  end
  return source
end

-- A survey from the beginning: an iterator of files, and the survey for their definitions.
local function survey(source)
  local opened, message = core.survey(source.paths, source.options)
  if not opened then error(message, 0) end
  return function() return opened:next() end, opened
end

local function definitions_of(opened)
  local i = 0
  return function()
    i = i + 1
    return opened:definition(i)
  end
end

--- An iterator over the files, one row each, as they are finished; nothing is kept.
---@return fun(): table|nil
function Source:each_file()
  if self.read then
    local i = 0
    return function()
      i = i + 1
      return self.read.files[i]
    end
  end
  return (survey(self))
end

--- An iterator over the definitions, in the order of files and lines; nothing is kept.
---@return fun(): table|nil
function Source:each_definition()
  local next_file, opened = survey(self)
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

-- Everything at once, kept: for sources of a size that one asks questions of.
local function read(source)
  if source.read then return source.read end
  local files, definitions, totals = {}, {}, { files = 0 }
  for _, name in ipairs(counted) do totals[name] = 0 end
  local next_file, opened = survey(source)
  for file in next_file do
    files[#files + 1] = file
    totals.files = totals.files + 1
    for _, name in ipairs(counted) do totals[name] = totals[name] + file[name] end
    for definition in definitions_of(opened) do definitions[#definitions + 1] = definition end
  end
  opened:close()
  source.read = { files = files, definitions = definitions, totals = totals }
  return source.read
end

local function copies(list, query)
  query = misuse.options(query, query_keys)
  local copied = {}
  for i, row in ipairs(list) do
    copied[i] = {}
    for key, value in pairs(row) do copied[i][key] = value end
  end
  local key = query.sort
  if key and key ~= "file" then
    local name = key:match("^%-?(.*)$")
    if places[name] then key = key:sub(1, 1) == "-" and name or "-" .. name end
    copied = rows.sort(copied, key)
  end
  for i = #copied, (query.limit or #copied) + 1, -1 do copied[i] = nil end
  return copied
end

--- One row a file: file, bytes, lines = source + docstring + comment + blank, functions, lambdas,
--- classes, imports, complexity, and error where something is wrong with it.
---@param query { sort: string?, limit: integer? }|nil
---@return table[]
function Source:files(query)
  return copies(read(self).files, query)
end

--- One row a definition, in the order of files and lines: file, kind, name, first_line, line,
--- end_line, complexity, docstring (whether it has one), parent (the number, in its file, of the
--- definition around it).
---@param query { sort: string?, limit: integer? }|nil
---@return table[]
function Source:definitions(query)
  return copies(read(self).definitions, query)
end

--- The sums of all files, and how many there are.
---@return table
function Source:totals()
  local totals = {}
  for key, value in pairs(read(self).totals) do totals[key] = value end
  return totals
end

--- The text of a line, without its end; nil where the file has none of that number.
---@param file string
---@param number integer
---@return string|nil
function Source:line(file, number)
  self.lines = self.lines or {}
  if self.lines.file ~= file then
    self.lines = { file = file }
    local stream = io.open(file, "rb")
    if stream then
      local text = stream:read("a"):gsub("\r\n?", "\n")
      stream:close()
      for line in text:gmatch("([^\n]*)\n?") do self.lines[#self.lines + 1] = line end
      -- Behind the last newline there is no line.
      if self.lines[#self.lines] == "" then self.lines[#self.lines] = nil end
    end
  end
  return self.lines[number]
end

return M

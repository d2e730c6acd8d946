-- repl/help.lua - help(value): the page of a function, of an object or of a name.
local pyprof = require "pyprof"
local misuse = require "pyprof.base.misuse"
local regex = require "pyprof.base.regex"
local terminal = require "pyprof.base.terminal"
local doc = require "pyprof.doc"
local profile = require "pyprof.profile"
local show = require "pyprof.repl.show"
local source = require "pyprof.source"
local subject = require "pyprof.subject"

local M = {}

local page_of_kind = { samples = "profile", calls = "graph" }

-- A Lua function of the library is found by its place in the source, a C function by its value.
local function name_of_function(value)
  local where = debug.getinfo(value, "S")
  local page = doc.page_at(where.source, where.linedefined)
  if page then return page.key end
  local sample = regex.new("")
  for _, member in ipairs(doc.pages().regex.members) do
    if sample[member.item.name] == value then return member.key end
  end
end

local function name_of_object(value)
  if value == pyprof then return "pyprof" end
  if value == pyprof.process then return "process" end
  if source.is(value) then return "source" end
  if subject.is(value) then return "subject" end
  return page_of_kind[profile.kind(value)]
end

--- The text that help(value) shows: the list of pages for nil, else the page of a name, a function
--- or an object of the library.
---@param value any
---@param width integer   columns
---@return string|nil
---@return string|nil message
function M.of(value, width)
  if value == nil then return doc.index(width) end
  if type(value) == "string" then return doc.text(value, width) end
  local name
  if type(value) == "function" then
    name = name_of_function(value)
  else
    name = name_of_object(value)
  end
  if not name then
    return nil, ("no page on a %s like this (help() lists the pages)"):format(type(value))
  end
  return doc.text(name, width)
end

--- Prints the help on a value: help(), help "selectors", help(p.functions), help(p).
---@param value any
function M.help(value)
  local page, message = M.of(value, terminal.of().width)
  if not page then misuse.raise("help: %s", message) end
  show.text(page)
end

return M

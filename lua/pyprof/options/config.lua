-- options/config.lua - the user's config.lua: named selectors, defaults, colours. The file is
-- optional.
--
--   return {
--     selectors = { mine = "file:/my_project/" },          -- "@mine"
--     defaults = { rate = 200 },                           -- of the common options
--     reports = { ["top.lua"] = { limit = 50 } },          -- of a report's arguments
--     colours = { hot = "bold magenta", head = "plain" },  -- or false: none
--   }
local colours = require "pyprof.base.colours"
local contract = require "pyprof.base.contract"
local fail = require "pyprof.base.fail"
local places = require "pyprof.base.places"
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"
local options = require "pyprof.options"

local M = {}

---@class pyprof.Config
---@field selectors table<string, pyprof.Selector>|nil
---@field defaults table<string, any>|nil
---@field reports table<string, table<string, any>>|nil
---@field colours boolean|table<string, string>|nil   the colour of each kind of text

local fields = contract.new("field", {
  { "selectors", "table" }, { "defaults", "table" }, { "reports", "table" },
  { "colours", "table", "boolean" },
})
-- Options that make sense only for one command.
local single = {
  output = true, section = true, pid = true, save = true, from = true, with = true, help = true,
  sandbox = true,
}

local function read(path)
  local found = { path = path, chunk = path }
  local text, message = places.read(found)
  if not text then fail.refused("%s", message) end
  local chunk
  chunk, message = load(text, "@" .. path, "t")
  if not chunk then fail.refused("%s", message) end
  local config = chunk()
  if type(config) ~= "table" then
    fail.refused("%s: returns %s (want a table)", path, type(config))
  end
  local function complain(word, ...)
    fail.refused("%s: %s", places.place(path, text, word), (...))
  end
  local fault, key = contract.fault(fields, config)
  if fault then complain(key, fault) end
  return config, complain
end

-- A default as the command line would have given it.
local function value_of(option, value, complain)
  local good = type(value) == (option.value and "string" or "boolean") or
    option.value and type(value) == "number"
  if not good then
    complain(option.key or option.name, ("'%s' is %s (want %s)"):format(option.key or option.name,
      type(value), option.value and "a text or a number" or "true or false"))
  end
  if not option.value then return value end
  local converted, result = pcall(options.converted, option, tostring(value))
  if not converted then complain(option.key or option.name, tostring(result)) end
  return result
end

-- Sets the options that the command line did not give; refuses an unknown name.
local function set_defaults(given, values, list, complain)
  local by_key, known = {}, {}
  for _, option in ipairs(list) do
    local key = option.key or (option.name:gsub("-", "_"))
    by_key[key] = option
    known[#known + 1] = key
  end
  for _, key in ipairs(tables.keys(given)) do
    local option, value = by_key[key], given[key]
    if not option then complain(tostring(key), suggest.unknown("option", key, known)) end
    if option.many then
      local list_of = type(value) == "table" and value or { value }
      value = {}
      for i, item in ipairs(list_of) do value[i] = value_of(option, item, complain) end
    else
      value = value_of(option, value, complain)
    end
    if values[key] == nil then values[key] = value end
  end
end

local function common()
  local list = {}
  for _, option in ipairs(options.common) do
    if not single[option.name] and not option.view then list[#list + 1] = option end
  end
  return list
end

--- Reads the user's config.lua and sets the defaults in it. The caller names its selectors, so that
--- this file does not have to load pyprof.profile.
---@param values table                  the options' values
---@param loaded pyprof.LoadedReport|nil
---@return pyprof.Config
function M.apply(values, loaded)
  local path = places.config_file()
  if not path then return {} end
  local config, complain = read(path)
  set_defaults(config.defaults or {}, values, common(), complain)
  local own = loaded and (config.reports or {})[loaded.name:match("[^/]*$")]
  if own ~= nil then
    if type(own) ~= "table" then complain(loaded.name, loaded.name .. " is no table") end
    set_defaults(own, values, loaded.options, complain)
  end
  if type(config.colours) == "table" then
    local codes, message, key = colours.codes(config.colours)
    if not codes then complain(key, message) end
    config.colours = codes
  end
  return config
end

return M

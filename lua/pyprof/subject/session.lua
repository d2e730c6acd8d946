-- subject/session.lua - pyprof.record and pyprof.subject: a TARGET in a script.
local fail = require "pyprof.base.fail"
local misuse = require "pyprof.base.misuse"
local options = require "pyprof.options"
local subjects = require "pyprof.subject"
local collectors = require "pyprof.subject.collectors"
local targets = require "pyprof.target"

local M = {}

-- A failure from outside gives nil and a message; a usage error raises at the script's own line.
local function guarded(work)
  local good, value = pcall(work)
  if good then return value end
  local failure = fail.of(value)
  if not failure then error(value, 0) end
  if failure.outcome == "usage" then misuse.raise("%s", failure.message) end
  return nil, failure.message
end

local function subject_of(words, values)
  local position = options.read(words, 1, { options.common }, values,
    collectors.options_of)
  local rest = table.move(words, position, #words, 1, {})
  local target = targets.new(rest, values, false)
  return subjects.new(target, nil, values)
end

--- See pyprof.subject.
---@param ... string
---@return pyprof.Subject|nil
---@return string|nil message
function M.subject(...)
  local words = { ... }
  for _, word in ipairs(words) do misuse.want(word, "string", "subject: a word") end
  return guarded(function() return subject_of(words, { views = {} }) end)
end

--- See pyprof.record.
---@param start table
---@return pyprof.Profile|nil
---@return string|nil message
function M.record(start)
  if type(start) ~= "table" then
    misuse.raise("a table is wanted: { \"script.py\", rate = 200 }")
  end
  local names = {}
  for _, option in ipairs(options.common) do
    if not option.view then names[#names + 1] = (option.name:gsub("-", "_")) end
  end
  local values = {}
  for key, value in pairs(start) do
    if math.type(key) ~= "integer" then values[key] = value end
  end
  misuse.options(values, names)
  for _, word in ipairs(start) do misuse.want(word, "string", "record: a word") end
  values.views = {}
  local unsaved
  local profile, message = guarded(function()
    for _, option in ipairs(options.common) do
      local key = option.name:gsub("-", "_")
      if option.type and values[key] ~= nil then
        values[key] = options.converted(option, tostring(values[key]))
      end
    end
    local subject = subject_of({ table.unpack(start) }, values)
    local profile = subject.profile
    profile.exit = subject.exit
    unsaved = select(2, subjects.ended(subject))
    return profile
  end)
  return profile, message or unsaved
end

return M

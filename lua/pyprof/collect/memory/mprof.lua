-- collect/memory/mprof.lua - reads the files that mprof writes.
local data = require "pyprof.collect.memory.data"

local M = {}

local function bytes_of(mib)
  return math.floor(tonumber(mib) * 1048576 + 0.5)
end

local number = "(%-?%d+%.?%d*)"
local patterns = {
  MEM = "^MEM " .. number .. " " .. number .. "$",
  CHLD = "^CHLD (%d+) " .. number .. " " .. number .. "$",
  FUNC = "^FUNC (%S+) " .. (number .. " "):rep(3) .. number .. "%s*%d*$",
}

--- The memory over time, and the functions with a time stamp, in mprof's file.
---@param path string
---@param text string
---@return pyprof.Memory|nil
---@return string|nil message
function M.read(path, text)
  local timeline, functions, began, at = {}, {}, nil, 0
  if not text:find("^CMDLINE ") and not text:find("^MEM ") then
    return nil, path .. ": not a file of mprof (it begins with CMDLINE or MEM)"
  end
  for line in text:gmatch("([^\n]*)\n?") do
    at = at + 1
    local kind = line:match("^(%u+) ")
    local pattern = patterns[kind]
    local a, b, c, d, e = line:match(pattern or "^$")
    -- Before the first point a line may belong to the command, which is written as it is.
    if pattern and not a and began then
      return nil, ("%s: line %d: broken (%s)"):format(path, at, line:sub(1, 60))
    elseif not pattern and began and line ~= "" and kind ~= "CMDLINE" then
      return nil, ("%s: line %d: neither MEM, CHLD nor FUNC"):format(path, at)
    end
    if a and kind == "MEM" then
      began = began or tonumber(b)
      timeline[#timeline + 1] = { seconds = tonumber(b) - began, bytes = bytes_of(a) }
    elseif a and kind == "CHLD" then
      began = began or tonumber(c)
      timeline[#timeline + 1] = { seconds = tonumber(c) - began, bytes = bytes_of(b),
        pid = math.tointeger(a) }
    elseif a and began and kind == "FUNC" then
      functions[#functions + 1] = { name = a, file = "", line = 0, from = tonumber(c),
        to = tonumber(e), bytes = bytes_of(d), increment = bytes_of(d) - bytes_of(b) }
    end
  end
  if not began then return nil, path .. ": has no memory (no line MEM)" end
  for _, row in ipairs(functions) do row.from, row.to = row.from - began, row.to - began end
  return data.new({}, functions, timeline)
end

return M

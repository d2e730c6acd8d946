-- collect/pyspy/files.lua - the recordings of one run as files: their paths, and saving them.
local output = require "pyprof.base.output"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"

local M = {}

--- Can a recording be saved there? This is checked before the run.
---@param path string|nil
---@return boolean
---@return string|nil message
function M.check(path)
  if not path then return true end
  local good, failure = pcall(output.check, path)
  return good, not good and "--save: " .. tostring(failure) or nil
end

-- The second recording of one run goes next to the first: run.json, run-2.json.
local function numbered(path, number)
  if number == 1 then return path end
  local stem, ending = path:match("^(.*[^/])(%.[^./]+)$")
  if not stem then return path .. "-" .. number end
  return stem .. "-" .. number .. ending
end

local function copy(from, to)
  output.write(to, function(write)
    local file <close> = assert(io.open(from, "rb"))
    for block in file:lines(1 << 20) do write(block) end
  end)
end

local function save_all(paths, wanted)
  for number, path in ipairs(paths) do
    local good, failure = pcall(copy, path, numbered(wanted, number))
    if not good then return nil, tostring(failure) end
  end
  return numbered(wanted, #paths)
end

-- Saves them in a directory of their own in TMPDIR; returns the last one's path, or nil if there is
-- no room either.
local function save_elsewhere(paths, wanted)
  local place = os.getenv("TMPDIR") or ""
  local directory = sys.make_directory((place:find("^/") and place or "/tmp") ..
    "/pyprof-lua-XXXXXX")
  if not directory then return nil end
  local inside = directory .. "/" .. wanted:match("[^/]*$")
  local last = save_all(paths, inside)
  if last then return last end
  for number in ipairs(paths) do os.remove(numbered(inside, number)) end
  os.remove(directory)
end

--- Saves the recordings of one run, each whole or not at all; in TMPDIR if that fails.
---@param paths string[]
---@param wanted string
---@return string|nil last      where the last one is
---@return string|nil message   why that failed, and where they are instead
function M.save(paths, wanted)
  local last, message = save_all(paths, wanted)
  if last then return last end
  last = save_elsewhere(paths, wanted)
  return last, ("--save: %s (%s)"):format(message, last and "the recording is in " .. last
    or "the recording is lost: TMPDIR names no place with room for it")
end

local nothing = '{"$schema":"https://www.speedscope.app/file-format-schema.json",'
  .. '"profiles":[],"shared":{"frames":[]},"exporter":"py-spy","activeProfileIndex":null}\n'

--- A recording without samples.
---@return userdata|nil   a file in memory
---@return string|nil message
function M.nothing()
  local file, message = process.memory_file()
  if not file then return nil, message end
  local writer
  writer, message = io.open(file:path(), "wb")
  if not (writer and writer:write(nothing) and writer:close()) then return nil, message end
  return file
end

return M

-- profile/frame.lua - tells a frame's bare name, module, package and origin.
--
-- They come from the name and the path alone, so that every machine tells the same:
--   .../site-packages/a/b.py       module a.b, package a, library (dist-packages alike; the last
--                                  one counts; an egg's own directory is no package)
--   .../lib/pythonX.Y/a/b.py       module a.b, stdlib (also pypy, pythonXY.zip and Windows' Lib)
--   <frozen a.b>                   module a.b; stdlib if a is of the standard library, else
--                                  generated
--   <stdin>, <console> and cells of IPython      module is the path, own: somebody typed them
--   <string> and other paths in angles           module is the path, generated
--   x.zip/a/b.py                   module a.b, own (egg, pyz and whl alike)
--   libfoo.so.1                    module libfoo, package libfoo, library: native code
--   a/b.py                         a short path: module a.b; stdlib if a is a package of the
--                                  standard library (for b.py: a module of it), else own
--   /any/other/place/a/b.py        module a.b (the last two parts), own
-- __init__.py is its directory's module. A frame without a file has no module and is own.
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local stdlib = require "pyprof.profile.stdlib"

local M = {}

--- The argument of a function that selects or groups. Module, package and origin come from the path
--- alone.
---@class pyprof.Frame
---@field name string      qualified if the recording has such names: "Add.flatten"
---@field bare string      its last part: "flatten"
---@field module string    "sympy.core.add"
---@field package string   "sympy", "stdlib", "(own)" or "(generated)"
---@field origin "own"|"library"|"stdlib"|"generated"
---@field file string
---@field line integer     0 if unknown

--- The fields by which frames are selected and grouped.
M.fields = { "name", "bare", "module", "package", "origin", "file" }

-- If a function reads an unknown field of its frame, the name is misspelt: raise an error.
local Frame = { __index = misuse.no_field("a frame", { "line", table.unpack(M.fields) }) }

-- The text after the last match of the pattern, or nil.
local function after_last(path, pattern)
  local rest
  local position = 1
  while true do
    local _, last = path:find(pattern, position)
    if not last then return rest end
    rest, position = path:sub(last + 1), last
  end
end

local function is_native(path)
  return path:find("%.so$") or path:find("%.so%.[%d.]+$") or path:find("%.dll$") or
    path:find("%.pyd$") or path:find("%.dylib$")
end

-- "a/b.py" → { "a", "b" }
local function parts_of(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do
    if part ~= "." and part ~= ".." then parts[#parts + 1] = part end
  end
  local last = parts[#parts] or ""
  parts[#parts] = last:match("^(.+)%.py[cwx]?$") or is_native(last) and last:match("^[^.]+") or
    last
  if parts[#parts] == "__init__" and #parts > 1 then parts[#parts] = nil end
  return parts
end

local function dotted(path)
  return table.concat(parts_of(path), ".")
end

local function in_packages(path)
  local rest = after_last(path, "%f[^/\0]site%-packages/") or
    after_last(path, "%f[^/\0]dist%-packages/")
  return rest and (rest:gsub("^[^/]*%.egg/", ""))
end

local function in_stdlib(path)
  return after_last(path, "/lib%d*/python%d[%d.]*t?/") or after_last(path, "/python%d+%.zip/") or
    after_last(path, "/lib%d*/pypy%d[%d.]*/") or after_last(path, "/lib%-python/%d[%d.]*/") or
    after_last(path, "/[Pp]ython%d+[-%d]*/[Ll]ib/")
end

local function in_archive(path)
  return after_last(path, "%.zip/") or after_last(path, "%.pyz/") or
    after_last(path, "%.egg/") or after_last(path, "%.whl/")
end

local function is_stdlib_name(path)
  local top, rest = path:match("^([^/]+)/(.+)$")
  if rest then return stdlib.packages[top] end
  return stdlib.modules[path:match("^(.*)%.py[cw]?$")]
end

local typed_in = { "^<stdin>", "^<console>", "^<ipython%-input", "^<doctest " }

-- module, package, origin
local function describe(path)
  if path == "" then return "", "(own)", "own" end
  if path:find("^<") then
    local frozen = path:match("^<frozen (.*)>$")
    local top = (frozen or ""):match("^[^.]*")
    if stdlib.packages[top] or stdlib.modules[top] then return frozen, "stdlib", "stdlib" end
    for _, typed in ipairs(typed_in) do
      if path:find(typed) then return path, "(own)", "own" end
    end
    return frozen or path, "(generated)", "generated"
  end
  if path:find("^%a:\\") or not path:find("/", 1, true) then path = path:gsub("\\", "/") end
  local rest = in_packages(path)
  if rest then
    return dotted(rest), parts_of(rest:match("^[^/]*"))[1] or "", "library"
  end
  rest = in_stdlib(path)
  if rest then return dotted(rest:gsub("^lib%-dynload/", "")), "stdlib", "stdlib" end
  rest = in_archive(path)
  if rest then return dotted(rest), "(own)", "own" end
  local parts = parts_of(path)
  if is_native(path) then return parts[#parts], parts[#parts], "library" end
  if path:find("^/") or path:find("^%a:/") then
    return table.concat(parts, ".", math.max(1, #parts - 1)), "(own)", "own"
  end
  if is_stdlib_name(path:gsub("^%./", "")) then
    return table.concat(parts, "."), "stdlib", "stdlib"
  end
  return table.concat(parts, "."), "(own)", "own"
end

--- Makes a frame with all its fields.
---@param name string
---@param file string
---@param line integer
---@return pyprof.Frame
function M.new(name, file, line)
  local module, package, origin = describe(file)
  return setmetatable({
    name = name, bare = name:match("[^.]*$"), module = module, package = package,
    origin = origin, file = file, line = line,
  }, Frame)
end

--- A function that gives the value by which a frame is grouped: a field, or a function's result.
---@param key any
---@return fun(frame: pyprof.Frame): string|nil
function M.getter(key)
  if type(key) == "function" then
    return function(it)
      local value = key(it)
      if value == nil or type(value) == "string" then return value end
      if math.type(value) then return tostring(value) end
      misuse.raise("by: the function gave a %s, not a string or nil", type(value))
    end
  end
  if type(key) ~= "string" then
    misuse.raise("by: a field of a frame is wanted, or a function, not %s",
      key == nil and "nil" or "a " .. type(key))
  end
  local known = false
  for _, field in ipairs(M.fields) do known = known or field == key end
  if not known then misuse.raise("by: %s", suggest.unknown("field", key, M.fields)) end
  return function(it) return it[key] end
end

--- The distinct frames of a profile, and their groups. All views of the profile share them.
---@class pyprof.Frames
---@field count integer
---@field names string[]
---@field files string[]
---@field lines integer[]
---@field order integer[]   their numbers, sorted by name, file and line
---@field handle userdata|nil   the profile of the core; nil: one of calls
local Frames = {}
Frames.__index = Frames

---@param names string[]
---@param files string[]
---@param lines integer[]
---@param order integer[]
---@param handle userdata|nil
---@return pyprof.Frames
function M.list(names, files, lines, order, handle)
  return setmetatable({
    count = #names, names = names, files = files, lines = lines, order = order, handle = handle,
    groups = {},
  }, Frames)
end

--- The frames with all their fields, by number.
---@return pyprof.Frame[]
function Frames:all()
  if self.frames then return self.frames end
  local frames, known = {}, {}
  for i = 1, self.count do
    local name, file = self.names[i], self.files[i]
    local place = known[file]
    if not place then
      place = table.pack(describe(file))
      known[file] = place
    end
    frames[i] = setmetatable({
      name = name, bare = name:match("[^.]*$"), module = place[1], package = place[2],
      origin = place[3], file = file, line = self.lines[i],
    }, Frame)
  end
  self.frames = frames
  return frames
end

---@class pyprof.Groups
---@field numbers integer[]   the group of each frame; 0 for no group
---@field count integer
---@field first integer[]     the first frame of each group

--- Groups the frames by a key; frames whose key is nil are in no group. The groups are numbered by
--- the name, file and line of their first frames, because rows in that order need less sorting.
---@param key fun(number: integer): any
---@return pyprof.Groups
function Frames:group(key)
  local numbers, first, of, count = {}, {}, {}, 0
  for i = 1, self.count do numbers[i] = 0 end
  for place = 1, self.count do
    local i = self.order[place]
    local value = key(i)
    if value ~= nil then
      local group = of[value]
      if not group then
        count = count + 1
        group = count
        of[value], first[count] = group, i
      end
      numbers[i] = group
    end
  end
  return { numbers = numbers, count = count, first = first }
end

--- Groups that many queries use; they are made once. "function" (name and file), "line" (file and
--- line; without one of them, file and name), "name", "file", "frame" (every frame).
---@param kind "function"|"line"|"name"|"file"|"frame"
---@return pyprof.Groups
function Frames:by(kind)
  local groups = self.groups[kind]
  if groups then return groups end
  local numbers, first, count = self.handle:groups(self.order, kind)
  if not numbers then misuse.raise("%s", first) end
  groups = { numbers = numbers, first = first, count = count }
  self.groups[kind] = groups
  return groups
end

return M

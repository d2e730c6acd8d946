-- profile/import_lines.lua - the module that a line of source imports, by the line's text.
local file = require "pyprof.base.file"
local sys = require "pyprof.core.sys"

local M = {}

local largest = 1 << 22 -- bytes of a source file

-- The lines without their comments. A recording may name any path: it is read only if it can be a
-- source file.
local function lines_of(path)
  local lines = {}
  local status = path:find("%.py$") and sys.stat(path)
  if not status or status.kind ~= "file" or status.size > largest then return lines end
  for line in ((file.read(path) or "") .. "\n"):gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line:gsub("%s*#.*$", "")
  end
  return lines
end

-- "..b" in the module a.x.y: "a.b". A package's own file is one level deeper.
local function absolute(dots, name, importer, is_package)
  if dots == "" then return name end
  local base = importer
  for _ = is_package and 2 or 1, #dots do
    base = base:match("^(.*)%.[^.]*$")
    if not base then return nil end
  end
  return name == "" and base or base .. "." .. name
end

-- The module that a statement names. `sub`: one of those after `import`, which is a module itself.
local function named(text, importer, is_package, sub)
  local dots, name, rest = text:match("^%s*from%s+(%.*)([%w_.]*)%s+import%s+(.*)")
  if dots then
    local module = absolute(dots, name, importer, is_package)
    local only = rest:match("^%(?%s*([%w_]+)%s*%)?%s*$") or
      rest:match("^([%w_]+)%s+as%s+[%w_]+%s*$")
    if not sub then return module end
    return module and only and module .. "." .. only
  end
  return text:match("^%s*import%s+([%w_.]+)%s*$") or
    text:match("^%s*import%s+([%w_.]+)%s+as%s+[%w_]+%s*$")
end

--- A function that tells which module the line of a frame imports, or nil: the file is not here, or
--- the line names several modules. It reads a file once.
---@return fun(frame: pyprof.StackFrame, importer: string, depth: integer, sub: boolean): string|nil
---  importer: the frame's module; depth: 2 for the package of the named module, and so on
function M.reader()
  local known = {}
  return function(frame, importer, depth, sub)
    local lines = known[frame.file] or lines_of(frame.file)
    known[frame.file] = lines
    local module = named(lines[frame.line] or "", importer,
      frame.file:find("__init__%.py$") ~= nil, sub)
    for _ = 2, module and depth or 0 do module = module and module:match("^(.*)%.[^.]*$") end
    return module
  end
end

return M

-- Who may know whom: core <- bind <- host; the library knows the C modules and itself; scripts
-- know only the library; a renderer never sees a profile, a collector never sees a report.
local check = dofile("tests/lua/check.lua")
local sys = require "pyprof.core.sys"

local function files(directory, ending, found)
  found = found or {}
  for _, name in ipairs(sys.list(directory) or {}) do
    local path = directory .. "/" .. name
    if sys.stat(path).kind == "directory" then
      files(path, ending, found)
    elseif name:find(ending) then
      found[#found + 1] = path
    end
  end
  return found
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

-- Calls see(path, name) for every #include of the files.
local function each_include(directory, see)
  local paths = files(directory, "%.[ch]$")
  check.truthy(#paths > 0, "no files in " .. directory)
  for _, path in ipairs(paths) do
    for name in read(path):gmatch('#%s*include%s*[<"]([^>"]+)[>"]') do see(path, name) end
  end
end

local function each_require(directory, see)
  local paths = files(directory, "%.lua$")
  check.truthy(#paths > 0 or directory == "examples", "no files in " .. directory)
  for _, path in ipairs(paths) do
    for name in read(path):gmatch("require%s*%(?%s*[\"']([^\"']+)[\"']") do see(path, name) end
  end
end

local function exists(path)
  return sys.stat(path) ~= nil
end

check.test("the core does not know Lua, nor who uses it", function()
  for _, directory in ipairs { "src/core", "include/pyprof" } do
    each_include(directory, function(path, name)
      if name:find("^lua") or name:find("lauxlib") or exists("src/bind/" .. name) or
        exists("src/host/" .. name) then
        error(path .. " includes " .. name)
      end
    end)
  end
end)

check.test("the core never prints and never ends the program", function()
  for _, path in ipairs(files("src/core", "%.c$")) do
    local text = read(path):gsub("/%*.-%*/", ""):gsub("__attribute__%(%b()%)", "")
    for _, word in ipairs { "printf", "puts", "exit", "abort", "stderr", "stdout" } do
      if text:find("%f[%w_]" .. word .. "%f[^%w_]") then error(path .. " uses " .. word) end
    end
  end
end)

check.test("bindings know the core and not the host", function()
  each_include("src/bind", function(path, name)
    if exists("src/host/" .. name) then error(path .. " includes " .. name) end
  end)
end)

check.test("the library alone requires the C modules", function()
  for _, directory in ipairs { "scripts", "examples" } do
    each_require(directory, function(path, name)
      if name ~= "pyprof" and name ~= "cjson" then error(path .. " requires " .. name) end
    end)
  end
  each_require("lua/pyprof", function(path, name)
    if not name:find("^pyprof%f[%W]") and name ~= "cjson" and name ~= "cjson.safe" then
      error(path .. " requires " .. name)
    end
  end)
end)

check.test("a renderer never sees a profile", function()
  each_require("lua/pyprof/render", function(path, name)
    local allowed = name:find("^pyprof%.render") or name:find("^pyprof%.base%.") or
      name == "pyprof.rows.columns" or name:find("^cjson") or
      path == "lua/pyprof/render/init.lua"
    if not allowed then error(path .. " requires " .. name) end
  end)
end)

check.test("a collector never sees a report", function()
  each_require("lua/pyprof/collect", function(path, name)
    for _, other in ipairs { "report", "render", "rows.columns", "command" } do
      if name == "pyprof." .. other or name:find("^pyprof%." .. other .. "%.") then
        error(path .. " requires " .. name)
      end
    end
  end)
end)

check.test("Lua files hold to luacheck's rules", function()
  local pipe = assert(io.popen("luacheck -q --no-color " ..
    "--std lua54 --max-line-length 100 lua scripts examples tests 2>&1 || true"))
  local text = pipe:read("a")
  pipe:close()
  check.truthy(text:find("Total: 0 warnings / 0 errors", 1, true), text)
end)

check.finish()

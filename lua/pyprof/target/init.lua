-- target/init.lua - the TARGET that the user named: a program and how to start it, a process,
-- recordings, source.
local fail = require "pyprof.base.fail"
local file = require "pyprof.base.file"
local places = require "pyprof.base.places"
local sys = require "pyprof.core.sys"
local profiles = require "pyprof.profile"
local python = require "pyprof.target.python"

local M = {}

--- The TARGET that the user named.
---@class pyprof.Target
---@field kind "program"|"pid"|"recordings"|"coverage"|"source"|"none"
---@field form "script"|"module"|"code"|"command"|"directory"|"zip"|nil  how a program is named
---@field name string            for people
---@field words string[]         as on the command line
---@field path string|nil        of a script, directory or zip, or of coverage.py's data
---@field python string|nil      the interpreter that a program is started with; nil for a command
---@field argv string[]|nil      the whole argument list
---@field pid integer|nil
---@field paths string[]|nil     recordings, or source

--- How a collector runs the target: its additional words and its changes of environment.
---@class pyprof.Wrapping
---@field before string[]|nil     words before its own: { "austin", "-o", file }
---@field via string[]|nil        words after its interpreter: { "-m", "memray", "run" }
---@field env table<string, string|number|false>|nil  variables to set, or with false to remove

local function rest(words, first)
  return table.move(words, first, #words, 1, {})
end

-- The Python that a first line names, or nil if it names something else.
local function python_of_shebang(bytes)
  local words = python.shebang(bytes)
  return words[1] and python.is_python(words[1]) and file.which(words[1]) or nil
end

local function program(form, words, options, extra)
  local target = { kind = "program", form = form, words = words, name = words[1] }
  for key, value in pairs(extra or {}) do target[key] = value end
  if form ~= "command" then
    target.python = target.python or python.find(options.python)
    target.argv = { target.python, table.unpack(words) }
  end
  return target
end

-- Do these first bytes begin a file of coverage.py, its data file or coverage.json?
local function is_coverage(bytes)
  if bytes:find("^SQLite format 3%z") then return bytes:find("coverage_schema", 1, true) ~= nil end
  local meta = bytes:match('^%s*{%s*"meta"%s*:%s*(%b{})')
  return meta ~= nil and meta:find('"branch_coverage"', 1, true) ~= nil
end

-- Is there a recording at this path? A file of unknown format is none.
local function is_recording(path)
  if path == "-" then return true end
  local status = sys.stat(path)
  -- Reading from a pipe would remove its data.
  return status and status.kind == "other" or profiles.sniff(path)
end

local function recordings_in(directory)
  local paths = {}
  for _, name in ipairs(sys.list(directory) or {}) do
    local path = directory:gsub("/+$", "") .. "/" .. name
    local status = sys.stat(path)
    if status and status.kind == "file" and is_recording(path) then paths[#paths + 1] = path end
  end
  return paths
end

local function of_recordings(words)
  local paths = {}
  for _, path in ipairs(words) do
    local status = path ~= "-" and sys.stat(path)
    if status and status.kind == "directory" then
      local inside = recordings_in(path)
      if #inside == 0 then fail.usage("%s: no recording in this folder", path) end
      table.move(inside, 1, #inside, #paths + 1, paths)
    elseif path ~= "-" then
      local good, message = sys.readable(path)
      if path:find("%.lua$") or not good and places.report(path) then
        fail.usage("%s: a report comes before its target (pyprof-lua %s %s)", path, path, words[1])
      elseif not good and path:find("^%-") then
        fail.usage("%s: no such recording (options stand before TARGET)", path)
      elseif not good then
        fail.refused("%s", message)
      end
      -- We wait for a FIFO that is named here; a device may never end.
      local plain, refusal, special = sys.plain(path)
      if not plain and special ~= "a FIFO" then fail.refused("%s", refusal) end
      if not is_recording(path) then
        fail.usage("%s: not a recording (after a recording only recordings may follow)", path)
      end
      paths[#paths + 1] = path
    else
      paths[#paths + 1] = path
    end
  end
  return { kind = "recordings", paths = paths }
end

local function of_directory(path, words, options)
  if sys.stat(path .. "/__main__.py") then
    return program("directory", words, options, { path = path })
  end
  if #recordings_in(path) > 0 then return of_recordings(words) end
  return { kind = "source", paths = words }
end

local function of_file(path, words, options)
  local bytes, message = file.first(path, 4096)
  if not bytes then fail.refused("%s", message) end
  if path:find("%.pyz$") or bytes:sub(1, 4) == "PK\3\4" then
    return program("zip", words, options, { path = path })
  end
  if path:find("%.pyw?$") then return program("script", words, options, { path = path }) end
  if bytes:sub(1, 2) == "#!" then
    local named = python_of_shebang(bytes)
    if named then
      return program("script", words, options,
        { path = path, python = options.python and python.find(options.python) or named })
    end
    local argv = rest(words, 1)
    if not path:find("/", 1, true) then argv[1] = "./" .. path end
    if not sys.executable_file(argv[1]) then
      fail.refused("%s: Permission denied (chmod +x it, or name its interpreter: -- sh %s)",
        path, path)
    end
    return program("command", words, options, { path = path, argv = argv })
  end
  if is_coverage(bytes) then
    if words[2] then fail.usage("%s: nothing may follow a file of coverage.py", words[2]) end
    return { kind = "coverage", path = path, name = path }
  end
  if is_recording(path) then return of_recordings(words) end
  fail.usage("%s: neither a program nor a recording (a program ends in .py, or is named with " ..
    "-m, -c or --)", path)
end

local function of_words(words, options)
  local first = words[1]
  if first == "-m" or first == "-c" then
    if not words[2] then
      fail.usage("%s: %s is missing", first, first == "-m" and "the module" or "the code")
    end
    return program(first == "-m" and "module" or "code", words, options, { name = words[2] })
  elseif first == "--" then
    if not words[2] then fail.usage("--: the command is missing") end
    local argv = rest(words, 2)
    if not file.which(argv[1]) then fail.refused("%s: no such command", argv[1]) end
    return program("command", argv, options, { argv = argv })
  elseif first == "-" then
    return of_recordings(words)
  end
  local status, message = sys.stat(first)
  if not status then fail.refused("%s", message) end
  if status.kind == "other" then return of_recordings(words) end
  if status.kind == "directory" then return of_directory(first, words, options) end
  return of_file(first, words, options)
end

--- Does this word begin a TARGET? A file of unknown kind does not: it may be a report.
---@param word string
---@return boolean
function M.begins(word)
  if word == "-m" or word == "-c" or word == "--" or word == "-" then return true end
  local status = sys.stat(word)
  if not status or word:find("%.lua$") then return false end
  if status.kind == "other" then return false end -- it may never send anything
  if status.kind == "directory" or word:find("%.pyw?$") or word:find("%.pyz$") then return true end
  local bytes = file.first(word, 4096) or ""
  local interpreter = bytes:match("^#!([^\n]*)")
  if interpreter then return not interpreter:find("lua", 1, true) end
  return bytes:sub(1, 4) == "PK\3\4" or is_coverage(bytes) or is_recording(word)
end

--- The target that these words name.
---@param words string[]      from TARGET on
---@param options table       the common options' values
---@param only_source boolean every word is a path of source
---@return pyprof.Target
function M.new(words, options, only_source)
  local target
  if options.pid then
    if #words > 0 then fail.usage("--pid: no TARGET may follow (got '%s')", words[1]) end
    if options.pid < 1 then fail.usage("--pid: %d is no process", options.pid) end
    target = { kind = "pid", pid = options.pid, name = "process " .. options.pid }
  elseif #words == 0 then
    fail.usage("TARGET is missing (%s)", only_source and "files or folders of Python source"
      or "a script, -m module, -c code, -- command, a recording")
  elseif only_source then
    target = { kind = "source", paths = words }
  else
    target = of_words(words, options)
  end
  target.words = words
  target.name = target.name or table.concat(target.paths, " ")
  return target
end

return M

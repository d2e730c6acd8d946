-- calls.lua LIST: reads each profile of calls that LIST names and prints a line of JSON with its
-- contents, or with the reason why it is refused. Numbers are written exactly.
local pyprof = require "pyprof"
local cjson = require "cjson"

local function exact(number) return ("%a"):format(number) end

local function dump(path)
  local p, message = pyprof.load(path)
  if not p then return { error = message } end
  -- A changed file may be a recording.
  if not pcall(function() return p.callers end) or p.from then return { other = true } end
  local good, none = pcall(function() return p.samples end)
  if good then return { other = none } end
  local functions = {}
  for i, row in ipairs(p:functions()) do
    local callers = {}
    local one = function(it)
      return it.name == row.name and it.file == row.file and it.line == row.line
    end
    for k, caller in ipairs(p:callers(one)) do
      callers[k] = { caller.name, caller.file, caller.line, caller.calls, exact(caller.weight) }
    end
    functions[i] = { name = row.name, file = row.file, line = row.line, calls = row.calls,
      self = exact(row.self_weight), total = exact(row.total_weight), callers = callers }
  end
  return { functions = functions, weight = exact(p.weight), unit = p.unit, quality = p.quality }
end

for path in io.lines((...)) do print(cjson.encode(dump(path))) end

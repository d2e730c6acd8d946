-- lead.lua RESULT HELPER FOLLOW WORD…: runs a program with the Python file HELPER led into it. It
-- writes RESULT as JSON: exit, results (the texts of lead.data), notes, lost, running. $LEAD_REST
-- seconds are left to processes that run on.
local cjson = require "cjson"
local file = require "pyprof.base.file"
local launch = require "pyprof.target.launch"
local lead = require "pyprof.target.lead"
local process = require "pyprof.target.process"
local target_module = require "pyprof.target"

local words = { ... }
local target = target_module.new(table.move(words, 4, #words, 1, {}), {})
local directory <close> = assert(require("pyprof.core.process").directory())
local result = {}
result.allowed, result.why = lead.allowed(target)
local env = assert(lead.make(directory:path(), {
  name = "probe", code = assert(file.read(words[2])), follow = words[3] == "follow",
  options = { text = "it's \"one\" \\u0027 / \\ …\n", list = { 1, true, cjson.null } },
}))
lead.limits.rest = tonumber(os.getenv "LEAD_REST") or lead.limits.rest
result.exit = assert(launch.start(target, { env = process.changes(env) })):wait()
result.lost, result.running = lead.lost(directory:path())
result.notes = lead.notes(directory:path())
if #result.notes == 0 then result.notes = nil end
for i, path in ipairs(lead.results(directory:path())) do
  result.results = result.results or {}
  result.results[i] = assert(file.read(path))
end
local out <close> = assert(io.open(words[1], "wb"))
out:write(cjson.encode(result))

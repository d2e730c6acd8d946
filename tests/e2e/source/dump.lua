-- dump.lua LIST [portable]: prints a line of JSON for each file that LIST names, with definitions.
local cjson = require "cjson"
local core = require "pyprof.core.source"

local list, way = ...
local paths = {}
for path in io.lines(list) do paths[#paths + 1] = path end
local scans = assert(core.scan_many(paths, { portable = way == "portable" }))
for file in function() return scans:next() end do
  file.definitions = setmetatable({}, cjson.array_mt)
  for i = 1, math.huge do
    local definition = scans:definition(i)
    if not definition then break end
    file.definitions[i] = definition
  end
  print(cjson.encode(file))
end

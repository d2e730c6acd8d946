-- export/lcov.lua - coverage for lcov, genhtml and the editors that read lcov.info.
local M = { coverage = true }

-- A field has one line. The format has no escapes.
local function field(text)
  return (text:gsub("%c", "?"))
end

local function functions(coverage, add)
  local of_file, used = {}, {}
  for _, row in ipairs(coverage:functions()) do
    if row.ran ~= nil then
      local list, name = of_file[row.file] or {}, field(row.name)
      local key = row.file .. "\0" .. name
      if used[key] then name = ("%s@%d"):format(name, row.line) end
      used[key] = true
      list[#list + 1] = { line = row.line, name = name, hit = row.ran and 1 or 0 }
      of_file[row.file] = list
    end
  end
  return function(file)
    local list, hits = of_file[file] or {}, 0
    for _, one in ipairs(list) do
      hits = hits + one.hit
      add("FN:%d,%s\nFNDA:%d,%s\n", one.line, one.name, one.hit, one.name)
    end
    if #list > 0 then add("FNF:%d\nFNH:%d\n", #list, hits) end
  end
end

-- A branch is a number in the order of the lines to which it leads, exits last: older versions of
-- lcov take no other names.
local function branches(coverage, file, add)
  local count, taken = 0, 0
  for _, line in ipairs(coverage:branches(file)) do
    for number, arc in ipairs(line.arcs) do
      local hit = line.taken == 0 and "-" or arc.ran and "1" or "0"
      add("BRDA:%d,0,%d,%s\n", line.line, number - 1, hit)
    end
    count, taken = count + #line.arcs, taken + line.taken
  end
  if count > 0 then add("BRF:%d\nBRH:%d\n", count, taken) end
end

---@param coverage pyprof.Coverage
---@return string
function M.encode(coverage)
  local parts = {}
  local function add(...) parts[#parts + 1] = string.format(...) end
  local add_functions = functions(coverage, add)
  for _, row in ipairs(coverage:files()) do
    add("SF:%s\n", field(row.file))
    for _, line in ipairs(coverage:lines(row.file)) do
      if line.status ~= "excluded" then
        add("DA:%d,%d\n", line.line, line.status == "missing" and 0 or 1)
      end
    end
    if row.statements > 0 then
      add("LF:%d\nLH:%d\n", row.statements, row.statements - row.missing)
    end
    add_functions(row.file)
    if coverage.branch then branches(coverage, row.file, add) end
    add("end_of_record\n")
  end
  return table.concat(parts)
end

return M

-- repl/list.lua - list "FUNC": the source of functions, with what each line takes beside it, as
-- pprof's list shows it.
local pyprof = require "pyprof"
local misuse = require "pyprof.base.misuse"
local shown = require "pyprof.base.text"
local units = require "pyprof.base.units"
local profile = require "pyprof.profile"
local show = require "pyprof.repl.show"

local M = {}

local most = 10     -- functions
local around = 2    -- lines beside one with samples, where nothing tells how far a function goes

-- The definition of the function: the innermost one around the line, of its name if one has it.
local function definition_of(source, row)
  local best
  for _, each in ipairs(source and source:definitions() or {}) do
    if each.first_line <= row.line and row.line <= each.end_line then
      if not best or each.name == row.name or best.name ~= row.name then best = each end
    end
  end
  return row.name ~= "<module>" and best or nil
end

-- The numbers of the lines to show; false stands for lines that are left out.
local function numbers_of(definition, lines)
  local numbers = {}
  if definition then
    for number = definition.first_line, definition.end_line do numbers[#numbers + 1] = number end
    return numbers
  end
  local wanted = {}
  for number in pairs(lines) do
    for near = math.max(number - around, 1), number + around do wanted[near] = true end
  end
  local sorted = {}
  for number in pairs(wanted) do sorted[#sorted + 1] = number end
  table.sort(sorted)
  for i, number in ipairs(sorted) do
    if i > 1 and sorted[i - 1] ~= number - 1 then numbers[#numbers + 1] = false end
    numbers[#numbers + 1] = number
  end
  return numbers
end

local function weight(value, unit)
  return value > 0 and units.weight(value, unit) or "."
end

local function percent(share)
  return units.format(share, "percent")
end

-- The lines of one function.
local function add(out, p, row)
  local lines = {}
  for _, line in ipairs(p:lines { include = row }) do lines[line.line] = line end
  local source = row.file ~= "" and pyprof.scan(row.file) or nil
  local definition = definition_of(source, row)
  out[#out + 1] = ("%s  %s:%d"):format(shown.clean(row.name), shown.clean(row.file),
    definition and definition.line or row.line)
  out[#out + 1] = ("%s self, %s total of %s%s"):format(percent(row.self_share),
    percent(row.total_share), units.weight(p.weight, p.unit),
    p.unit == "seconds" and " s" or " " .. p.unit)
  if not source then out[#out + 1] = "(the source is not here: only the lines with samples)" end
  out[#out + 1] = ("%10s %10s"):format("self", "total")
  for _, number in ipairs(numbers_of(definition, lines)) do
    local line = lines[number]
    local text = number and source and source:line(row.file, number)
    if not number then
      out[#out + 1] = (" "):rep(22) .. "    …"
    elseif line or text then
      out[#out + 1] = (("%10s %10s  %5d  %s"):format(
        line and weight(line.self_weight, p.unit) or ".",
        line and weight(line.total_weight, p.unit) or ".", number,
        shown.clean(shown.without_tabs(text or "")))
        :gsub("%s+$", ""))
    end
  end
end

--- Shows the source of the selected functions, those that take most first.
---@param selected pyprof.Selector
---@param p pyprof.Profile|nil   nil: the profile `p`
function M.list(selected, p)
  if selected == nil then misuse.raise('list "FUNCTION": a function is wanted') end
  p = p or _G.p
  profile.want(p, "list")
  if profile.kind(p) ~= "samples" then profile.refuse_calls(p, "list") end
  local rows, out = p:functions { include = selected, sort = "total_weight" }, {}
  for i, row in ipairs(rows) do
    if i > most then
      out[#out + 1] = ("… and %d more functions"):format(#rows - most)
      break
    end
    if i > 1 then out[#out + 1] = "" end
    add(out, p, row)
  end
  if #rows == 0 then out[1] = "(no function)" end
  show.text(table.concat(out, "\n") .. "\n")
end

return M

-- base/suggest.lua - "did you mean": the existing name that is nearest to a given one.
local M = {}

local longest = 100 -- no name is longer, and a comparison takes the product of the lengths

-- The edit distance: how many letters to insert, delete, change, or swap with the next.
local function distance(a, b)
  local before, last
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    before, last, row = last, row, { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
      if before and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
  end
  return row[#b]
end

--- The nearest known name, or nil when none is near.
---@param given string
---@param known string[]
---@return string|nil
function M.nearest(given, known)
  local best, best_distance
  if #given > longest then return nil end
  for _, name in ipairs(known) do
    local d = distance(given:lower(), name:lower())
    if d < #given and d <= math.max(1, math.min(#given, #name) // 3) and
      (not best or d < best_distance or d == best_distance and name < best) then
      best, best_distance = name, d
    end
  end
  return best
end

local short = 72 -- characters: a longer list is not shown

--- "unknown option 'limti' (did you mean 'limit'?)"; where no name is near, the list of names if it
--- is short, else the page that lists them.
---@param kind string
---@param given any
---@param known string[]
---@param page string|nil   the page of the documentation that lists them
---@return string
function M.unknown(kind, given, known, page)
  given = tostring(given)
  local near = M.nearest(given, known)
  local message = ("unknown %s '%s'"):format(kind, given)
  if near then return ("%s (did you mean '%s'?)"):format(message, near) end
  local list = table.concat(known, ", ")
  if #known > 0 and #list <= short then return ("%s (one of: %s)"):format(message, list) end
  return page and ("%s (pyprof-lua --doc %s lists them)"):format(message, page) or message
end

return M

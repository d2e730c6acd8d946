-- check.lua - the functions of test files in Lua: local check = dofile("tests/lua/check.lua")
local M = {}

local failed = false

local function show(value, depth)
  if type(value) == "string" then return ("%q"):format(value) end
  if type(value) ~= "table" or (depth or 0) > 4 then return tostring(value) end
  local keys, parts = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do
    parts[#parts + 1] = tostring(key) .. "=" .. show(value[key], (depth or 0) + 1)
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b and math.type(a) == math.type(b) or (a ~= a and b ~= b)
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

--- One test: passes unless the function raises.
---@param name string
---@param run fun()
function M.test(name, run)
  local good, message = xpcall(run, function(value)
    return debug.traceback(tostring(value), 2)
  end)
  if good then
    print("ok - " .. name)
  else
    failed = true
    print("not ok - " .. name)
    print((("# " .. message):gsub("\n", "\n# ")))
  end
end

--- Deep equality; integers and floats differ.
function M.equal(got, want, what)
  if not same(got, want) then
    error((what and what .. ": " or "") .. "got " .. show(got) .. ", want " .. show(want), 2)
  end
end

--- Numbers that may differ by rounding.
function M.near(got, want, tolerance)
  if math.abs(got - want) > (tolerance or 1e-9) then
    error("got " .. tostring(got) .. ", want " .. tostring(want), 2)
  end
end

function M.truthy(value, what)
  if not value then error((what or "value") .. " is " .. tostring(value), 2) end
end

--- The function raises, and the message matches the pattern or contains it as plain text.
function M.error(run, pattern)
  local good, message = pcall(run)
  if good then error("no error, want " .. pattern, 2) end
  message = tostring(message)
  if not (message:find(pattern, 1, true) or message:find(pattern)) then
    error("got error " .. show(message) .. ", want " .. show(pattern), 2)
  end
end

--- The test cannot be run here; the reason is printed.
function M.skip(name, reason)
  print("skip - " .. name .. ": " .. reason)
end

--- The call that ends a test file.
function M.finish()
  if failed then os.exit(1) end
end

return M

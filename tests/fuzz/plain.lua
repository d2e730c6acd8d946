-- Any bytes from a sandbox give plain data or an error, and plain data comes back as it went in.
local scalars = require "pyprof.base.scalar"
local plain = require "pyprof.base.plain"

local function require_plain(value, depth)
  local kind = type(value)
  if kind == "function" then
    assert(select("#", value()) == 0, "a function that does something")
  elseif kind == "table" then
    assert(depth <= plain.deepest, "too deep")
    local meta = getmetatable(value)
    assert(meta == nil or meta == scalars.Array, "a metatable")
    for key, item in next, value do
      require_plain(key, depth + 1)
      require_plain(item, depth + 1)
    end
  else
    assert(kind == "nil" or kind == "boolean" or kind == "number" or kind == "string" or
      value == scalars.null, kind)
  end
end

local function any_function() return "c" end

return function(bytes)
  local good, value = pcall(plain.decode, bytes)
  if not good then return end
  require_plain(value, 1)
  local again = plain.encode(value, any_function)
  assert(plain.encode(plain.decode(again), any_function):len() == again:len(), "not the same")
end

-- repl/compile.lua - compiles what a user typed: an expression, or statements.
local M = {}

-- "p:tree" alone: Lua would wait for the call in the next line.
local function method_without_call(text)
  local object, name = text:match("([%w_%.]*):([%a_][%w_]*)%s*$")
  if not name or text:find("::%s*[%a_][%w_]*%s*$") then return nil end
  return ("%s is a method: call it, %s:%s()"):format(name, object ~= "" and object or "(…)", name)
end

--- A chunk that returns the expression's values, or runs the statements.
---@param text string
---@param name string       of the chunk: "=repl"
---@return function|nil chunk
---@return string|nil message
---@return boolean more     the text is not complete: further lines may follow
function M.compile(text, name)
  local chunk, reason = load("return " .. text, name, "t")
  if chunk then
    -- A call in `return` would take the place of the chunk, whose line errors name.
    return load(("return (function(...) return ... end)(%s\n)"):format(text), name, "t") or chunk,
      nil, false
  end
  local message
  chunk, message = load(text, name, "t")
  if chunk then return chunk, nil, false end
  local ends_early = message:find("<eof>$") ~= nil or reason:find("near <eof>$") ~= nil
  local hint = ends_early and method_without_call(text)
  if hint then return nil, hint, false end
  return nil, message, ends_early
end

return M

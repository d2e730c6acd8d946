-- base/shell.lua - words as they are typed in a shell.
local M = {}

--- The word, in quotes if it needs them.
---@param word string
---@return string
function M.quote(word)
  if word:find("^[%w_@%%+=:,./-]+$") then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- The words as one line.
---@param words string[]
---@return string
function M.line(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = M.quote(word) end
  return table.concat(quoted, " ")
end

return M

-- text.lua - how wide text is on a terminal, and cutting and filling it to a width.
local M = {}

-- Control characters and broken UTF-8 would move the cursor or break a table: they are shown.
local function shown(character)
  return ("\\x%02x"):format(character:byte())
end

--- The text on one line, fit for a terminal: control characters and invalid UTF-8 as \xNN.
---@param text string
---@return string
function M.clean(text)
  if not text:find("[%c\x80-\xff]") then return text end
  text = text:gsub("%c", shown)
  if utf8.len(text) then return text end
  local parts, position = {}, 1
  while position <= #text do
    local _, bad = utf8.len(text, position)
    parts[#parts + 1] = text:sub(position, (bad or #text + 1) - 1)
    if not bad then break end
    parts[#parts + 1] = shown(text:sub(bad, bad))
    position = bad + 1
  end
  return table.concat(parts)
end

--- Columns that clean text takes.
---@param text string
---@return integer
function M.width(text)
  return utf8.len(text) or #text
end

local function sub(text, from, to)
  local start = utf8.offset(text, from)
  local stop = utf8.offset(text, to + 1)
  return text:sub(start, stop and stop - 1)
end

--- Cut in the middle to at most so many columns: the ends of names tell most.
---@param text string
---@param width integer
---@return string
function M.cut(text, width)
  local length = M.width(text)
  if length <= width then return text end
  if width <= 1 then return sub(text, 1, width) end
  local left = (width - 1) // 2
  return sub(text, 1, left) .. "…" .. sub(text, length - (width - 1 - left) + 1, length)
end

--- Filled with spaces to that many columns.
---@param text string
---@param width integer
---@param right boolean|nil   the text stands to the right
---@return string
function M.fill(text, width, right)
  local spaces = (" "):rep(width - M.width(text))
  return right and spaces .. text or text .. spaces
end

return M

-- text.lua - how wide text is on a terminal, and cutting and filling it to a width.
local sys = require "pyprof.core.sys"

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
  if not text:find("[\x80-\xff]") then return #text end
  return sys.width(text)
end

-- The longest beginning (or end) of text that takes at most so many columns, with whatever
-- combines with its last character.
local function piece(text, width, from_end)
  local characters, used, count = {}, 0, 0
  for _, code in utf8.codes(text) do characters[#characters + 1] = utf8.char(code) end
  while count < #characters do
    local next_one = characters[from_end and #characters - count or count + 1]
    if used + M.width(next_one) > width then break end
    used, count = used + M.width(next_one), count + 1
  end
  if from_end then return table.concat(characters, "", #characters - count + 1) end
  return table.concat(characters, "", 1, count)
end

--- Cut in the middle to at most so many columns: the ends of names tell most.
---@param text string
---@param width integer
---@return string
function M.cut(text, width)
  if M.width(text) <= width then return text end
  if width <= 1 then return piece(text, width) end
  local left = (width - 1) // 2
  return piece(text, left) .. "…" .. piece(text, width - 1 - left, true)
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

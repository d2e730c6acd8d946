-- base/text.lua - the width of text on a terminal, and text cut, filled and broken to a width.
local sys = require "pyprof.core.sys"

local M = {}

-- Control characters and invalid UTF-8 would move the cursor or break a table: escapes show them.
local function shown(character)
  return ("\\x%02x"):format(character:byte())
end

local function shown_code(character)
  local code = utf8.codepoint(character)
  return (code < 0x100 and "\\x%02x" or "\\u%04x"):format(code)
end

-- Valid UTF-8 that does the same harm: the second set of control characters, line separators, marks
-- that change the direction of writing, and invisible characters.
local unseen = { "\xc2[\x80-\x9f]", "\xd8\x9c", "\xe2\x80[\x8b\x8e\x8f\xa8-\xae]",
  "\xe2\x81[\xa0\xa6-\xa9]", "\xef\xbb\xbf" }

local function clean_bytes(text)
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

local function clean_wide(text)
  if not utf8.len(text) then text = clean_bytes(text) end
  if not text:find("[\xc2\xd8\xe2\xef]") then return text end
  for _, pattern in ipairs(unseen) do text = text:gsub(pattern, shown_code) end
  return text
end

--- The text on one line, safe for a terminal: control characters and invalid UTF-8 become \xNN or
--- \uNNNN.
---@param text string
---@return string
function M.clean(text)
  local _, plain = sys.width(text)
  if plain then return text end
  -- The pattern avoids %c, which depends on the locale.
  text = text:gsub("[\0-\x1f\x7f]", shown)
  return text:find("[\x80-\xff]") and clean_wide(text) or text
end

--- The same for text of several lines: newlines and tabs stay.
---@param text string
---@return string
function M.clean_lines(text)
  if not text:find("[\0-\x08\x0b-\x1f\x7f-\xff]") then return text end
  text = text:gsub("[\0-\x08\x0b-\x1f\x7f]", shown)
  return text:find("[\x80-\xff]") and clean_wide(text) or text
end

--- The number of columns that clean text takes.
---@param text string
---@return integer
function M.width(text)
  return (sys.width(text))
end

--- The text with spaces for its tabs, up to the next multiple of 8 columns, as a terminal shows it.
---@param text string
---@return string
function M.without_tabs(text)
  if not text:find("\t", 1, true) then return text end
  local used, parts = 0, {}
  for part, tab in text:gmatch("([^\t]*)(\t?)") do
    used = used + M.width(M.clean(part))
    local spaces = tab == "" and 0 or 8 - used % 8
    used = used + spaces
    parts[#parts + 1] = part .. (" "):rep(spaces)
  end
  return table.concat(parts)
end

-- The same characters come again and again, so their widths are kept.
local widths = setmetatable({}, { __index = function(known, character)
  known[character] = sys.width(character)
  return known[character]
end })

-- The longest beginning of the text that fits in the width, with the combining characters after
-- its last character.
local function beginning(text, width, plain)
  if plain then return text:sub(1, math.max(width, 0)) end
  local at, used = 1, 0
  while at <= #text do
    local after = utf8.offset(text, 2, at)
    used = used + widths[text:sub(at, after - 1)]
    if used > width then break end
    at = after
  end
  return text:sub(1, at - 1)
end

-- The longest end of the text that fits, without combining characters whose base is cut off.
local function ending(text, width, plain)
  if plain then return text:sub(#text + 1 - math.max(width, 0)) end
  local from, at, used = #text + 1, #text + 1, 0
  while at > 1 do
    local before = utf8.offset(text, -1, at)
    local columns = widths[text:sub(before, at - 1)]
    used, at = used + columns, before
    if used > width then break end
    if columns > 0 then from = at end
  end
  return text:sub(from)
end

--- Cuts the text in the middle to at most `width` columns, because the ends of names tell most. The
--- last parts of a path stay whole where they fit.
---@param text string
---@param width integer
---@return string
function M.cut(text, width)
  local columns, plain = sys.width(text)
  if columns <= width then return text end
  if width <= 1 then return beginning(text, width, plain) end
  local right = width - 1 - (width - 1) // 2
  local at = text:find("/", 1, true)
  while at do
    local rest = plain and #text + 1 - at or M.width(text:sub(at))
    if rest < width then
      right = math.max(right, rest)
      -- The first letter or two of a path tell nothing.
      if width - 1 - right < 4 then return "…" .. ending(text, rest, plain) end
      break
    end
    at = text:find("/", at + 1, true)
    -- The end of a file's name, and its line, tell more than the folder that all files share.
    if not at then return "…" .. ending(text, width - 1, plain) end
  end
  return beginning(text, width - 1 - right, plain) .. "…" .. ending(text, right, plain)
end

--- Fills the text with spaces to `width` columns.
---@param text string
---@param width integer
---@param right boolean|nil   aligns the text to the right
---@return string
function M.fill(text, width, right)
  local spaces = (" "):rep(width - M.width(text))
  return right and spaces .. text or text .. spaces
end

-- The indentation below a list's entry, as wide as its mark: "- ", "12. ".
local function hanging(line)
  local mark = line:match("^%s*[-*]%s+") or line:match("^%s*%d+%.%s+") or line:match("^%s*")
  return (" "):rep(#mark)
end

local unit_of_number = { s = true, ms = true, ["µs"] = true, ns = true, B = true, KiB = true,
  MiB = true, GiB = true, TiB = true, ["%"] = true }

-- The words of a line, each with the spaces before it. A number and its unit are one word.
local function words_of(line)
  local words = {}
  for spaces, word in line:gmatch("(%s*)(%S+)") do
    local last = words[#words]
    if last and last.word:find("%d$") and unit_of_number[word:match("^[^,.;:)]*")] then
      last.word = last.word .. spaces .. word
    else
      words[#words + 1] = { spaces = spaces, word = word }
    end
  end
  return words
end

--- Breaks lines that are too wide at spaces. The rest of a line begins below the beginning of its
--- text; a word that is too wide stays whole.
---@param text string
---@param width integer
---@return string
function M.wrap(text, width)
  local lines = {}
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    if M.width(line) > width then
      local indent, broken, used = hanging(line), {}, 0
      if #indent > width // 2 then indent = "" end
      for _, it in ipairs(words_of(line)) do
        local spaces, word = it.spaces, it.word
        local columns = M.width(word)
        if used > #indent and used + #spaces + columns > width then
          broken[#broken + 1] = "\n" .. indent .. word
          used = #indent + columns
        else
          broken[#broken + 1] = spaces .. word
          used = used + #spaces + columns
        end
      end
      line = table.concat(broken)
    end
    lines[#lines + 1] = line
  end
  return table.concat(lines, "\n")
end

return M

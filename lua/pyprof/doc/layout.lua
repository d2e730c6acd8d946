-- doc/layout.lua - lays a page out for a terminal: Markdown becomes text with bold heads, code in a
-- colour, tables in columns, and lines that fit the width.
local text = require "pyprof.base.text"

local M = {}

local plain = "\27[0m"
local codes = { bold = "\27[1m", code = "\27[36m" }
local widest = 100   -- longer lines are hard to read

-- --- words, each a list of { text, style }

-- The parts of a text: `code`, **bold** and the rest, without their marks.
local function parts_of(line)
  local parts, at = {}, 1
  while at <= #line do
    local code, after = line:match("^`([^`]+)`()", at)
    local bold, behind
    if not code then bold, behind = line:match("^%*%*([^*]+)%*%*()", at) end
    if code then
      parts[#parts + 1], at = { code, "code" }, after
    elseif bold then
      parts[#parts + 1], at = { bold:gsub("`", ""), "bold" }, behind
    else
      local rest = line:match("^[`*]?[^`*]*", at)
      parts[#parts + 1], at = { rest }, at + #rest
    end
  end
  return parts
end

-- The words of a text: a part may end within a word, as in "(`code`)".
local function words_of(line)
  local words, word = {}, nil
  for _, part in ipairs(parts_of(line)) do
    local value, style = part[1], part[2]
    for space, letters in value:gmatch("(%s*)(%S*)") do
      if space ~= "" then word = nil end
      if letters ~= "" then
        if not word then
          word = { width = 0 }
          words[#words + 1] = word
        end
        word[#word + 1] = { letters, style }
        word.width = word.width + text.width(letters)
      end
    end
  end
  return words
end

local function painted(word, coloured)
  local out = {}
  for i, part in ipairs(word) do
    out[i] = coloured and part[2] and codes[part[2]] .. part[1] .. plain or part[1]
  end
  return table.concat(out)
end

-- The words in lines of at most that width; the first line begins with `mark`, the others with
-- spaces.
local function filled(words, width, mark, coloured)
  local lines, line, used = {}, mark, #mark
  local indent, begins = (" "):rep(#mark), true
  for _, word in ipairs(words) do
    if not begins and used + 1 + word.width > width then
      lines[#lines + 1] = line
      line, used, begins = indent, #indent, true
    end
    line = line .. (begins and "" or " ") .. painted(word, coloured)
    used, begins = used + (begins and 0 or 1) + word.width, false
  end
  lines[#lines + 1] = line
  return lines
end

-- --- tables

-- The cells of a row "| a | b |"; a bar within code is escaped or belongs to the code.
local function cells_of(line)
  local cells, cell, inside = {}, "", false
  for c in line:match("^%s*|(.*)|%s*$"):gmatch("[%z\1-\127\194-\244][\128-\191]*") do
    if c == "`" then inside = not inside end
    if c == "|" and not inside then
      cells[#cells + 1], cell = cell, ""
    else
      cell = cell .. c
    end
  end
  cells[#cells + 1] = cell
  for i, each in ipairs(cells) do cells[i] = words_of(each:gsub("\\|", "|")) end
  return cells
end

local function width_of(words)
  local width = math.max(#words - 1, 0)
  for _, word in ipairs(words) do width = width + word.width end
  return width
end

local function bold(words)
  for _, word in ipairs(words) do
    for _, part in ipairs(word) do part[2] = part[2] or "bold" end
  end
  return words
end

-- The rows of a table in columns; the last column is broken to the width.
local function add_table(out, lines, width, coloured)
  local rows, widths = {}, {}
  for _, line in ipairs(lines) do
    if not line:find("^%s*|[%s:|-]+|%s*$") then rows[#rows + 1] = cells_of(line) end
  end
  for _, row in ipairs(rows) do
    for j, cell in ipairs(row) do widths[j] = math.max(widths[j] or 0, width_of(cell)) end
  end
  for i, row in ipairs(rows) do
    local line, used = "  ", 2
    for j = 1, #row - 1 do
      local cell = i == 1 and bold(row[j]) or row[j]
      line = line .. filled(cell, math.huge, "", coloured)[1] ..
        (" "):rep(widths[j] - width_of(cell) + 2)
      used = used + widths[j] + 2
    end
    local last = filled(i == 1 and bold(row[#row]) or row[#row], math.max(width - used, 20), "",
      coloured)
    for k, rest in ipairs(last) do
      out[#out + 1] = ((k == 1 and line or (" "):rep(used)) .. rest):gsub("%s+$", "")
    end
  end
end

-- --- blocks

-- The lines from `first` on that belong together, and the number of the line after them.
local function gathered(lines, first, belongs)
  local last = first
  while lines[last + 1] and belongs(lines[last + 1]) do last = last + 1 end
  return table.move(lines, first, last, 1, {}), last + 1
end

-- A fenced block without its fences, as code is: indented.
local function add_fenced(out, lines, at)
  at = at + 1
  while lines[at] and not lines[at]:find("^```%s*$") do
    out[#out + 1] = lines[at] == "" and "" or "    " .. lines[at]
    at = at + 1
  end
  return at + 1
end

local function is_text(line)
  return line ~= "" and not line:find("^[#|]") and not line:find("^```") and
    not line:find("^  ") and not line:find("^[-*] ") and not line:find("^%d+%. ")
end

local function is_rest_of_item(line) return line:find("^  +%S") ~= nil end

--- Lays out a page.
---@param page string      Markdown
---@param width integer    columns
---@param coloured boolean    heads are bold and code has a colour
---@return string
function M.page(page, width, coloured)
  local lines, out, at = {}, {}, 1
  for line in page:gmatch("([^\n]*)\n") do lines[#lines + 1] = line end
  local fit, in_list = math.min(width, widest), false
  local function add(words, mark)
    for _, each in ipairs(filled(words, fit, mark, coloured)) do out[#out + 1] = each end
  end
  while at <= #lines do
    local line = lines[at]
    local block
    if line:find("^%S") then in_list = false end
    local head = line:match("^#+%s+(.*)$")
    local mark = line:match("^[-*] +") or line:match("^%d+%. +")
    if line:find("^```") then
      at = add_fenced(out, lines, at)
    elseif head then
      add(bold(words_of(head)), "")
      at = at + 1
    elseif line:find("^%s*|.*|%s*$") then
      block, at = gathered(lines, at, function(each) return each:find("^%s*|.*|%s*$") ~= nil end)
      add_table(out, block, fit, coloured)
    elseif mark then
      block, at = gathered(lines, at, is_rest_of_item)
      add(words_of(table.concat(block, " "):sub(#mark + 1)), mark)
      in_list = true
    elseif in_list and line:find("^  %S") then -- a further paragraph of the item
      block, at = gathered(lines, at, function(each) return each:find("^  %S") ~= nil end)
      add(words_of(table.concat(block, " ")), "  ")
    elseif is_text(line) then
      block, at = gathered(lines, at, is_text)
      add(words_of(table.concat(block, " ")), "")
    else
      out[#out + 1], at = line, at + 1
    end
  end
  return table.concat(out, "\n") .. "\n"
end

return M

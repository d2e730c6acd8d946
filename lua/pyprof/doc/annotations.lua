-- doc/annotations.lua - reads LuaCATS comments from source text: functions, classes and their
-- fields. https://luals.github.io/wiki/annotations explains them.
local M = {}

---@class pyprof.Annotated
---@field kind "function"|"class"
---@field name string             without its owner
---@field owner string|nil        of a function: the name before the dot or colon
---@field arguments string|nil    of a function, as written
---@field base string|nil         of a class
---@field text string[]           paragraphs
---@field example string[]        lines of Lua
---@field params pyprof.Tag[]
---@field returns pyprof.Tag[]
---@field fields pyprof.Tag[]
---@field line integer            of the function, or after the class

---@class pyprof.Tag
---@field name string|nil
---@field type string
---@field text string

local closing = { ["("] = ")", ["{"] = "}", ["<"] = ">", ["["] = "]" }

-- A type, and the text after it: spaces in brackets and after ":", "," and "|" belong to the type.
local function split_type(text)
  local depth, i = 0, 1
  while i <= #text do
    local c = text:sub(i, i)
    if closing[c] then
      depth = depth + 1
    elseif c == ")" or c == "}" or c == ">" or c == "]" then
      depth = depth - 1
    elseif c == " " and depth == 0 and not text:sub(1, i - 1):find("[:,|] *$") then
      break
    end
    i = i + 1
  end
  return text:sub(1, i - 1), text:sub(i)
end

-- A tag that begins with a name.
local function named(list)
  return function(item, rest)
    local name, after = rest:match("^(%S+)%s+(.*)$")
    local kind, text = split_type(after)
    table.insert(item[list], { name = name, type = kind, text = text:match("^%s*(.-)%s*$") })
    return item[list][#item[list]]
  end
end

local read = { param = named "params", field = named "fields" }

-- A name follows the type after one space, a text after more.
read["return"] = function(item, rest)
  local kind, after = split_type(rest)
  local name, text = after:match("^ ([%w_%.]+)%s*(.*)$")
  if not name then text = after:match("^%s*(.-)$") end
  table.insert(item.returns, { name = name, type = kind, text = text })
  return item.returns[#item.returns]
end

local function new_item()
  return { text = {}, example = {}, params = {}, returns = {}, fields = {} }
end

-- Adds a comment line that is no tag to the last tag, the example or the text.
local function add_text(item, tag, text)
  if tag then
    tag.text = (tag.text .. " " .. text:match("^%s*(.-)%s*$")):match("^%s*(.*)$")
  elseif text:find("^    ") then
    table.insert(item.example, text:sub(5))
  elseif text == "" then
    item.open = false
  elseif item.open then
    item.text[#item.text] = item.text[#item.text] .. " " .. text:match("^%s*(.*)$")
  else
    table.insert(item.text, (text:match("^%s*(.*)$")))
    item.open = true
  end
end

-- Items end where code begins; more than one class may stand in one comment.
local function finish(items, item, code, line)
  if item.class then
    item.kind, item.name, item.line = "class", item.class, line
    items[#items + 1] = item
  else
    local owner, name, arguments = code:match("^function ([%w_%.]*)[%.:]([%w_]+)%((.-)%)")
    if not owner then return end
    item.kind, item.owner, item.name, item.arguments = "function", owner, name, arguments
    item.line = line
    items[#items + 1] = item
  end
  item.open = nil
end

--- The annotated functions and classes of a module, in its order.
---@param source string   the module's text
---@return pyprof.Annotated[]
function M.read(source)
  local items, item, tag, line = {}, nil, nil, 0
  for text in (source .. "\n"):gmatch("([^\n]*)\n") do
    line = line + 1
    local name, rest = text:match("^%-%-%-@(%w+)%s*(.*)$")
    local comment = text:match("^%-%-%-(.*)$")
    if name == "class" then
      item = item or new_item()
      item.class, item.base = rest:match("^([%w_%.]+):?%s*([%w_%.]*)")
      tag = nil
    elseif name then
      item = item or new_item()
      tag = read[name] and read[name](item, rest)
    elseif comment then
      item = item or new_item()
      add_text(item, tag, comment:gsub("^ ", ""))
    elseif item then
      finish(items, item, text, line)
      item, tag = nil, nil
    end
  end
  if item then finish(items, item, "", line) end
  return items
end

return M

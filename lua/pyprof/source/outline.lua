-- source/outline.lua - one file as nested tables: imports by name, decorators, parameters.
local regexes = require "pyprof.core.regex"
local core = require "pyprof.core.source"

local M = {}

-- White space, comments and continued lines. Within brackets a newline is white space, too.
local space = [[(?: \s | (?&gap) | (?&comment) )*+]]

local function compiled(pattern)
  return assert(regexes.compile(core.pieces .. pattern:gsub("SPACE", space), "xsa"))
end

local patterns

local function make_patterns()
  return {
    -- up to and with the parenthesis that opens the parameters
    open = compiled [[(?: async (?&gap) )? def (?&gap) (?&name) (?&gap)?
      (?: (?= \[ ) (?&group) (?&gap)? )? \(]],
    -- one parameter and the comma or parenthesis that ends it
    parameter = compiled [[SPACE (?: \*{0,2} SPACE (?<title> (?&name)) | [*/] )?
      (?: (?&lambda) | (?! , ) (?&piece) | (?&comment) | : | \s )*+ (?: , | (?<last> \) ) )]],
    decorator = compiled [[@ (?&gap)?
      (?: (?<dotted> (?&name) (?: (?&gap)? \. (?&gap)? (?&name) )*+ )
      (?= (?&gap)? [(\r\n\#] ) )? (?<rest> (?: (?&piece) | : | ; )*+ ) (?&comment)?
      (?: SPACE (?= @ ) )?]],
    from = assert(regexes.compile(core.pieces ..
      [[ \b from (?! [\w\x80-\xff] ) (?<module> (?: \s | (?&gap) | \. | (?&name) )*+ ) \z]], "xs")),
    item = compiled [[SPACE (?<title> \* | (?&name) (?: SPACE \. SPACE (?&name) )*+ )
      (?: SPACE as (?![\w\x80-\xff]) SPACE (?<as> (?&name) ) )? SPACE (?<more> , )?]],
    single = compiled [[(?&gap)? (?<title> \* | (?&name) (?: (?&gap)? \. (?&gap)? (?&name) )*+ )
      (?: (?&gap)? as (?![\w\x80-\xff]) (?&gap)? (?<as> (?&name) ) )? (?&gap)? (?<more> , )?]],
    parenthesis = compiled [[(?&gap)? \(]],
  }
end

local function tight(text)
  return (text:gsub("\\\r?\n?", ""):gsub("%s+", ""))
end

local function parameters(text, definition)
  local _, at = patterns.open:find(text, definition.offset)
  local count = 0
  while at do
    local found = patterns.parameter:captures(text, at + 1)
    if not found then return count end
    if found.title then count = count + 1 end
    if found.last then return count end
    at = found.to
  end
  return count
end

local function decorators(text, definition)
  local names, at = {}, definition.first_offset
  while at < definition.offset do
    local found = patterns.decorator:captures(text, at)
    if not found then break end
    names[#names + 1] = found.dotted and tight(found.dotted) or
      found.rest:match("^%s*(.-)%s*$")
    at = found.to + 1
    if text:sub(at, at) ~= "@" then break end
  end
  return names
end

-- { line, module (nil for `import a`), level (number of dots), names = { { name, as }, … } }
local function import(text, statement)
  local made = { line = statement.line, level = 0, names = {} }
  local before = text:sub(statement.statement, statement.offset - 1)
  local from = patterns.from:captures(before)
  if from then
    local module = tight(from.module)
    local dots = module:match("^%.*")
    made.level, made.module = #dots, module:sub(#dots + 1)
  end
  local at = statement.offset + #"import"
  local _, open = patterns.parenthesis:find(text, at)
  local item = open and patterns.item or patterns.single
  at = open and open + 1 or at
  while at do
    local found = item:captures(text, at)
    if not found then break end
    made.names[#made.names + 1] = { name = tight(found.title), as = found.as }
    at = found.more and found.to + 1
  end
  return made
end

--- A file as nested tables: its row, `imported`, and `definitions`, each with `definitions` of its
--- own, `async`, `docstring`, `decorators` (names, or the text after the @) and, if it is a
--- function, `parameters` (their number). An entry of `imported`: line, module (nil for
--- `import a`), level (the number of dots), names (each with `name` and perhaps `as`).
---@param path string
---@param mccabe boolean|nil
---@param texts pyprof.core.Texts|nil   the files that were read before
---@return table|nil
---@return string|nil message
function M.of(path, mccabe, texts)
  local file, message = core.open(path, mccabe, texts)
  if not file then return nil, message end
  patterns = patterns or make_patterns()
  local text, flat, nested = file.text, file.definitions, {}
  for i, definition in ipairs(flat) do
    definition.async = definition.kind == "async function"
    if definition.kind ~= "class" then definition.parameters = parameters(text, definition) end
    definition.decorators = decorators(text, definition)
    definition.definitions = {}
    local around = definition.parent and flat[definition.parent].definitions or nested
    around[#around + 1] = definition
    definition.index = i
  end
  for _, definition in ipairs(flat) do
    definition.parent, definition.index = nil, nil
    definition.offset, definition.first_offset = nil, nil
  end
  file.imported, file.definitions = {}, nested
  for i, statement in ipairs(file.import_statements) do
    file.imported[i] = import(text, statement)
  end
  file.text, file.import_statements = nil, nil
  return file
end

return M

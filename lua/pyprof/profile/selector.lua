-- profile/selector.lua - turns a selector into a mask over distinct frames, threads or tests.
--
--   "json.loads"        functions with that name, or whose `module.name` ends in these dotted
--                       parts: "loads", "json.loads", "decoder.JSONDecoder.decode"; `<locals>` may
--                       be left out
--   "file:RE"           PCRE2, searched in one field
--   "!...", "not:..."   not
--   "@mine"             a named selector, from config.lua
--   function(x)         called once for each distinct frame (thread, test)
--   a row               exactly the row's function (thread, test)
--   { ... }             any of them
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"
local regex = require "pyprof.core.regex"
local frame = require "pyprof.profile.frame"

local M = {}

---@alias pyprof.Selector string|fun(it: table): any|table

local thread_fields = { "name", "id", "pid", "command", "main" }
local test_fields = { "id", "name", "file", "phase" }
local fields_of = { frame = frame.fields, thread = thread_fields, test = test_fields }
local no_thread_field = misuse.no_field("a thread", { "samples", "weight",
  table.unpack(thread_fields) })
-- An unknown id or pid of a thread is nil.
local Thread = { __index = function(thread, key)
  if key ~= "id" and key ~= "pid" then no_thread_field(thread, key) end
end }
local Test = { __index = misuse.no_field("a test", { "samples", "weight",
  table.unpack(test_fields) }) }

-- --- named selectors

local named = {}

--- Sets all named selectors, by their names without the "@".
---@param selectors table<string, pyprof.Selector>
function M.set_named(selectors)
  named = selectors
end

--- The names of all named selectors, A-Z.
---@return string[]
function M.named()
  return tables.names(named)
end

-- --- a note for a selector that selects nothing, once each

local said = {}
local listener = require("pyprof.base.say").line

--- Sets the function that gets the notes about selectors that select nothing; else they go to
--- standard error.
---@param listen fun(message: string)
function M.on_empty(listen)
  listener = listen
end

local function say(message)
  if said[message] then return end
  said[message] = true
  listener(message)
end

-- --- compiling: a selector becomes a function from frame (thread, test) to boolean

local compile

local function escape(text)
  return (text:gsub("[%^%$%.%[%]%|%(%)%*%+%?%{%}\\]", "\\%0"))
end

local function by_field(field, pattern)
  local re, message = regex.compile(pattern)
  if not re then misuse.raise("selector '%s:%s': %s", field, pattern, message) end
  local known = {}
  return function(it)
    local value = it[field]
    if value == nil then return false end
    local found = known[value]
    if found == nil then
      local matched, failure = re:test(tostring(value))
      if failure then misuse.raise("selector '%s:%s': %s", field, pattern, failure) end
      found = matched and true or false
      known[value] = found
    end
    return found
  end
end

-- Does the text end in these dotted parts?
local function ends_in(text, tail)
  if text:sub(-#tail) ~= tail then return false end
  return #text == #tail or text:byte(-#tail - 1) == 46
end

local function by_name(name)
  local bare = name:match("[^.]*$")
  return function(it)
    if it.name == name then return true end
    if it.bare ~= bare then return false end
    local whole = it.module .. "." .. it.name
    return ends_in(whole, name) or ends_in((whole:gsub("<locals>%.", "")), name)
  end
end

-- The selector after "!" or "not:", which a shell does not take for its history.
local function negated(text)
  return text:match("^!(.*)$") or text:match("^not:(.*)$")
end

local function of_text(text, kind)
  if text == "" then misuse.raise("a selector is empty") end
  local inner = negated(text)
  if inner then
    local selects = compile(inner, kind)
    return function(it) return not selects(it) end
  end
  if text:sub(1, 1) == "@" then
    local meant = named[text:sub(2)]
    if meant == nil then
      misuse.raise("%s", suggest.unknown("named selector", text:sub(2), M.named()))
    end
    return compile(meant, kind)
  end
  local field, pattern = text:match("^([%a_]+):(.*)$")
  if field and pattern:sub(1, 1) ~= ":" then
    local fields = fields_of[kind]
    for _, known in ipairs(fields) do
      if known == field then return by_field(field, pattern) end
    end
    misuse.raise("selector '%s': %s", text, suggest.unknown("field", field, fields))
  end
  if kind == "thread" then
    return function(it) return it.name == text end
  elseif kind == "test" then
    return function(it)
      return it.id == text or it.name == text or it.name:match("^[^%[]*") == text
    end
  end
  return by_name(text)
end

local function same_thread(row)
  return function(it)
    return it.name == row.name and it.id == row.id and it.pid == row.pid and
      it.command == row.command
  end
end

-- A row of all phases has no phase.
local function same_test(row)
  return function(it)
    return it.id == row.id and (row.phase == nil or it.phase == row.phase)
  end
end

local function of_table(selector, kind)
  if kind == "test" and selector.id ~= nil then return same_test(selector) end
  if selector.name ~= nil and kind ~= "test" then
    if kind == "thread" then return same_thread(selector) end
    if type(selector.file) ~= "string" then
      misuse.raise("the row '%s' has no file: it is no function", tostring(selector.name))
    end
    return function(it) return it.name == selector.name and it.file == selector.file end
  end
  local list = {}
  for i, part in ipairs(selector) do list[i] = compile(part, kind) end
  if next(selector) ~= nil and #list == 0 then
    misuse.raise("a table that is neither a row nor a list selects nothing")
  end
  return function(it)
    for i = 1, #list do
      if list[i](it) then return true end
    end
    return false
  end
end

---@param selector pyprof.Selector
---@param kind "frame"|"thread"|"test"
---@return fun(it: table): any
function compile(selector, kind)
  local type_of = type(selector)
  if type_of == "string" then return of_text(selector, kind) end
  if type_of == "function" then return selector end
  if type_of == "table" then return of_table(selector, kind) end
  misuse.raise("a selector is wanted (a string, function, row or list), not %s",
    selector == nil and "nil" or "a " .. type_of)
end

-- --- hints for selectors that select nothing

local function files_with(frames, text)
  local count, seen = 0, {}
  for _, file in ipairs(frames.files) do
    if not seen[file] then
      seen[file] = true
      if file:find(text, 1, true) then count = count + 1 end
    end
  end
  return count
end

-- A name is no pattern. For a name with "*", the pattern in the first of these fields that finds
-- something, as a selector.
local function pattern_for(name, list, fields)
  local pattern = escape(name):gsub("\\%*", ".*")
  pattern = ("^" .. pattern .. "$"):gsub("^%^%.%*", ""):gsub("%.%*%$$", "")
  for _, field in ipairs(fields) do
    local selects = by_field(field, pattern)
    for _, it in ipairs(list) do
      if selects(it) then return (" (a name is no pattern; did you mean '%s:%s'?)")
        :format(field, pattern) end
    end
  end
  return (" (a name is no pattern: '%s:%s' would be one)"):format(fields[1], pattern)
end

local pattern_fields = { "name", "bare", "module", "file" }

local function hint_for_function(name, frames)
  if name:find("*", 1, true) then return pattern_for(name, frames:all(), pattern_fields) end
  local files = files_with(frames, name)
  if files > 0 then
    return (": %d file%s match%s 'file:%s'"):format(files, files == 1 and "" or "s",
      files == 1 and "es" or "", escape(name))
  end
  local names, seen = {}, {}
  for _, known in ipairs(frames:all()) do
    for _, candidate in ipairs { known.name, known.bare } do
      if not seen[candidate] then
        seen[candidate] = true
        names[#names + 1] = candidate
      end
    end
  end
  table.sort(names)
  local near = suggest.nearest(name:match("[^.]*$"), names)
  return near and (" (did you mean '%s'?)"):format(near) or ""
end

local function say_empty(selector, frames)
  while negated(selector) do selector = negated(selector) end
  local field, pattern = selector:match("^([%a_]+):(.*)$")
  if selector:sub(1, 1) == "@" then
    say(("'%s' selects nothing"):format(selector))
  elseif field and pattern:sub(1, 1) ~= ":" then
    say(("no frame whose %s matches '%s'"):format(field, pattern))
  else
    say(("no function '%s'%s"):format(selector, hint_for_function(selector, frames)))
  end
end

local function note_empty(selector, frames)
  if type(selector) == "table" then
    for _, part in ipairs(selector) do note_empty(part, frames) end
    if selector.name == nil then return end
    local selects = compile(selector, "frame")
    for _, it in ipairs(frames:all()) do
      if selects(it) then return end
    end
    say(("no function '%s' of %s"):format(selector.name, selector.file))
  elseif type(selector) == "string" then
    local selects = compile(selector, "frame")
    for _, it in ipairs(frames:all()) do
      if selects(it) then return end
    end
    say_empty(selector, frames)
  end
end

-- A name with "*" finds nothing where it may, in exclude and after "!", but it is a mistake there.
local function note_starred(selector, frames)
  if type(selector) == "table" then
    for _, part in ipairs(selector) do note_starred(part, frames) end
  elseif type(selector) == "string" then
    while negated(selector) do selector = negated(selector) end
    if selector:find("^[^:@]*%*") then note_empty(selector, frames) end
  end
end

-- --- masks

local function mask_of(selector, list, kind)
  local selects = compile(selector, kind)
  local bytes, any = {}, false
  for i, it in ipairs(list) do
    if selects(it) then
      bytes[i], any = "\1", true
    else
      bytes[i] = "\0"
    end
  end
  return table.concat(bytes), any
end

--- The mask over a profile's distinct frames, one byte each.
---@param selector pyprof.Selector
---@param frames pyprof.Frames
---@param quiet boolean|nil   gives no note if nothing is selected
---@return string
function M.frames(selector, frames, quiet)
  -- Reports exclude nothing by default: that needs no frame with all its fields.
  if type(selector) == "table" and next(selector) == nil then return ("\0"):rep(frames.count) end
  local mask, any = mask_of(selector, frames:all(), "frame")
  -- Each part of a list is checked, though other parts may have selected something.
  local listed = type(selector) == "table" and selector.name == nil
  if frames.count > 0 then
    if (not any or listed) and not quiet then note_empty(selector, frames) end
    note_starred(selector, frames)
  end
  return mask
end

local function mask_of_labels(selector, list, kind)
  local mask, any = mask_of(selector, list, kind)
  if not any and #list > 0 and type(selector) == "string" then
    local names, seen = {}, {}
    for _, it in ipairs(list) do
      if it.name ~= "" and not seen[it.name] then
        seen[it.name] = true
        names[#names + 1] = it.name
      end
    end
    table.sort(names)
    local near, hint = suggest.nearest(selector, names), ""
    if near then hint = (" (did you mean '%s'?)"):format(near) end
    if selector:find("^[^:]*%*") then hint = pattern_for(selector, list, { "name", "id" }) end
    if kind == "test" and #list == 1 then hint = " (the recording has no tests)" end
    say(("no %s '%s'%s"):format(kind, selector, hint))
  end
  return mask
end

--- The mask over threads, one byte each.
---@param selector pyprof.Selector
---@param threads table[]
---@return string
function M.threads(selector, threads)
  for _, thread in ipairs(threads) do setmetatable(thread, Thread) end
  return mask_of_labels(selector, threads, "thread")
end

--- The mask over tests, one byte each.
---@param selector pyprof.Selector
---@param tests table[]
---@return string
function M.tests(selector, tests)
  for _, test in ipairs(tests) do setmetatable(test, Test) end
  return mask_of_labels(selector, tests, "test")
end

--- A function that tells whether the selector takes a row of a function: its name, file and line.
---@param selector pyprof.Selector
---@return fun(row: { name: string, file: string|nil, line: integer|nil }): boolean
function M.of_rows(selector)
  local takes = compile(selector, "frame")
  return function(row)
    return takes(frame.new(row.name, row.file or "", row.line or 0)) and true or false
  end
end

--- Raises unless the selector is valid. It needs no profile.
---@param selector pyprof.Selector
---@param kind "frame"|"thread"|"test"|nil   nil: "frame"
function M.check(selector, kind)
  compile(selector, kind or "frame")
end

return M

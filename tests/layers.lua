-- layers.lua - reads from the text of Lua and C which file requires or includes which, and compares
-- that with lists of what is allowed. tests/test_layering.lua has the lists.
local M = {}

-- --- the requires of a file of Lua

-- Words, texts and signs of Lua; comments and white space are left out.
local function tokens(text)
  local list, at = {}, text:match("^#[^\n]*()") or 1
  local function take(kind, value, next_at)
    if kind then list[#list + 1] = { kind = kind, value = value } end
    at = next_at
  end
  while at <= #text do
    local comment = text:match("^%-%-()", at)
    local from = comment or at
    local level, long = text:match("^%[(=*)%[()", from)
    if level then
      local value, after = text:match("^(.-)%]" .. level .. "%]()", long)
      take(not comment and "text", value, after or #text + 1)
    elseif comment then
      take(nil, nil, text:match("^[^\n]*()", comment))
    elseif text:find("^%s", at) then
      take(nil, nil, text:match("^%s+()", at))
    elseif text:find("^[%a_]", at) then
      take("word", text:match("^([%w_]+)()", at))
    elseif text:find("^[\"']", at) then
      local quote, after = text:sub(at, at), at + 1
      while text:sub(after, after) ~= quote and after <= #text do
        after = after + (text:sub(after, after) == "\\" and 2 or 1)
      end
      take("text", text:sub(at + 1, after - 1), after + 1)
    else
      take("sign", text:match(text:find("^%.", at) and "^(%.+)()" or "^(.)()", at))
    end
  end
  return list
end

local opens = { ["function"] = true, ["do"] = true, ["if"] = true, ["repeat"] = true }
local closes = { ["end"] = true, ["until"] = true }

---@class pyprof.tests.Require
---@field name string|nil    nil: no text says what is required
---@field lazy boolean       it stands in a function
---@field computed boolean   the name is only how it begins

--- All requires of a file of Lua. A string that holds Lua code does not count.
---@param text string
---@return pyprof.tests.Require[]
function M.requires(text)
  local list, open, functions = {}, {}, 0
  local all = tokens(text)
  for i, token in ipairs(all) do
    local before = all[i - 1] and all[i - 1].value
    if token.kind == "word" and before ~= "." and before ~= ":" then
      if opens[token.value] then
        open[#open + 1] = token.value
        if token.value == "function" then functions = functions + 1 end
      elseif closes[token.value] then
        if table.remove(open) == "function" then functions = functions - 1 end
      elseif token.value == "require" then
        local named = all[i + 1]
        if named and named.value == "(" then named = all[i + 2] end
        local is_text = named and named.kind == "text"
        local behind = is_text and all[i + (named == all[i + 1] and 2 or 3)]
        list[#list + 1] = { name = is_text and named.value or nil, lazy = functions > 0,
          computed = behind and behind.value == ".." or false }
      end
    end
  end
  return list
end

--- All includes of a file of C.
---@param text string
---@return { name: string, system: boolean }[]
function M.includes(text)
  local list = {}
  for line in text:gsub("/%*.-%*/", ""):gmatch("[^\n]+") do
    local sign, name = line:match("^%s*#%s*include%s*([<\"])([^>\"]+)[>\"]")
    if name then list[#list + 1] = { name = name, system = sign == "<" } end
  end
  return list
end

-- --- circles

--- A circle in a graph, as "a > b > a", or nil.
---@param edges table<string, table<string, boolean>>
---@return string|nil
function M.circle(edges)
  local state, way = {}, {}
  local function visit(node)
    state[node], way[#way + 1] = "open", node
    local targets = {}
    for target in pairs(edges[node] or {}) do targets[#targets + 1] = target end
    table.sort(targets)
    for _, target in ipairs(targets) do
      if state[target] == "open" then
        local from = #way
        while way[from] ~= target do from = from - 1 end
        return table.concat(way, " > ", from) .. " > " .. target
      end
      local found = not state[target] and visit(target)
      if found then return found end
    end
    state[node], way[#way] = "done", nil
  end
  local nodes = {}
  for node in pairs(edges) do nodes[#nodes + 1] = node end
  table.sort(nodes)
  for _, node in ipairs(nodes) do
    local found = not state[node] and visit(node)
    if found then return found end
  end
end

local function add_edge(edges, from, to)
  if from == to then return end
  edges[from] = edges[from] or {}
  edges[from][to] = true
end

-- --- Lua

local function module_of(path)
  return "pyprof" .. path:gsub("^lua/pyprof", ""):gsub("%.lua$", ""):gsub("/init$", "")
    :gsub("/", ".")
end

-- "pyprof.base.text" is in base, "pyprof" is init, "pyprof.core.sys" is in core.
local function room_of_module(name)
  if name == "pyprof" then return "init" end
  return name:match("^pyprof%.([%w_]+)") or name
end

local function has(list, value)
  for _, item in ipairs(list or {}) do
    if item == value then return true end
  end
  return false
end

-- Does the name consist of a prefix such as "pyprof.render." and one more name?
local function is_by_name(name, family)
  return name:sub(1, #family) == family and not name:find(".", #family + 1, true)
end

local function fault_of_require(rules, path, room, it)
  if not it.name then return "requires what no text names" end
  local target, shown = room_of_module(it.name), it.name .. (it.computed and "…" or "")
  local by_name = false
  for family, users in pairs(rules.by_name) do
    if is_by_name(it.name, family) then by_name = has(users, room) or has(users, path) end
  end
  local may = target == room or has(rules.allow[room], target)
  if target == "core" then
    local only = rules.core[it.name]
    may = room ~= "scripts" and (not only or has(only, room))
  end
  if not may then return "requires " .. shown end
  if it.computed and not by_name then return "requires " .. shown .. " by a computed name" end
  if it.lazy and not by_name and not rules.lazy[room] and not rules.lazy[path] then
    return "requires " .. shown .. " in a function"
  end
end

--- The requires that break the rules, each as "PATH requires NAME …".
---@param files table<string, string>   texts by path
---@param rules table   allow: rooms by room; core: the rooms that may require a C module; lazy:
---  rooms and paths with requires in functions; by_name: the prefixes of computed names, and the
---  rooms and paths that may compute them
---@param room_of fun(path: string): string
---@return string[]
function M.faults_of_lua(files, rules, room_of)
  local faults, modules, rooms = {}, {}, {}
  for path, text in pairs(files) do
    local room = room_of(path)
    if not rules.allow[room] then faults[#faults + 1] = path .. " is in a room of no list" end
    for _, it in ipairs(M.requires(text)) do
      local fault = fault_of_require(rules, path, room, it)
      fault = fault and path .. " " .. fault
      if fault then faults[#faults + 1] = fault end
      if it.name and not it.computed then
        add_edge(modules, module_of(path), it.name)
        add_edge(rooms, room, room_of_module(it.name))
      end
    end
  end
  for what, edges in pairs { files = modules, folders = rooms } do
    local circle = M.circle(edges)
    if circle then faults[#faults + 1] = ("a circle of %s: %s"):format(what, circle) end
  end
  table.sort(faults)
  return faults
end

--- The room of a file of the library: its folder's name, or its own.
---@param path string
---@return string
function M.room_of_lua(path)
  return room_of_module(module_of(path))
end

-- --- C

-- The file that an include names, found as the compiler's -I options do.
local function included(files, path, name)
  for _, folder in ipairs { path:match("^(.*/)"), "include/", "src/core/", "src/bind/",
    "src/host/" } do
    if files[folder .. name] then return folder .. name end
  end
end

--- The includes that break the rules, each as "PATH includes NAME …".
---@param files table<string, string>   texts by path
---@param allow table<string, string[]>   folders by folder: "common", "bind", "host"
---@param homes table<string, string>   the folder of the core to which a public header belongs
---@return string[]
function M.faults_of_c(files, allow, homes)
  local faults, units, rooms = {}, {}, {}
  local function room_of(path)
    local public = path:match("^include/pyprof/(.*)%.h$")
    if public then return homes[public] end
    return path:match("^src/core/([%w_]+)/") or path:match("^src/([%w_]+)/")
  end
  local function check(path, it)
    local room, is_core = room_of(path), not path:find("^src/[bh]")
    if it.system then
      return is_core and (it.name:find("^lua") or it.name == "lauxlib.h") and "includes " .. it.name
    end
    local target = included(files, path, it.name)
    if not target then return "includes " .. it.name .. ", which is not there" end
    local is_public = target:find("^include/") ~= nil
    local other = room_of(target)
    local may = other == room or has(allow[room], other)
    if room == "bind" then may = other == "bind" or is_public end
    if path:find("^include/") then may = may and is_public end
    add_edge(units, path:gsub("%.[ch]$", ""), (target:gsub("%.[ch]$", "")))
    add_edge(rooms, room, other)
    return not may and "includes " .. it.name
  end
  for path, text in pairs(files) do
    if not allow[room_of(path) or ""] then
      faults[#faults + 1] = path .. " is in a room of no list"
    else
      for _, it in ipairs(M.includes(text)) do
        local fault = check(path, it)
        if fault then faults[#faults + 1] = path .. " " .. fault end
      end
    end
  end
  for what, edges in pairs { files = units, folders = rooms } do
    local circle = M.circle(edges)
    if circle then faults[#faults + 1] = ("a circle of %s: %s"):format(what, circle) end
  end
  table.sort(faults)
  return faults
end

return M

-- command/complete.lua - what Tab offers in a shell: `--complete N WORD...` prints what the N-th
-- word may become, each with its help after a tab. A line ":files" says that files may stand there,
-- too. It starts no target, and runs no file but the known reports.
local text = require "pyprof.base.text"
local sys = require "pyprof.core.sys"
local alone = require "pyprof.command.alone"
local doc = require "pyprof.doc"
local options = require "pyprof.options"
local profiles = require "pyprof.profile"
local offers = require "pyprof.repl.offers"
local described = require("pyprof.report").described
local collectors = require "pyprof.subject.collectors"

local M = {}

---@class pyprof.CommandLine
---@field lists pyprof.Option[][]      the options that may stand at the word
---@field report string|nil           the name of the report before it
---@field loaded pyprof.LoadedReport|nil
---@field option pyprof.Option|nil     the word is the value of this option
---@field first boolean|nil           only options of ours stand before it
---@field target boolean|nil          the word belongs to TARGET

local function option_of(lists, word)
  for _, list in ipairs(lists) do
    for _, option in ipairs(list) do
      if word == "--" .. option.name or option.short and word == "-" .. option.short then
        return option
      end
    end
  end
end

-- Takes a word that is no option: the report, or the beginning of TARGET.
local function take_name(line, word)
  local loaded = not line.report and offers.report("reports." .. word:gsub("%.lua$", ""))
  line.first = false
  if not loaded then
    line.target = true
    return
  end
  line.report, line.loaded = word:gsub("%.lua$", ""), loaded
  line.lists = { options.common, loaded.options, loaded.brought }
end

-- What the words before the N-th one tell.
local function read(words, number)
  local line, i = { lists = { options.common, options.alone }, first = true }, 1
  while i < number and not line.target do
    local word = words[i]
    local option = option_of(line.lists, word)
    if option and option.value then
      if i + 1 == number then
        line.option = option
      elseif option.brings then
        table.insert(line.lists, collectors.options_of(words[i + 1]))
      end
      i = i + 1
    elseif not option and word:find("^%-[mc-]?$") then
      line.target = true
    elseif word == "--doc" or word == "--list" then
      line.option, line.first = option, false
    elseif word:sub(1, 1) ~= "-" then
      take_name(line, word)
    end
    i = i + 1
  end
  return line
end

-- The first recording on the line becomes the prompt's `p`, of which offers reads names.
local function take_recording(words)
  for _, word in ipairs(words) do
    local status = sys.stat(word)
    if status and status.kind == "file" and sys.plain(word) and profiles.sniff(word) then
      _G.p = profiles.load(word)
      return
    end
  end
end

local views = { where = "where", without = "without", fold = "fold", root = "root",
  thread = "thread", test = "test" }
local of_files = { FILE = true, PATH = true, LUA = true }

-- The values of an option, and whether it takes a file.
local function values(line, option, begun, words)
  if option.choice then return option.choice end
  if option.name == "doc" then
    local names = {}
    for i, page in ipairs(doc.pages()) do names[i] = page.key end
    return names
  elseif option.name == "copy" then
    return offers.reports()
  elseif option.name == "with" then
    return collectors.names()
  elseif option.name == "from" then
    local names = {}
    for i, name in ipairs(collectors.names()) do names[i] = name .. "=" end
    return names
  elseif of_files[option.value] then
    return {}, true
  end
  take_recording(words)
  if views[option.name] then return offers.argument("p:" .. views[option.name], begun) end
  if not option.argument then return {} end
  return offers.values("reports." .. line.report, option.key, begun)
end

--- What the N-th word may become, and whether it may be a file.
---@param words string[]
---@param number integer
---@return { value: string, help: string|nil }[]
---@return boolean files
function M.offers(words, number)
  local found, files = {}, false
  local begun, before = words[number] or "", ""
  local line = read(words, number)
  local option = line.option
  local name, rest = begun:match("^(%-%-[^=]+)=(.*)$")
  if name and not option then
    option = option_of(line.lists, name)
    if not option or not option.value then return found, false end
    before, begun = name .. "=", rest
  end
  local function add(value, help)
    if value:sub(1, #begun) == begun then
      found[#found + 1] = { value = before .. value, help = help }
    end
  end
  if option then
    local list
    list, files = values(line, option, begun, words)
    for _, value in ipairs(list) do add(tostring(value)) end
  elseif begun:find("^%-") and not line.target then
    for _, list in ipairs(line.lists) do
      for _, each in ipairs(list) do
        local help = each.argument and line.loaded and described(each, line.loaded.report)
        add("--" .. each.name, help or each.help)
        if each.negatable then add("--no-" .. each.name, help) end
      end
    end
  else
    files = true
    if line.first and not line.target then
      for _, entry in ipairs(alone.reports()) do
        add((entry.name:gsub("%.lua$", "")), entry.help)
      end
    end
  end
  return found, files or false
end

--- Prints what the N-th word may become. A fault is no offer: a shell has no place for it.
---@param number string|nil
---@param words string[]
function M.print(number, words)
  local good, found, files = pcall(M.offers, words, math.tointeger(tonumber(number)) or 1)
  if not good then return end
  for _, entry in ipairs(found) do
    local value = entry.value
    if not value:find("%c") then
      print(entry.help and value .. "\t" .. text.clean(entry.help) or value)
    end
  end
  if files then print ":files" end
end

return M

-- profile/read/callgrind.lua - callgrind's profile format: costs of lines, and calls with their
-- costs.
local M = {}

local units = {
  ns = "nanoseconds", us = "microseconds", ms = "milliseconds", s = "seconds",
  nanoseconds = "nanoseconds", microseconds = "microseconds", milliseconds = "milliseconds",
  seconds = "seconds", bytes = "bytes",
}

--- Does the beginning of a file look like this format?
---@param head string
---@return boolean
function M.is(head)
  if head:find("^# callgrind format") then return true end
  head = "\n" .. head
  return head:find("\n%s*events:") ~= nil and head:find("\n%s*fn=") ~= nil and
    not head:find("%z")
end

local Reader = {}
Reader.__index = Reader

function Reader:fail(message, ...)
  error({ callgrind = ("byte %d (line %d): " .. message):format(self.offset, self.line, ...) }, 0)
end

-- "(2) name" defines, "(2)" refers, anything else is a name.
function Reader:name(names, text)
  local number, name = text:match("^%((%d+)%)%s*(.*)$")
  if not number then return text end
  if name ~= "" then names[number] = name end
  return names[number] or self:fail("name (%s) was not given before", number)
end

function Reader:file(text)
  local file = self:name(self.files, text)
  return file == "???" and "" or file
end

-- Chooses the event for the weights: the user's metric, else the first event.
function Reader:choose(text)
  local events, metrics = {}, {}
  for event in text:gmatch("%S+") do
    local unit = units[event:lower()]
    events[#events + 1] = event
    metrics[#metrics + 1] = unit or "none " .. event
  end
  if #events == 0 then self:fail("'events:' names no event") end
  local chosen = 1
  if self.metric then
    chosen = nil
    for i, event in ipairs(events) do
      local wanted = self.metric:lower()
      if event:lower() == wanted or metrics[i]:lower() == wanted then chosen = chosen or i end
    end
    if not chosen then
      error({ usage = ("no metric '%s' (there are: %s)"):format(self.metric,
        table.concat(metrics, ", ")) }, 0)
    end
  end
  local graph = self.graph
  self.chosen, graph.unit = chosen, metrics[chosen]:match("^%S+")
  graph:set_metrics(metrics, chosen)
end

-- "+3" and "-3" count from the last position, "*" repeats it, 0x begins an address.
function Reader:position(text, last)
  if text == "*" then return last end
  local sign, rest = text:match("^([+-]?)(.*)$")
  local number = rest:find("^%d+$") and math.tointeger(tonumber(rest)) or
    rest:find("^0x%x+$") and tonumber(rest)
  if not number then self:fail("'%s' is no position", text) end
  if sign == "+" then return last + number end
  return sign == "-" and last - number or number
end

function Reader:cost(text)
  local column, line, cost = 0, self.last[self.line_column] or 0, nil
  for word in text:gmatch("%S+") do
    column = column + 1
    if column <= self.columns then
      local position = self:position(word, self.last[column] or 0)
      self.last[column] = position
      if column == self.line_column then line = position end
    elseif column == self.columns + self.chosen then
      cost = word:find("^%d+$") and tonumber(word) or self:fail("'%s' is no cost", word)
    end
  end
  if column < self.columns then self:fail("expected %d positions", self.columns) end
  cost = cost or 0 -- the format omits zeros at the end
  local calls = self.calls
  if calls then
    self.calls = nil
    self.graph:add_call(self.current, calls.callee, line, calls.count, cost)
  else
    if self.file_now ~= self.own_file then line = 0 end -- inlined from elsewhere
    self.graph:add_cost(self.current, 0, cost, 0, line)
  end
end

local headers = {
  events = function(reader, value) reader:choose(value) end,
  positions = function(reader, value)
    reader.columns, reader.line_column = 0, nil
    for word in value:gmatch("%S+") do
      reader.columns = reader.columns + 1
      if word == "line" then reader.line_column = reader.columns end
    end
  end,
  creator = function(reader, value) reader.graph.exporter = value end,
}

local specs = {
  fl = function(reader, value)
    reader.file_now = reader:file(value)
    reader.own_file = reader.file_now
  end,
  fi = function(reader, value) reader.file_now = reader:file(value) end,
  fn = function(reader, value)
    reader.own_file = reader.file_now
    reader.current = reader.graph:add_function(reader:name(reader.names, value),
      reader.own_file, 0)
  end,
  cfi = function(reader, value) reader.callee_file = reader:file(value) end,
  cfn = function(reader, value)
    reader.callee = reader.graph:add_function(reader:name(reader.names, value),
      reader.callee_file or reader.file_now, 0)
    reader.callee_file = nil
  end,
  calls = function(reader, value)
    if not reader.callee then reader:fail("calls= without cfn=") end
    local count, target = value:match("^(%d+)%s*(.*)$")
    if not count then reader:fail("'%s' is no count of calls", value) end
    local column = 0
    for word in target:gmatch("%S+") do
      column = column + 1
      local position = reader:position(word, reader.last[column] or 0)
      if column == reader.line_column then
        reader.graph:add_cost(reader.callee, 0, 0, 0, position)
      end
    end
    reader.calls = { callee = reader.callee, count = math.tointeger(tonumber(count)) or 0 }
    reader.callee = nil
  end,
}
-- The targets of jumps are not needed, but these lines may define names.
specs.jfi = function(reader, value) reader:file(value) end
specs.jfn = function(reader, value) reader:name(reader.names, value) end
specs.fe, specs.cfl = specs.fi, specs.cfi

function Reader:read_line(text)
  local first = text:match("^%s*([%d+*-])")
  if first then
    if not self.current then self:fail("a cost before the first fn=") end
    if not self.chosen then self:fail("a cost before 'events:'") end
    return self:cost(text)
  end
  local key, value = text:match("^%s*(%a+)=%s*(.-)%s*$")
  if key then return specs[key] and specs[key](self, value) end
  key, value = text:match("^%s*(%a[%a ]*):%s*(.-)%s*$")
  if key then return headers[key] and headers[key](self, value) end
  if text:find("%S") and not text:find("^%s*#") then
    self:fail("neither a cost, nor NAME=, nor NAME:")
  end
end

--- Fills the graph.
---@param text string
---@param graph pyprof.GraphData
---@param metric string|nil
---@return boolean|nil
---@return string|nil message
---@return "usage"|nil kind
function M.read(text, graph, metric)
  local reader = setmetatable({
    graph = graph, metric = metric, names = {}, files = {}, last = {}, columns = 1,
    line_column = 1, file_now = "", offset = 0, line = 0,
  }, Reader)
  graph.exporter, graph.keeper, graph.total_of_calls = "callgrind", "callgrind", true
  local good, failure = pcall(function()
    for at, line, after in text:gmatch("()([^\n]*)()") do
      reader.offset, reader.line = at - 1, reader.line + 1
      if after > #text + 1 then break end
      reader:read_line(line)
    end
    if not reader.current then reader:fail("no function: fn= is expected") end
    if not reader.chosen then reader:fail("no costs are named: 'events:' is expected") end
    if reader.calls then reader:fail("the cost of calls= is missing") end
  end)
  if good then return true end
  if type(failure) ~= "table" then error(failure, 0) end
  return nil, failure.callgrind or failure.usage, failure.usage and "usage" or nil
end

return M

-- base/terminal.lua - the width and colours of standard output, and text that is safe on it.
local text = require "pyprof.base.text"
local sys = require "pyprof.core.sys"

local M = {}

local usual, narrowest = 80, 20
local home, to_line_end, to_end = "\27[H", "\27[K\n", "\27[J"

-- The width that $COLUMNS asks for, as in other programs, else that of the terminal, else `other`.
local function width_of(columns, other)
  local wanted = math.tointeger(tonumber(os.getenv "COLUMNS" or ""))
  if not wanted or wanted <= 0 then wanted = columns or other end
  return math.max(wanted, narrowest)
end

--- The width of pages and of help; 80 where there is no terminal.
---@return { width: integer, breaks: boolean }
function M.of()
  local columns = sys.terminal(1)
  return { width = width_of(columns, usual), breaks = columns ~= nil }
end

--- The same for reports. A file and a pipe get whole tables, unless a width is asked for. Colours
--- need a terminal that has them and a user who wants them (https://no-color.org). Lines of prose
--- are broken on a terminal, or to a width that is asked for: programs want them whole.
---@param path string|nil     the file that is written instead of standard output
---@param asked integer|nil   the width that is asked for
---@return { width: number, coloured: boolean, breaks: boolean }
function M.of_reports(path, asked)
  local columns = not path and sys.terminal(1) or nil
  return {
    width = asked and math.max(asked, narrowest) or width_of(columns, math.huge),
    coloured = columns ~= nil and (os.getenv "NO_COLOR" or "") == "" and
      os.getenv "TERM" ~= "dumb",
    breaks = columns ~= nil or asked ~= nil,
  }
end

local of_report -- the width of the report of the command line

--- Says the width of the report that is about to run.
---@param width number
function M.set_width(width)
  of_report = width
end

--- The width of the report that runs.
---@return number
function M.width()
  return of_report or M.of_reports().width
end

-- Escapes everything that a terminal obeys, except colours where they are allowed.
local function fit(bytes, coloured)
  bytes = bytes:gsub("\r\n", "\n")
  local parts, from = {}, 1
  repeat
    local first, last
    if coloured then first, last = bytes:find("\27%[[%d;]*m", from) end
    parts[#parts + 1] = text.clean_lines(bytes:sub(from, (first or 0) - 1))
    if first then parts[#parts + 1] = bytes:sub(first, last) end
    from = (last or #bytes) + 1
  until not first
  return table.concat(parts)
end

local longest = 65536 -- bytes of a line that are kept until its end comes

--- A terminal obeys control characters, and names may hold them. So `put` escapes them and writes
--- its bytes a line at a time; `finish` writes the rest.
---@param write fun(bytes: string)
---@param coloured boolean    colours stay
---@return fun(...: string|number) put
---@return fun() finish
function M.cleaned(write, coloured)
  local held, size = {}, 0
  local function put(...)
    local bytes = table.concat({ ... })
    held[#held + 1], size = bytes, size + #bytes
    if size < longest and not bytes:find("\n", 1, true) then return end
    local all = table.concat(held)
    -- No escape sequence goes across lines; a line that is too long is cut between characters.
    local last = all:match("^.*()\n") or (all:match("^.*()[\0-\x7f\xc2-\xf4]") or size + 1) - 1
    write(fit(all:sub(1, last), coloured))
    held, size = { all:sub(last + 1) }, size - last
  end
  return put, function() write(fit(table.concat(held), coloured)) end
end

--- See pyprof.screen. New lines replace old ones without clearing the screen, so nothing flickers.
---@param lines string[]
function M.show(lines)
  local columns, rows = sys.terminal(1)
  if not columns then return end
  local parts = { home }
  for i = 1, math.min(#lines, rows - 1) do
    parts[#parts + 1] = text.cut(text.clean(lines[i]), columns - 1) .. to_line_end
  end
  io.write(table.concat(parts), to_end)
  io.flush()
end

return M

-- terminal.lua - what standard output can show: how many columns, and colours or none.
local sys = require "pyprof.core.sys"

local M = {}

local usual, narrowest = 80, 20
local home, to_line_end, to_end = "\27[H", "\27[K\n", "\27[J"

--- Width: $COLUMNS where it is set, as other programs have it, else the terminal's, or 80. Colours
--- are for a terminal that has them and a user who wants them (https://no-color.org). Lines of
--- prose are broken on a terminal alone: programs that read them want them whole.
---@param path string|nil     the file that is written in standard output's place
---@return { width: integer, coloured: boolean, breaks: boolean }
function M.of(path)
  local columns = not path and sys.terminal(1) or nil
  local wanted = math.tointeger(tonumber(os.getenv "COLUMNS" or ""))
  if not wanted or wanted <= 0 then wanted = columns or usual end
  return {
    width = math.max(wanted, narrowest),
    coloured = columns ~= nil and (os.getenv "NO_COLOR" or "") == "" and
      os.getenv "TERM" ~= "dumb",
    breaks = columns ~= nil,
  }
end

--- See pyprof.screen. All that was there is written over, not taken away first: nothing flickers.
---@param lines string[]
function M.show(lines)
  local columns, rows = sys.terminal(1)
  if not columns then return end
  local text = require "pyprof.text"
  local parts = { home }
  for i = 1, math.min(#lines, rows - 1) do
    parts[#parts + 1] = text.cut(text.clean(lines[i]), columns - 1) .. to_line_end
  end
  io.write(table.concat(parts), to_end)
  io.flush()
end

return M

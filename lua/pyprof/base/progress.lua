-- base/progress.lua - a line on a terminal's stderr while a call takes longer than a second.
local text = require "pyprof.base.text"
local units = require "pyprof.base.units"
local sys = require "pyprof.core.sys"

local M = {}

local patience = 1 -- seconds before anything is shown

--- A function(done, total), in bytes, that shows the progress of a long call, and a function that
--- removes the line. Both are nil where stderr is no terminal.
---@param label string
---@return fun(done: integer, total: integer)|nil
---@return fun()|nil
function M.bytes(label)
  local columns = sys.terminal(2)
  if not columns then return nil, nil end
  local began, shown = sys.clock(), false
  local function show(done, total)
    local elapsed = sys.clock() - began
    if elapsed < patience then return end
    local line = ("%s: %s"):format(label, units.format(done, "bytes"))
    if total > 0 then line = line .. " of " .. units.format(total, "bytes") end
    line = line .. (", %s/s"):format(units.format(done / elapsed, "bytes"))
    if total > 0 and done > 0 then
      line = line .. (", %.0f s left"):format((total - done) * elapsed / done)
    end
    io.stderr:write("\r", text.cut(line, columns - 1), "\27[K")
    shown = true
  end
  local function finish()
    if shown then io.stderr:write("\r\27[K") end
  end
  return show, finish
end

return M

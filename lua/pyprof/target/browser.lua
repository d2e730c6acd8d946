-- target/browser.lua - shows a page: in the user's browser, or to a browser that asks for it.
local fail = require "pyprof.base.fail"
local file = require "pyprof.base.file"
local say = require "pyprof.base.say"
local shell = require "pyprof.base.shell"
local serve = require "pyprof.core.serve"

local M = {}

-- The words that open a path in a browser, or nil. $BROWSER may name several, and hold %s.
local function browser_for(path)
  for command in (os.getenv("BROWSER") or ""):gmatch("[^:]+") do
    local words, placed = {}, false
    for word in command:gmatch("%S+") do
      words[#words + 1] = word:gsub("%%s", function()
        placed = true
        return path
      end)
    end
    if not placed then words[#words + 1] = path end
    if words[2] and file.which(words[1]) then return words end
  end
  local display = os.getenv("DISPLAY") or os.getenv("WAYLAND_DISPLAY")
  if display and file.which("xdg-open") then return { "xdg-open", path } end
end

-- A file that only the user can read. It stays: a browser reads it when it likes.
local function temporary(text)
  local name = os.tmpname()
  local path = name .. ".html"
  local good, message = os.rename(name, path)
  if good then good, message = file.write(path, text) end
  if not good then fail.refused("%s", message) end
  return path
end

--- Writes the page to a temporary file and opens it in a browser, if there is one.
---@param page string
---@return string path
function M.open(page)
  local path = temporary(page)
  local words = browser_for(path)
  -- The browser may stay for hours, so nothing waits for it.
  if words then os.execute(shell.line(words) .. " </dev/null >/dev/null 2>&1 &") end
  return path
end

--- Shows the page at an address of this machine that cannot be guessed, until Ctrl-C.
---@param page string
---@param port integer   0: any that is free
function M.serve(page, port)
  if port < 0 or port > 65535 then fail.usage("--port: %d is no port (0 to 65535)", port) end
  local server <close>, message = serve.open(port)
  if not server then fail.refused("%s", message) end
  local at, path = server:address()
  say.line(("http://127.0.0.1:%d%s (Ctrl-C ends)"):format(at, path))
  say.line(("from another machine: ssh -L %d:127.0.0.1:%d HOST, then the same address"):format(at,
    at))
  local good, why = server:run(page)
  if not good then fail.refused("%s", why) end
end

return M

-- base/html.lua - a document that can load and run nothing but its own style and script.
local text = require "pyprof.base.text"
local bytes = require "pyprof.core.bytes"

local M = {}

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

--- A text as it stands in HTML, with its control characters.
---@param value string
---@return string
function M.escape(value)
  return (value:gsub('[&<>"]', entities))
end

--- A text on one line that only shows: control characters and marks of direction as \xNN, \uNNNN.
---@param value string
---@return string
function M.shown(value)
  return M.escape(text.clean(value))
end

-- A browser hashes an element's text after it has read newlines and NULs in its own way.
local function check(part)
  assert(not part:find("[\r\0]") and not part:find("<!--", 1, true) and
    not part:lower():find("</s[tc][yr]"), "the text of a style or a script could end it")
  return "'sha256-" .. bytes.sha256(part) .. "'"
end

--- The beginning of a document. Its policy allows the style, the script and images of data: alone.
---@param title string
---@param style string
---@param script string
---@return string
function M.head(title, style, script)
  return ([[
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ]] ..
    [[script-src %s; style-src %s; img-src data:; base-uri 'none'; ]] ..
    [[form-action 'none'; require-trusted-types-for 'script'; ]] ..
    [[trusted-types 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<style>%s</style>
]]):format(check(script), check(style), M.shown(title), style)
end

return M

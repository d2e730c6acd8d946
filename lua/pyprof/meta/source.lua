---@meta pyprof.core.source
-- The module of src/bind/source.c; include/pyprof/scan_many.h is its contract.
-- luacheck: ignore 212 241
-- Scans of Python source on several threads; the results come one file after the other.
local source = {}

---@class pyprof.core.Scans
local Scans = {}

---@class pyprof.core.Texts
local Texts = {}

--- A (?(DEFINE)…) of PCRE2 for the beginning of patterns over Python's text (with flags x and s).
--- It defines string, group (in brackets), gap, comment, name, word, number, lambda and piece.
---@type string
source.pieces = ""

--- Options: no_ignore, stubs, mccabe, portable (booleans), threads, and rules: an array of
--- { regex = Regex, region = "code"|"comment"|"string"|"docstring"|"any", at_line = boolean }.
---@param paths string[]|pyprof.core.Texts
---@param options table
---@return pyprof.core.Scans|nil
---@return string|nil message
function source.scan_many(paths, options) end

--- One file with its text: the fields of next and definition, and text (UTF-8), a definition's
--- offset and first_offset, import_statements { line, offset (of the word), statement (the
--- beginning of its logical line) }; offsets count from 1.
---@param path string
---@param mccabe boolean|nil
---@param texts pyprof.core.Texts|nil   the files that were read before
---@return table|nil
---@return string|nil message
function source.open(path, mccabe, texts) end

--- Reads the files now, for a sandbox, which can open no file. Options: no_ignore, stubs.
---@param paths string[]
---@param options table
---@return pyprof.core.Texts|nil
---@return string|nil message
function source.read(paths, options) end

--- The text of a file, by the path that the search found, or by its absolute path.
---@param path string
---@return string|nil
function Texts:text(path) end

--- { file, bytes, lines, source, docstring, comment, blank, functions, lambdas, classes, imports,
--- complexity, error, unreadable }; nil at the end; nil and a message if a rule backtracks without
--- end, or after an interrupt.
---@return table|nil
---@return string|nil message
function Scans:next() end

--- The sums over the files that next has returned, and `files`, their number.
---@return table
function Scans:totals() end

--- A definition of the file that next returned last:
--- { file, kind, name, first_line, line, end_line, complexity, docstring, parent }.
---@param index integer
---@return table|nil
function Scans:definition(index) end

--- A match in that file: { rule, file, line, column, text, match, captures, definition }.
---@param index integer
---@return table|nil
function Scans:found(index) end

function Scans:close() end

return source

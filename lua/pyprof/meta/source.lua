---@meta pyprof.core.source
-- What src/bind/source.c gives; include/pyprof/scan_many.h is its contract.
-- luacheck: ignore 212 241
-- Scans of Python source, one file after the other, on several threads.
local source = {}

---@class pyprof.core.Scans
local Scans = {}

---@class pyprof.core.Texts
local Texts = {}

--- A (?(DEFINE)…) of PCRE2, to be put in front of patterns (with x and s) over Python's text:
--- string, group (in brackets), gap, comment, name, word, number, lambda, piece.
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
--- offset and first_offset, import_statements { line, offset (of the word), statement (its logical
--- line's beginning) }; offsets count from 1.
---@param path string
---@param mccabe boolean|nil
---@param texts pyprof.core.Texts|nil   where it was read before
---@return table|nil
---@return string|nil message
function source.open(path, mccabe, texts) end

--- The files as they are now, for when they cannot be opened any more. Options: no_ignore, stubs.
---@param paths string[]
---@param options table
---@return pyprof.core.Texts|nil
---@return string|nil message
function source.read(paths, options) end

--- What a file held, by its path as it was found, or its absolute one.
---@param path string
---@return string|nil
function Texts:text(path) end

--- { file, bytes, lines, source, docstring, comment, blank, functions, lambdas, classes, imports,
--- complexity, error, unreadable }; nil at the end; nil and a message where a rule went on without
--- end, or when interrupted.
---@return table|nil
---@return string|nil message
function Scans:next() end

--- The sums of what next returned so far, and `files`.
---@return table
function Scans:totals() end

--- { file, kind, name, first_line, line, end_line, complexity, docstring, parent } of the file
--- that next returned last.
---@param index integer
---@return table|nil
function Scans:definition(index) end

--- { rule, file, line, column, text, match, captures, definition } of that file.
---@param index integer
---@return table|nil
function Scans:found(index) end

function Scans:close() end

return source

---@meta pyprof.core.process
-- The module of src/bind/process.c; include/pyprof/process.h is its contract.
-- luacheck: ignore 212 241

local process = {}

---@class pyprof.core.process.Run
local run = {}

---@class pyprof.core.process.File
local file = {}

---@class pyprof.core.process.Directory
local directory = {}

---@class pyprof.core.process.Start
---@field argv string[]
---@field env string[]|nil         "NAME=value" sets a variable, "NAME" removes it
---@field directory string|nil
---@field gate string|nil          the variable that gives the process its end of the gate
---@field keep pyprof.core.process.File|nil   inherited under its own number
---@field input string|nil         the file that is its stdin; nil: ours
---@field input_at integer|nil     where reading of that file begins, in bytes
---@field capture boolean|nil      stdout and stderr come as events, stdin without `input` is empty
---@field group boolean|nil        the process gets a process group of its own
---@field urgent boolean|nil       it runs before other processes, where that is allowed
---@field traceable boolean|nil    Yama lets our descendants attach to the process

--- Our signals stay blocked while any run is open; a started process gets the signal mask from
--- before.
---@return pyprof.core.process.Run|nil
---@return string|nil message
function process.open() end

---@param pid integer
---@return { rss: integer, peak_rss: integer, image: integer, user: number, system: number }|nil
function process.usage(pid) end

--- The times of a process's threads, three numbers each: its id, the seconds of CPU time, and those
--- in which it waited for a processor (-1: not known); and the processes that they started. nil: it
--- has ended.
---@param pid integer
---@return number[]|nil times
---@return integer[]|nil children
function process.threads(pid) end

---@param pid integer
---@param name "HUP"|"INT"|"QUIT"|"KILL"|"TERM"|"STOP"|"CONT"
---@return boolean
function process.signal(pid, name) end

---@return pyprof.core.process.File|nil
---@return string|nil message
function process.memory_file() end

---@return pyprof.core.process.Directory|nil
---@return string|nil message
function process.directory() end

---@param path string
---@return true|nil
---@return string|nil message
function process.make_directory(path) end

---@param start pyprof.core.process.Start
---@return integer|nil number
---@return string|nil message
function run:start(start) end

---@param start pyprof.core.process.Start
---@param helper pyprof.core.process.Start
---@return integer|nil number
---@return integer|string helper_number_or_message
function run:start_below(start, helper) end

---@param helper integer
---@param number integer
function run:go(helper, number) end

---@param pid integer
---@return integer|nil number
---@return string|nil message
function run:adopt(pid) end

---@param seconds number|nil
---@return "timeout"|"exit"|"ready"|"output"|"signal"|nil kind
---@return integer|string|nil number_or_signal_or_message
---@return string|boolean|nil text_or_to_group
function run:wait(seconds) end

---@param number integer
---@return integer
function run:pid(number) end

---@param number integer
---@param name string
---@return boolean
function run:signal(number, name) end

---@param number integer
function run:release(number) end

---@param number integer
---@return { ended: boolean, known: boolean, status: integer|nil, code: integer|nil,
---  signal: integer|nil, wall: number, user: number|nil, system: number|nil,
---  max_rss: integer|nil, main_cpu: number|nil, main_delay: number|nil }   main_…: the times of its
---  main thread at its end
function run:exit(number) end

function run:close() end

---@return string
function file:path() end

---@return integer
function file:size() end

--- Writes a text before the '}' at the end of the file, in place of the one of an earlier call.
---@param text string
---@return true|nil
---@return string|nil message
function file:set_last(text) end

function file:close() end

---@return string
function directory:path() end

function directory:close() end

return process

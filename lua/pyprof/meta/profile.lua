---@meta pyprof.core.profile
-- The C module behind profile/samples.lua. Frames, groups, threads, tests and calls are numbered
-- from 1. A mask is a string with one byte per frame (thread, test); a byte other than 0 selects
-- it. Groups are an array with one number per frame, 0 for no group. What has an element per frame
-- or group may be a vector: userdata with # and [i]. A function that fails returns nil and a
-- message.

-- luacheck: ignore 212 241

local core = {}

---@class pyprof.core.Info
---@field samples integer
---@field empty_samples integer
---@field weight number
---@field unit string
---@field metric string
---@field metrics string[]
---@field rate number|nil
---@field from number|nil
---@field to number|nil
---@field exporter string
---@field quality { what: string, count: integer }[]
---@field weight_kind "samples"|"cpu"|"wall"
---@field clock boolean    all tracks say when their samples were taken

---@class pyprof.core.Track
---@field record integer|nil   the number of its recording's record
---@field family integer|nil   tracks with this number are one thread
---@field id integer|nil
---@field pid integer|nil
---@field samples integer

---@class pyprof.core.Thread
---@field name string
---@field command string
---@field id integer|nil
---@field pid integer|nil
---@field parent integer|nil
---@field main boolean
---@field present boolean
---@field samples integer
---@field weight number

---@class pyprof.core.Test
---@field label string   `id [phase]`; "" for no test
---@field present boolean
---@field samples integer
---@field weight number

---@class pyprof.core.Run
---@field thread integer
---@field key integer
---@field from number
---@field to number
---@field samples integer
---@field weight number

---@class pyprof.core.Call
---@field number integer
---@field parent integer
---@field group integer
---@field depth integer
---@field line integer
---@field self integer
---@field total integer
---@field self_weight number
---@field total_weight number

---@class pyprof.core.Profile
local Profile = {}

---@class pyprof.core.Calls
local Calls = {}

--- Reads recordings and merges them.
---@param paths string[]
---@param options { metric: string|nil, threads: integer|nil }
---@param progress (fun(done: integer, total: integer))|nil   bytes; total is 0 if not known
---@return pyprof.core.Profile|nil
---@return string|nil message
---@return "usage"|nil kind   the recordings hold no such metric, or no common one
function core.load(paths, options, progress) end

--- Does the file begin like a recording?
---@param path string
---@return boolean|nil
---@return string|nil message
function core.sniff(path) end

--- The groups that have a count, those with the greatest key first. A key is divided; it is 0 if
--- the divisor is 0. The groups' numbers decide between equal keys.
---@param keys number[]       a vector, one for each group
---@param counts integer[]    a vector
---@param divisor number
---@param backwards boolean   the least key first
---@return integer[]
function core.rank(keys, counts, divisor, backwards) end

---@param profiles pyprof.core.Profile[]
---@return pyprof.core.Profile|nil
---@return string|nil message
function core.merge(profiles) end

---@return pyprof.core.Info|nil
---@return string|nil message
function Profile:info() end

--- The JSON that the recordings have of their runs.
---@return string[]
function Profile:records() end

---@return string[]|nil names
---@return string[] files     or the message
---@return integer[] lines
---@return integer[] order    the numbers of the frames by name, file and line
function Profile:frames() end

--- Groups the frames by what they have in common. Groups are numbered as `order` has their first
--- frames.
---@param order integer[]     that of Profile:frames
---@param kind "function"|"line"|"name"|"file"|"frame"
---@return integer[]|nil numbers   the group of each frame
---@return integer[] first    the first frame of each group; or the message
---@return integer count      of groups
function Profile:groups(order, kind) end

--- For each grouping: self, total, self_weight, total_weight and line, each an array by group.
---@param groups integer[][]
---@param group_counts integer[]
---@return any[][]|nil
---@return string seen   a mask of the frames in samples; or the message
function Profile:totals(groups, group_counts) end

--- samples, weight and line by group, and one more element for the root.
---@param mask string
---@param groups integer[]
---@param group_count integer
---@return integer[]|nil samples
---@return number[] weight
---@return integer[] line
function Profile:callers(mask, groups, group_count) end

--- samples, weight and line by group, and one more element for the leaf.
---@param mask string
---@param groups integer[]
---@param group_count integer
---@return integer[]|nil samples
---@return number[] weight
---@return integer[] line
function Profile:callees(mask, groups, group_count) end

---@param mask string
---@param keep boolean   true: the samples with a selected frame; false: those without
---@return pyprof.core.Profile|nil
---@return string|nil message
function Profile:where(mask, keep) end

---@param mask string
---@return pyprof.core.Profile|nil
---@return string|nil message
function Profile:fold(mask) end

---@param mask string
---@return pyprof.core.Profile|nil
---@return string|nil message
function Profile:root(mask) end

---@param groups integer[]
---@param group_count integer
---@return pyprof.core.Profile|nil
---@return string|nil message
function Profile:flat(groups, group_count) end

---@param names table<integer, string>   by frame; nil keeps the name
---@return pyprof.core.Profile|nil
---@return string|nil message
function Profile:rename(names) end

---@param from number
---@param to number
---@return pyprof.core.Profile|nil
---@return string|nil message
function Profile:window(from, to) end

--- The tracks of all recordings: the samples of one thread, or of one test in it.
---@return pyprof.core.Track[]
function Profile:tracks() end

--- The same view with other weights and times.
---@param kind "samples"|"cpu"|"wall"
---@param tables number[][]   for each track: samples, from, to and weight of each span
---@return pyprof.core.Profile|nil
---@return string|nil message
function Profile:reweigh(kind, tables) end

---@return pyprof.core.Thread[]|nil
---@return string|nil message
function Profile:threads() end

---@param mask string   one byte per thread
---@return pyprof.core.Profile|nil
---@return string|nil message
function Profile:thread(mask) end

--- All tests; the first is no test.
---@return pyprof.core.Test[]|nil
---@return string|nil message
function Profile:tests() end

---@param mask string   one byte per test
---@return pyprof.core.Profile|nil
---@return string|nil message
function Profile:test(mask) end

--- The samples of each test (but the first) by the group of their leaf.
---@param groups integer[]   per frame; 0: leaves with this frame are left out
---@param group_count integer
---@return { test: integer, group: integer, samples: integer, weight: number }[]|nil
---@return string|nil message
function Profile:test_leaves(groups, group_count) end

--- Makes a profile of each of these threads, in one pass.
---@param numbers integer[]   from 1, in the order of threads
---@return pyprof.core.Profile[]|nil
---@return string|nil message
function Profile:split(numbers) end

---@param groups integer[]
---@param group_count integer
---@return pyprof.core.Calls|nil
---@return string|nil message
function Profile:calls(groups, group_count) end

--- Counts the samples that start between each bound and the next.
---@param bounds number[]
---@return integer[]|nil samples
---@return number[]|string weight
function Profile:cut(bounds) end

--- Makes a profile of each window between neighbouring bounds, in one pass.
---@param bounds number[]
---@return pyprof.core.Profile[]|nil
---@return string|nil message
function Profile:slices(bounds) end

---@class pyprof.core.RunOptions
---@field calls pyprof.core.Calls|nil   given: a run has one call, not just one leaf
---@field order "start"|"weight"|"samples"
---@field limit integer|nil
---@field group_ranks integer[]    group_ranks and thread_ranks decide ties
---@field thread_ranks integer[]

--- A run's key is its leaf's group; with calls it is the number of its leaf's call.
---@param groups integer[]
---@param group_count integer
---@param options pyprof.core.RunOptions
---@return pyprof.core.Run[]|nil
---@return string|nil message
function Profile:runs(groups, group_count, options) end

---@class pyprof.core.Order
---@field n integer
---@field timed boolean
---@field threads integer[]   the threads' numbers; the column `thread` counts in this list, from 0
---@field tests integer[]     the tests' numbers, 1 (no test) among them; the column `test` counts
---  in this list, from 0
---@field node string
---@field count string
---@field thread string
---@field test string
---@field weight string|nil   absent: each sample weighs the same
---@field wait string|nil     absent: all are 0
---@field span string|nil     absent: they are the counts
---@field tick number|nil     seconds
---@field from number|nil     seconds

---@class pyprof.core.Page
---@field n integer           nodes, the root included
---@field left_out integer
---@field groups integer[]    of each function; the column `function` counts in this list, from 0
---@field depth string
---@field function string
---@field samples_self string
---@field weight_self string|nil   absent: each sample weighs `each`
---@field each number|nil
---@field cut string|nil
---@field order pyprof.core.Order|nil

--- The call tree, siblings heaviest first, and its samples by thread and time. The fields that hold
--- a text for each node or run are columns: include/pyprof/column.h says how they look.
---@param groups integer[]
---@param group_count integer
---@param options { nodes: integer|nil, runs: integer|nil, order: "time"|"sums"|"none"|nil }
---@return pyprof.core.Page|nil
---@return string|nil message
function Profile:page(groups, group_count, options) end

--- Frees the memory now. A second call does nothing.
function Profile:close() end

--- The calls with samples of their own, heaviest first.
---@param ranks integer[]   one per group, which decides ties; 0 leaves the group's calls out
---@param by_samples boolean
---@param limit integer|nil
---@return integer[]|nil numbers
---@return integer[]|string samples
---@return number[] weight
function Calls:leaves(ranks, by_samples, limit) end

--- The results of leaves for each thread alone, in the order of the threads' numbers.
---@param profile pyprof.core.Profile   the profile of the calls
---@param ranks integer[]
---@param by_tests boolean|nil          each test of a thread by itself
---@return integer[]|nil threads
---@return integer[]|string numbers
---@return integer[] samples
---@return number[] weight
---@return integer[] tests
function Calls:thread_leaves(profile, ranks, by_tests) end

---@param number integer
---@return integer[] groups   root first
function Calls:path(number) end

---@param number integer
---@return integer parent   0 for the root
---@return integer group    0 for the root
function Calls:step(number) end

--- The calls, parents first; the root is number 0.
---@param depth integer|nil   deeper calls are left out
---@param least number        calls with a smaller total weight are left out
---@return pyprof.core.Call[]
function Calls:tree(depth, least) end

--- Frees the memory now. A second call does nothing.
function Calls:close() end

return core

---@meta pyprof.rows
-- The rows that methods give: plain tables, fresh each time, that the caller may change. Weights
-- are in the profile's unit; a share is the weight by the weight of the profile that was asked
-- (or of `of`), from 0 to 1, and 0 where nothing is there.

--- Samples with it on top, and samples that contain it, each counted once.
---@class pyprof.Counts
---@field self integer          samples with it on top
---@field self_weight number    their weight
---@field self_share number
---@field total integer         samples that contain it, each counted once
---@field total_weight number   their weight
---@field total_share number

--- A function: a name in a file.
---@class pyprof.FunctionRow: pyprof.Counts
---@field name string
---@field file string           as recorded; "" where none was
---@field line integer          the lowest that was seen in it; 0 where none was

--- A line of a file.
---@class pyprof.LineRow: pyprof.Counts
---@field name string           the function that it was seen in
---@field file string
---@field line integer

--- All frames with one value of a field, or one that a function gave.
---@class pyprof.GroupRow: pyprof.Counts
---@field name string           the value
---@field functions integer     how many have it

--- All selected frames together. The bounds are Wilson's 95 % interval of the shares.
---@class pyprof.SumRow: pyprof.Counts
---@field name string|nil       where one function is selected
---@field file string|nil       where one function is selected
---@field line integer|nil      where one function is selected
---@field functions integer     how many are selected
---@field self_low number
---@field self_high number
---@field total_low number
---@field total_high number

--- A frame of a stack.
---@class pyprof.StackFrame
---@field name string
---@field file string
---@field line integer

--- A distinct stack.
---@class pyprof.StackRow
---@field stack string          the names, root first: "a;b;c"
---@field frames pyprof.StackFrame[]   root first; rows share these tables
---@field name string           the leaf's
---@field file string           the leaf's
---@field line integer          the leaf's
---@field samples integer
---@field weight number
---@field share number

--- A node of the call tree, in preorder. Row 1 is "(all)".
---@class pyprof.TreeRow: pyprof.Counts
---@field name string
---@field file string
---@field line integer
---@field depth integer         0 for "(all)"
---@field parent integer|nil    the index of the row that calls it; nil for "(all)"

--- A direct neighbour of the selection; "(root)" or "(self)" completes the sum.
---@class pyprof.NeighbourRow
---@field name string
---@field file string
---@field line integer
---@field samples integer
---@field weight number
---@field share number

--- A thread.
---@class pyprof.ThreadRow
---@field name string
---@field id integer|nil        the operating system's
---@field pid integer|nil       of its process
---@field command string        of its process; "" where it is not known
---@field main boolean          its process began with it
---@field samples integer
---@field weight number
---@field share number

--- A thread, and its samples alone; or its stacks or runs, where split was asked for these.
---@class pyprof.SplitRow: pyprof.ThreadRow
---@field profile pyprof.Profile|nil
---@field stacks pyprof.StackRow[]|nil   shares are of the thread
---@field runs pyprof.RunRow[]|nil       shares are of the thread

--- A frame and what called it: stacks with one beginning share it, however deep they are.
---@class pyprof.Call
---@field frame pyprof.StackFrame
---@field parent pyprof.Call|nil   nil: it is the stack's first
---@field depth integer            from 1

--- Consecutive samples of one thread with one leaf (line, stack), in time order.
---@class pyprof.RunRow
---@field name string           the leaf's
---@field file string           the leaf's
---@field line integer          the leaf's
---@field frames pyprof.StackFrame[]|nil   by = "stack": root first
---@field stack string|nil      by = "stack": the names, root first
---@field call pyprof.Call|nil  by = "call", in split
---@field from number           seconds of the thread's clock
---@field to number             seconds of the thread's clock
---@field thread string         its name
---@field id integer|nil        of the thread
---@field pid integer|nil       of its process
---@field samples integer
---@field weight number
---@field share number

--- A span of time.
---@class pyprof.SpanRow
---@field from number           seconds
---@field to number             seconds
---@field samples integer
---@field weight number
---@field share number

--- A function (or line, …) on both sides of a change.
---@class pyprof.ChangeRow
---@field name string
---@field file string|nil       of what has one
---@field line integer|nil      of what has one
---@field before integer        samples
---@field before_weight number
---@field before_share number
---@field after integer         samples
---@field after_weight number
---@field after_share number
---@field change integer        after less before, in samples
---@field change_weight number
---@field change_share number
---@field p_value number        how often chance alone does as much
---@field certain boolean       beyond chance, and beyond the floor

--- A defined function, and the samples that it was seen in.
---@class pyprof.UsageRow
---@field name string           qualified
---@field file string
---@field line integer          of the definition
---@field samples integer       0: not seen

--- A definition with what the samples say of it, or a function of theirs that no definition holds.
---@class pyprof.JoinRow: pyprof.Counts
---@field name string           qualified
---@field file string
---@field line integer          of the definition; of what is unmatched the lowest seen
---@field end_line integer|nil  of the definition
---@field complexity integer|nil
---@field status "seen"|"unseen"|"unmatched"

--- A Python file. Lines are source, docstring, comment or blank, each one of them.
---@class pyprof.FileRow
---@field file string
---@field bytes integer
---@field lines integer
---@field source integer        lines of code
---@field docstring integer     lines
---@field comment integer       lines
---@field blank integer         lines
---@field functions integer     def and async def
---@field lambdas integer
---@field classes integer
---@field imports integer       statements
---@field complexity integer    functions, and all decisions
---@field error string|nil      where the file is broken: "line 3, column 7: …"

--- All files together.
---@class pyprof.TotalRow
---@field files integer
---@field bytes integer
---@field lines integer
---@field source integer
---@field docstring integer
---@field comment integer
---@field blank integer
---@field functions integer
---@field lambdas integer
---@field classes integer
---@field imports integer
---@field complexity integer

--- A function or class.
---@class pyprof.DefinitionRow
---@field file string
---@field kind "function"|"async function"|"class"
---@field name string           qualified: "Class.method", "outer.<locals>.inner"
---@field first_line integer    of the first decorator
---@field line integer          of def, async or class
---@field end_line integer
---@field complexity integer    McCabe's, as radon counts; 0 of a class: its methods have their own
---@field docstring boolean
---@field parent integer|nil    the index of the row of the definition around it

--- A place that a rule matches.
---@class pyprof.MatchRow
---@field file string
---@field line integer
---@field column integer        in characters, from 1 on
---@field text string           the line
---@field match string          what the pattern matched
---@field definition string|nil qualified: what it stands in
---@field rule string|integer   the rule's name, or its number
---@field captures table        by number and by name

--- A file as nested tables.
---@class pyprof.OutlineRow: pyprof.FileRow
---@field definitions pyprof.OutlineDefinition[]   those that stand in no other
---@field imported pyprof.OutlineImport[]

--- A definition with those in it.
---@class pyprof.OutlineDefinition
---@field kind "function"|"async function"|"class"
---@field name string           qualified
---@field first_line integer    of the first decorator
---@field line integer
---@field end_line integer
---@field complexity integer
---@field docstring boolean
---@field async boolean
---@field decorators string[]   their names
---@field parameters integer|nil   how many, of a function
---@field definitions pyprof.OutlineDefinition[]   those in it

--- An import statement.
---@class pyprof.OutlineImport
---@field line integer
---@field module string|nil     of "from … import"; nil of "import …"
---@field level integer         dots before the module
---@field names table[]         { name =, as = } each

--- A function of a profile of calls.
---@class pyprof.CostRow
---@field name string
---@field file string
---@field line integer
---@field calls integer
---@field self_weight number    what it cost without what it calls
---@field total_weight number   with what it calls
---@field self_share number
---@field total_share number

--- All functions of a profile of calls with one value of a field.
---@class pyprof.CostGroupRow
---@field name string           the value
---@field functions integer     how many have it
---@field calls integer
---@field self_weight number
---@field self_share number

--- Who calls, or is called, in a profile of calls.
---@class pyprof.CallRow
---@field name string
---@field file string
---@field line integer
---@field calls integer
---@field weight number         what these calls cost
---@field share number

--- Selected functions of a profile of calls together.
---@class pyprof.CostSumRow
---@field name string           the function's, or what was selected
---@field file string           "" where it is not one function
---@field line integer          0 where it is not one function
---@field functions integer     how many are selected
---@field calls integer
---@field self_weight number
---@field self_share number
---@field total_weight number|nil   where it is one function
---@field total_share number|nil    where it is one function

--- A call of one function by another.
---@class pyprof.EdgeRow
---@field caller pyprof.StackFrame
---@field callee pyprof.StackFrame
---@field line integer          where it is called; 0: not known
---@field calls integer
---@field weight number         what these calls cost, with all below

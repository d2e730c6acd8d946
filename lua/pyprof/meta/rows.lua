---@meta pyprof.rows
-- The rows that methods return. They are new plain tables each time, so the caller may change them.
-- Weights are in the profile's unit. A share is a weight divided by the weight of the profile (or
-- of the query's `of`): from 0 to 1, and 0 for an empty profile.

--- The samples of a frame or a group of frames. A sample counts once, however often it holds them.
---@class pyprof.Counts
---@field self integer          samples whose leaf it is
---@field self_weight number    their weight
---@field self_share number
---@field total integer         samples whose stack holds it
---@field total_weight number   their weight
---@field total_share number

--- A function: a name in a file.
---@class pyprof.FunctionRow: pyprof.Counts
---@field name string
---@field file string           as recorded; "" if none is recorded
---@field line integer          the lowest line that samples hold; 0 if none is recorded

--- A line of a file.
---@class pyprof.LineRow: pyprof.Counts
---@field name string           the function of the line
---@field file string
---@field line integer

--- All frames for which a field, or a function, has the same value.
---@class pyprof.GroupRow: pyprof.Counts
---@field name string           the value
---@field functions integer     the number of functions with this value

--- All selected frames together. The bounds are Wilson's 95 % interval of the shares.
---@class pyprof.SumRow: pyprof.Counts
---@field name string|nil       if one function is selected
---@field file string|nil       if one function is selected
---@field line integer|nil      if one function is selected
---@field functions integer     the number of selected functions
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

--- A module that is imported. `self` is what it took by itself, `total` that and its imports.
---@class pyprof.ImportRow: pyprof.Counts
---@field name string           the module's: "sympy.core.add"; "(extension at a.x:12)" is a module
---  in C, "(import at a.x:12)" is one whose name no sample shows
---@field file string           the module's; "" if it is not known
---@field importer string       the module and line that import it: "a.x:12"; "" for none
---@field depth integer|nil     tree = true: 0 for what the program imports
---@field parent integer|nil    tree = true: the index of the row of the module that imports it

--- A direct caller or callee of the selection; "(root)" or "(self)" completes the sum.
---@class pyprof.NeighbourRow
---@field name string
---@field file string
---@field line integer
---@field test string|nil       `id [phase]`, if split { tests = true } asks for it; "": no test
---@field samples integer
---@field weight number
---@field share number

--- A thread.
---@class pyprof.ThreadRow
---@field name string
---@field id integer|nil        the operating system's
---@field pid integer|nil       of its process
---@field command string        of its process; "" if unknown
---@field main boolean          it is the first thread of its process
---@field samples integer
---@field weight number
---@field share number

--- A phase of a test.
---@class pyprof.TestRow
---@field id string             as pytest names it: `test_a.py::TestB::test_c[1]`
---@field name string           of the function, with its parameters: `test_c[1]`
---@field file string           of the id
---@field phase "setup"|"call"|"teardown"
---@field samples integer
---@field weight number
---@field share number

--- A test that ran under pytest.
---@class pyprof.TestResultRow
---@field id string             as pytest names it: `test_a.py::TestB::test_c[1]`
---@field file string           where it is defined
---@field line integer|nil
---@field name string           of the function, with its parameters: `test_c[1]`
---@field outcome string        passed, failed, error, skipped, xfailed or xpassed
---@field seconds number        of all phases and runs
---@field setup number          seconds
---@field call number           seconds
---@field teardown number       seconds
---@field worker string|nil     of pytest-xdist
---@field samples integer       what was sampled in its phases
---@field weight number
---@field share number
---@field hottest string|nil    its own function with the most self samples

--- The tests of a run together.
---@class pyprof.TestTotalsRow
---@field tests integer
---@field passed integer
---@field failed integer
---@field error integer
---@field skipped integer
---@field xfailed integer
---@field xpassed integer
---@field seconds number
---@field status integer|nil    pytest's exit status

--- A thread with the profile of its samples, or with its stacks or runs if the query of split asks
--- for them.
---@class pyprof.SplitRow: pyprof.ThreadRow
---@field profile pyprof.Profile|nil
---@field stacks pyprof.StackRow[]|nil   with shares of the thread's weight
---@field runs pyprof.RunRow[]|nil       with shares of the thread's weight

--- A frame and its caller. Stacks that begin alike share their calls, so deep stacks cost little.
---@class pyprof.Call
---@field frame pyprof.StackFrame
---@field parent pyprof.Call|nil   nil for the root of the stack
---@field depth integer            from 1

--- Consecutive samples of one thread with the same leaf (or line, or stack), in time order.
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
---@field file string|nil       if it has one
---@field line integer|nil      if it has one
---@field before integer        samples
---@field before_weight number
---@field before_share number
---@field after integer         samples
---@field after_weight number
---@field after_share number
---@field change integer        after minus before, in samples
---@field change_weight number
---@field change_share number
---@field p_value number        the probability that chance alone changes as much
---@field certain boolean       the p-value is below 0.05, and the change reaches the floor

--- A defined function, and the number of samples that hold it.
---@class pyprof.UsageRow
---@field name string           qualified
---@field file string
---@field line integer          of the definition
---@field samples integer       0: no sample holds it

--- A definition with everything that was collected about it, or a sampled function without a
--- definition. The fields of what was not collected are nil.
---@class pyprof.JoinRow: pyprof.Counts
---@field name string           qualified
---@field file string
---@field line integer          of the definition; if unmatched, the lowest line in the samples
---@field first_line integer|nil   of its first decorator, or its `def`
---@field end_line integer|nil  of the definition
---@field complexity integer|nil
---@field statements integer|nil   of its own body, by coverage
---@field missing integer|nil      statements that never ran
---@field branches integer|nil
---@field partial integer|nil      branches of which one way never ran
---@field covered_share number|nil of statements and branches
---@field missing_lines string|nil
---@field missing_branches string|nil
---@field calls integer|nil        by counts
---@field executions integer|nil   of its own lines, by counts
---@field bytes number|nil         at the peak, held by it and by what it called
---@field self_bytes number|nil    held by it alone
---@field allocations integer|nil  their number
---@field tests integer|nil        how many tests reach it
---@field status "ran"|"never"|"unseen"|"unknown"|"unmatched"
---@field evidence string       what shows the status: "samples, coverage"
---@field why string|nil        the reason why it is unknown or unmatched

--- How often the first statement that begins on a line was started.
---@class pyprof.LineCountRow
---@field file string
---@field line integer
---@field count integer         0: never

--- How often a function ran.
---@class pyprof.FunctionCountRow
---@field name string           qualified
---@field file string
---@field line integer          of its `def`
---@field end_line integer
---@field calls integer         how often its body began
---@field executions integer    the sum of the counts of its own lines

--- How much of a file ran, and how often.
---@class pyprof.FileCountRow
---@field file string
---@field statements integer    lines on which a statement begins
---@field executed integer      those that ran
---@field executions integer    the sum of their counts

--- A line of the source, with what was collected about it.
---@class pyprof.AnnotatedRow
---@field file string
---@field line integer
---@field text string
---@field samples integer|nil   whose innermost frame is there
---@field share number|nil      of all samples
---@field weight number|nil     their weight
---@field count integer|nil     how often the statement that begins there was started
---@field status string|nil     covered, missing, partial or excluded, by coverage
---@field bytes number|nil      that it allocated and that were held at the peak

--- A Python file. Each line is exactly one of source, docstring, comment and blank.
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
---@field complexity integer    the number of functions and of all decisions
---@field error string|nil      the place of a syntax error: "line 3, column 7: …"

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
---@field complexity integer    cyclomatic complexity, as radon counts it; 0 for a class
---@field docstring boolean
---@field parent integer|nil    the index of the enclosing definition's row

--- A place that a rule matches.
---@class pyprof.MatchRow
---@field file string
---@field line integer
---@field column integer        in characters, from 1
---@field text string           the line
---@field match string          the text that the pattern matched
---@field definition string|nil the qualified name of the enclosing definition
---@field rule string|integer   the rule's name, or its number
---@field captures table        by number and by name

--- A file as nested tables.
---@class pyprof.OutlineRow: pyprof.FileRow
---@field definitions pyprof.OutlineDefinition[]   those at the top level
---@field imported pyprof.OutlineImport[]

--- A definition with the nested definitions.
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
---@field parameters integer|nil   the number of a function's parameters
---@field definitions pyprof.OutlineDefinition[]   those nested in it

--- An import statement.
---@class pyprof.OutlineImport
---@field line integer
---@field module string|nil     of "from … import"; nil for "import …"
---@field level integer         dots before the module
---@field names table[]         { name =, as = } each

--- A function of a profile of calls.
---@class pyprof.CostRow
---@field name string
---@field file string
---@field line integer
---@field calls integer
---@field self_weight number    its cost without its callees
---@field total_weight number   its cost with its callees
---@field self_share number
---@field total_share number

--- All functions of a profile of calls with the same value of a field.
---@class pyprof.CostGroupRow
---@field name string           the value
---@field functions integer     the number of functions with this value
---@field calls integer
---@field self_weight number
---@field self_share number

--- A caller or callee of the selection, in a profile of calls.
---@class pyprof.CallRow
---@field name string
---@field file string
---@field line integer
---@field calls integer
---@field weight number         the cost of these calls
---@field share number

--- All selected functions of a profile of calls together.
---@class pyprof.CostSumRow
---@field name string           the function's name, or the selector
---@field file string           "" unless one function is selected
---@field line integer          0 unless one function is selected
---@field functions integer     the number of selected functions
---@field calls integer
---@field self_weight number
---@field self_share number
---@field total_weight number|nil   if one function is selected
---@field total_share number|nil    if one function is selected

--- A call of one function by another.
---@class pyprof.EdgeRow
---@field caller pyprof.StackFrame
---@field callee pyprof.StackFrame
---@field line integer          the line of the call; 0 if unknown
---@field calls integer
---@field weight number         the cost of these calls, with their callees

--- What coverage.py measured of some lines.
---@class pyprof.CoverageFigures
---@field statements integer
---@field missing integer       statements that never ran
---@field excluded integer      lines that coverage.py's configuration excludes
---@field branches integer|nil  if branches were measured
---@field partial integer|nil   branches that never ran, of lines that did
---@field covered_share number  of statements and branches together
---@field missing_lines string|nil      "3-5, 9"; not in the total
---@field missing_branches string|nil   "12->15, 20->exit"; not in the total

--- A measured file.
---@class pyprof.CoverageFileRow: pyprof.CoverageFigures
---@field file string

--- A function of a measured file.
---@class pyprof.CoverageFunctionRow: pyprof.CoverageFigures
---@field name string           qualified
---@field file string
---@field line integer          of its def
---@field first_line integer    of the first decorator
---@field end_line integer
---@field ran boolean|nil       nil: coverage.py cannot tell
---@field tests integer|nil     the number of tests that reach it, where they were recorded

--- All measured files together.
---@class pyprof.CoverageTotalRow: pyprof.CoverageFigures
---@field files integer
---@field covered_branches integer|nil

--- A line that coverage.py knows.
---@class pyprof.CoverageLineRow
---@field line integer
---@field status "covered"|"missing"|"partial"|"excluded"

--- A line from which the program may go on in several places.
---@class pyprof.BranchRow
---@field line integer
---@field taken integer         how many of the arcs ran
---@field arcs table[]          each has to (a line; negative for an exit) and ran

--- A test that executed lines of a file.
---@class pyprof.ContextRow
---@field name string
---@field phase string|nil      setup, run or teardown, of a test of pytest
---@field lines integer         how many of the lines it executed

--- A line that memory_profiler measured. Bytes are resident memory.
---@class pyprof.MemoryLineRow
---@field file string
---@field line integer
---@field name string           of the function
---@field increment integer     bytes, of all times that it ran, with what it called
---@field memory integer        bytes, at most after it
---@field hits integer          how often it ran

--- Resident memory at a moment of a run.
---@class pyprof.ResidentRow
---@field seconds number
---@field bytes integer
---@field pid integer|nil       of a child process, in a file of mprof

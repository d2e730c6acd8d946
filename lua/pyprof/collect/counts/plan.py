# plan.py: what is counted in a file, and how the counters tell how often each statement was
# started. It runs on Python 3.8 and newer, and needs nothing but built-in modules.
#
# A counter is an iterator of a great many None, and `None in counter` takes one of them. This is
# four instructions without a call or a name; no other thread can run in its middle. Counters are
# constants of the code objects.


def borrowed(name):
    """Imports a built-in module, and leaves sys.modules as it was."""
    import sys
    there = name in sys.modules
    module = __import__(name)
    if not there:
        sys.modules.pop(name, None)
    return module


repeat, compress = borrowed("itertools").repeat, borrowed("itertools").compress
length_hint = borrowed("_operator").length_hint
MOST = 1 << 62
COUNTER, AFTER, BEFORE, INSIDE, FINAL, WAYS = range(6)


class Counter(repeat):
    """Counts; a copy in another process (of a pickled function) counts for nobody."""
    __slots__ = ()

    def __reduce__(self):
        # The program may have imported the module anew, with types of its own.
        return __import__("itertools").repeat, (None, MOST)


class Items(Counter):
    """Counts the items of an iteration."""
    __slots__ = ()

    def __reduce__(self):
        return __import__("itertools").repeat, (True, MOST)


class Compress:
    """Its instances only have a __class__, which is called: calls of constants are warned of."""
    __slots__ = ()
    __class__ = compress

    def __reduce__(self):
        return __import__("itertools").compress, ((), ())


COMPRESS = Compress()


class Statement:
    """A statement: its place, and where its count comes from."""
    __slots__ = ("line", "column", "end_line", "end_column", "scope", "parent", "source", "other",
                 "ways", "children", "fail", "raises", "leavers", "gone")

    def __init__(self, node, scope, parent):
        self.line, self.column = start(node)
        self.end_line, self.end_column = node.end_lineno, node.end_col_offset
        self.scope, self.parent = scope, parent
        # Its COUNTER, whose slot is `other`; the statement `other`, AFTER or BEFORE which it stands
        # or INSIDE of which it is the first, or the first of its FINAL block; or its two WAYS.
        self.source, self.other = COUNTER, None
        self.ways = self.children = ()
        self.fail = None      # the slot that counts the exceptions that left it
        self.raises = False   # it is a `raise`
        self.leavers = ()     # the return, break and continue in it that leave it
        self.gone = 0         # how often it was left otherwise: at the end of the process, by fork


class Plan:
    """The statements of a file and its counters."""

    def __init__(self, path):
        self.path = path
        self.counters, self.bases = [], []
        self.scopes = []      # the scope of each counter
        self.statements = []
        self.entries = []     # line and first statement of each function

    def slot(self, scope, counter=None):
        self.counters.append(counter or Counter(None, MOST))
        self.bases.append(0)
        self.scopes.append(scope)
        return len(self.counters) - 1

    def read(self, slot):
        return MOST - length_hint(self.counters[slot]) - self.bases[slot]

    def reset(self):
        """Begins to count from zero: this is the child of a fork."""
        self.bases = [MOST - length_hint(counter) for counter in self.counters]
        for statement in self.statements:
            statement.gone = 0

    def leave(self, scope, line, column, times):
        """The code of a scope is left at a place, and not by an exception; -1: it is entered."""
        found = None
        for statement in self.statements:
            if statement.scope == scope and holds(statement, line, column):
                found = statement
        while found and found.scope == scope:
            found.gone += times
            found = None if found.parent is None else self.statements[found.parent]

    def failed(self, number, values):
        """How often a statement was left by an exception, or at the end."""
        statement = self.statements[number]
        if statement.raises:
            return values[number]
        return statement.gone + (0 if statement.fail is None else self.read(statement.fail))

    def left(self, number, values):
        """How often the statement after it was not started, though it was."""
        return self.failed(number, values) + sum(
            values[leaver] - self.failed(leaver, values)
            for leaver in self.statements[number].leavers)

    def values(self):
        """How often each statement was started."""
        statements = self.statements
        values = [None] * len(statements)
        for wanted in range(len(statements)):
            stack = [wanted]
            while stack:
                number = stack[-1]
                if values[number] is None:
                    missing = [one for one in self.needs(number) if values[one] is None]
                    if missing:
                        stack += missing
                        continue
                    values[number] = self.value(number, values)
                stack.pop()
        return values

    def needs(self, number):
        """The statements on which the count of a statement depends."""
        statement = self.statements[number]
        if statement.source == AFTER:
            return (statement.other,) + self.statements[statement.other].leavers
        if statement.source == BEFORE:
            return (statement.other,) + statement.leavers
        if statement.source == WAYS:
            return statement.ways + statement.children
        return (statement.other,) if statement.source in (INSIDE, FINAL) else ()

    def value(self, number, values):
        statement = self.statements[number]
        if statement.source == COUNTER:
            return self.read(statement.other)
        if statement.source == INSIDE:
            return values[statement.other]
        if statement.source == AFTER:
            return values[statement.other] - self.left(statement.other, values)
        if statement.source == BEFORE:
            return values[statement.other] + self.left(number, values)
        if statement.source == FINAL:
            # It began whenever the `try` did, but for what is in the middle of the rest.
            gone = self.statements[statement.other].gone - sum(
                self.statements[child].gone for child in statement.children)
            return values[statement.other] - gone
        in_test = self.failed(number, values) - sum(
            self.failed(child, values) for child in statement.children)
        return in_test + sum(values[way] for way in statement.ways)

    def lines(self, values):
        """{line: count}, of the first statement that starts on each line."""
        lines = {}
        for statement, value in zip(self.statements, values):
            lines.setdefault(statement.line, value)
        return lines

    def calls(self, values):
        """(line, count) of each function: its line is that of its first decorator or its def."""
        return [(line, values[number]) for line, number in self.entries]


def place_of(statement):
    return statement.line, statement.column


def holds(statement, line, column):
    if column is None:
        return statement.line <= line <= statement.end_line
    place = (line, column)
    return (statement.line, statement.column) <= place < (statement.end_line,
                                                         statement.end_column)

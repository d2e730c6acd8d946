# instrument.py: puts counters into the syntax tree of a Python file, and tells from them how often
# each statement was started. It runs on 3.8 and newer, and needs nothing but built-in modules.
#
# A counter is an iterator of a great many None, and `None in counter` takes one of them. This is
# four instructions without a call or a name; no other thread can run in its middle. Counters are
# constants of the code objects.
#
# A block of statements has one counter, at its beginning. A later statement of the block was
# started as often as the one before it, less
#  - the exceptions that left the one before it: a `try` around that one counts them, and raises
#    them again;
#  - the `return`, `break` and `continue` in it that left it: their own starts, less the exceptions
#    of a `return`.
# Where that cannot be told, the next statement has a counter of its own: a `return` in a `with`
# or in the `try` of a `finally` may still become an exception.


def borrowed(name):
    """Imports a built-in module, and leaves sys.modules as it was."""
    import sys
    there = name in sys.modules
    module = __import__(name)
    if not there:
        sys.modules.pop(name, None)
    return module


ast = borrowed("_ast")
repeat = borrowed("itertools").repeat
length_hint = borrowed("_operator").length_hint
MOST = 1 << 62
# The compiler allows 20 blocks in each other (try, with, for, while). From this depth on statements
# have counters, so that no program reaches that limit because of us.
DEEP = 12
LOOPS = (ast.For, ast.AsyncFor, ast.While)
WITHS = (ast.With, ast.AsyncWith)
TRIES = tuple(getattr(ast, name) for name in ("Try", "TryStar") if hasattr(ast, name))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DECLARATIONS = (ast.Global, ast.Nonlocal)
LEAVERS = (ast.Return, ast.Break, ast.Continue)
MATCH = getattr(ast, "Match", ())


class Counter(repeat):
    """Counts; a copy in another process (of a pickled function) counts for nobody."""
    __slots__ = ()

    def __reduce__(self):
        return repeat, (None, MOST)


class Statement:
    """A statement: its place, and where its count comes from."""
    __slots__ = ("line", "column", "end_line", "end_column", "scope", "parent", "counter", "base",
                 "inside", "fail", "leavers", "gone")

    def __init__(self, node, scope, parent):
        self.line, self.column = start(node)
        self.end_line, self.end_column = node.end_lineno, node.end_col_offset
        self.scope, self.parent = scope, parent
        self.counter = None  # the slot of its counter, or None: its count comes from that of base
        self.base = None     # the statement before it, or with `inside` the one around it
        self.inside = False
        self.fail = None     # the slot that counts the exceptions that left it
        self.leavers = ()    # the return, break and continue in it that leave it
        self.gone = 0        # how often it was left otherwise: at the end of the process, or by fork


class Plan:
    """The statements of a file and its counters."""

    def __init__(self, path):
        self.path = path
        self.counters, self.bases = [], []
        self.scopes = []      # the scope of each counter
        self.statements = []
        self.entries = []     # line and slot of each function, in the order of the text

    def slot(self, scope):
        self.counters.append(Counter(None, MOST))
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

    def values(self):
        """How often each statement was started."""
        values, statements = [], self.statements

        def failed(statement):
            exceptions = 0 if statement.fail is None else self.read(statement.fail)
            return exceptions + statement.gone

        for statement in statements:
            if statement.counter is not None:
                values.append(self.read(statement.counter))
                continue
            value, base = values[statement.base], statements[statement.base]
            if not statement.inside:
                value -= failed(base)
                for leaver in base.leavers:
                    value -= values[leaver] - failed(statements[leaver])
            values.append(value)
        return values

    def lines(self):
        """{line: count}, of the first statement that starts on each line."""
        lines = {}
        for statement, value in zip(self.statements, self.values()):
            lines.setdefault(statement.line, value)
        return lines

    def calls(self):
        """(line, count) of each function: its line is that of its first decorator or its def."""
        return [(line, self.read(slot)) for line, slot in self.entries]


def start(node):
    first = (getattr(node, "decorator_list", None) or [None])[0]
    if first:
        return first.lineno, max(first.col_offset - 1, 0)
    return node.lineno, node.col_offset


def holds(statement, line, column):
    if column is None:
        return statement.line <= line <= statement.end_line
    place = (line, column)
    return (statement.line, statement.column) <= place < (statement.end_line,
                                                         statement.end_column)


def is_constant(node):
    return node is None or isinstance(node, ast.Constant)


def is_text(node):
    return (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str))


def plain_function(node):
    """Can its def raise nothing?"""
    arguments = node.args
    each = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
    each += [one for one in (arguments.vararg, arguments.kwarg) if one]
    return not (node.decorator_list or node.returns or getattr(node, "type_params", None)
                or any(one.annotation for one in each)
                or not all(map(is_constant, arguments.defaults + arguments.kw_defaults)))


class Instrument:
    """Puts the counters of a plan into a tree."""

    def __init__(self, tree, plan, mark, columns):
        self.plan, self.mark = plan, mark
        self.columns = columns  # do code objects know columns? Else a line must do
        self.scope, self.depth = 0, 0
        self.cold = True        # it runs once: counters cost less than the code of a `try`
        self.of_class = False
        self.last_scope = 0
        first = 1 if tree.body and is_text(tree.body[0]) else 0
        made = self.futures(tree.body, first)
        tree.body[first:] = made + self.block(tree.body[first + len(made[:-1]):], None, False)[0]

    def futures(self, body, first):
        """What a file imports from __future__ must stay first: one counter stands after it."""
        last = first
        while last < len(body) and is_future(body[last]):
            last += 1
        if first == last:
            return []
        counts, slot = self.count(start(body[first]))
        for node in body[first:last]:
            statement = Statement(node, self.scope, None)
            statement.counter = slot
            self.plan.statements.append(statement)
        return body[first:last] + [counts]

    def count(self, place):
        """A statement that counts, and its slot."""
        slot = self.plan.slot(self.scope)
        at = self.at(place)
        constant = ast.Constant(value=self.mark % slot, kind=None, **at)
        counts = ast.Compare(left=ast.Constant(value=None, kind=None, **at), ops=[ast.In()],
                             comparators=[constant], **at)
        return ast.Expr(value=counts, **at), slot

    def at(self, place):
        line, column = place
        return {"lineno": line, "col_offset": column, "end_lineno": line, "end_col_offset": column}

    def guarded(self, node, statement):
        """The statement in a `try` that counts the exceptions that leave it."""
        counts, statement.fail = self.count((statement.line, statement.column))
        at = self.at((statement.line, statement.column))
        handler = ast.ExceptHandler(type=None, name=None, **at, body=[
            counts, ast.Raise(exc=None, cause=None, **at)])
        return ast.Try(body=[node], handlers=[handler], orelse=[], finalbody=[], **at)

    def can_raise(self, node):
        if isinstance(node, (ast.Pass, ast.Break, ast.Continue)):
            return False
        if isinstance(node, (ast.Expr, ast.Return)):
            return not is_constant(node.value)
        if isinstance(node, ast.Assign):
            # The names of a class body may be kept in a mapping that raises.
            return (self.of_class or not is_constant(node.value)
                    or not all(isinstance(target, ast.Name) for target in node.targets))
        return not (isinstance(node, FUNCTIONS) and plain_function(node)) or self.of_class

    def block(self, nodes, parent, need, inside=None):
        """The statements of a block with their counters; and what leaves the block.

        need: the count of a statement after it depends on how often it is left.
        inside: it begins as often as the statement of that number.
        """
        plan, made, leaving = self.plan, [], []
        base, is_inside, fresh = inside, inside is not None, inside is None
        executed = [node for node in nodes if not isinstance(node, DECLARATIONS)]
        for node in nodes:
            if isinstance(node, DECLARATIONS):
                made.append(node)
                continue
            number = len(plan.statements)
            statement = Statement(node, self.scope, parent)
            plan.statements.append(statement)
            if fresh:
                counts, statement.counter = self.count((statement.line, statement.column))
                made.append(counts)
            else:
                statement.base, statement.inside = base, is_inside
            is_leaver = isinstance(node, LEAVERS)
            raises = self.can_raise(node)
            derives = (node is not executed[-1] and not is_leaver and not isinstance(node, ast.Raise)
                       and (not raises or not self.cold and self.depth < DEEP))
            guards = raises and (derives or need and is_leaver)
            self.depth += guards
            inner = self.inside(node, number, need or derives)
            self.depth -= guards
            if is_leaver:
                unknown = guards and self.depth >= DEEP
                inner = [(type(node), None if unknown else number)]
                guards = guards and not unknown
            elif any(leaver is None for _, leaver in inner):
                derives = guards = False
            else:
                statement.leavers = tuple(leaver for _, leaver in inner)
            leaving += inner
            made.append(self.guarded(node, statement) if guards else node)
            base, is_inside, fresh = number, False, not derives
        return made, leaving

    def inside(self, node, number, need):
        """Instruments what is in a statement; returns what leaves it: (kind, statement or None)."""
        if isinstance(node, FUNCTIONS + (ast.ClassDef,)):
            self.definition(node, number)
            return []
        if isinstance(node, ast.If):
            node.body, leaving = self.block(node.body, number, need)
            if node.orelse:
                node.orelse, more = self.block(node.orelse, number, need)
                leaving = leaving + more
            return self.on_one_line(node, node.test, leaving)
        if isinstance(node, LOOPS):
            return self.loop(node, number, need)
        if isinstance(node, WITHS):
            self.depth += len(node.items)
            node.body, leaving = self.block(node.body, number, need)
            self.depth -= len(node.items)
            return [(kind, None) for kind, _ in leaving]
        if isinstance(node, TRIES):
            return self.attempt(node, number, need)
        if MATCH and isinstance(node, MATCH):
            leaving = []
            for case in node.cases:
                case.body, more = self.block(case.body, number, need)
                leaving = leaving + more
            return leaving
        return []

    def on_one_line(self, node, head, leaving):
        # `if test: return f()`: without columns nobody can tell which of the two a frame is in.
        if not self.columns and node.body and node.body[0].lineno <= head.end_lineno:
            return [(kind, None) for kind, _ in leaving]
        return leaving

    def loop(self, node, number, need):
        cold, self.cold = self.cold, False
        self.depth += 1
        node.body, leaving = self.block(node.body, number, need)
        self.depth -= 1
        leaving = [(kind, leaver) for kind, leaver in leaving if kind is ast.Return]
        leaving = self.on_one_line(node, getattr(node, "iter", None) or node.test, leaving)
        self.cold = cold
        if node.orelse:
            node.orelse, more = self.block(node.orelse, number, need)
            leaving = leaving + more
        return leaving

    def attempt(self, node, number, need):
        self.depth += 2
        node.body, leaving = self.block(node.body, number, need, inside=number)
        for handler in node.handlers:
            handler.body, more = self.block(handler.body, number, need)
            leaving = leaving + more
        if node.orelse:
            node.orelse, more = self.block(node.orelse, number, need)
            leaving = leaving + more
        if node.finalbody:
            leaving = [(kind, None) for kind, _ in leaving]
            node.finalbody, more = self.block(node.finalbody, number, need)
            leaving = leaving + more
        self.depth -= 2
        return leaving

    def definition(self, node, number):
        kept = self.scope, self.depth, self.cold, self.of_class
        self.last_scope += 1
        self.of_class = isinstance(node, ast.ClassDef)
        self.scope, self.depth, self.cold = self.last_scope, 0, self.of_class
        first = 1 if is_text(node.body[0]) else 0
        slot = len(self.plan.counters)
        body, _ = self.block(node.body[first:], number, False)
        if slot == len(self.plan.counters):
            # There is nothing but a docstring or a declaration: the counter stands after it.
            statement = Statement(node.body[0], self.scope, number)
            counts, statement.counter = self.count((statement.line, statement.column))
            self.plan.statements.append(statement)
            body.append(counts)
        if not self.of_class:
            self.plan.entries.append((start(node)[0], slot))
        node.body[first:] = body
        self.scope, self.depth, self.cold, self.of_class = kept


def is_future(node):
    return isinstance(node, ast.ImportFrom) and node.module == "__future__" and node.level == 0


def with_counters(code, constants):
    """The code object, and those in it, with counters for the marks."""
    replaced = []
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            constant = with_counters(constant, constants)
        elif type(constant) is str:
            constant = constants.get(constant, constant)
        replaced.append(constant)
    return code.replace(co_consts=tuple(replaced))


def prepare(tree, path, columns=True):
    """Puts counters into a tree: returns the plan, and what makes its code count."""
    plan = Plan(path)
    mark = "\0pyprof-lua %x \0%%d" % id(plan)
    Instrument(tree, plan, mark, columns)
    constants = {mark % slot: counter for slot, counter in enumerate(plan.counters)}
    return plan, lambda code: with_counters(code, constants)


def has_columns():
    """Do code objects of this Python know columns?"""
    positions = getattr(compile("0", "", "eval"), "co_positions", None)
    return positions is not None and any(place[2] is not None for place in positions())


def instrument(source, path):
    """The code of a file with counters, and its plan."""
    tree = compile(source, path, "exec", 0x400, dont_inherit=True)
    plan, finish = prepare(tree, path, has_columns())
    return finish(compile(tree, path, "exec", dont_inherit=True)), plan

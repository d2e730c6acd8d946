# instrument.py: puts counters into the syntax tree of a Python file. It stands behind plan.py in
# one namespace.
#
# A block of statements has one counter, at its beginning. A later statement of the block was
# started as often as the one before it, less
#  - the exceptions that left the one before it: a `try` around that one counts them, and raises
#    them again;
#  - the `return`, `break` and `continue` in it that left it: their own starts, less the exceptions
#    of a `return`.
# Where that cannot be told, the next statement has a counter of its own: a `return` in a `with`
# or in the `try` of a `finally` may still become an exception.
#
# The body of a `for` may get its count from the iteration itself, which costs a third of it: it
# goes over `compress(iterable, counter)`, whose counter has a True for each item.
#
# A block needs no counter if it has an `if` both of whose ways are counted: with `else`, or with a
# body that never ends and statements after it. The `if` was started as often as both ways, and as
# the exceptions of its test. The statements before it follow from it.

ast = borrowed("_ast")
# The compiler allows 20 blocks in each other (try, with, for, while). From this depth on statements
# have counters, so that no program reaches that limit because of us.
DEEP = 12
LATE = borrowed("sys").version_info >= (3, 13)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
WITHS = (ast.With, ast.AsyncWith)
TRIES = tuple(getattr(ast, name) for name in ("Try", "TryStar") if hasattr(ast, name))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DECLARATIONS = (ast.Global, ast.Nonlocal)
LEAVERS = (ast.Return, ast.Break, ast.Continue)
ENDS = LEAVERS + (ast.Raise,)
MATCH = getattr(ast, "Match", ())


def start(node):
    first = (getattr(node, "decorator_list", None) or [None])[0]
    if first:
        return first.lineno, max(first.col_offset - 1, 0)
    return node.lineno, node.col_offset


def last_place(node):
    """The place of the last statement in a statement."""
    while True:
        for field in ("finalbody", "orelse", "handlers", "cases", "body"):
            nodes = getattr(node, field, None)
            if nodes and not isinstance(node, FUNCTIONS + (ast.ClassDef,)):
                node = nodes[-1]
                break
        else:
            return start(node)


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
        self.of_class = self.in_loop = False
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
            statement.other = slot
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

    def count_items(self, loop):
        """Lets the loop go over what counts its items, and returns the slot."""
        slot = self.plan.slot(self.scope, Items(True, MOST))
        iterable = loop.iter
        # Tracebacks say of what cannot be iterated that it is there; before 3.13 it is the loop.
        at = {name: getattr(iterable if LATE else loop, name)
              for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")}

        def constant(number):
            return ast.Constant(value=self.mark % number, kind=None, **at)

        # A method's call is where its name ends: at the beginning, as the loop is.
        begin = self.at((at["lineno"], at["col_offset"]))
        makes = ast.Attribute(value=constant(-1), attr="__class__", ctx=ast.Load(), **begin)
        loop.iter = ast.Call(func=makes, args=[iterable, constant(slot)], keywords=[], **at)
        return slot

    def at(self, place):
        line, column = place
        return {"lineno": line, "col_offset": column, "end_lineno": line, "end_col_offset": column}

    def guarded(self, node, statement):
        """The statement in a `try` that counts the exceptions that leave it."""
        # Without columns, before 3.11, what ends a `with` may have the last line before it.
        place = place_of(statement) if self.columns else last_place(node)
        counts, statement.fail = self.count(place)
        at = self.at(place)
        handler = ast.ExceptHandler(type=None, name=None, **at, body=[
            counts, ast.Raise(exc=None, cause=None, **at)])
        return ast.Try(body=[node], handlers=[handler], orelse=[], finalbody=[],
                       **self.at(place_of(statement)))

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

    def block(self, nodes, parent, need, inside=None, guard_all=False, loop=None):
        """The statements of a block with their counters; what leaves it; its statements' numbers.

        need: the count of a statement after it depends on how often it is left.
        inside: it begins as often as the statement of that number.
        guard_all: the exceptions of each statement are wanted; else there are no numbers.
        loop: it is the body of this `for`.
        """
        statements, made, leaving, numbers = self.plan.statements, [], [], []
        executed = [node for node in nodes if not isinstance(node, DECLARATIONS)]
        # A run: statements that follow from each other. Without a base its first needs a counter.
        run, at, based, tied = [], 0, inside is not None, False
        for node in nodes:
            if isinstance(node, DECLARATIONS):
                made.append(node)
                continue
            number, is_last = len(statements), node is executed[-1]
            statement = Statement(node, self.scope, parent)
            statements.append(statement)
            numbers.append(number)
            if run:
                statement.source, statement.other = AFTER, run[-1]
            elif based:
                statement.source, statement.other = INSIDE, inside
            else:
                at = len(made)
            run.append(number)

            raises, is_leaver = self.can_raise(node), isinstance(node, LEAVERS)
            statement.raises = isinstance(node, ast.Raise)
            shallow = not self.cold and self.depth < DEEP
            derives = not is_last and not isinstance(node, ENDS) and (shallow or not raises)
            # The body of a `try` begins as often as the `try`, which must not follow from it.
            two_ways = not (based or tied) and shallow and self.has_two_ways(node, is_last)
            guards = (raises and not statement.raises and self.depth < DEEP
                      and (derives or two_ways or guard_all or need and is_leaver))
            if guard_all and raises and not statement.raises and not guards:
                guard_all = False
            self.depth += guards
            inner, ways = self.inside(node, number, need or derives, two_ways)
            self.depth -= guards

            if is_leaver:
                # Is it known how often it ended?
                inner = [(type(node), number if guards or not raises else None)]
            elif any(leaver is None for _, leaver in inner):
                derives = False
            else:
                statement.leavers = tuple(leaver for _, leaver in inner)
            tied = tied or isinstance(node, TRIES) and bool(inner)
            leaving += inner
            if ways:
                self.follow_ways(run, *ways)
                based = True
                derives = derives and bool(node.orelse)
            made.append(self.guarded(node, statement) if guards else node)
            if not derives or is_last:
                if not based and loop and run[0] == numbers[0]:
                    statements[run[0]].other = self.count_items(loop)
                elif not based:
                    counts, statements[run[0]].other = self.count(place_of(statements[run[0]]))
                    made.insert(at, counts)
                run, based, tied = [], False, False
        return made, leaving, numbers if guard_all else []

    def has_two_ways(self, node, is_last):
        """Can the starts of an `if` be known from those of its two ways?"""
        if not isinstance(node, ast.If) or not self.columns and is_on_one_line(node, node.test):
            return False
        return bool(node.orelse) or not is_last and isinstance(node.body[-1], ENDS)

    def follow_ways(self, run, ways, children):
        """A run follows from the two ways of its last statement."""
        statements = self.plan.statements
        for number, following in zip(run, run[1:]):
            statements[number].source, statements[number].other = BEFORE, following
        last = statements[run[-1]]
        last.source = WAYS
        # A body that never ends: the other way is the next statement.
        last.ways = ways if len(ways) == 2 else ways + (len(statements),)
        last.children = children

    def inside(self, node, number, need, two_ways):
        """Instruments what is in a statement. Returns what leaves it, (kind, statement or None),
        and for an `if` with two ways these and the statements of its blocks."""
        if isinstance(node, FUNCTIONS + (ast.ClassDef,)):
            self.definition(node, number)
            return [], None
        if isinstance(node, ast.If):
            return self.when(node, number, need, two_ways)
        if isinstance(node, LOOPS):
            return self.loop(node, number, need), None
        if isinstance(node, WITHS):
            self.depth += len(node.items)
            node.body, leaving, _ = self.block(node.body, number, need)
            self.depth -= len(node.items)
            return [(kind, None) for kind, _ in leaving], None
        if isinstance(node, TRIES):
            return self.attempt(node, number, need), None
        leaving = []
        for case in node.cases if MATCH and isinstance(node, MATCH) else ():
            case.body, more, _ = self.block(case.body, number, need)
            leaving = leaving + more
        return leaving, None

    def when(self, node, number, need, two_ways):
        node.body, leaving, first = self.block(node.body, number, need, guard_all=two_ways)
        second = []
        if node.orelse:
            node.orelse, more, second = self.block(node.orelse, number, need, guard_all=two_ways)
            leaving = leaving + more
        leaving = self.on_one_line(node, node.test, leaving)
        if not first or node.orelse and not second:
            return leaving, None
        return leaving, (tuple(first[:1] + second[:1]), tuple(first + second))

    def on_one_line(self, node, head, leaving):
        # `if test: return f()`: without columns nobody can tell which of the two a frame is in.
        if not self.columns and is_on_one_line(node, head):
            return [(kind, None) for kind, _ in leaving]
        return leaving

    def loop(self, node, number, need):
        cold, self.cold = self.cold, False
        self.depth += 1
        # What is unpacked to several targets may fail after the item. A loop in a loop may be
        # short; then a counter costs less than to begin an iteration of ours.
        counts = isinstance(node, ast.For) and isinstance(node.target, ast.Name)
        loop = node if counts and not self.in_loop else None
        in_loop, self.in_loop = self.in_loop, True
        node.body, leaving, _ = self.block(node.body, number, need, loop=loop)
        self.in_loop = in_loop
        self.depth -= 1
        leaving = [(kind, leaver) for kind, leaver in leaving if kind is ast.Return]
        leaving = self.on_one_line(node, getattr(node, "iter", None) or node.test, leaving)
        self.cold = cold
        if node.orelse:
            node.orelse, more, _ = self.block(node.orelse, number, need)
            leaving = leaving + more
        return leaving

    def attempt(self, node, number, need):
        self.depth += 2
        node.body, leaving, _ = self.block(node.body, number, need, inside=number)
        for handler in node.handlers:
            handler.body, more, _ = self.block(handler.body, number, need)
            leaving = leaving + more
        if node.orelse:
            node.orelse, more, _ = self.block(node.orelse, number, need)
            leaving = leaving + more
        if node.finalbody:
            leaving = [(kind, None) for kind, _ in leaving]
            statements = self.plan.statements
            first = len(statements)
            node.finalbody, more, _ = self.block(node.finalbody, number, need, inside=number)
            leaving = leaving + more
            if first < len(statements):
                statements[first].source = FINAL
                statements[first].children = tuple(
                    child for child in range(first, len(statements))
                    if statements[child].parent == number)
        self.depth -= 2
        return leaving

    def definition(self, node, number):
        kept = self.scope, self.depth, self.cold, self.of_class, self.in_loop
        self.last_scope += 1
        self.in_loop = False
        self.of_class = isinstance(node, ast.ClassDef)
        self.scope, self.depth, self.cold = self.last_scope, 0, self.of_class
        first = 1 if is_text(node.body[0]) else 0
        entry = len(self.plan.statements)
        body = self.block(node.body[first:], number, False)[0]
        if entry == len(self.plan.statements):
            # There is nothing but a docstring or a declaration: the counter stands after it.
            statement = Statement(node.body[0], self.scope, number)
            counts, statement.other = self.count(place_of(statement))
            self.plan.statements.append(statement)
            body.append(counts)
        if not self.of_class:
            self.plan.entries.append((start(node)[0], entry))
        node.body[first:] = body
        self.scope, self.depth, self.cold, self.of_class, self.in_loop = kept


def is_on_one_line(node, head):
    return node.body[0].lineno <= head.end_lineno


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
    constants[mark % -1] = COMPRESS
    return plan, lambda code: with_counters(code, constants)


def has_columns():
    """Do code objects of this Python know columns?"""
    positions = getattr(compile("0", "", "eval"), "co_positions", None)
    return positions is not None and any(place[2] is not None for place in positions())


def parse(source, path):
    return compile(source, path, "exec", 0x400, dont_inherit=True)


def instrument(tree, path):
    """The code of a file with counters, and its plan."""
    plan, finish = prepare(tree, path, has_columns())
    return finish(compile(tree, path, "exec", dont_inherit=True)), plan

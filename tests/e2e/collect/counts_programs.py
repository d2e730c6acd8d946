"""Programs for tests of line counts: make(seed, version) gives the text of one, and the same text
with a call before each statement that says which line begins.

They are small, they end, and control leaves their blocks in every way: exceptions in the middle of
lines, return, break and continue, generators that are closed early or never, with and finally."""
import random


class Program:
    def __init__(self, seed, version):
        self.random = random.Random(seed)
        self.version = version
        # settrace sees lines begin that do not: at jumps around with, finally and match, and since
        # 3.12 at the end of comprehensions. So every other program has no such statements.
        self.traceable = seed % 2
        # split() stands for a fork, in whose child counts begin anew.
        self.splits = () if self.traceable else ("split()",)
        self.clean, self.marked = [], []
        self.simple = set()     # lines of simple statements that settrace counts alike
        self.functions = []
        self.names = 0
        self.loops, self.kind = [], "module"
        self.module()

    # --- lines

    def other(self, depth, text):
        """A line at which no statement begins."""
        self.clean.append("    " * depth + text)
        self.marked.append("    " * depth + text)

    def line(self, depth, text, marked=None, simple=False):
        number = len(self.clean) + 1
        self.clean.append("    " * depth + text)
        if marked is None:
            self.marked.append("    " * depth + "h(%d)" % number)
            marked = text
        self.marked.append("    " * depth + marked)
        if simple and " for " not in text:
            self.simple.add(number)

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def name(self):
        self.names += 1
        return "v%d" % self.names

    # --- expressions

    def value(self):
        return self.one("a", "b", "a + b", "7 // (a % 3)", "[1, 2][a % 4]", "{0: 1, 1: 2}[b % 3]",
                        "sum(x // (b % 2) for x in range(3))", "[x for x in range(a % 3)][-1]",
                        "(lambda q: 3 // (q % 4))(b)", "(w := a)", "int('1' * (a % 2))",
                        "len(str(b))",
                        self.call(), self.call())

    def call(self):
        kind, name = self.one(*self.functions) if self.functions else ("plain", "abs")
        if name == "abs":
            return "abs(a)"
        if kind == "generator":
            return self.one("list(%s(a - 1, b))", "next(%s(a, b - 1))", "first(%s(b, a))",
                            "keep(%s(b, a))", "sum(%s(1, b))", "throw(%s(a, 2))") % name
        if kind == "coroutine":
            return "drive(%s(b, a - 1))" % name
        return self.one("%s(a - 1, b)", "%s(b, 1)", "%s(2, a)") % name

    def test(self):
        return self.one("a % 2", "b % 3 == 1", "a > b", "7 // (b % 5) > 2", "not a",
                        "[0, 1][a % 3]",
                        "a == 1 or b // (a % 3)")

    # --- statements

    def block(self, depth, level):
        for _ in range(self.random.randint(1, 4 if level < 2 else 2)):
            self.statement(depth, level)

    def statement(self, depth, level):
        choices = [self.assign] * 6 + [self.leave] * 2 + [self.semicolon, self.raises]
        if level < 4:
            choices += [self.when] * 4 + [self.loop] * 3 + [self.attempt] * 3
            choices += [self.one_line, self.nested]
            if not self.traceable:
                choices += [self.using] * 2
            if self.version >= (3, 10) and not self.traceable:
                choices.append(self.match)
            if self.version >= (3, 11) and not self.in_star:
                choices.append(self.star)
        self.one(*choices)(depth, level)

    in_star = False

    def assign(self, depth, _):
        if self.kind == "generator" and self.chance(0.4):
            return self.line(depth, self.one("yield a", "a = (yield b) or 1", "b = yield",
                                             "yield 6 // (a % 3)", "yield from (a, b)"))
        if self.kind == "coroutine" and self.chance(0.4):
            return self.line(depth, self.one("await pause()", "a = await pause(b)"))
        self.line(depth, self.one("a = %s" % self.value(), "b = %s" % self.value(), self.value(),
                                  "a = (a + 1) % 7", "b = (b + a) % 5", "a, b = b, a", "b += a",
                                  "assert a % 5", "del {0: a}[b % 2]", "a = 1", "tick()",
                                  *self.splits),
                  simple=True)

    def semicolon(self, depth, _):
        number = len(self.clean) + 1
        text = "a = %s; b = %s" % (self.value(), self.value())
        self.line(depth, text, "h(%d); %s" % (number, text))

    def one_line(self, depth, _):
        kind = self.one("if", "for", "while", "if" if self.traceable else "with")
        if kind == "if":
            last = "return %s" % self.value() if (
                self.kind == "plain" and not self.in_star) else "a = %s" % self.value()
            text = "if %s: %s" % (self.test(), last)
        elif kind == "for":
            text = "for a in range(%s %% 3): tick(); b = %s" % (self.one("a", "b"), self.value())
        elif kind == "while":
            text = "while tick() and b % 3: b = b - 1"
        else:
            text = "with swallow(a): b = %s" % self.value()
        self.line(depth, text)

    def raises(self, depth, _):
        self.line(depth, self.one("raise KeyError(a)", "raise ValueError", "raise"))

    def leave(self, depth, _):
        choices = ["pass", "..."]
        if self.kind == "plain" or self.kind == "coroutine":
            choices += ["return %s" % self.value(), "return", "return a"]
        if self.kind == "generator":
            choices += ["return"]
        if self.loops and self.loops[-1]:
            choices += ["break", "continue"]
        if self.in_star:
            choices = choices[:2]
        self.line(depth, self.one(*choices))

    def when(self, depth, level):
        self.line(depth, "if %s:" % self.test())
        self.block(depth + 1, level + 1)
        while self.chance(0.3):
            number, test = len(self.clean) + 1, self.test()
            self.line(depth, "elif %s:" % test, "elif h(%d) or (%s):" % (number, test))
            self.block(depth + 1, level + 1)
        if self.chance(0.5):
            self.other(depth, "else:")
            self.block(depth + 1, level + 1)

    def loop(self, depth, level):
        if self.kind == "coroutine" and self.chance(0.3):
            self.line(depth, "async for a in ticks(b % 3):")
        else:
            self.line(depth, self.one("for a in range(a % 4):", "for a, b in ((1, 2), (b, a)):",
                                      "while tick() and %s:" % self.test(),
                                      "for a in [1, %s]:" % self.value(), "while tick():",
                                      "for b in a or (1, 2):", "for a in count(b):"))
        self.loops.append(True)
        self.block(depth + 1, level + 1)
        self.loops.pop()
        if self.chance(0.3):
            self.other(depth, "else:")
            self.block(depth + 1, level + 1)

    def attempt(self, depth, level):
        handlers = self.random.randint(self.traceable, 2)
        final = not self.traceable and (not handlers or self.chance(0.4))
        self.line(depth, "try:")
        self.block(depth + 1, level + 1)
        for i in range(handlers):
            self.other(depth, self.one("except ZeroDivisionError:",
                                       "except (KeyError, IndexError):",
                                       "except ValueError as e:", "except Exception as e:"))
            self.block(depth + 1, level + 1)
            if self.chance(0.2):
                self.line(depth + 1, "raise")
        if handlers and self.chance(0.3):
            self.other(depth, "else:")
            self.block(depth + 1, level + 1)
        if final:
            self.other(depth, "finally:")
            # A loop whose finally always continues would not end; tick() sees to that.
            self.line(depth + 1, "tick()")
            self.block(depth + 1, level + 1)

    def star(self, depth, level):
        self.line(depth, "try:")
        self.block(depth + 1, level + 1)
        self.other(depth, "except* (ZeroDivisionError, KeyError):")
        self.in_star, loops = True, self.loops
        self.loops = []
        self.block(depth + 1, level + 2)
        self.in_star, self.loops = False, loops

    def using(self, depth, level):
        items = self.one("swallow(a)", "enter(b)", "swallow(b) as c, enter(a)", "leave(a)")
        if self.kind == "coroutine" and self.chance(0.4):
            self.line(depth, "async with asynchronous(a):")
        else:
            self.line(depth, "with %s:" % items)
        self.block(depth + 1, level + 1)

    def match(self, depth, level):
        self.line(depth, "match %s:" % self.one("a", "(a, b)", "[a % 2, b]", self.value()))
        self.other(depth + 1, self.one("case 1:", "case (1, x):", "case int() if 5 // (b % 3):"))
        self.block(depth + 2, level + 2)
        if self.chance(0.6):
            self.other(depth + 1, "case _:")
            self.block(depth + 2, level + 2)

    def nested(self, depth, level):
        name = self.name()
        if self.chance(0.3):
            self.line(depth, "class %s:" % name)
            kept = self.kind, self.loops, self.in_star
            self.kind, self.loops, self.in_star = "class", [], False
            if self.chance(0.5):
                self.other(depth + 1, "'''text'''")
            self.other(depth + 1, "global a, b")
            self.block(depth + 1, level + 2)
            self.kind, self.loops, self.in_star = kept
            return
        self.function(depth, name, "plain", level + 1)
        self.line(depth, "a = %s(b, 1)" % name, simple=True)

    def function(self, depth, name, kind, level):
        kept = self.kind, self.loops, self.in_star
        self.kind, self.loops, self.in_star = kind, [], False
        if self.chance(0.3):
            self.line(depth, "@same")
            head = self.other
        else:
            head = self.line
        head(depth, "%sdef %s(a, b=1):" % ("async " if kind == "coroutine" else "", name))
        if self.chance(0.3):
            self.other(depth + 1, "'''text'''")
        self.line(depth + 1, "tick()")
        self.line(depth + 1, "a = a % 4" if kind != "plain" else "if a < 0: return b")
        self.block(depth + 1, level)
        if kind == "generator":
            self.line(depth + 1, "yield a")
        if kind == "coroutine":
            self.line(depth + 1, "await pause()")
        self.kind, self.loops, self.in_star = kept

    def module(self):
        if self.chance(0.5):
            self.other(0, "'''The text of the module'''")
        if self.chance(0.3):
            self.clean.append("from __future__ import division")
            self.marked.append("from __future__ import division")
        self.line(0, "a, b = %d, %d" % (self.random.randint(0, 6), self.random.randint(0, 6)))
        for i in range(self.random.randint(2, 4)):
            kind = self.one("plain", "plain", "generator", "coroutine")
            self.function(0, "f%d" % i, kind, 0)
            self.functions.append((kind, "f%d" % i))
        for _ in range(self.random.randint(2, 5)):
            self.line(0, "try:")
            if self.chance(0.5):
                self.line(1, "show(%s)" % self.call(), simple=True)
            else:
                self.block(1, 1)
            self.other(0, "except BaseException as e:")
            self.line(1, "report(e)", simple=True)
            self.line(0, "a, b = (a + 1) % 5, (b + 2) % 7", simple=True)


class Fuel(BaseException):
    """The program has done enough."""


def names(out, fuel=400):
    """What programs use: they write into `out`."""
    import contextlib
    import sys
    import traceback
    left, kept = [fuel], []

    def tick():
        left[0] -= 1
        if left[0] < 0:
            raise Fuel
        return True

    class Swallow:
        def __init__(self, a):
            self.a = a

        def __enter__(self):
            return 6 // (self.a % 5)

        def __exit__(self, *_):
            return self.a % 2

    class Leave(Swallow):
        def __exit__(self, *_):
            if self.a % 2:
                raise IndexError("left")

    class Asynchronous(Swallow):
        async def __aenter__(self):
            return await pause(self.a)

        async def __aexit__(self, *_):
            await pause()
            return self.a % 2

    @contextlib.contextmanager
    def enter(a):
        try:
            yield a
        finally:
            out.append("exit %r" % (a,))

    class Pause:
        def __init__(self, value):
            self.value = value

        def __await__(self):
            yield self.value
            return 3 // (self.value % 4)

    def pause(value=1):
        return Pause(value if isinstance(value, int) else 0)

    async def ticks(n):
        for i in range(n):
            await pause()
            yield i

    def drive(coroutine):
        try:
            for _ in range(9):
                coroutine.send(None)
        except StopIteration as stop:
            return stop.value or 0
        kept.append(coroutine)
        return 5

    def first(generator):
        for value in generator:
            return 1
        return 0

    def keep(generator):
        kept.append(generator)
        next(generator)
        return len(kept)

    def throw(generator):
        next(generator)
        generator.throw(KeyError("thrown"))
        return 4

    def count(n):
        for i in range(n % 3):
            yield 4 // (2 - i)

    def show(value):
        out.append("%r %r" % (value, sys.exc_info()[0]))

    def report(error):
        chain = []
        while error:
            lines = [(frame.lineno, frame.name, frame.filename == "program.py")
                     for frame in traceback.extract_tb(error.__traceback__)]
            chain.append((type(error).__name__, str(error), lines))
            error = error.__context__
        out.append(repr(chain))

    return {"__name__": "program", "tick": tick, "swallow": Swallow, "leave": Leave, "enter": enter,
            "asynchronous": Asynchronous, "pause": pause, "ticks": ticks, "drive": drive,
            "first": first, "keep": keep, "throw": throw, "count": count, "show": show,
            "report": report,
            "same": lambda function: function,
            "split": lambda: None, "h": lambda number: None}

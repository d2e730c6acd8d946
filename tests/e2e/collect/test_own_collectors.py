"""Users' own collectors, config.lua, --from, --with, --new."""
import json
import os
import tempfile

from check import Skip, equal, finish, holds, run, test

RECORDING = os.path.abspath("tests/data/calculator.speedscope.json")
MEMRAY = os.path.abspath(".venv/bin/memray")

FAKE = """local pyprof = require "pyprof"
return {
  help = "Profile by a fake",
  args = { weight = 3 },
  load = pyprof.load,
  collect = function(target, args, dir)
    local script = 'echo "a;b %d" > "$OUT"; echo "$OUT" > %s; exec "$@"'
    local exit, message = target:run {
      before = { "sh", "-c", script:format(args.weight, os.getenv "PLACE"), "sh" },
      env = { OUT = dir .. "/o" },
    }
    if not exit then return nil, message end
    return pyprof.load(dir .. "/o")
  end,
}
"""
REPORT = """return {
  help = "x", needs = { "fake" }, columns = { "self", "name" },
  run = function(subject) return subject.fake:functions() end,
}
"""


class Home:
    """A folder for a user's files; `run` looks only there."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = self.directory.name
        self.write("pyprof-lua/collect/fake.lua", FAKE)
        self.write("r.lua", REPORT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.directory.cleanup()

    def write(self, name, text):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as stream:
            stream.write(text)

    def run(self, *words):
        env = {"XDG_CONFIG_HOME": self.path, "PLACE": os.path.join(self.path, "place"),
               "PYPROF_PATH": None}
        return run(*words, cwd=self.path, env=env)

    def refuses(self, status, sentence, *words):
        result = self.run(*words)
        equal((result.status, result.out), (status, ""), repr(result))
        holds(result.err, sentence)


def rows(result):
    """(name, self) of each row; without samples, the weight in place of self."""
    return [(row["name"], row["self"] if "self" in row else round(row["self_weight"], 6))
            for row in json.loads(result.out)]


@test
def a_users_collector_is_found_run_and_its_directory_removed():
    with Home() as home:
        result = home.run("r.lua", "--format", "json", "-c", "import sys; sys.exit(7)")
        equal(result.status, 7, "the target's own: " + repr(result))
        equal(rows(result), [("b", 3), ("a", 0)])
        with open(os.path.join(home.path, "place")) as stream:
            place = stream.read().strip()
        assert place.endswith("/o") and not os.path.exists(os.path.dirname(place)), place


@test
def a_collectors_arguments_are_options_with_its_name():
    with Home() as home:
        result = home.run("r.lua", "--format=json", "--fake-weight", "9", "-c", "pass")
        equal(rows(result)[0], ("b", 9), repr(result))
        holds(home.run("r.lua", "--help").out, "--fake-weight INTEGER")
        home.refuses(2, "unknown option '--fake-wight' (did you mean '--fake-weight'?)", "r.lua",
                     "--fake-wight", "9", "-c", "pass")


@test
def what_a_target_cannot_give_is_refused_before_anything_starts():
    with Home() as home:
        home.refuses(2, "has no fake (name a program, or --from fake=FILE)", "r.lua", RECORDING)
        result = home.run("r.lua", "--format=json", "--from", "fake=" + RECORDING, RECORDING)
        equal(rows(result)[0], ("compute_heavy", 249), repr(result))


@test
def from_takes_a_profile_in_place_of_the_run():
    with Home() as home:
        result = home.run("top.lua", "--format=json", "--from", "profile=" + RECORDING, "-c",
                          "open('ran', 'w')")
        equal(rows(result)[0], ("compute_heavy", 2.49), repr(result))
        assert not os.path.exists(os.path.join(home.path, "ran")), "the target was run"
        home.refuses(2, "--from: 'x' is not COLLECTOR=FILE", "top.lua", "--from", "x", RECORDING)
        home.refuses(2, "unknown collector 'profil' (did you mean 'profile'?)", "top.lua",
                     "--from", "profil=x", RECORDING)
        home.refuses(2, "'stacks' cannot be taken from a file", "stacks.lua", "--from",
                     "stacks=x", "--pid", os.getpid())
        home.refuses(1, "nosuch: No such file", "top.lua", "--from", "profile=nosuch", RECORDING)


@test
def with_puts_a_collector_in_anothers_place():
    with Home() as home:
        result = home.run("top.lua", "--format=json", "--with", "profile=fake",
                          "--fake-weight=5", "--where", "b", "-c", "pass")
        equal(rows(result), [("b", 5), ("a", 0)], repr(result))
        home.refuses(2, "unknown collector 'fke' (did you mean 'fake'?)", "top.lua", "--with",
                     "profile=fke", "-c", "pass")
        home.refuses(2, "fake: of no use here", "top.lua", "--with", "fake", "-c", "pass")


@test
def with_asks_for_what_is_only_wanted():
    with Home() as home:
        home.write("w.lua", """return {
          help = "x", wants = { "fake" },
          run = function(subject) return subject.fake and "there\\n" or "not there\\n" end,
        }""")
        equal(home.run("w.lua", "-c", "pass").out, "not there\n")
        equal(home.run("w.lua", "--with", "fake", "-c", "pass").out, "there\n")
        equal(home.run("w.lua", "--from", "fake=" + RECORDING, "-c", "pass").out, "there\n")


@test
def a_collector_is_checked_when_it_is_loaded():
    with Home() as home:
        path = "pyprof-lua/collect/fake.lua"
        for text, sentence in [
            (FAKE.replace("  load =", "  lod ="),
             "fake.lua:5: unknown field 'lod' (did you mean 'load'?)"),
            (FAKE.replace("  help =", "  -- help ="), "'help' is missing"),
            (FAKE.replace("args = { weight = 3 }", "args = 3"), "fake.lua:4: 'args' is number"),
            (FAKE.replace("weight = 3", "weight = { 3, typ = 1 }"),
             "fake.lua:4: args.weight: unknown key 'typ' (did you mean 'type'?)"),
            ("return 1", "returns number (a collector is a table)"),
            ("return { help = 'x' }", "'collect' is missing"),
        ]:
            home.write(path, text)
            home.refuses(1, sentence, "r.lua", "-c", "pass")


@test
def what_a_collector_gives_is_asked_before_anything_starts():
    with Home() as home:
        home.write("pyprof-lua/collect/fake.lua", """return { help = "x",
          gives = function(target, options)
            if target.name:find("good") then return true end
            return nil, "only good ones, not at " .. tostring(options.rate)
          end,
          collect = function(target) return { rate = target.options.rate } end }""")
        home.write("r.lua", """return { help = "x", needs = { "fake" },
          run = function(subject) return { { rate = subject.fake.rate } } end }""")
        home.write("good.py", "")
        result = home.run("r.lua", "--rate", "7", "--format", "csv", "good.py")
        equal((result.status, result.out), (0, "rate\n7\n"), repr(result))
        home.refuses(2, "only good ones, not at 9", "r.lua", "--rate", "9", "-c",
                     "open('ran', 'w')")
        assert not os.path.exists(os.path.join(home.path, "ran"))
        home.write("w.lua", """return { help = "x", wants = { "fake" },
          run = function(subject) return subject.missing.fake end }""")
        equal(home.run("w.lua", "-c", "pass").out, "", "not asked for")
        home.write("pyprof-lua/collect/fake.lua", """return { help = "x", runs = 5,
          collect = function() end }""")
        home.refuses(1, "fake.lua:1: 'runs' is number (want boolean)", "r.lua", "good.py")


@test
def what_does_not_run_the_target_comes_before_what_does():
    with Home() as home:
        order = """return { help = "x", %s collect = function(target)
            local file = io.open(os.getenv "PLACE", "a") file:write("%s ") file:close()
            return { target:run() } end }"""
        home.write("pyprof-lua/collect/a.lua", order % ("", "a"))
        home.write("pyprof-lua/collect/b.lua", order % ("runs = false,", "b"))
        home.write("r.lua", """return { help = "x", needs = { "a", "b" },
          run = function() return io.open(os.getenv "PLACE"):read "a" end }""")
        equal(home.run("r.lua", "-c", "pass").out, "b a \n".rstrip("\n"))


@test
def a_collector_that_fails_says_why():
    with Home() as home:
        path = "pyprof-lua/collect/fake.lua"
        home.write(path, "return { help = 'x', collect = function() return nil, 'no luck' end }")
        home.refuses(1, "fake: no luck", "r.lua", "-c", "pass")
        home.write(path, "return { help = 'x', collect = function(target)\n"
                   "  target:run { befor = {} }\nend }")
        home.refuses(1, "fake.lua:2: unknown option 'befor' (did you mean 'before'?)", "r.lua",
                     "-c", "pass")


@test
def collectors_are_listed():
    with Home() as home:
        holds(home.run("--list").out, "fake               Profile by a fake\n")


@test
def a_report_that_is_wrong_names_the_line():
    with Home() as home:
        home.write("bad.lua", "return {\n  help = 'x', run = print,\n  colums = {},\n}")
        home.refuses(1, "bad.lua:3: unknown field 'colums' (did you mean 'columns'?)", "bad.lua")
        home.write("bad.lua", "return {\n  help = 'x', run = print,\n  needs = { 'profil' },\n}")
        home.refuses(1, "bad.lua:3: needs: unknown collector 'profil' (did you mean 'profile'?)",
                     "bad.lua")


@test
def what_a_report_does_not_name_cannot_be_read():
    with Home() as home:
        for field, sentence in [
            ("profile", "n.lua:2: subject.profile: not collected (add it to the report's needs"),
            ("fake", "n.lua:2: subject.fake: not collected"),
            ("sorce", "n.lua:2: unknown field of the subject: 'sorce' (did you mean 'source'?)"),
        ]:
            home.write("n.lua", "return { help = 'x', needs = { 'source' }, run = function(s)\n"
                       "  local _ = s.%s\nend }" % field)
            home.refuses(1, sentence, "n.lua", ".")


@test
def config_names_selectors_and_sets_defaults():
    with Home() as home:
        home.write("pyprof-lua/config.lua", """return {
          selectors = { mine = "fibonacci" },
          defaults = { format = "json" },
          reports = { ["top.lua"] = { limit = 1, exclude = { "compute_heavy" } } },
        }""")
        equal(rows(home.run("top.lua", RECORDING)), [("fibonacci", 0.35)])
        holds(home.run("top.lua", "--where", "@mine", RECORDING).err, "35 of 311 samples")
        equal(len(rows(home.run("top.lua", "--limit", "2", RECORDING))), 2)
        holds(home.run("top.lua", "--format", "text", RECORDING).out, "fibonacci")
        home.refuses(2, "unknown named selector 'mien' (did you mean 'mine'?)", "top.lua",
                     "--where", "@mien", RECORDING)


@test
def a_wrong_config_names_file_and_line():
    with Home() as home:
        for text, sentence in [
            ("selectrs = {}", "config.lua:2: unknown field 'selectrs' (did you mean 'selectors'?)"),
            ("defaults = { rte = 5 }", "config.lua:2: unknown option 'rte' (did you mean 'rate'?)"),
            ("defaults = { rate = 'x' }", "config.lua:2: --rate: 'x' is not a number"),
            ("defaults = { idle = 1 }", "config.lua:2: 'idle' is number (want true or false)"),
            ("colours = 1", "config.lua:2: 'colours' is number (want table or boolean)"),
            ("colours = { hto = 'red' }",
             "config.lua:2: unknown thing to colour 'hto' (did you mean 'hot'?)"),
            ("colours = { hot = 'bold rde' }",
             "config.lua:2: unknown colour 'rde' (did you mean 'red'?)"),
            ("colours = { hot = 1 }", "config.lua:2: 'hot' is number (want a colour's name)"),
            ("reports = { ['top.lua'] = { limt = 1 } }",
             "config.lua:2: unknown option 'limt' (did you mean 'limit'?)"),
            ("selectors = {", "config.lua:3: "),
        ]:
            home.write("pyprof-lua/config.lua", "return {\n  %s\n}" % text)
            home.refuses(1, sentence, "top.lua", RECORDING)


@test
def new_writes_a_report_that_runs_and_spares_what_is_there():
    with Home() as home:
        equal(home.run("--new", "mine").out, "mine.lua\n")
        result = home.run("mine.lua", "--format", "json", "--min-share", "5%", RECORDING)
        equal(rows(result)[0], ("compute_heavy", 2.49), repr(result))
        holds(home.run("mine.lua", "--help").out, "--min-share NUMBER")
        home.refuses(1, "mine.lua: is here already", "--new", "mine.lua")


@test
def record_runs_a_program_and_knows_how_it_ended():
    with Home() as home:
        code = ("local p = assert(require('pyprof').record{ '-c', "
                "'s = sum(i for i in range(20000000)); raise SystemExit(5)', rate = 200 }) "
                "print(p.samples > 0, p.exit.status)")
        result = home.run("-e", code)
        equal((result.status, result.out), (0, "true\t5\n"), repr(result))


@test
def memray_profiles_memory_through_a_collector_of_its_own():
    if not os.path.exists(MEMRAY):
        raise Skip("memray is not installed")
    python = os.path.join(os.path.dirname(MEMRAY), "python")
    result = run("--python", python, "examples/memory.lua", "--format", "json", "-c",
                 "def big():\n  return b'x' * 50000000\nkept = big()\nraise SystemExit(3)",
                 env={"PYPROF_PATH": "examples", "XDG_CONFIG_HOME": "/nosuch"})
    equal(result.status, 3, repr(result))
    row = json.loads(result.out)[0]
    equal(row["name"], "big", repr(result))
    assert 50000000 <= row["self_weight"] < 60000000, row


finish()

"""Which report and which TARGET the first words name; what lies in the folder replaces no report."""
import os
import shutil
import tempfile

from check import equal, holds, finish, run, test

RECORDING = os.path.abspath("tests/data/calculator.speedscope.json")
EVIL = "error('a file of the folder ran')"


class Folder:
    """A folder with run.json, in which the program runs."""

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = self.directory.name
        shutil.copy(RECORDING, self.path + "/run.json")
        return self

    def __exit__(self, *_):
        self.directory.cleanup()

    def write(self, name, text):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as stream:
            stream.write(text)
        return path

    def run(self, *words, **options):
        return run(*words, cwd=self.path, **options)

    def says(self, status, sentence, *words):
        result = self.run(*words)
        equal(result.status, status, repr(result))
        equal(result.err.count("\n"), 1, repr(result))
        holds(result.err, sentence)
        return result


@test
def a_target_alone_is_shown_by_report_lua():
    with Folder() as folder:
        want = folder.run("report.lua", "run.json").out
        equal(folder.run("run.json").out, want)
        equal(folder.run("--where", "main", "run.json").out,
              folder.run("report.lua", "--where", "main", "run.json").out)
        folder.write("kept/run.json", open(RECORDING).read())
        equal(folder.run("kept").out, want)
        shutil.copy(RECORDING, folder.path + "/recording")
        equal(folder.run("recording").out, want)
        folder.write("script.py", "import sys\nprint('its words:', sys.argv[1:])\n")
        for words in (["script.py"], ["--rate", "50", "script.py"]):
            result = folder.run(*words, "--limit", "5")
            equal(result.status, 0, repr(result))
            holds(result.out, "its words: ['--limit', '5']\n")
            holds(result.out, "=== Runtime Profile (py-spy) ===")
        holds(folder.run("-c", "print('code')").out, "code\n")
        holds(folder.run("--", "sh", "-c", "echo shell").out, "shell\n")
        holds(folder.run("--coverage", "script.py").out, "\nCoverage: 2 of 2 statements")
        folder.says(2, "TARGET is missing", "--rate", "5")
        folder.says(2, "TARGET is missing", "--coverage")
        folder.says(2, "--coverage: a report's own options stand after it (pyprof-lua top "
                    "--coverage …)", "--coverage", "top", "run.json")
        for words in ["-i"], ["-e", "1"], ["--sandbox"]:
            folder.says(2, "--coverage: an option of report.lua (pyprof-lua report.lua --coverage …)",
                        *words, "--coverage", "script.py")
        folder.says(2, "unknown option '-n' (a report's own options stand after the report)", "-n",
                    "5", "top", "run.json")
        folder.says(2, "nosuch.py: No such file", "nosuch.py")


@test
def names_of_reports_need_no_ending():
    with Folder() as folder:
        equal(folder.run("top", "-n", "2", "run.json").out,
              folder.run("top.lua", "--limit", "2", "run.json").out)
        want = folder.run("top.lua", "--help").out
        for words in (["-h", "top"], ["--help", "top.lua"], ["top", "-h"]):
            equal(folder.run(*words).out, want)
        holds(folder.run("-h", "run.json").out, "usage: pyprof-lua [options]")
        equal(folder.run("-V").out, folder.run("--version").out)
        equal(folder.run("-i", "top", "-n", "1", "run.json", input="p.samples\n").out,
              folder.run("top", "-n", "1", "run.json").out + "311\n")
        holds(folder.run("--sandbox", "top", "run.json").out, "compute_heavy")
        equal(folder.run("--copy", "top").out, "./top.lua\n")
        equal(folder.run("top", "run.json").err, "")
        folder.says(2, "unknown report 'tpo' (did you mean 'top'?)", "tpo", "run.json")
        for word in "list", "help", "doc", "version", "copy":
            folder.says(2, "unknown report '%s' (did you mean --%s?)" % (word, word), word)
        folder.says(2, "unknown report 'nosuch' (pyprof-lua --list shows", "nosuch", "run.json")


@test
def a_file_of_the_folder_replaces_no_report():
    with Folder() as folder, tempfile.TemporaryDirectory() as own:
        for name in "top.lua", "report.lua", "config.lua", "tests.lua":
            folder.write(name, EVIL)
        folder.write("mine.lua", EVIL)
        with open(own + "/mine.lua", "w") as stream:
            stream.write("return { help = 'x', run = function() return 'mine' end }")
        for words in (["top", "run.json"], ["top.lua", "run.json"], ["top.lua", "--help"],
                      ["-h", "top"]):
            said = folder.says(0, "(type ./top.lua for that)", *words)
            holds(said.out, "self")
        equal(folder.run("run.json").status, 0)
        equal(folder.run("-i", "top", "run.json", input="#reports.top(p)\n").status, 0)
        result = folder.run("mine.lua", "run.json", env={"PYPROF_PATH": own})
        equal((result.status, result.out), (0, "mine"), repr(result))
        holds(result.err, own + "/mine.lua, not what is here (type ./mine.lua for that)")
        result = folder.run("./top.lua", "run.json")
        equal(result.status, 1, repr(result))
        holds(result.err, "a file of the folder ran")
        # Only a name that no report has means a file here.
        holds(folder.run("mine.lua").err, "a file of the folder ran")
        folder.says(2, "unknown report 'mine' (for the file here: ./mine.lua)", "mine")
        folder.write("tests/__main__.py", EVIL)
        holds(folder.says(0, "(type ./tests for that)", "tests", "-h").out, "tests.lua - ")


@test
def the_list_can_be_searched_and_tells_whose_a_report_is():
    with tempfile.TemporaryDirectory() as own:
        everything = run("--list").out
        assert "(/" not in everything and " in place of" not in everything, everything
        # What an exporter is for comes first.
        for name in "callgrind chrome firefox folded speedscope pprof lcov cobertura".split():
            holds(everything, "\n%s For " % (name + ".lua").ljust(18))
        equal(run("--list", "MEMRAY").out.splitlines()[1:],
              ["allocations        What holds the memory at the peak of its use, by memray"])
        equal([line.split()[0] for line in run("--list", "perfetto", "kcache").out.splitlines()],
              ["callgrind.lua", "chrome.lua"])
        result = run("--list", "tpo")
        equal((result.status, result.out), (2, ""))
        holds(result.err, "--list: no line has 'tpo' (did you mean 'top'? --list alone shows all)")
        for name, line in (("top.lua", "The top"), ("mine.lua", "My own")):
            with open(os.path.join(own, name), "w") as stream:
                stream.write('return { help = "%s", run = print }' % line)
        shown = run("--list", env={"PYPROF_PATH": own}).out
        holds(shown, "top.lua            The top (%s/top.lua, in place of the one of that name)\n" % own)
        holds(shown, "mine.lua           My own (%s/mine.lua)\n" % own)
        equal(shown.count(own), 2)


finish()

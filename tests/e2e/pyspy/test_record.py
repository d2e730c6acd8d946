"""The record of a run, which its recording has: the CPU time of each thread, and what a run tells."""
import gzip
import json
import os
import re
import subprocess
import sys

from check import equal, finish, holds, run, test
from pyspy import BURN, BUSY, READY, Place, wait_line

# Each thread says what it had at its end, so that no test depends on the load of the machine.
THREADS = BURN + """\
import threading, time
event = threading.Event()
ids = {}
def wait():
    ids["wait"] = threading.get_native_id()
    event.wait()
def work():
    ids["work"] = threading.get_native_id()
    while time.thread_time() < 0.6:
        for _ in range(1000): pass
for target in (wait, wait, wait, wait): threading.Thread(target=target, daemon=True).start()
worker = threading.Thread(target=work)
worker.start()
worker.join()
print(os.getpid(), ids["work"], threading.get_native_id())
"""
CHILD = """\
import subprocess, sys
child = subprocess.Popen([sys.executable, sys.argv[1], "0.6"])
child.wait()
print(child.pid)
"""


def record_of(path):
    with open(path) as file:
        return json.load(file)["pyprof-lua"]


def recorded(place, *words, status=0, report="report.lua"):
    """The live report, the record, and the path of the saved recording."""
    path = os.path.join(place.path, "run.json")
    done = run(report, "--save", path, *words)
    equal(done.status, status, done)
    return done, record_of(path), path


def had(thread):
    """The CPU time and the delay in its span."""
    return thread["cpu"][-1] - thread["cpu"][0], thread["delay"][-1] - thread["delay"][0]


def check_threads(record):
    for thread in record["threads"]:
        at = thread["at"]
        equal([len(thread["cpu"]), len(thread["delay"])], [len(at)] * 2)
        assert all(a < b for a, b in zip(at, at[1:])), at
        for name in "cpu", "delay":
            assert all(a <= b for a, b in zip(thread[name], thread[name][1:])), thread
        assert sum(had(thread)) <= at[-1] - at[0] + 0.05, thread


@test
def a_busy_thread_has_the_cpu_time_and_those_that_wait_have_next_to_none():
    with Place() as place:
        done, record, path = recorded(place, place.file("t.py", THREADS))
        pid, worker, main = map(int, done.out.split("\n")[0].split())
        check_threads(record)
        threads = {thread["tid"]: thread for thread in record["threads"]}
        equal(len(threads), 6)
        equal({thread["pid"] for thread in record["threads"]}, {pid})
        # A reading may lie some time before the thread's end.
        total = had(threads[worker])[0]
        assert 0.3 < total < 0.8, threads[worker]
        for tid, thread in threads.items():
            if tid not in (worker, main):
                assert had(thread)[0] < 0.1, thread
        process, = record["processes"]
        equal(process["pid"], pid)
        assert process["cpu"] > total * 0.9, process
        equal((record["format"], record["command"]), (1, [os.path.join(place.path, "t.py")]))
        equal(record["options"], {"rate": 100, "idle": False, "gil": False, "native": False,
                                  "nonblocking": False, "subprocesses": False})
        equal(record["tools"]["python"], "%d.%d.%d" % sys.version_info[:3])
        assert re.fullmatch(r"\d+\.\d+\.\d+", record["tools"]["py-spy"]), record["tools"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record["date"]), record["date"]


@test
def the_main_thread_has_its_time_up_to_its_end():
    with Place() as place:
        script = place.file("m.py", BURN + "busy(0.5)\nimport time\nprint(time.thread_time())\n")
        done, record, path = recorded(place, script)
        thread, = record["threads"]
        said = float(done.out.split("\n")[0])
        # What follows the print is the end of the interpreter.
        assert said <= thread["cpu"][-1] <= said + 0.3, (said, thread["cpu"][-1])
        assert abs(thread["at"][-1] - record["exit"]["wall"]) < 0.1, record["exit"]["wall"]


@test
def the_processes_below_the_target_have_theirs():
    with Place() as place:
        busy = place.file("busy.py", BUSY)
        for options in [], ["--subprocesses"]:
            done, record, path = recorded(place, *options, place.file("c.py", CHILD), busy)
            child = int(done.out.split("\n")[0])
            check_threads(record)
            mine = [thread for thread in record["threads"] if thread["pid"] == child]
            assert sum(had(thread)[0] for thread in mine) > 0.4, mine
            assert mine[0]["cpu"][0] < 0.01, mine
            cpu = {process["pid"]: process["cpu"] for process in record["processes"]}
            assert len(cpu) == 2 and cpu[child] > 0.4, cpu
            equal(record["options"]["subprocesses"], options != [])


@test
def a_process_that_runs_has_its_threads_and_its_words():
    with Place() as place:
        script = place.file("ready.py", READY)
        target = subprocess.Popen([sys.executable, script, "a word"], stdout=subprocess.PIPE,
                                  text=True)
        try:
            wait_line(target, "ready")
            done, record, path = recorded(place, "--duration", 1, "--pid", target.pid)
            thread, = record["threads"]
            equal((thread["pid"], thread["tid"]), (target.pid, target.pid))
            assert thread["cpu"][0] >= 0.4 and sum(had(thread)) > 0.3, thread
            equal(record["command"], [sys.executable, script, "a word"])
            saved = run("report.lua", path)
            equal((saved.out, saved.status), (done.out, 0))
        finally:
            target.kill()
            target.communicate()


def without_files(text):
    """The report without the counts of the source, which a recording names otherwise."""
    return text[text.index("=== Runtime"):]


@test
def a_saved_recording_tells_what_the_run_told():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        done, record, path = recorded(place, script, "0.4", "3", status=3)
        saved = run("report.lua", path)
        equal(without_files(saved.out), without_files(done.out))
        equal((saved.status, saved.err), (0, ""))
        for part in "Resources: ", "peak memory", "Exit status: 3":
            holds(saved.out, part)
        other = run("report.lua", "--from", "profile=" + path, script)
        equal((without_files(other.out), other.status), (without_files(done.out), 0))
        done, record, path = recorded(place, script, "0.4", report="json.lua")
        runtime = json.loads(run("json.lua", path).out)["runtime"]
        equal(runtime, json.loads(done.out)["runtime"])
        equal(runtime["exit"], record["exit"])
        holds(run("memory.lua", path).out, "over time")
        with open(path, "rb") as plain, gzip.open(path + ".gz", "wb") as packed:
            packed.write(plain.read())
        equal(json.loads(run("json.lua", path + ".gz").out)["runtime"], runtime)


@test
def a_saved_recording_has_the_notes_of_the_run():
    with Place() as place:
        busy = place.file("busy.py", BUSY)
        # Nothing can be sampled here; and a shell cannot be held.
        for words, note in ((["-c", "pass"], "no samples: it was never seen running"),
                            (["--", "sh", "-c", "sleep 0.3; %s %s 0.4" % (sys.executable, busy)],
                             None)):
            done, record, path = recorded(place, *words, report="top.lua")
            saved = run("top.lua", path)
            equal((saved.out, saved.err), (done.out, done.err))
            if note:
                holds(record["notes"][0], note)
                holds(saved.out + saved.err, note)


@test
def merged_recordings_have_the_records_of_all():
    with Place() as place:
        busy = place.file("busy.py", BUSY)
        paths = []
        for i in "12":
            recorded(place, busy, "0.4")
            paths.append(os.path.join(place.path, i + ".json"))
            os.rename(os.path.join(place.path, "run.json"), paths[-1])
        code = """local p = assert(pyprof.load(%r, %r, %r))
            print(#p.records, p.record == p.records[1], p.exit, p:where("busy").record == p.record)
            print(p.records[1].command[1], #p.records[2].threads)"""
        done = run("-e", code % (*paths, "tests/data/calculator.speedscope.json"))
        equal(done.out.split("\n")[:2], ["2\ttrue\tnil\ttrue", "%s\t1" % busy], done)
        done = run("report.lua", *paths)
        assert "Resources:" not in done.out, done
        done = run("report.lua", paths[0], paths[0])
        holds(done.out, "Resources:")


@test
def each_part_of_a_run_has_the_threads_of_its_time():
    with Place() as place:
        busy = place.file("busy.py", BUSY)
        first = place.file("first.py", BURN + "busy(0.8)\n"
                           "os.execv(sys.executable, [sys.executable, %r, '1.5'])\n" % busy)
        done, record, path = recorded(place, first)
        other = os.path.join(place.path, "run-2.json")
        second = record_of(other)
        for name in "exit", "date", "command", "notes", "options":
            equal(record[name], second[name])
        for each in record, second:
            check_threads(each)
            thread, = each["threads"]
            assert had(thread)[0] > 0.2, each["threads"]
        assert record["threads"][0]["at"][-1] <= second["threads"][0]["at"][0]
        assert record["threads"][0]["cpu"][-1] <= second["threads"][0]["cpu"][0]
        holds(record["notes"][0], "the program was replaced by exec")
        saved = run("report.lua", path, other)
        part = saved.out.index("Resources: ")
        equal(saved.out[part:], done.out[done.out.index("Resources: "):])
        holds(saved.out, record["notes"][0])


@test
def a_record_that_cannot_be_used_is_told_and_the_rest_is_read():
    with Place() as place:
        done, record, path = recorded(place, place.file("busy.py", BUSY), "0.4")
        with open(path) as file:
            recording = json.load(file)
        changes = [
            lambda r: r["exit"].update(user="x"), lambda r: r["exit"].pop("status"),
            lambda r: r["exit"].update(memory=[[1]]), lambda r: r["exit"].update(memory=7),
            lambda r: r["exit"].update(max_rss=1.5), lambda r: r.update(exit=[1]),
            lambda r: r.update(format=2), lambda r: r.update(format="1"),
            lambda r: r.update(notes=[7]), lambda r: r.update(notes=None),
            lambda r: r.update(command={"a": 1}) or r.update(command=[None]),
            lambda r: r.update(tools={"python": 3}), lambda r: r.update(options={"rate": "x"}),
            lambda r: r["threads"][0].update(at=[]), lambda r: r["threads"][0]["cpu"].pop(),
            lambda r: r["threads"][0]["at"].reverse(), lambda r: r["threads"][0].update(pid=0.5),
            lambda r: r["threads"][0]["delay"].append(9), lambda r: r["threads"].append([]),
            lambda r: r["processes"].append({}), lambda r: r["processes"].append(None),
        ]
        texts = ["7", "null", "[]", '"x"', "{}",
                 json.dumps(record).replace('"wall": ', '"wall": 1e999, "w": ')]
        for change in changes:
            changed = json.loads(json.dumps(record))
            change(changed)
            texts.append(json.dumps(changed))
        code = "print(p.record, #p.records, p.exit, p.samples) for _, q in ipairs(p.quality) do " \
            "print(q.what, q.count) end"
        other = os.path.join(place.path, "other.json")
        for text in texts:
            recording["pyprof-lua"] = "HERE"
            with open(other, "w") as file:
                file.write(json.dumps(recording).replace('"HERE"', text))
            done = run("-e", "local p = subject.profile " + code, other)
            equal(done.status, 0, (text, done))
            holds(done.out, "nil\t0\tnil\t")
            holds(done.out, "records of a run that cannot be used\t1\n")
            assert "Resources" not in run("report.lua", other).out
        # A later version may know more.
        record["more"], record["exit"]["more"] = {"a": None}, 1
        recording["pyprof-lua"] = record
        with open(other, "w") as file:
            json.dump(recording, file)
        holds(run("report.lua", other).out, "Resources:")


@test
def notes_of_a_recording_put_no_commands_into_a_terminal():
    with Place() as place:
        done, record, path = recorded(place, place.file("busy.py", BUSY), "0.4")
        with open(path) as file:
            recording = json.load(file)
        recording["pyprof-lua"]["notes"] = ["\x1b]0;title\x07\x9b"]
        with open(path, "w") as file:
            json.dump(recording, file)
        for words in ["report.lua"], ["json.lua"], ["--format", "markdown", "top.lua"]:
            done = run(*words, path)
            equal(done.status, 0)
            assert not set("\x1b\x07\x9b") & set(done.out + done.err), done


finish()

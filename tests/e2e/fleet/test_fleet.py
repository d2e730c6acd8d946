"""examples/fleet: many recordings merged by xargs and by Spark, and their samples as Parquet.

`make fleet-check` sets FLEET_PYTHON, a Python with PySpark, PyArrow and DuckDB, and FLEET_COUNT,
the number of recordings. Without them the tests of these are left out.
"""
import collections
import glob
import gzip
import json
import os
import re
import subprocess
import tempfile

from check import PROGRAM, Skip, equal, finish, holds, run, test

PYTHON = os.environ.get("FLEET_PYTHON")
COUNT = int(os.environ.get("FLEET_COUNT", 30))
FLEET = os.path.abspath("examples/fleet")
SAMPLES = os.path.join(FLEET, "samples.lua")
SAMPLE = "tests/data/sample.speedscope.json.gz"


def fleet(folder, count):
    """Makes recordings and three broken ones; returns the patterns of the good, and the broken."""
    subprocess.run(["python3", os.path.join(FLEET, "make_fleet.py"), folder, str(count)],
                   check=True)
    with open(SAMPLE, "rb") as file:
        whole = file.read()
    broken = {"host-00/mail-90001.json.gz": whole[:2000], "host-00/mail-90002.json.gz": b"",
              "host-07/search-90003.json.gz": gzip.compress(b'{"shared": {"frames": []}, ')}
    good = sorted(glob.glob(folder + "/*/*"))
    for name, data in broken.items():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    return good, sorted(broken)


def in_python(*words, python=PYTHON, env=None, cwd=None):
    return subprocess.run([python, *words], capture_output=True, text=True, timeout=3000, cwd=cwd,
                          env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", **(env or {}),
                               "PYSPARK_PYTHON": python})


def needs(*modules):
    if not PYTHON:
        raise Skip("make fleet-check runs it")
    done = in_python("-c", "import " + ", ".join(modules))
    equal(done.returncode, 0, done.stderr)


def rows_of(lines):
    """What the rows say: samples and weight of each stack with its labels."""
    found = collections.Counter(), collections.Counter()
    for row in map(json.loads, lines):
        key = (row["service"], row["process"], row["thread"], row["test"],
               tuple((f["name"], f["file"], f["line"]) for f in row["frames"]))
        found[0][key] += row["samples"]
        found[1][key] += round(row["weight"] * {"seconds": 1e9, "nanoseconds": 1}[row["unit"]])
    return found


def rows(*words):
    result = run(SAMPLES, "--format", "ndjson", *words)
    equal(result.status, 0, result)
    return rows_of(result.out.splitlines())


def merged_by_service(good):
    """The rows of a merge by this program alone."""
    found = collections.Counter(), collections.Counter()
    for service in "search", "checkout", "mail":
        paths = [path for path in good if "/" + service in path]
        for counter, more in zip(found, rows("--service", service, *paths)):
            counter.update(more)
    return found


def functions(*words):
    result = run("json", *words)
    equal(result.status, 0, result)
    return json.loads(result.out)["runtime"]["functions"]


@test
def samples_has_each_sample_with_its_labels():
    with tempfile.TemporaryDirectory() as folder:
        good, _ = fleet(folder, 3)
        all_rows = rows("--host", "a", "--service", "b", *good)
        result = json.loads(run("json", *good).out)["runtime"]
        equal(sum(all_rows[0].values()), result["total_samples"])
        equal(sum(all_rows[1].values()), round(result["total_weight"] * 1e9))
        equal({key[0] for key in all_rows[0]}, {"b"})
        assert len({key[2] for key in all_rows[0]}) > 1, "more than one thread"
    tests = rows("tests/data/pytest.speedscope.json.gz")[0]
    assert len({key[3] for key in tests}) > 3, "tests are labels"


@test
def merge_by_xargs_equals_a_merge_by_this_program_alone():
    with tempfile.TemporaryDirectory() as folder:
        good, broken = fleet(folder + "/all", 30)
        out = os.path.join(folder, "merged.pprof")
        done = subprocess.run([os.path.join(FLEET, "merge.sh"), folder + "/all", out], text=True,
                              capture_output=True, timeout=300, env={
                                  **os.environ, "PYPROF_LUA": PROGRAM, "BATCH": "7", "JOBS": "2"})
        equal(done.returncode, 0, done)
        equal(rows(out), rows(*good))
        left = sorted(line for line in done.stderr.splitlines() if line.startswith("left out: "))
        equal(len(left), len(broken), done.stderr)
        for name in broken:
            holds(done.stderr, "/" + name + ": ")
        only = os.path.join(folder, "only")
        os.mkdir(only)
        os.rename(os.path.join(folder, "all", broken[0]), only + "/broken.json.gz")
        done = subprocess.run([os.path.join(FLEET, "merge.sh"), only, out + ".2"], text=True,
                              capture_output=True, env={**os.environ, "PYPROF_LUA": PROGRAM})
        equal((done.returncode, os.path.exists(out + ".2")), (1, False), done.stderr)
        holds(done.stderr, "merge.sh: %s: no recording that can be read\n" % only)


@test
def merge_by_spark_equals_it_though_recordings_are_broken_and_a_task_dies():
    needs("pyspark", "duckdb")
    with tempfile.TemporaryDirectory() as folder:
        good, broken = fleet(folder + "/all", COUNT)
        program, died = os.path.join(folder, "pyprof-lua"), os.path.join(folder, "died")
        with open(program, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nmkdir %s 2>/dev/null && kill -9 $PPID\nexec %s \"$@\"\n" %
                       (died, PROGRAM))
        os.chmod(program, 0o755)
        out = os.path.join(folder, "out")
        done = in_python(os.path.join(FLEET, "fleet.py"), "--program", program, "-o", out,
                         folder + "/all/*/*", cwd=folder,
                         env={"PYSPARK_SUBMIT_ARGS": "--master local[2,4] pyspark-shell"})
        equal(done.returncode, 0, done.stderr[-4000:])
        assert os.path.isdir(died), "a worker died"
        holds(done.stderr, "Lost task ")
        with open(out + "/broken.txt", encoding="utf-8") as file:
            lines = file.read().splitlines()
        equal(["/".join(line.split("\t")[0].split("/")[-2:]) for line in lines], broken)
        read = in_python("-c", "import duckdb, sys\n"
                         "for row in duckdb.sql(sys.argv[1]).fetchall(): print(row[0])",
                         "select to_json(s) from '%s/samples.parquet/*.parquet' s" % out)
        equal(read.returncode, 0, read.stderr)
        got, want = rows_of(read.stdout.splitlines()), merged_by_service(good)
        assert got == want, "%d and %d rows" % (len(got[0]), len(want[0]))
        counts = lambda found: {(f["name"], f["file"]): (f["self"], f["total"]) for f in found}
        equal(counts(functions(out + "/merged.folded")), counts(functions(*good)))
        report = run("report", out + "/merged.folded")
        equal(report.status, 0, report)
        holds(report.out, "Total samples collected: %d\n" % sum(want[0].values()))
        print("# %d recordings: %s" % (COUNT, done.stdout.strip().splitlines()[-1]))


@test
def sql_over_parquet_finds_the_functions_of_top():
    needs("pyspark", "duckdb", "pyarrow")
    with tempfile.TemporaryDirectory() as folder:
        parquet = os.path.join(folder, "run.parquet")
        text = run(SAMPLES, "--format", "ndjson", "--service", "busy", SAMPLE).out
        subprocess.run([PYTHON, os.path.join(FLEET, "parquet.py"), parquet], check=True,
                       input=text.encode(), timeout=300)
        top = [json.loads(line) for line in
               run("top", "--limit", "all", "--format", "ndjson", SAMPLE).out.splitlines()]
        whole = json.loads(run("json", SAMPLE).out)["runtime"]["total_weight"]
        want = {(row["name"], row["file"]): (row["self_weight"], row["total_share"] * whole)
                for row in top}
        for engine in "duckdb", "spark":
            done = in_python(os.path.abspath("tests/e2e/fleet/sql.py"), engine, parquet,
                             cwd=folder)
            equal(done.returncode, 0, done.stderr[-4000:])
            own, total = ({(name, file): weight for name, file, weight in some}
                          for some in json.loads(done.stdout).values())
            equal(set(total), set(want), engine)
            for key in want:
                got = own.get(key, 0), total[key]
                assert max(abs(a - b) for a, b in zip(got, want[key])) < 1e-9, (engine, key, got)
            heaviest = max(own, key=own.get)
            equal(heaviest, (top[0]["name"], top[0]["file"]), engine)
        with open("lua/pyprof/doc/pages/fleet.md", encoding="utf-8") as file:
            query = re.search(r"\n    (SELECT.*? LIMIT 20)\n", file.read(), re.DOTALL)[1]
        done = in_python("-c", "import duckdb, json, sys\n"
                         "print(json.dumps(duckdb.sql(sys.argv[1]).fetchall()))", query, cwd=folder)
        equal(done.returncode, 0, done.stderr)
        # Rows of equal weight may come in another order.
        tidy = lambda some: sorted((-round(weight, 6), name, file) for name, file, weight in some)
        found = tidy((name, file, own) for name, file, _, own in json.loads(done.stdout))
        want = tidy((row["name"], row["file"], row["self_weight"]) for row in top)
        last = found[-1][0]
        equal([row for row in found if row[0] < last], [row for row in want if row[0] < last])
        equal(len(found), 20)


finish()

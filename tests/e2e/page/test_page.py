"""The file of html.lua: its structure, its policy, and its data against other reports."""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

from check import equal, finish, holds, run, test
from page import Elements, make, paths, policy, read, speedscope

CALCULATOR = "tests/data/calculator.speedscope.json"
NASTY = ["</script><script>alert(1)</script>", "<!--", "-->", "<![CDATA[", "a'b\"c&amp;<b>",
         "\u2028\u2029", "\u202eabc\u202c", "\0\x01\x1b[31m", "x" * 10000, "__proto__",
         "constructor", "</title>", "</style>", "{{x}}", "%s%n", "\\u003c"]


def close(a, b):
    assert abs(a - b) <= 1e-9 * max(1, abs(a)), (a, b)


@test
def a_page_is_one_file_that_may_ask_for_nothing():
    with tempfile.TemporaryDirectory() as folder:
        text, elements, data = make(folder, CALCULATOR)
    said, place = policy(text)
    for directive in ("default-src 'none'", "base-uri 'none'", "form-action 'none'",
                      "require-trusted-types-for 'script'", "trusted-types 'none'"):
        holds(said, directive)
    assert place < text.index("<style>") < text.index("<script")
    for tag in "style", "script":
        found = [e[2] for e in elements.all(tag) if e[1].get("type") != "application/json"]
        equal(len(found), 1)
        digest = base64.b64encode(hashlib.sha256(found[0].encode()).digest()).decode()
        holds(said, "%s-src 'sha256-%s';" % (tag, digest))
    for tag, attributes, _ in elements.list:
        for name in attributes:
            assert name != "style" and not name.startswith("on"), (tag, name)
            assert name not in ("src", "href", "srcset"), (tag, name)
    block = elements.all("script")[0]
    equal(block[1], {"type": "application/json", "id": "data"})
    assert "<" not in block[2]
    equal(data["format"], 1)


@test
def the_head_says_program_command_and_date():
    with tempfile.TemporaryDirectory() as folder:
        _, elements, data = make(folder, CALCULATOR)
    meta = data["meta"]
    title = elements.all("title")[0][2]
    equal(title, "%s · %s · %s" % (meta["title"], meta["command"], meta["date"][:10]))
    holds(title, "calculator.speedscope.json")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", meta["date"])
    equal((meta["kind"], meta["samples"], meta["unit"]), ("samples", 311, "seconds"))
    holds([fact["text"] for fact in data["strip"]], "py-spy 0.4.3")


@test
def without_javascript_the_summary_and_the_top_are_there():
    with tempfile.TemporaryDirectory() as folder:
        text, _, _ = make(folder, CALCULATOR)
    found = re.search("<noscript>(.*?)</noscript>", text, re.S).group(1)
    rows = Elements(found)
    cells = [e[2] for e in rows.all("td")]
    top = json.loads(run("top.lua", "--format", "json", "--limit", "10", CALCULATOR).out)
    equal(cells[2::4], [row["name"] for row in top])
    holds(found, "311 samples")


@test
def trees_and_order_are_those_of_the_recording():
    with tempfile.TemporaryDirectory() as folder:
        stacks = [["m", "a"], ["m", "a"], ["m", "b"], [], ["m", "a"], ["m"], ["m", "a", "a"]]
        other = [["w"], [], [], ["w", "b"]]
        path = speedscope(folder, [stacks, other],
                          threads=['Thread 7 "MainThread"', 'Thread 8 "worker"'])
        _, _, data = make(folder, path)
    found = paths(data)
    equal({key: value[0] for key, value in found.items()},
          {"m a": 3, "m b": 1, "m": 1, "m a a": 1, "w": 1, "w b": 1})
    tree, order = data["trees"][0], data["order"]
    equal((tree["samples"], tree["what"], order["timed"]), (8, "time", True))
    equal(data["meta"]["empty"], 3)
    close(tree["each"], 0.01)
    equal([thread["name"] for thread in data["threads"]], ["MainThread", "worker"])
    sums = [0] * tree["n"]
    for node, count in zip(order["node"], order["count"]):
        sums[node] += count
    equal(sums, tree["samples_self"])
    end, before, spans = 0, None, {}
    lengths = order.get("span", order["count"])
    for i in range(order["n"]):
        end = 0 if order["thread"][i] != before else end
        before = order["thread"][i]
        start = end + order.get("wait", [0] * order["n"])[i]
        end = start + lengths[i]
        name = data["functions"]["name"][tree["function"][order["node"][i]]]
        spans.setdefault(before, []).append((round(start * order["tick"], 6), name))
    equal(spans, {0: [(0, "a"), (0.02, "b"), (0.04, "a"), (0.05, "m"), (0.06, "a")],
                  1: [(0, "w"), (0.03, "b")]})


@test
def siblings_come_heaviest_first():
    with tempfile.TemporaryDirectory() as folder:
        path = speedscope(folder, [["m", "a"]] + [["m", "b"]] * 3 + [["m", "c"]] * 2)
        _, _, data = make(folder, path)
    names, tree = data["functions"]["name"], data["trees"][0]
    equal([names[f] for f in tree["function"][1:]], ["m", "b", "c", "a"])


@test
def hostile_names_change_nothing():
    with tempfile.TemporaryDirectory() as folder:
        stacks = [[("<module>", "/app/%s.py" % i, 1), (name, "/app/%d.py" % i, 2)]
                  for i, name in enumerate(NASTY)]
        stacks += [[("f%d" % i, "/x/" + name.replace("\0", ""), 3)]
                   for i, name in enumerate(NASTY)]
        threads = ['Thread 1 "%s"' % NASTY[0]]
        path = speedscope(folder, [stacks], threads=threads)
        text, elements, data = make(folder, path)
        plain, other, _ = make(folder, speedscope(folder, [["a"]]))
    assert not re.search("[\0-\x08\x0b-\x1f\u2028\u2029\u202a-\u202e]", text)
    assert set(NASTY) <= set(data["functions"]["name"]), data["functions"]["name"]
    equal(data["threads"][0]["name"], NASTY[0])
    outside = [e for e in elements.list if e[0] not in ("tr", "td")]
    equal([e[0] for e in outside], [e[0] for e in other.list if e[0] not in ("tr", "td")])
    equal(policy(text)[0], policy(plain)[0])


@test
def a_recording_without_time_has_sums():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.folded")
        with open(path, "w") as stream:
            stream.write("main;a 3\nmain;b 2\nmain;a 4\n")
        _, _, data = make(folder, path)
    order = data["order"]
    equal((order["timed"], sorted(order["count"])), (False, [2, 7]))
    assert "tick" not in order
    equal(data["missing"][-1]["what"], "order")


@test
def empty_and_tiny_recordings_have_a_page():
    with tempfile.TemporaryDirectory() as folder:
        text, _, data = make(folder, speedscope(folder, []))
        equal((data["trees"][0]["n"], data["meta"]["samples"]), (1, 0))
        equal((data["order"]["n"], data["functions"]["n"], data["threads"]), (0, 0, []))
        holds(text, "Nothing was sampled.")
        _, _, data = make(folder, speedscope(folder, [[], []]))
        equal((data["meta"]["empty"], len(data["threads"])), (2, 1))
        _, _, data = make(folder, speedscope(folder, [["one"]]))
        equal(paths(data), {"one": (1, 0.01)})


@test
def bytes_are_no_time():
    with tempfile.TemporaryDirectory() as folder:
        path = speedscope(folder, [["m", "a"], ["m"]], unit="bytes", weight=1024)
        _, _, data = make(folder, path)
    tree = data["trees"][0]
    equal((tree["what"], tree["unit"], tree["weight"], tree["each"]), ("memory", "bytes", 2048, 1024))


@test
def a_recording_of_pytest_has_its_tests():
    with tempfile.TemporaryDirectory() as folder:
        _, _, data = make(folder, "tests/data/pytest.speedscope.json.gz")
    phases, tests, order = data["phases"], data["tests"], data["order"]
    samples = [0] * len(tests)
    for number, count in zip(order["test"], order["count"]):
        if number > 0:
            test_of = tests[phases[number - 1]["test"]]
            equal(test_of["id"], phases[number - 1]["id"])
            samples[phases[number - 1]["test"]] += count
    equal(samples, [row["samples"] for row in tests])
    assert {"setup", "call"} <= {phase["phase"] for phase in phases}, phases
    assert tests[0]["name"] and "outcome" not in tests[0], tests[0]


@test
def each_metric_of_a_recording_has_a_tree():
    with tempfile.TemporaryDirectory() as folder:
        _, _, data = make(folder, "tests/data/go_heap.pprof")
        _, _, one = make(folder, "--metric", "alloc_space", "tests/data/go_heap.pprof")
    metrics = [tree["metric"] for tree in data["trees"]]
    equal(metrics[0], data["meta"]["metric"])
    equal(sorted(metrics), sorted(data["meta"]["metrics"]))
    equal(one["trees"][0]["metric"], "bytes alloc_space")
    for tree in range(len(metrics)):
        result = run("top.lua", "--metric", metrics[tree], "--format", "json", "--limit", "100000",
                     "tests/data/go_heap.pprof")
        total = sum(row["self_weight"] for row in json.loads(result.out))
        close(sum(weight for _, weight in paths(data, tree).values()), total)


@test
def calls_have_edges_and_no_tree():
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "p.py")
        with open(program, "w") as stream:
            stream.write("def f():\n    return g()\n\n\ndef g():\n    return 1\n\n\n"
                         "for _ in range(5):\n    f()\n")
        recording = os.path.join(folder, "c.prof")
        subprocess.run([sys.executable, "-m", "cProfile", "-o", recording, program], check=True)
        _, _, data = make(folder, recording)
    assert "trees" not in data and "order" not in data
    functions, calls = data["functions"], data["calls"]
    f, g = functions["name"].index("f"), functions["name"].index("g")
    edges = list(zip(calls["caller"], calls["callee"], calls["calls"]))
    assert (f, g, 5) in edges, edges
    equal((functions["calls"][f], functions["complexity"][f], functions["end_line"][g]), (5, 1, 6))
    assert functions["total"][f] >= functions["self"][f] > 0
    equal(data["meta"]["kind"], "calls")


@test
def a_limit_leaves_nodes_out_and_says_so():
    with tempfile.TemporaryDirectory() as folder:
        stacks = [["m", "a"]] * 5 + [["m", "b"]] * 2 + [["m", "a", "c"]]
        path = speedscope(folder, stacks)
        _, _, data = make(folder, "--limit-nodes", "2", path)
    equal({key: value[0] for key, value in paths(data).items()}, {"m a": 6, "m": 2})
    tree = data["trees"][0]
    equal((tree["n"], tree["left_out"], tree["cut"]), (3, 2, [1, 2]))
    holds(data["notes"][-1], "--limit-nodes")


@test
def what_makes_no_page_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        calls = os.path.join(folder, "c.prof")
        program = os.path.join(folder, "p.py")
        with open(program, "w") as stream:
            stream.write("pass\n")
        subprocess.run([sys.executable, "-m", "cProfile", "-o", calls, program], check=True)
        for words, status, said in (
                (["html.lua", "--limit-nodes", "-1", CALCULATOR], 2,
                 "--limit-nodes: -1 is no number of nodes (0 to 2147483646)"),
                (["diff.lua", "--before", CALCULATOR, calls], 1, "keeps neither stacks nor samples"),
                (["diff.lua", "--before", calls, CALCULATOR], 1, "keeps neither stacks nor samples"),
                (["html.lua", os.path.join(folder, "none.json")], 1, "No such file")):
            path = os.path.join(folder, "out.html")
            result = run(words[0], "-o", path, *words[1:])
            equal((result.status, result.out, result.err.count("\n")), (status, "", 1), repr(result))
            holds(result.err, said)
            assert not os.path.exists(path)


@test
def order_and_source_may_be_left_out():
    with tempfile.TemporaryDirectory() as folder:
        whole, _, with_all = make(folder, CALCULATOR)
        _, _, data = make(folder, "--no-order", "--no-source", CALCULATOR)
    equal((with_all["order"]["timed"], data["order"]["timed"]), (True, False))
    equal(sum(data["order"]["count"]), 311)
    assert "sources" not in data
    texts = [entry["text"] for entry in data["missing"]]
    holds(texts, "order in time: left out (--no-order)")
    holds(texts, "source: left out (--no-source)")
    assert not any("not in this page" in fact["text"] for fact in data["strip"]), data["strip"]


PROGRAM = """def hot(n):
    return sum(i * i for i in range(n))


def never(x):
    if x:
        return 1
    return 2


def main():
    for _ in range(40):
        hot(200000)


main()
"""


@test
def a_run_brings_its_source_coverage_and_counts():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "p.py"), "w") as stream:
            stream.write(PROGRAM)
        _, _, data = make(folder, "--coverage", "--counts", "p.py", cwd=folder)
    equal((data["meta"]["title"], data["meta"]["status"]), ("p.py", 0))
    equal(data["meta"]["passes"], ["profile", "coverage", "counts"])
    equal(data["meta"]["idle"], False)
    holds([fact["text"] for fact in data["strip"]], "samples of 0.01 s, waiting left out")
    equal([item["name"] for item in data["passes"]], ["profile", "coverage", "counts"])
    assert all(item["seconds"] > 0 for item in data["passes"]), data["passes"]
    functions = data["functions"]
    at = {name: functions["name"].index(name) for name in ("hot", "never", "main")}
    status = {name: functions["status"][i] for name, i in at.items()}
    equal(status, {"hot": "ran", "never": "never", "main": "ran"})
    equal({data["files"][functions["file"][i]].split("/")[-1] for i in at.values()}, {"p.py"})
    equal(len({functions["file"][i] for i in at.values()}), 1)
    equal((functions["line"][at["never"]], functions["end_line"][at["never"]]), (5, 8))
    equal((functions["calls"][at["hot"]], functions["complexity"][at["never"]]), (40, 2))
    source, = data["sources"]
    equal((source["text"], source["file"]), (PROGRAM, functions["file"][at["hot"]]))
    lines = dict(zip(source["lines"]["line"], source["lines"]["status"]))
    equal((lines[6], lines[13]), ("missing", "covered"))
    counts = dict(zip(source["lines"]["line"], source["lines"]["count"]))
    equal((counts[6], counts[13]), (0, 40))
    equal([entry["what"] for entry in data["missing"]], ["allocations"])
    holds(data["missing"][0]["command"], "pyprof-lua html.lua --memory p.py")
    # The kernel's figures of the run give two more weights.
    equal([tree["metric"] for tree in data["trees"]],
          ["seconds", "seconds CPU time", "seconds wall clock"])
    equal(len({tree["samples"] for tree in data["trees"]}), 1)
    assert data["memory"]["peak"] >= max(data["memory"]["bytes"]) > 1 << 20


@test
def options_that_change_the_samples_are_in_the_strip():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "p.py"), "w") as stream:
            stream.write(PROGRAM)
        _, _, live = make(folder, "--idle", "--gil", "--save", "run.json", "p.py", cwd=folder)
        _, _, saved = make(folder, "run.json", cwd=folder)
    for data in live, saved:
        texts = [fact["text"] for fact in data["strip"]]
        holds(texts, "samples of 0.01 s, waiting counted")
        holds(texts, "--gil")
        assert "--native" not in texts, texts
    equal(saved["meta"]["command"], "python p.py")


@test
def files_without_samples_are_in_the_page():
    with tempfile.TemporaryDirectory() as folder:
        for name in "a.py", "b.py":
            with open(os.path.join(folder, name), "w") as stream:
                stream.write("def of_%s():\n    pass\n" % name[0])
        path = speedscope(folder, [[("of_a", os.path.join(folder, "a.py"), 2)]])
        _, _, data = make(folder, "--from", "source=" + folder, path)
    equal(data["absent_sources"], [])
    equal(sorted(source["text"][4:8] for source in data["sources"]), ["of_a", "of_b"])
    assert "of_b" in data["functions"]["name"]


@test
def files_without_definitions_are_in_the_page_with_their_figures():
    with tempfile.TemporaryDirectory() as folder:
        for name in "flat.py", "gone.py":
            with open(os.path.join(folder, name), "w") as stream:
                stream.write("s = 0\ns += 1\n")
        path = speedscope(folder, [[("<module>", os.path.join(folder, "flat.py"), 2)],
                                   [("<module>", "/nowhere/here/gone.py", 1)]])
        _, _, data = make(folder, "--from", "source=" + folder, path)
    equal(data["absent_sources"], [])
    lines = {os.path.basename(data["files"][source["file"]]): source["lines"]["line"]
             for source in data["sources"]}
    equal(lines, {"flat.py": [2], "gone.py": [1]})


@test
def source_is_read_in_its_own_encoding():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.py")
        text = "# coding: latin-1\ndef f():\n    return '\xe9'\n"
        with open(path, "w", encoding="latin-1", newline="\r\n") as stream:
            stream.write(text)
        _, _, data = make(folder, speedscope(folder, [[("f", path, 3)]]))
    source, = data["sources"]
    equal(source["text"].replace("\r\n", "\n"), text)
    equal(source["lines"], {"line": [3], "samples": [1], "total": [1], "weight": [0.01]})


@test
def sources_of_another_machine_are_named():
    with tempfile.TemporaryDirectory() as folder:
        path = speedscope(folder, [[("f", "/nowhere/here/a.py", 3)], [("g", "<string>", 1)]])
        _, _, data = make(folder, path)
    equal([data["files"][i] for i in data["absent_sources"]], ["/nowhere/here/a.py"])
    facts = [fact for fact in data["strip"] if fact["level"] == "warn"]
    equal([fact["text"] for fact in facts], ["1 source file is not in this page"])


@test
def a_comparison_has_both_trees_and_the_changes():
    with tempfile.TemporaryDirectory() as folder:
        before = speedscope(folder, [["m", "a"]] * 80 + [["m", "old"]] * 20, name="old.json")
        after = speedscope(folder, [["m", "a"]] * 20 + [["m", "new"]] * 80, name="new.json")
        _, _, data = make(folder, "--before", before, after, report="diff.lua")
        _, _, several = make(folder, "--before", before, "--before", before, after, after,
                             report="diff.lua")
    equal([tree["side"] for tree in data["trees"]], ["after", "before"])
    equal({key: value[0] for key, value in paths(data, 0).items()}, {"m a": 20, "m new": 80})
    equal({key: value[0] for key, value in paths(data, 1).items()}, {"m a": 80, "m old": 20})
    equal(data["meta"]["kind"], "diff")
    diff = data["diff"]
    equal((diff["before"]["name"], diff["after"]["name"]), (before, after))
    names = [data["functions"]["name"][f] for f in diff["changes"]["function"]]
    certain = [name for name, sure in zip(names, diff["changes"]["certain"]) if sure]
    equal(sorted(certain), ["a", "new", "old"])
    equal(names[:3], certain)
    equal((several["diff"]["before"]["runs"], several["trees"][0]["samples"]), (2, 200))


@test
def a_comparison_knows_a_function_whose_file_was_moved():
    with tempfile.TemporaryDirectory() as folder:
        one = [("main", "/old/app/run.py", 9), ("work", "/old/app/run.py", 1)]
        other = [(name, "/new/app/run.py", line) for name, _, line in one]
        before = speedscope(folder, [one] * 50 + [one[:1]] * 50, "before.json")
        after = speedscope(folder, [other] * 90 + [other[:1]] * 10, "after.json")
        _, _, data = make(folder, "--before", before, after, report="diff.lua")
    equal(sorted(data["functions"]["name"]), ["main", "work"])
    equal(paths(data, 1)["main work"][0], 50)
    equal(len(data["diff"]["changes"]["function"]), 2)


@test
def groups_are_named_as_python_imports_the_files():
    with tempfile.TemporaryDirectory() as folder:
        files = ("tools/script.py", "shop/__init__.py", "shop/sub/__init__.py", "shop/sub/stock.py")
        for name in files:
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            open(os.path.join(folder, name), "w").close()
        frames = [("f%d" % i, os.path.join(folder, name), 1) for i, name in enumerate(files)]
        away = ("far", "/another/machine/module.py", 1)
        run = speedscope(folder, [frames[:1], frames[1:2], frames[3:], [away]])
        _, _, data = make(folder, run)
    equal(sorted(data["groups"][:-1]), ["machine.module", "script", "shop", "shop.sub.stock"])


@test
def a_file_may_have_any_name():
    with tempfile.TemporaryDirectory() as folder:
        names = ["/x/%s.py" % name for name in NASTY]
        run = speedscope(folder, [[("f%d" % i, name, 1)] for i, name in enumerate(names)])
        _, _, data = make(folder, run)
    equal(sorted(data["files"]), sorted(names))


@test
def generated_code_is_in_the_page():
    with tempfile.TemporaryDirectory() as folder:
        run = speedscope(folder, [["main", ("__init__", "<string>", 2)]] * 5)
        _, _, data = make(folder, run)
    F = data["functions"]
    equal(dict(zip(F["name"], F["origin"])), {"main": 0, "__init__": 3})


@test
def the_strip_tells_errors_of_a_saved_recording():
    with tempfile.TemporaryDirectory() as folder:
        path = speedscope(folder, [["main"]] * 5)
        said = {}
        for name, sampling in (("good", {"errors": 0, "late": 0}), ("none", None),
                               ("bad", {"errors": 3, "late": 1})):
            with open(path) as stream:
                text = json.load(stream)
            end = {"status": 0, "wall": 1.0, **({"sampling": sampling} if sampling else {})}
            text["pyprof-lua"] = {
                "format": 1, "version": "0.1.0", "date": "2026-11-30T10:00:00Z",
                "command": ["a.py"], "tools": {"py-spy": "0.4.3"}, "threads": [], "processes": [],
                "options": {"rate": 100, "idle": False}, "exit": end, "notes": []}
            with open(os.path.join(folder, name + ".json"), "w") as stream:
                json.dump(text, stream)
            _, _, data = make(folder, os.path.join(folder, name + ".json"))
            said[name] = [fact["text"] for fact in data["strip"]]
    holds(said["good"], "no errors, never late")
    holds(said["none"], "errors, late: ?")
    holds(said["bad"], "3 stacks could not be read")
    holds(said["bad"], "py-spy was late 1 time")
    for words in said.values():
        holds(words, "samples of 0.01 s, waiting left out")


@test
def the_main_report_gives_the_page_as_html():
    with tempfile.TemporaryDirectory() as folder:
        _, _, data = make(folder, CALCULATOR, report="report.lua")
        result = run("report.lua", "--format", "html", CALCULATOR)
        path = os.path.join(folder, "other.html")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(result.out)
        equal(read(path)[2], data)


@test
def the_page_opens_in_the_users_browser():
    with tempfile.TemporaryDirectory() as folder:
        seen, browser = os.path.join(folder, "seen"), os.path.join(folder, "a browser")
        os.mkfifo(seen)
        with open(browser, "w") as stream:
            stream.write('#!/bin/sh\nprintf "%%s\\n" "$@" > "%s"\n' % seen)
        os.chmod(browser, 0o755)
        os.rename(browser, os.path.join(folder, "browser"))
        words = "%s/browser --new %%s" % folder
        result = run("open.lua", CALCULATOR, env={"BROWSER": "not-there:" + words})
        with open(seen) as stream:
            got = stream.read().split("\n")
        page = result.out.strip()
        equal(got, ["--new", page, ""])
        equal(os.stat(page).st_mode & 0o777, 0o600)
        read(page)
        os.remove(page)
        result = run("open.lua", CALCULATOR,
                     env={"BROWSER": None, "DISPLAY": None, "WAYLAND_DISPLAY": None})
        os.remove(result.out.strip())


finish()

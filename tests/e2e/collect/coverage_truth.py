"""Compares coverage.lua with coverage.py on packages with their own test suites. Takes minutes.

Arguments name interpreters that have coverage.py and pytest (the project's own otherwise). pip
fetches the packages' sources into build/covered, once.
"""
import glob
import os
import subprocess
import sys
import tarfile

from covered import OWN, figures, same, theirs

# A version that runs on Python 3.8 to 3.13; where its modules are, and what pytest is told. Which
# lines CallbackIterTests run depends on how fast the machine is.
PACKAGES = (
    ("cachetools==5.5.0", "src", "tests"), ("parso==0.8.4", ".", "test"),
    ("more-itertools==10.5.0", ".", "-k", "not CallbackIterTests", "tests"),
    ("pluggy==1.5.0", "src", "testing"), ("toolz==1.0.0", ".", "toolz"),
)
FOLDER = os.path.abspath("build/covered")


class Package:
    def __init__(self, wanted):
        self.path = os.path.realpath(unpacked(wanted))

    def files(self):
        return {os.path.join(folder, name) for folder, _, names in os.walk(self.path)
                for name in names}


def unpacked(wanted):
    name, version = wanted.split("==")
    def found():
        return glob.glob("%s/%s-%s" % (FOLDER, name.replace("-", "[-_]"), version))
    if not found():
        print("fetching", wanted, flush=True)
        subprocess.run([OWN, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
                        "--no-deps", "--no-binary", name, "--dest", FOLDER, wanted], check=True)
        for path in glob.glob(FOLDER + "/*.tar.gz"):
            with tarfile.open(path) as archive:
                archive.extractall(FOLDER, filter="data")
            os.remove(path)
    return found()[0]


def compare(python, wanted, modules, *tests):
    package = Package(wanted)
    before = package.files()
    env = {"PYTHONPATH": os.path.join(package.path, modules), "PYTHONHASHSEED": "0"}
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    statements = 0
    for options, flags in ((["--branch"], []),
                           ([], ["--coverage-isolated", "--coverage-no-branch"])):
        want = theirs(package, *words, python=python, env=env, options=options,
                      isolated="--coverage-isolated" in flags)
        assert want["status"] == 0, "its own tests fail: status %d" % want["status"]
        got = figures(package, *words, python=python, env=env, options=flags)
        same(package, got, want)
        statements = want["totals"]["num_statements"]
    left = package.files() - before
    assert not left, left
    return "%d files, %d statements, %.6f %%" % (
        len(want["files"]), statements, want["totals"]["percent_covered"])


def main():
    failed = 0
    for python in map(os.path.abspath, sys.argv[1:] or [OWN]):
        for package in PACKAGES:
            try:
                print("ok - %s, %s: %s" % (package[0], python, compare(python, *package)),
                      flush=True)
            except AssertionError as error:
                failed += 1
                print("not ok - %s, %s: %s" % (package[0], python, error), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

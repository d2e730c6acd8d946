"""Holds the scanner against ast on the standard library and on large packages. Takes minutes.

With arguments: those folders instead. Packages are fetched by pip into build/packages, once.
"""
import os
import subprocess
import sys
import sysconfig

from scanned import differences, python_files, truths

PACKAGES = """aiohttp ansible-core astropy babel black bokeh botocore dask django docutils fastapi
    hypothesis ipython jedi lark libcst matplotlib mypy networkx nltk numpy pandas pip plotly
    pydantic pygments pylint pytest radon rich scikit-learn scipy setuptools sphinx sqlalchemy
    statsmodels sympy tornado twisted werkzeug""".split()


def fetched(folder):
    missing = []
    for package in PACKAGES:
        place = os.path.join(folder, package)
        if os.path.isdir(place):
            continue
        print("fetching", package, flush=True)
        fetch = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps",
                                "--disable-pip-version-check", "--retries", "8", "--timeout", "60",
                                "--no-compile", "--target", place + ".part", package])
        if fetch.returncode == 0:
            os.rename(place + ".part", place)
        else:
            missing.append(package)
    if missing:
        print("not fetched, so not compared (try again): " + " ".join(missing), flush=True)
    return folder


def main():
    folders = sys.argv[1:] or [sysconfig.get_paths()["stdlib"], fetched("build/packages")]
    paths = python_files(*folders)
    expected = truths(paths)
    accepted = [path for path in paths if expected[path] is not None]
    size = sum(os.path.getsize(path) for path in accepted)
    complaints = 0
    for way in ("fast", "portable"):
        found = differences(accepted, expected, way)
        complaints += len(found)
        print("\n".join(found))
        print("%s: %d files differ of %d (%.0f MB, %d definitions)"
              % (way, len(found), len(accepted), size / 1e6,
                 sum(len(expected[path][1]) for path in accepted)), flush=True)
    print("%d files are not accepted by Python %s" % (len(paths) - len(accepted),
                                                      sys.version.split()[0]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())

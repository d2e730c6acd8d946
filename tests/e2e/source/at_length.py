"""Compares the scanner with ast on the standard library and on large packages. Takes minutes.

Arguments name other folders to compare instead. pip fetches the packages into build/packages, once.
"""
import os
import shutil
import subprocess
import sys
import sysconfig

from scanned import differences, python_files, truths

PACKAGES = """aiohttp==3.14.5 ansible-core==2.19.14 astropy==8.0.2 babel==2.18.0 black==26.10.1
    bokeh==3.9.2 botocore==1.44.5 dask==2026.8.0 django==5.2.19 docutils==0.23
    fastapi==0.165.0 hypothesis==6.170.15 ipython==9.18.1 jedi==0.20.1 lark==1.3.1
    libcst==1.9.0 matplotlib==3.11.2 mypy==2.4.1 networkx==3.6.1 nltk==3.10.4 numpy==2.4.6
    pandas==3.1.1 pip==26.3 plotly==7.1.0 pydantic==2.14.3 pygments==2.21.0 pylint==4.1.4
    pytest==9.2.0 radon==6.0.1 rich==15.0.0 scikit-learn==1.9.1 scipy==1.17.1
    setuptools==84.2.1 sphinx==9.0.4 sqlalchemy==2.1.9 statsmodels==0.15.0 sympy==1.14.0
    tornado==6.6.1 twisted==26.10.0 werkzeug==3.1.9 breezy==3.3.23 buildbot==4.3.0
    celery==5.7.0 cython==3.3.1 faker==40.54.0 jax==0.10.2 langchain-community==0.4.2
    moto==5.2.5 openai==3.54.0 parso==0.8.7 pytype==2024.10.11 rdflib==7.6.0
    sagemaker-core==2.27.0 scrapy==2.19.0 sqlfluff==4.5.0 sqlglot==30.30.0 stripe==16.1.0
    torch-geometric==2.8.1 twilio==9.13.0 xarray==2026.9.0 zope.interface==8.7""".split()


ENOUGH = 20    # without these packages a comparison means nothing


def fetch(package, place):
    part = place + ".part"
    shutil.rmtree(part, ignore_errors=True)     # pip adds nothing to packages that are there
    done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps",
                           "--disable-pip-version-check", "--only-binary", ":all:",
                           "--retries", "8", "--timeout", "60",
                           "--no-compile", "--target", part, package])
    if done.returncode == 0:
        os.rename(part, place)
    return done.returncode == 0


def fetched(folder):
    places = {package: os.path.join(folder, package.partition("==")[0]) for package in PACKAGES}
    missing = [package for package in PACKAGES if not os.path.isdir(places[package])]
    failed = []
    for package in missing:
        print("fetching", package, flush=True)
        if not fetch(package, places[package]):
            failed.append(package)
        if len(failed) == 3 and missing[:3] == failed:
            failed = missing
            break
    if failed:
        print("not fetched, so not compared (is there a network? try again): " + " ".join(failed),
              flush=True)
    if len(PACKAGES) - len(failed) < ENOUGH:
        sys.exit("%d packages are here, %d are wanted" % (len(PACKAGES) - len(failed), ENOUGH))
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

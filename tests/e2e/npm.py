"""Packages of npm that tests use: each is fetched once into build/npm and stays there."""
import os
import shutil
import subprocess
import tarfile

from check import Skip

HOME = os.path.abspath("build/npm")


def packed(name, version):
    """The folder with the files of a package, which is not run and whose own needs are not fetched."""
    folder = os.path.join(HOME, "%s-%s" % (name.replace("@", "").replace("/", "-"), version))
    if os.path.isdir(folder):
        return folder
    if not shutil.which("npm"):
        raise Skip("npm is absent")
    os.makedirs(HOME, exist_ok=True)
    try:
        done = subprocess.run(["npm", "pack", "--silent", "--pack-destination", HOME,
                               name + "@" + version], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
    except subprocess.TimeoutExpired:
        raise Skip("npm does not fetch %s in time" % name)
    if done.returncode != 0:
        raise Skip("npm cannot fetch " + name)
    made = folder + ".part"
    shutil.rmtree(made, ignore_errors=True)
    with tarfile.open(folder + ".tgz") as archive:
        archive.extractall(made)
    os.rename(os.path.join(made, "package"), folder)
    os.rmdir(made)
    return folder

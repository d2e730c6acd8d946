"""The messages of make if it cannot install the packages that it needs."""
import os
import subprocess
import tempfile

from check import equal, finish, holds, test


def install(names, path, *prefix):
    with tempfile.NamedTemporaryFile("w", suffix=".packages") as stream:
        stream.write("".join(name + "\n" for name in names))
        stream.flush()
        os.chmod(stream.name, 0o644)
        return subprocess.run([*prefix, "sh", "src/tools/install-packages", stream.name],
                              env={"PATH": path}, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)


def folder_with(directory, *names):
    """A PATH with these programs of the system and no others."""
    for name in names:
        os.symlink("/usr/bin/" + name, os.path.join(directory, name))
    return directory


@test
def nothing_is_done_where_nothing_is_missing():
    done = install(["libc6", "coreutils"], "/usr/bin:/bin")
    equal((done.returncode, done.stdout, done.stderr), (0, "", ""))


@test
def without_apt_get_the_packages_are_named():
    with tempfile.TemporaryDirectory() as directory:
        done = install(["libc6", "no-such-package"], folder_with(directory, "dpkg-query", "sh"))
        equal(done.returncode, 1)
        holds(done.stderr, "there is no apt-get here (install them, then run make again:"
              " no-such-package)")


@test
def without_root_and_sudo_the_packages_are_named():
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        path = folder_with(directory, "dpkg-query", "sh", "apt-get", "id")
        done = install(["no-such-package"], path, "/usr/bin/setpriv", "--reuid=65534",
                       "--clear-groups")
        equal(done.returncode, 1, done.stderr)
        holds(done.stderr, "not root, and there is no sudo (install them, then run make again:"
              " no-such-package)")
        equal(done.stderr.count("\n"), 1)


finish()

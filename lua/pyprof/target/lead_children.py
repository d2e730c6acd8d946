# lead_children.py - a part of lead.py: the environment of the programs that a program starts.


def led(value):
    """PYTHONPATH of a child whose own is to be `value`."""
    if value is None:
        return directory
    return directory + ":" + (os.fsdecode(value) or directory)


class environment:
    value = None  # PYTHONPATH as the program knows it


def set_path(value):
    """Sets PYTHONPATH for the programs that we start, and for nobody else."""
    if value is None:
        real["unsetenv"]("PYTHONPATH")
    else:
        real["putenv"]("PYTHONPATH", value)


def putenv(key, value):
    if os.fsencode(key) != b"PYTHONPATH":
        return real["putenv"](key, value)
    real["putenv"](key, os.fsencode(led(value)))
    environment.value = value


def unsetenv(key):
    if os.fsencode(key) != b"PYTHONPATH":
        return real["unsetenv"](key)
    real["putenv"](key, led(None))
    environment.value = None


def isolated(path, words):
    """Do these words start a Python that -I, -E or -S keeps us out of?"""
    program = os.path.basename(os.fsdecode(path))
    if not program.startswith(("python", "pypy")):
        return False
    for word in list(words)[1:]:
        word = os.fsdecode(word)
        if not word.startswith("-") or word.startswith("--") or word == "-":
            return False
        for letter in word[1:]:
            if letter in "IES":
                return True
            if letter in "cmWX":
                break
        if letter in "cm":
            return False
    return False


def with_path(env):
    """A copy of the mapping, with our PYTHONPATH."""
    copy = dict(env.items())
    value = None
    for key in list(copy):
        if os.fsencode(key) == b"PYTHONPATH":
            value = copy.pop(key)
    copy["PYTHONPATH"] = led(value)
    return copy


def with_path_in(env):
    """The same of the list that fork_exec takes."""
    kept, value = [], None
    for entry in env:
        if entry.startswith(b"PYTHONPATH="):
            value = entry[len(b"PYTHONPATH="):]
        else:
            kept.append(entry)
    return kept + [b"PYTHONPATH=" + os.fsencode(led(value))]


class unled:
    """Within it the C environment is what the program thinks it is."""

    def __init__(self, really):
        self.really = really and follow

    def __enter__(self):
        if self.really:
            set_path(environment.value)

    def __exit__(self, *_):
        if self.really:
            set_path(led(environment.value))


def wrap_fork_exec(module):
    real["fork_exec"] = module.fork_exec

    def fork_exec(*arguments):
        plain = guard(isolated, arguments[1][0], arguments[0])
        if arguments[5] is not None and not plain:
            changed = guard(with_path_in, arguments[5]) or arguments[5]
            arguments = arguments[:5] + (changed,) + arguments[6:]
        thread = _thread.get_ident()
        if any(map(callable, arguments[6:])):  # preexec_fn runs in a fork
            process.to_exec.add(thread)
        try:
            with unled(plain):
                return real["fork_exec"](*arguments)
        finally:
            process.to_exec.discard(thread)

    module.fork_exec = fork_exec
    subprocess = sys.modules.get("subprocess")
    if hasattr(subprocess, "_fork_exec"):
        subprocess._fork_exec = fork_exec


def posix_spawn(function):
    def spawn(path, argv, env, *rest, **named):
        plain = guard(isolated, path, argv)
        if env is not None and not plain:
            env = guard(with_path, env) or env
        with unled(plain):
            return real[function](path, argv, env, *rest, **named)
    return spawn

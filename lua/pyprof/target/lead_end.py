# lead_end.py - a part of lead.py: how a process ends, by itself, by exec or by a signal; forks.

# These end a process that has not set a handler. Ours saves the data first; the program is told that
# there is none.
deadly = (_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP)


class process:
    mark, ended, ending, killed = None, False, False, False
    to_exec = set()  # threads whose fork will exec


def begin():
    """Marks the process as one that has not ended yet."""
    if not process.ended and process.mark:
        return
    process.mark, process.ended = None, False
    try:
        process.mark, descriptor = unique("begun")
        os.close(descriptor)
    except OSError:
        return  # the run is over, and our folder is gone
    heed_term(real["getsignal"](_signal.SIGTERM) is on_signal)


def finish():
    """Lets the helper save its data, once."""
    if process.ended or process.ending or process.mark is None:
        return
    process.ending = True
    try:
        with ours():
            for function in at_end:
                try:
                    function()
                except BaseException as error:
                    lead.note("%s: %s: %s" % (name, type(error).__name__, error))
        heed_term(False)
        os.unlink(process.mark)
    except OSError:
        pass
    process.ending, process.ended = False, True
    if process.killed:
        die()


def started(pid):
    """When a living process started, as text; None if there is none."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            fields = file.read().rpartition(")")[2].split()
        return fields[19] if fields[0] not in "ZX" else None
    except OSError:
        return None


def term_file(pid):
    return "%s/term/%d" % (base, pid)


def heed_term(heed):
    """Says to other processes whether SIGTERM makes us save data and end."""
    try:
        if heed:
            with open(term_file(os.getpid()), "w") as file:
                file.write(started(os.getpid()))
        else:
            os.unlink(term_file(os.getpid()))
    except OSError:
        pass


def kill(pid, number):
    real["kill"](pid, number)
    # A handler in Python has to wait for the end of a system call that begins just now, as that of
    # a worker that waits for its lock. So we send it again until the process has noticed.
    pause = 0.001
    while number == _signal.SIGTERM and pause < 1 and pid > 0 and pid != os.getpid():
        try:
            with open(term_file(pid)) as file:
                if file.read() not in ("", started(pid)):
                    break
            time.sleep(pause)
            real["kill"](pid, number)
        except OSError:
            break
        pause *= 1.5


def die():
    try:
        real["signal"](process.killed, _signal.SIG_DFL)
    except ValueError:
        return  # a thread that ends the process does so in a moment
    real["kill"](os.getpid(), process.killed)


def on_signal(number, _):
    if number == _signal.SIGTERM:
        heed_term(False)
    process.killed = number
    if not process.ending:
        finish()
        die()


def signal(number, handler):
    default = number in deadly and isinstance(handler, int) and handler == _signal.SIG_DFL
    old = real["signal"](number, on_signal if default else handler)
    if number == _signal.SIGTERM:
        heed_term(default)
    return _signal.SIG_DFL if old is on_signal else old


def getsignal(number):
    handler = real["getsignal"](number)
    return _signal.SIG_DFL if handler is on_signal else handler


def ending(function):
    def end(*arguments, **named):
        finish()
        return real[function](*arguments, **named)
    return end


def exec_(function):
    def start(path, argv, *env):
        plain = not follow or guard(isolated, path, argv)
        if env and not plain:
            env = (guard(with_path, env[0]) or env[0],) + env[1:]
        if isinstance(path, int) or os.access(path, os.X_OK):
            finish()
        with unled(plain):
            try:
                return real[function](path, argv, *env)
            finally:
                begin()
    return start


# A signal that comes to a child before Python has made it a process of its own would be forgotten:
# CPython drops the signals that it has not handled yet. So it waits until then.
masks = {}


def before_fork():
    masks[_thread.get_ident()] = _signal.pthread_sigmask(_signal.SIG_BLOCK, deadly)


def unblock():
    before = masks.pop(_thread.get_ident(), deadly)
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [one for one in deadly if one not in before])


def in_child():
    try:
        if _thread.get_ident() in process.to_exec:
            process.mark = None
            return
        process.mark, process.ended, process.ending, process.killed = None, False, False, False
        begin()
        lead.depth += 1
        lead.is_main = False
        with ours():
            for function in after_fork:
                guard(function)
    finally:
        unblock()

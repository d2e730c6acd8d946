# helper.py - records the allocations of a process with memray; lead.py runs it in each Python.
#
# lead.options: sites (a folder with memray for some versions, by "3.11"), native, objects.
import _thread
import json
import os
import sys
import threading  # noqa: F401 - memray imports it when it starts


class state:
    tracker = None


def end():
    tracker, state.tracker = state.tracker, None
    if tracker is not None:
        tracker.__exit__(None, None, None)


def begin(memray):
    number = 0
    while True:
        path = "%s/%d-%d.bin" % (lead.data, os.getpid(), number)
        if not os.path.exists(path):
            break
        number += 1
    # A forked child goes on in a file of its own, whose name ends with its number.
    tracker = memray.Tracker(path, native_traces=lead.options["native"], follow_fork=True,
                             trace_python_allocators=lead.options["objects"])
    # memray leaves out the frames from which it is started, however often they return. So it is
    # started from a thread that has none.
    ready = _thread.allocate_lock()
    ready.acquire()
    failed = []

    def enter():
        try:
            tracker.__enter__()
        except BaseException as error:
            failed.append(error)
        finally:
            ready.release()

    _thread.start_new_thread(enter, ())
    ready.acquire()
    if failed:
        raise failed[0]
    state.tracker = tracker


def work():
    memray, site = lead.find("memray", "Tracker")
    if memray is None:
        lead.note("memray: not found for %s (%s -m pip install memray)"
                  % (sys.executable, sys.executable))
        return
    if lead.is_main:
        lead.save(json.dumps({"executable": sys.executable, "site": site}).encode(), ".python")
    lead.at_end(end)
    # Its warnings would stand among what the program writes.
    if hasattr(memray, "set_log_level"):
        memray.set_log_level(50)
    # memray imports more when it starts, from the same folder.
    if site:
        sys.path.append(site)
    try:
        begin(memray)
    finally:
        if site:
            sys.path.remove(site)


unwritten, sys.dont_write_bytecode = sys.dont_write_bytecode, True
try:
    work()
finally:
    sys.dont_write_bytecode = unwritten

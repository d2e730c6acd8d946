# live.py: the frames that are in the middle of a statement. At the end of a process those of
# os._exit, of threads that still run and of suspended generators were never left; in the child of a
# fork the frames go on whose blocks the parent has counted.
#
# It stands behind plan.py in one namespace, and runs on 3.8 and newer.


def columns_of(code, last):
    """The place of an instruction: line, column; None without columns."""
    if not hasattr(code, "co_positions"):
        return None
    for place in borrowed("itertools").islice(code.co_positions(), last // 2, None):
        return None if place[0] is None or place[2] is None else (place[0], place[2])


def generators():
    """The frame of each generator and coroutine that began and has not ended; greenlets', too."""
    import sys

    def generator():
        yield

    async def coroutine():
        pass

    async def asynchronous():
        yield

    made = coroutine()
    made.close()
    # Types are compared by id: to compare objects, even types, may run code of the program.
    fields = {id(type(generator())): "gi_frame", id(type(made)): "cr_frame",
              id(type(asynchronous())): "ag_frame"}
    greenlet = getattr(sys.modules.get("greenlet"), "greenlet", None)
    for each in borrowed("gc").get_objects():
        field = fields.get(id(type(each)))
        if field is None and greenlet and issubclass(type(each), greenlet):
            field = "gr_frame"
        frame = getattr(each, field) if field else None
        while frame:
            yield frame
            frame = frame.f_back


def stacks():
    """The frames of all threads."""
    import sys
    for frame in list(sys._current_frames().values()) + [sys._getframe()]:
        while frame:
            yield frame
            frame = frame.f_back


def leave_all(plans, times):
    """Takes note that all frames of these files are left where they are; -1: they are entered."""
    owners = {id(counter): (plan, slot)
              for plan in plans for slot, counter in enumerate(plan.counters)}
    seen = {}
    for source in (stacks(), generators()):
        for frame in source:
            if id(frame) in seen:
                continue
            seen[id(frame)] = frame
            code, last = frame.f_code, frame.f_lasti
            owner = next((owners[id(constant)] for constant in code.co_consts
                          if isinstance(constant, Counter) and id(constant) in owners), None)
            if owner and last >= 0:
                plan, slot = owner
                place = columns_of(code, last) or (frame.f_lineno, None)
                if place[0] is not None:
                    plan.leave(plan.scopes[slot], place[0], place[1], times)


class undisturbed:
    """Within it no garbage is collected, which would close generators."""

    def __enter__(self):
        self.gc = borrowed("gc")
        self.enabled = self.gc.isenabled()
        self.gc.disable()

    def __exit__(self, *_):
        if self.enabled:
            self.gc.enable()


def begin_anew(plans):
    """Counts from zero."""
    with undisturbed():
        for plan in plans:
            plan.reset()
        leave_all(plans, -1)

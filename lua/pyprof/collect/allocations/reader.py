# reader.py - turns memray's files into one pprof profile, in an interpreter that has memray:
# `python reader.py REQUEST`.
#
# REQUEST is a file of JSON: site (a folder to find memray in), data (memray's files), leaks (what
# is never freed, in place of the peak), hidden (frames of files below it are ours), output. The
# profile has two values: the number of allocations, and bytes. Standard output gets notes, a line
# each.
import json
import sys


def varint(number):
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


class Profile:
    """A pprof profile that grows; profile.proto says what the numbers are."""

    def __init__(self):
        self.parts, self.strings, self.functions, self.locations = [], {"": 0}, {}, {}
        for kind, unit in (("allocations", "count"), ("", "bytes")):
            self.add(1, field(1, self.string(kind)) + field(2, self.string(unit)))

    def add(self, number, value):
        self.parts.append(field(number, value))

    def string(self, text):
        return self.strings.setdefault(text, len(self.strings))

    def location(self, frame):
        name, path, line = frame
        if frame not in self.locations:
            function = self.functions.get((name, path))
            if function is None:
                function = self.functions[name, path] = len(self.functions) + 1
                self.add(5, field(1, function) + field(2, self.string(name))
                         + field(4, self.string(path)))
            self.locations[frame] = number = len(self.locations) + 1
            self.add(4, field(1, number) + field(4, field(1, function) + field(2, max(line, 0))))
        return self.locations[frame]

    def sample(self, stack, count, size, labels):
        if count > 0:
            ids = b"".join(varint(self.location(tuple(frame))) for frame in stack)
            self.add(2, field(1, ids) + field(2, varint(count) + varint(size)) + labels)

    def label(self, key, value):
        kind = field(2, self.string(value)) if isinstance(value, str) else field(3, value)
        return field(3, field(1, self.string(key)) + kind)

    def bytes(self):
        return b"".join(self.parts + [field(6, text.encode("utf-8", "replace"))
                                      for text in self.strings])


def is_ours(frame, request):
    """Does the frame stand for our work, which goes on until the interpreter's start is done?"""
    return frame[1].startswith(request["hidden"]) or frame[0] == "execsitecustomize"


def read(memray, path, request, profile):
    with memray.FileReader(path) as reader:
        native = reader.metadata.has_native_traces
        pid = reader.metadata.pid
        if request["leaks"]:
            records = reader.get_leaked_allocation_records(merge_threads=False)
        else:
            records = reader.get_high_watermark_allocation_records(merge_threads=False)
        for record in records:
            stack = record.hybrid_stack_trace() if native else record.stack_trace()
            if any(is_ours(frame, request) for frame in stack):
                continue
            labels = profile.label("pid", pid) + profile.label("thread_id", record.tid)
            name = record.thread_name
            if not name and record.tid == 2:  # 1 is the thread that started memray
                name = "MainThread"
            labels += profile.label("thread", name)
            # All allocations of a sample weigh the same, so that the sum stays exact.
            count, size = record.n_allocations, record.size
            each, more = divmod(size, count) if count else (0, 0)
            profile.sample(stack, count - more, (count - more) * each, labels)
            profile.sample(stack, more, more * (each + 1), labels)


def main():
    sys.path.pop(0)  # the folder of this file
    sys.dont_write_bytecode = True
    with open(sys.argv[1]) as file:
        request = json.load(file)
    if request["site"]:
        sys.path.append(request["site"])
    import memray
    profile = Profile()
    for path in request["data"]:
        try:
            read(memray, path, request, profile)
        except (OSError, ValueError, RuntimeError) as error:
            print("allocations: the data of a process is broken (%s)" % error)
    with open(request["output"], "wb") as file:
        file.write(profile.bytes())


main()

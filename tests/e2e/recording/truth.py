"""Random recordings, and their meaning by a simple reader."""
import json
import math
import re
from fractions import Fraction

UNITS = ["none", "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"]
SECONDS = {"nanoseconds": 10**9, "microseconds": 10**6, "milliseconds": 10**3, "seconds": 1}
GATE = "<pyprof-lua gate>"


# ---- making recordings

class Raw(str):
    """A number in the form in which it is written."""


def write(value, rng, style):
    """JSON text in a style: with random white space, pretty-printed or without any; any escapes."""
    def space(level):
        if style == "none":
            return ""
        if style == "pretty":
            return "\n" + "  " * level
        return rng.choice(["", "", "", " ", "  ", "\n", "\t", "\r\n", " " * 40])

    def string(text):
        out = []
        for c in text:
            choice = rng.random()
            if c in '"\\' or c < " ":
                short = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f",
                         '"': '\\"', "\\": "\\\\"}.get(c)
                out.append(short if short and choice < 0.7 else "\\u%04x" % ord(c))
            elif c == "/" and choice < 0.3:
                out.append("\\/")
            elif choice < 0.1 or 0xD800 <= ord(c) < 0xE000:
                if ord(c) > 0xFFFF:
                    low = ord(c) - 0x10000
                    out.append("\\u%04X\\u%04x" % (0xD800 + (low >> 10), 0xDC00 + (low & 0x3FF)))
                else:
                    out.append("\\u%04X" % ord(c))
            else:
                out.append(c)
        return '"' + "".join(out) + '"'

    def put(value, level):
        if isinstance(value, Raw):
            return str(value)
        if isinstance(value, str):
            return string(value)
        if isinstance(value, dict):
            inner = ",".join("%s%s%s:%s%s" % (space(level + 1), string(k), space(level + 2)
                             if style == "wild" else "", " " if style == "pretty" else "",
                             put(v, level + 1)) for k, v in value.items())
            return "{" + inner + space(level) + "}"
        if isinstance(value, list):
            inner = ",".join(space(level + 1) + put(v, level + 1) for v in value)
            return "[" + inner + space(level) + "]"
        return json.dumps(value)

    return put(value, 0) + (rng.choice(["", "\n", " \r\n\t"]) if style != "none" else "")


def any_value(rng, depth=0):
    kind = rng.randrange(8 if depth < 4 else 6)
    if kind == 6:
        return [any_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 7:
        return {text(rng): any_value(rng, depth + 1) for _ in range(rng.randrange(4))}
    return [None, True, False, Raw(rng.choice(["-0", "1e400", "0.5E-3", "123456789012345678901"])),
            text(rng), rng.randrange(1000)][kind]


def text(rng):
    alphabet = ["a", "b", "samples", "é", "漢", "😀", '"', "\\", "/", "\n", "\x01", ";", " ",
                "\ud800", "\x7f", "]", ",", "["]
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(6)))


def shuffled(pairs, rng):
    pairs = list(pairs)
    rng.shuffle(pairs)
    return dict(pairs)


def number(rng, kind):
    if kind == "int":
        return Raw(str(rng.randrange(1000)))
    if kind == "float":
        return Raw(repr(rng.random() * 10 ** rng.randrange(-12, 6)))
    if kind == "long":
        return Raw("%d.%0*d" % (rng.randrange(10**rng.randrange(1, 9)), rng.randrange(1, 25),
                                rng.randrange(10**18)))
    if kind == "exponent":
        return Raw("%d%s%s%d" % (rng.randrange(10**rng.randrange(1, 20)), rng.choice("eE"),
                                 rng.choice(["-", "+", ""]), rng.randrange(30)))
    return Raw(rng.choice(["0", "-0", "-0.0", "0.01", "1e-2", "0.0100", "10E-3", "5e-324",
                           "1.7976931348623157e300", "9007199254740993", "0.1",
                           "0.30000000000000004"]))


def weights(rng, count):
    kind = rng.choice(["same", "same", "few", "int", "float", "long", "exponent", "any"])
    if kind == "same":
        value = rng.choice([Raw("0.01"), Raw("1"), Raw("0.001"), number(rng, "float")])
        return [value] * count
    if kind == "few":
        values = [number(rng, "int") for _ in range(2)]
        return [values[min(1, rng.randrange(5))] for _ in range(count)]
    kinds = ["int", "float", "long", "exponent", "odd"]
    return [number(rng, kind if kind != "any" else rng.choice(kinds)) for _ in range(count)]


def frames(rng, count):
    result = []
    for _ in range(count):
        kind = rng.random()
        if kind < 0.06:
            frame = {"name": 'process %d:"%s"' % (rng.randrange(1, 4), text(rng)), "file": "",
                     "line": rng.choice([0, None])}
        elif kind < 0.12:
            name = rng.choice(["", ": MainThread", ": " + text(rng)])
            frame = {"name": "thread (%s)%s" % (rng.choice(["7", "8", "0x7F"]), name),
                     "file": "", "line": rng.choice([0, None])}
        elif kind < 0.15:
            frame = {"name": rng.choice(['process 1:"x"', "thread (7)", "process 1", "thread (x)"]),
                     "file": "m.py", "line": 3}
        elif kind < 0.17:
            frame = {"name": "<module>", "file": GATE, "line": 1}
        else:
            frame = {"name": rng.choice(["f", "g", "h", "K.m", "f.<locals>.g", text(rng)]),
                     "file": rng.choice(["a.py", "/x/b.py", "", text(rng)]),
                     "line": rng.choice([0, 1, 2, 7, 4000000000])}
            for key in ("file", "line"):
                if rng.random() < 0.1:
                    frame[key] = None
                elif rng.random() < 0.1:
                    del frame[key]
        if rng.random() < 0.3:
            frame["col"] = rng.choice([None, 4])
        result.append(shuffled(frame.items(), rng))
    return result


def stack(rng, many, markers, deep):
    result = []
    if markers and rng.random() < 0.8:
        result = [rng.choice(markers) for _ in range(rng.randrange(1, 4))]
    return result + [rng.randrange(many) for _ in range(rng.randrange(deep))]


def stacks(rng, many, markers):
    """Stacks like a program's: each begins like the one before, or is the same again."""
    deep = rng.choice([3, 8, 8, 30, 30, 150])
    result, now, seen = [], [], []
    if not many:
        return [[]] * rng.choice([0, 1, 5])
    for _ in range(rng.choice([0, 1, 5, 20, 60])):
        choice = rng.random()
        if choice < 0.3 and seen:
            now = rng.choice(seen)
        elif choice < 0.6:
            now = now[:rng.randrange(len(now) + 1)] + \
                [rng.randrange(many) for _ in range(rng.randrange(4))]
        else:
            now = stack(rng, many, markers, deep)
        seen.append(now)
        result += [now] * rng.choice([1, 1, 1, 2, 30])
    return result


def index(rng, value):
    if rng.random() < 0.002:
        forms = ["%d.0", "%de0", "%d.00E+0"] + ["%d0e-1"] * (value > 0)
        return Raw(rng.choice(forms) % value)
    return Raw("-0") if value == 0 and rng.random() < 0.01 else value


def sampled(rng, many, markers):
    samples = stacks(rng, many, markers)
    values = weights(rng, len(samples))
    if samples and rng.random() < 0.05:
        values = values * rng.randrange(2, 4)
    samples = [[index(rng, frame) for frame in one] for one in samples]
    return {"type": "sampled", "samples": samples, "weights": values}


def evented(rng, many):
    events, open_frames, at = [], [], rng.choice([0, 0, 5.5, -3])
    step = rng.choice([lambda: rng.randrange(4), lambda: rng.random(),
                       lambda: round(rng.random(), 3)])

    def event(kind, frame):
        pairs = [("type", kind), ("at", Raw(repr(at))), ("frame", index(rng, frame))]
        if order == "random" or rng.random() < 0.02:
            rng.shuffle(pairs)
        if rng.random() < 0.01:
            pairs.insert(rng.randrange(4), ("x", any_value(rng)))
        events.append(dict(pairs))

    order = rng.choice(["fixed", "random"])
    for _ in range(rng.choice([0, 10, 200]) if many else 0):
        if open_frames and rng.random() < 0.5:
            event("C", open_frames.pop())
        else:
            open_frames.append(rng.randrange(many))
            event("O", open_frames[-1])
        if rng.random() < 0.6:
            at += step()
    while open_frames:
        event("C", open_frames.pop())
        at += step()
    return {"type": "evented", "events": events}


def profile_name(rng):
    return rng.choice([
        'Thread 7 "MainThread"', 'Thread 7 ""', 'Thread 8 "we"ird\\n"', 'Thread 0x7F "x"',
        'Process 1 Thread 7 "MainThread"', 'Process 2 Thread 8 "a b"', "Thread x", "",
        "CPU time profile for 12:0:0x1f", "Wall time profile for 12:0:0x1f",
        "CPU time profile for 12:3", "Memory allocation profile for 12:0:main",
        "Memory", "Allocations", "prog.py", text(rng)])


def recording(rng):
    """A recording's JSON value and the metric to ask for (mostly None)."""
    table = frames(rng, rng.choice([0, 1, 5, 12, 60]))
    markers = [i for i, frame in enumerate(table) if frame.get("file") == "" and
               re.match(r"process|thread", frame["name"])]
    if rng.random() < 0.5:
        markers = []
    units = rng.choice([["seconds"], ["seconds"], ["microseconds", "bytes"], ["none"], UNITS])
    profiles = []
    for _ in range(rng.choice([0, 1, 1, 2, 4])):
        profile = sampled(rng, len(table), markers) if rng.random() < 0.7 else \
            evented(rng, len(table))
        profile.update(name=profile_name(rng), unit=rng.choice(units), startValue=0,
                       endValue=rng.choice([0, 1.5, "12", None]))
        if rng.random() < 0.05:
            profile["name"] = None
        if rng.random() < 0.1:
            profile[rng.choice(["x", "Samples", ""])] = any_value(rng)
        profiles.append(shuffled(profile.items(), rng) if rng.random() < 0.7 else profile)
    value = {"$schema": "https://www.speedscope.app/file-format-schema.json",
             "profiles": profiles, "shared": {"frames": table}, "name": text(rng),
             "exporter": "py-spy@0.4.3"}
    if rng.random() < 0.5:
        value["activeProfileIndex"] = rng.choice([None, 0, len(profiles), rng.randrange(5)])
    for _ in range(rng.randrange(3)):
        value["unknown" + text(rng)] = any_value(rng)
        value["shared"]["more"] = any_value(rng)
    return shuffled(value.items(), rng) if rng.random() < 0.7 else value


# ---- reading them

def clean(string):
    return "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in string)


def identity(text):
    return int(text, 16) if text.startswith("0x") else int(text)


ID = r"(\d+|0x[0-9A-Fa-f]+)"


def label_of_name(name):
    """The name, id, pid and kind that a profile's name holds."""
    match = re.fullmatch(r"(?:Process %s )?Thread %s \"(.*)\"" % (ID, ID), name, re.DOTALL)
    if match:
        pid, thread, name = match.groups()
        return name, identity(thread), identity(pid) if pid else None, ""
    match = re.fullmatch(r"(CPU time|Wall time|Memory allocation|Memory deallocation)"
                         r" profile for %s:(?:[^:]*:)?(.*)" % ID, name, re.DOTALL)
    if match:
        kind, pid, thread = match.groups()
        if re.fullmatch(ID, thread):
            return "", identity(thread), identity(pid), kind
        return thread, None, identity(pid), kind
    if name in ("Memory", "Allocations"):
        return "", None, None, name
    return name, None, None, ""


def marker(frame):
    name, file, line = frame
    if file or line:
        return None
    match = re.fullmatch(r'process %s:"(.*)"' % ID, name, re.DOTALL)
    if match:
        return "process", identity(match[1]), match[2]
    match = re.fullmatch(r"thread \(%s\)(?:: (.*))?" % ID, name, re.DOTALL)
    if match:
        return "thread", identity(match[1]), match[2] or ""
    match = re.fullmatch(r"tid:%s" % ID, name)
    return ("thread", identity(match[1]), "") if match else None


def split_markers(stack):
    """The markers at the root, which are processes and then a thread, and the rest of the stack."""
    labels, last = [], None
    for i, frame in enumerate(stack):
        found = marker(frame)
        if not found or last == "thread":
            return tuple(labels), stack[i:]
        labels.append(frame)
        last = found[0]
    return tuple(labels), ()


def samples_of(profile, table):
    """(stack, weight) in time order."""
    if "events" in profile:
        open_frames, last = [], None
        for event in profile["events"]:
            if last is not None and event["at"] > last:
                yield tuple(open_frames), event["at"] - last
            last = event["at"]
            if event["type"] == "O":
                open_frames.append(table[int(event["frame"])])
            else:
                open_frames.pop()
    else:
        for stack, weight in zip(profile["samples"], profile["weights"]):
            yield tuple(table[int(frame)] for frame in stack), weight


def truth(text, wanted=None):
    """The right output of dump.lua for it. `wanted` is the metric's number in the sorted list."""
    value = json.loads(text)
    table = [(clean(f.get("name") or ""), clean(f.get("file") or ""), f.get("line") or 0)
             for f in value["shared"]["frames"]]
    profiles = value["profiles"]
    metrics = []
    for profile in profiles:
        profile["label"] = label_of_name(clean(profile["name"] or ""))
        profile["metric"] = (profile["unit"] + " " + profile["label"][3]).strip()
        if profile["metric"] not in metrics:
            metrics.append(profile["metric"])
    active = value.get("activeProfileIndex") or 0
    if active >= len(profiles):
        active = 0
    chosen = profiles[active]["metric"] if profiles else None
    if wanted is not None and metrics:
        chosen = sorted(metrics)[wanted]
    tracks, gate, all_weights = [], 0, set()
    for profile in profiles:
        if profile["metric"] != chosen:
            continue
        split, at = {}, Fraction(0)
        for stack, weight in samples_of(profile, table):
            labels, stack = split_markers(stack)
            if any(frame[1] == GATE for frame in stack):
                gate += 1
                continue
            all_weights.add(weight)
            split.setdefault(labels, []).append((stack, weight, at))
            at += Fraction(weight)
        for labels, samples in split.items():
            name, thread, pid, _ = profile["label"]
            command = ""
            for kind, number, said in map(marker, labels):
                if kind == "thread":
                    thread, name = number, said or name
                else:
                    pid, command = number, said
            tracks.append(((pid, thread, name, command), samples))
    name_threads(tracks)
    return summary(tracks, chosen, metrics, gate, all_weights)


def name_threads(tracks):
    """py-spy learns a thread's name only after a while: earlier stacks take that name, too."""
    names = {}
    for (pid, thread, name, _), _ in tracks:
        if thread is not None and name:
            names.setdefault((pid, thread), set()).add(name)
    for i, ((pid, thread, name, command), samples) in enumerate(tracks):
        known = names.get((pid, thread), ())
        if not name and len(known) == 1:
            tracks[i] = ((pid, thread, next(iter(known)), command), samples)


def summary(tracks, chosen, metrics, gate, all_weights):
    stacks, empty = {}, 0
    for _, samples in tracks:
        for stack, weight, _ in samples:
            if stack:
                stacks.setdefault(stack, []).append(weight)
            else:
                empty += 1
    unit = (chosen or "none").split()[0]
    threads = {}
    for number, (label, samples) in enumerate(tracks):
        key = (label, None if label[1] is not None else number)
        threads.setdefault(key, []).extend(w for stack, w, _ in samples if stack)
    rate = 0.0
    if len(all_weights) == 1 and unit in SECONDS and next(iter(all_weights)) > 0:
        try:
            rate = SECONDS[unit] / float(next(iter(all_weights)))
        except OverflowError:
            rate = math.inf
        rate = rate if rate < math.inf else 0.0
        if rate > 0.5 and abs(rate - round(rate)) <= 1e-6 * round(rate):
            rate = float(round(rate))
    return {
        "samples": sum(map(len, stacks.values())), "empty": empty, "rate": rate,
        "weight": math.fsum(w for ws in stacks.values() for w in ws),
        "stacks": sorted((stack, len(ws), math.fsum(ws)) for stack, ws in stacks.items()),
        "threads": sorted(((label[0] or -1, -1 if label[1] is None else label[1]) + label[2:] +
                           (len(ws), math.fsum(ws)) for (label, _), ws in threads.items())),
        "metric": chosen or "none", "metrics": sorted(metrics), "gate": gate,
        "starts": {(stack[-1], "%.9e" % (at / SECONDS[unit])) for _, samples in tracks
                   for stack, _, at in samples if stack} if unit in SECONDS else set(),
        "has_time": unit in SECONDS,
    }

"""Pages of html.lua: making one, and reading its data as a browser would."""
import base64
import html.parser
import json
import os
import re
import struct
import zlib

from check import equal, run

TYPES = {"u8": "B", "u16": "H", "u32": "I", "f64": "d"}


def decode(value):
    """The value with every column in it decoded."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if not {"type", "z", "data"} <= set(value):
        return {key: decode(item) for key, item in value.items()}
    kind, data = value["type"], value["data"]
    if kind in ("json", "text") and not value["z"]:
        return decode(data)
    raw = base64.b64decode(data)
    if value["z"]:
        raw = zlib.decompress(raw)
    if kind in ("json", "text"):
        text = raw.decode()
        return decode(json.loads(text)) if kind == "json" else text
    return list(struct.unpack("<%d%s" % (value["n"], TYPES[kind]), raw))


class Elements(html.parser.HTMLParser):
    """The elements in their order, each with its attributes and the text right in it."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.list, self.open = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        element = [tag, dict(attributes), ""]
        self.list.append(element)
        if tag not in ("meta", "input", "br", "link"):
            self.open.append(element)

    def handle_endtag(self, tag):
        if any(element[0] == tag for element in self.open):
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data):
        if self.open:
            self.open[-1][2] += data

    def all(self, tag):
        return [element for element in self.list if element[0] == tag]


def read(path):
    """The text of a page, its elements, and its data."""
    with open(path, encoding="utf-8", newline="") as stream:
        text = stream.read()
    elements = Elements(text)
    blocks = [e for e in elements.all("script") if e[1].get("id") == "data"]
    equal(len(blocks), 1)
    return text, elements, decode(json.loads(blocks[0][2]))


def make(folder, *words, report="html.lua", cwd=None):
    """The page of a report with these words."""
    path = os.path.join(folder, "page.html")
    result = run(report, "-o", path, *words, cwd=cwd)
    equal((result.status, result.out), (0, ""), repr(result))
    return read(path)


def speedscope(folder, samples, name="run.json", unit="seconds", weight=0.01, threads=None):
    """Writes a recording. A sample is a list of frames, a frame a name or (name, file, line)."""
    frames, numbers = [], {}

    def number(frame):
        frame = frame if isinstance(frame, tuple) else (frame, "/app/a.py", 10)
        if frame not in numbers:
            numbers[frame] = len(frames)
            frames.append({"name": frame[0], "file": frame[1], "line": frame[2]})
        return numbers[frame]

    profiles = []
    for i, stacks in enumerate(samples if threads else [samples]):
        title = threads[i] if threads else 'Thread 1 "MainThread"'
        listed = [[number(frame) for frame in stack] for stack in stacks]
        profiles.append({"type": "sampled", "name": title, "unit": unit, "startValue": 0,
                         "endValue": len(listed) * weight, "samples": listed,
                         "weights": [weight] * len(listed)})
    path = os.path.join(folder, name)
    with open(path, "w") as stream:
        json.dump({"$schema": "https://www.speedscope.app/file-format-schema.json",
                   "shared": {"frames": frames}, "profiles": profiles,
                   "exporter": "py-spy@0.4.3"}, stream)
    return path


def paths(data, tree=0):
    """The samples and the weight of each path of function names in a tree."""
    it, found, open_names = data["trees"][tree], {}, []
    names = data["functions"]["name"]
    for i in range(it["n"]):
        function = it["function"][i]
        function = it["map"][function] if "map" in it and i else function
        depth = it["depth"][i]
        open_names[depth:] = [names[function] if i else "(all)"]
        own = it["samples_self"][i]
        weight = it["weight_self"][i] if "weight_self" in it else own * it["each"]
        if own:
            key = " ".join(open_names[1:])
            found[key] = (found.get(key, (0, 0))[0] + own, found.get(key, (0, 0))[1] + weight)
    return found


def policy(text):
    found = re.search('<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    return found.group(1), found.start()

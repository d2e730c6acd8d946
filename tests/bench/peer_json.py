"""peer_json FILE: self and total samples by function name, by Python's json module."""
import json
import sys
from collections import Counter


def stacks(profile):
    if "samples" in profile:
        yield from profile["samples"]
        return
    open_frames, before = [], 0
    for event in profile["events"]:
        if event["at"] > before and open_frames:
            yield open_frames
        before = event["at"]
        if event["type"] == "O":
            open_frames.append(event["frame"])
        else:
            open_frames.pop()


with open(sys.argv[1], encoding="utf-8") as file:
    recording = json.load(file)
names = [frame["name"] for frame in recording["shared"]["frames"]]
selfs, totals = Counter(), Counter()
for profile in recording["profiles"]:
    for stack in stacks(profile):
        if stack:
            selfs[names[stack[-1]]] += 1
            totals.update({names[frame] for frame in stack})
for name, count in totals.most_common():
    print(selfs[name], count, name)

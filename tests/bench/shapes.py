"""Recordings that are large in one way alone: threads, frames, depth, files."""
import os


def frame(number):
    return ('{"name":"function_%d","file":"/srv/app/module_%d.py","line":%d}' %
            (number, number // 50, number % 50 * 10 + 1))


def write(path, frame_count, profiles):
    """profiles: the texts of the profiles."""
    with open(path, "w", encoding="ascii") as file:
        file.write('{"shared":{"frames":[')
        for number in range(frame_count):
            file.write(("," if number else "") + frame(number))
        file.write(']},"profiles":[')
        for i, profile in enumerate(profiles):
            file.write(("," if i else "") + profile)
        file.write('],"exporter":"py-spy@0.4.3","name":"py-spy profile"}')


def sampled(name, samples):
    stacks = ",".join("[%s]" % ",".join(map(str, stack)) for stack in samples)
    return ('{"type":"sampled","name":"%s","unit":"seconds","startValue":0.0,"endValue":%d,'
            '"samples":[%s],"weights":[%s]}' %
            (name, len(samples), stacks, ",".join(["0.01"] * len(samples))))


def thread_samples(number):
    return [[0, 1 + number % 7, 8 + number * k % 490] for k in range(1, 4 + number % 3)]


def threads(path, count):
    """Many threads of 3 to 5 samples each, of 500 functions."""
    write(path, 500, (sampled('Thread %d \\"worker-%d\\"' % (1000 + number, number),
                              thread_samples(number)) for number in range(count)))


def frames(path, count):
    """Many functions, 10 of them in each stack."""
    write(path, count, [sampled('Thread 1 \\"MainThread\\"', [
        range(first, min(first + 10, count)) for first in range(0, count, 10)])])


def depth(path, count):
    """Four stacks of that depth, or half as deep."""
    stack = [number % 10 for number in range(count)]
    write(path, 10, [sampled('Thread 1 \\"MainThread\\"', [
        stack, stack[:count // 2], stack[:-1] + [3], stack])])


def descent(path, count):
    """Many nested calls, with time between them, as events."""
    event = '{"type":"%s","at":%d,"frame":%d}'
    events = [event % ("O", i, i % 10) for i in range(count)]
    events += [event % ("C", count + i, (count - 1 - i) % 10) for i in range(count)]
    write(path, 10, ['{"type":"evented","name":"Thread 1","unit":"milliseconds","startValue":0,'
                     '"endValue":%d,"events":[%s]}' % (2 * count, ",".join(events))])


def folder(path, count):
    """Many files of one thread each."""
    os.makedirs(path, exist_ok=True)
    for number in range(count):
        write(os.path.join(path, "%06d.json" % number), 500,
              [sampled('Thread %d \\"MainThread\\"' % (number + 1), thread_samples(number))])

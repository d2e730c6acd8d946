#!/usr/bin/env python3
"""fleet.py: reduces the recordings of many hosts to one profile, on Apache Spark.

    fleet.py --program build/pyprof-lua -o OUT 'hdfs:///profiles/*/*.json.gz'
    pyprof-lua report.lua OUT/merged.folded

Recordings are read where they lie. pyprof-lua reduces each to its distinct stacks, and Spark adds
these up. OUT/merged.folded is the merged profile, OUT/samples.parquet has its rows with all their
labels, and OUT/broken.txt the recordings that could not be read.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time

from pyspark import SparkFiles, StorageLevel
from pyspark.sql import SparkSession

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = re.compile(r"([^/]*)/([^/]*?)-\d+\.json(?:\.gz)?$")  # HOST/SERVICE-NUMBER.json.gz
COUNTED = re.compile(r'\{"samples": (\d+), "weight": ([^,]+), ')
LEFT_OUT = "left out: "
SCHEMA = """samples long, weight double, metric string, unit string, service string, host string,
  process string, thread string, test string,
  frames array<struct<file: string, line: int, name: string>>"""


def labels_of(path, kept):
    found = NAME.search(path)
    labels = {"host": found[1], "service": found[2]} if found else {}
    return [word for label in kept for word in ("--" + label, labels.get(label, ""))]


def reduced(path, data, kept, spent):
    """The recording's stacks: pairs of a row's text behind the figures, and the figures.

    The text is the key as it is: nothing parses frames here. A recording that pyprof-lua refuses
    gives one pair with its message, which begins with LEFT_OUT. If pyprof-lua itself dies, so does
    the task, and Spark tries it again.
    """
    before = os.times()
    done = subprocess.run(
        [SparkFiles.get("pyprof-lua"), SparkFiles.get("samples.lua"), *labels_of(path, kept),
         "--format", "ndjson", "-"], input=bytes(data), capture_output=True)
    after = os.times()
    spent.add(after.children_user + after.children_system
              - before.children_user - before.children_system)
    if done.returncode == 1:
        message = done.stderr.decode(errors="replace").strip().replace("\n", " ")
        return [("%s%s\t%s" % (LEFT_OUT, path, message), (0, 0.0))]
    done.check_returncode()
    rows = []
    for line in done.stdout.decode().splitlines():
        figures = COUNTED.match(line)
        rows.append((line[figures.end():], (int(figures[1]), float(figures[2]))))
    return rows


def plus(one, other):
    return one[0] + other[0], one[1] + other[1]


def folded(frames):
    return ";".join(re.sub(r"[;\x00-\x1f\x7f]", "_", "%(name)s (%(file)s:%(line)d)" % frame)
                    for frame in frames)


def write(out, rows, broken):
    """Writes what people and pyprof-lua read; stacks that differ by labels alone become one."""
    stacks = {}
    for text, (samples, _) in rows.toLocalIterator():
        stack = folded(json.loads("{" + text)["frames"])
        stacks[stack] = stacks.get(stack, 0) + samples
    with open(os.path.join(out, "merged.folded"), "w", encoding="utf-8") as file:
        file.writelines("%s %d\n" % one for one in sorted(stacks.items()))
    with open(os.path.join(out, "broken.txt"), "w", encoding="utf-8") as file:
        file.writelines(one + "\n" for one in broken)
    return len(stacks), sum(stacks.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recordings", nargs="+", help="paths or patterns, of any store Spark reads")
    parser.add_argument("-o", "--output", required=True, help="a folder")
    parser.add_argument("--program", required=True, help="pyprof-lua for the machines of the job")
    parser.add_argument("--labels", default="service", metavar="LIST",
                        help="labels kept apart: service,host (service)")
    parser.add_argument("--parts", type=int, default=16, help="parts of the result (16)")
    parser.add_argument("--task-bytes", type=int, default=1 << 20, metavar="N",
                        help="bytes of recordings that one task takes (1048576)")
    options = parser.parse_args()
    began = time.monotonic()
    # By default Spark would put small recordings of 128 MB together into one task.
    spark = SparkSession.builder.appName("pyprof-lua fleet").config(
        "spark.files.maxPartitionBytes", options.task_bytes).getOrCreate()
    context = spark.sparkContext
    context.addFile(options.program)
    context.addFile(os.path.join(HERE, "samples.lua"))
    kept = [label for label in options.labels.split(",") if label]
    spent = context.accumulator(0.0)
    os.makedirs(options.output, exist_ok=True)
    started = time.monotonic()
    # binaryFiles also gives empty files, which Spark's data source for files leaves out.
    files = context.binaryFiles(",".join(options.recordings), options.parts)
    reduced_rows = files.flatMap(lambda file: reduced(*file, kept, spent)).reduceByKey(
        plus, options.parts).persist(StorageLevel.MEMORY_AND_DISK)
    broken = sorted(reduced_rows.keys().filter(lambda key: key.startswith(LEFT_OUT)).collect())
    rows = reduced_rows.filter(lambda row: not row[0].startswith(LEFT_OUT))
    count, samples = write(options.output, rows, [key[len(LEFT_OUT):] for key in broken])
    texts = rows.map(lambda row: '{"samples": %d, "weight": %r, %s' % (*row[1], row[0]))
    spark.read.schema(SCHEMA).json(texts).write.mode("overwrite").parquet(
        os.path.join(options.output, "samples.parquet"))
    for key in broken:
        print(key, file=sys.stderr)
    print("%d samples in %d stacks; %d recordings left out; %.1f s, of these %.1f s Spark's start; "
          "pyprof-lua took %.1f s of processor time" % (
              samples, count, len(broken), time.monotonic() - began, started - began, spent.value))
    spark.stop()


if __name__ == "__main__":
    main()

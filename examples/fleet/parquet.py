#!/usr/bin/env python3
"""parquet.py OUT.parquet: writes the rows of samples.lua as Parquet, by Apache Arrow.

    pyprof-lua samples.lua --format ndjson run.json | parquet.py run.parquet
"""
import sys

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet

TEXTS = ["metric", "unit", "service", "host", "process", "thread", "test"]
FRAME = pa.struct([("file", pa.string()), ("line", pa.int32()), ("name", pa.string())])
SCHEMA = pa.schema([("samples", pa.int64()), ("weight", pa.float64()),
                    *((name, pa.string()) for name in TEXTS), ("frames", pa.list_(FRAME))])


def main(path):
    options = pyarrow.json.ParseOptions(explicit_schema=SCHEMA, unexpected_field_behavior="error")
    blocks = pyarrow.json.ReadOptions(block_size=16 << 20)  # a row must fit in a block
    with pyarrow.json.open_json(sys.stdin.buffer, blocks, options) as rows, \
            pyarrow.parquet.ParquetWriter(path, SCHEMA, compression="zstd") as file:
        for batch in rows:
            file.write_batch(batch)


if __name__ == "__main__":
    main(sys.argv[1])

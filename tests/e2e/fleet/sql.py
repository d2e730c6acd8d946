"""sql.py duckdb|spark PATH: the functions of a Parquet file of samples, by SQL, as JSON."""
import json
import sys

# What the two engines name differently: the last frame, and a stack's distinct functions.
LAST = {"duckdb": "frames[-1]", "spark": "element_at(frames, -1)"}
EACH = {
    "duckdb": "unnest(list_distinct([{'name': f.name, 'file': f.file} for f in frames]))",
    "spark": "explode(array_distinct(transform(frames, "
             "f -> struct(f.name as name, f.file as file))))",
}
QUERY = """select called.name as name, called.file as file, sum(weight) as weight
  from (select weight, %s as called from samples) as held group by called.name, called.file"""


def rows_of(engine, path):
    queries = [QUERY % LAST[engine], QUERY % EACH[engine]]
    if engine == "duckdb":
        import duckdb
        duckdb.sql("create view samples as from '%s'" % path)
        return [duckdb.sql(query).fetchall() for query in queries]
    from pyspark.sql import SparkSession
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", False).config(
        "spark.sql.shuffle.partitions", 2).getOrCreate()
    spark.read.parquet(path).createOrReplaceTempView("samples")
    return [[tuple(row) for row in spark.sql(query).collect()] for query in queries]


own, total = rows_of(*sys.argv[1:])
print(json.dumps({"self": own, "total": total}, default=int))

#!/bin/sh
# merge.sh FOLDER OUT.pprof: merges the recordings below FOLDER on this machine, without Spark.
#
# 100 recordings at a time become one profile each, and these become OUT.pprof: profiles merge in
# any order. A batch that holds a broken recording is tried again without it.
# Environment: PYPROF_LUA (pyprof-lua), JOBS (the number of processors), BATCH (100).
set -eu
[ $# -eq 2 ] || { echo "usage: merge.sh FOLDER OUT.pprof" >&2; exit 2; }
folder=$1 out=$2
PYPROF_LUA=${PYPROF_LUA:-pyprof-lua}
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
export PYPROF_LUA parts

find "$folder" -type f -print0 | sort -z |
  xargs -0 -r -n "${BATCH:-100}" -P "${JOBS:-$(nproc)}" sh -c '
    merge() { "$PYPROF_LUA" pprof -o "$(mktemp -u "$parts/XXXXXXXX").pprof" "$@"; }
    merge "$@" 2>/dev/null && exit
    for path; do
      shift
      if "$PYPROF_LUA" top --limit 1 "$path" >/dev/null 2>"$parts/message.$$"
      then set -- "$@" "$path"
      else sed "s/^/left out: /" "$parts/message.$$" >&2
      fi
    done
    [ $# -eq 0 ] || merge "$@"' merge.sh

rm -f "$parts"/message.*
[ -n "$(ls "$parts")" ] || { echo "merge.sh: $folder: no recording that can be read" >&2; exit 1; }
"$PYPROF_LUA" pprof -o "$out" "$parts"

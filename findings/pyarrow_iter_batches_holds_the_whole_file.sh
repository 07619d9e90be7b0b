#!/usr/bin/env bash
# pyarrow 26.0.1: ParquetFile.iter_batches, which is there to go through a file with little memory, comes to
# hold all of it, however small its row groups: pre_buffer, which is on unless told otherwise, reads ahead and
# lets go of nothing that was read. A shard of 500 MB of embedded audio takes 500 MB. With pre_buffer=False it
# holds what the batch needs, and one row group if they are asked for one by one.
#
# Seen: of a file of 64 MB in 64 row groups, batches of one row leave more than 64 MB allocated, against less
# than 8 MB.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pyarrow==26.0.1
cat >"$folder/batches.py" <<'PY'
import os
import sys

import pyarrow
from pyarrow import parquet

path = sys.argv[1]
sounds = pyarrow.table({"audio": [os.urandom(1 << 20) for _ in range(64)]})
parquet.write_table(sounds, path, row_group_size=1)
del sounds
before = pyarrow.total_allocated_bytes()
most = {}
for pre_buffer in (True, False):
    with parquet.ParquetFile(path, pre_buffer=pre_buffer) as file:
        held = [pyarrow.total_allocated_bytes() - before for _ in file.iter_batches(1)]
    most[pre_buffer] = max(held) >> 20
    print(f"pre_buffer={pre_buffer}: {most[pre_buffer]} MB")
with parquet.ParquetFile(path) as file:
    unasked = [pyarrow.total_allocated_bytes() - before for _ in file.iter_batches(1)]
print(f"unless told: {max(unasked) >> 20} MB")
assert max(unasked) >> 20 >= 64 and most[True] >= 64 and most[False] < 8
PY
"$folder/venv/bin/python" "$folder/batches.py" "$folder/sounds.parquet"

#!/usr/bin/env bash
# libsndfile 1.2.2 (soundfile 0.14.0) refuses a CAF file whose last chunk, the samples, has the size -1. Apple's
# specification of the Core Audio Format allows this ("Audio Data Chunk": the size may be -1 if the chunk is the
# last one), and recorders that stream or are stopped hard leave it so.
#
# Seen: "Supported file format but file is malformed."
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q soundfile==0.14.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import io
import struct

import numpy as np
import soundfile

file = io.BytesIO()
soundfile.write(file, np.zeros(16_000), 16_000, format="CAF")
data = bytearray(file.getvalue())
at = data.index(b"data") + 4
(size,) = struct.unpack_from(">q", data, at)
assert at + 8 + size == len(data), "the samples are the last chunk"
assert len(soundfile.read(io.BytesIO(data))[0]) == 16_000
struct.pack_into(">q", data, at, -1)
try:
    soundfile.read(io.BytesIO(data))
except soundfile.LibsndfileError as error:
    print(error.error_string)
else:
    raise SystemExit("it is read now")
PY

#!/usr/bin/env bash
# libsndfile 1.2.2 (soundfile 0.14.0): a Core Audio file whose size isn't known is refused. Apple's
# specification lets the data chunk say -1 where it comes last, and recorders write that until they
# are stopped: what was cut off while recording says so for ever.
#
# Seen: two files that differ in that number alone; one holds 16000 samples, the other is malformed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q soundfile==0.14.0 numpy==2.4.6

cat >"$folder/caf.py" <<'PY'
import io
import struct

import numpy as np
import soundfile

assert soundfile.__libsndfile_version__ == "1.2.2", soundfile.__libsndfile_version__
samples = np.zeros(16_000, "<i2").tobytes()
description = struct.pack(">d4sIIIII", 16_000.0, b"lpcm", 2, 2, 1, 1, 16)
head = b"caff\0\1\0\0desc" + struct.pack(">q", len(description)) + description + b"data"
for size in (4 + len(samples), -1):
    file = io.BytesIO(head + struct.pack(">qI", size, 0) + samples)
    try:
        print(size, soundfile.info(file).frames, "samples")
    except soundfile.LibsndfileError as error:
        print(size, error.error_string)
PY

"$folder/venv/bin/python" "$folder/caf.py" | tee "$folder/seen"
diff "$folder/seen" - <<'END'
32004 16000 samples
-1 Supported file format but file is malformed.
END

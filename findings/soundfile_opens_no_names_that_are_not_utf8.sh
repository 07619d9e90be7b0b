#!/usr/bin/env bash
# soundfile 0.14.0: a file whose name isn't UTF-8, as archives of umlauts from other systems leave them on
# Linux, can't be opened by the name that os.listdir or pathlib tells. soundfile encodes it strictly in place
# of by os.fsencode, and raises UnicodeEncodeError, which is none of the errors that it documents. os.fsencode
# before the call helps: bytes are taken as they are.
#
# Seen: the file that listdir tells is refused as str and as Path, and opened as bytes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q soundfile==0.14.0 numpy==2.4.6
mkdir "$folder/sounds"
cat >"$folder/names.py" <<'PY'
import os
import sys
from pathlib import Path

import numpy as np
import soundfile

folder = Path(sys.argv[1])
soundfile.write(folder / "new.wav", np.zeros(16_000), 16_000)
os.rename(folder / "new.wav", os.fsencode(folder) + b"/M\xf6we.wav")
(name,) = os.listdir(folder)
for path in (str(folder / name), folder / name, os.fsencode(folder / name)):
    try:
        print(type(path).__name__.removeprefix("Posix"), soundfile.info(path).frames)
    except Exception as error:
        print(type(path).__name__.removeprefix("Posix"), type(error).__name__)
PY
seen=$(PYTHONUTF8=1 "$folder/venv/bin/python" "$folder/names.py" "$folder/sounds")
echo "$seen"
test "$seen" = "str UnicodeEncodeError
Path UnicodeEncodeError
bytes 16000"

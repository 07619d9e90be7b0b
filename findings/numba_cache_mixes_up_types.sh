#!/usr/bin/env bash
# numba 0.68.1: two processes that compile one function for different types at the same time can leave
# a cache that gives a third process the wrong machine code. It then computes wrong numbers silently.
#
# numba names what it keeps by the first number that is free in the function's index. Two processes that
# read the index before either has written it take the same name for different types; the index says what
# the last one wrote there, and the file holds what the last one wrote there, which may be another.
# The processes below only wait for each other where that takes place, so that it happens every time;
# without that it happens now and then when a simulation's workers start with an empty cache.
#
# Seen: a third process is asked for times(3.5), which doubles a number, and answers 6: it runs the code
# for integers.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numba==0.68.1 numpy==2.4.6
cd "$folder"

cat >loops.py <<'PY'
from numba import njit

@njit(cache=True)
def times(x):
    return 2 * x
PY
cat >waiting.py <<'PY'
import sys, time
from pathlib import Path
from numba.core.caching import IndexDataCacheFile as File
from loops import times

kind, other = sys.argv[1:]
write_index, write_data = File._save_index, File._save_data

def until(name):
    deadline = time.monotonic() + 120
    while not Path(name).exists() and time.monotonic() < deadline:
        time.sleep(0.05)

def write_index_together(*arguments):
    Path(f"read by {kind}").touch()
    until(f"read by {other}")
    if kind == "float":
        until("index of int")
    write_index(*arguments)
    Path(f"index of {kind}").touch()

def write_data_in_turn(*arguments):
    if kind == "int":
        until("code of float")
    write_data(*arguments)
    Path(f"code of {kind}").touch()

File._save_index, File._save_data = write_index_together, write_data_in_turn
print(times(3) if kind == "int" else times(3.5))
PY

venv/bin/python waiting.py int float &
venv/bin/python waiting.py float int
wait
answer=$(venv/bin/python -c 'from loops import times; print(times(3.5))')
echo "times(3.5) from the cache: $answer (7.0 is right)"
test "$answer" = 6

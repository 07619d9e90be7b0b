#!/usr/bin/env bash
# numba 0.68.1: one assignment of an array to a slice of another makes the compiler build dozens of
# functions that format strings, for the text of an error that shapes don't fit. Where a loop over the
# numbers says the same, compiling takes a fraction of the time; in a simulation, every process of every
# machine pays that when its cache is empty.
#
# Seen: with `a[:] = b` more than 30 functions are compiled, with the loop fewer than 5, and it takes more
# than three times as long.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numba==0.68.1 numpy==2.4.6

cat >"$folder/count.py" <<'PY'
import sys, time
import numpy as np
from numba import njit
from numba.core import event

@njit
def warm(a):
    return a[0] + 1.0

@njit
def by_slice(a, b):
    a[:] = b

@njit
def by_loop(a, b):
    for i in range(len(a)):
        a[i] = b[i]

class Count(event.Listener):
    n = 0
    def on_start(self, event):
        self.n += 1
    def on_end(self, event):
        pass

a, b = np.zeros(3), np.ones(3)
warm(a)
count = Count()
event.register("numba:compile", count)
start = time.process_time()
{"slice": by_slice, "loop": by_loop}[sys.argv[1]](a, b)
print(count.n, round(time.process_time() - start, 3))
PY

read -r n_slice seconds_slice < <("$folder/venv/bin/python" "$folder/count.py" slice)
read -r n_loop seconds_loop < <("$folder/venv/bin/python" "$folder/count.py" loop)
echo "a[:] = b: $n_slice functions in $seconds_slice s; a loop: $n_loop in $seconds_loop s"
python3 -c "import sys; a, s, b, t = map(float, sys.argv[1:]); sys.exit(not (a > 30 and b < 5 and s > 3 * t))" \
    "$n_slice" "$seconds_slice" "$n_loop" "$seconds_loop"

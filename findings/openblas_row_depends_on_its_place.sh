#!/usr/bin/env bash
# NumPy 2.4.6 with the OpenBLAS of its wheel (0.3.31): what a row of a matrix gives in a product depends on
# where in the matrix it stands. In one thread, with matrices of the same shapes, all rows move down by one,
# and a sixth of them give other last bits with the kernels of Haswell in single precision. So "the same
# shapes give the same bits" holds only for rows that stay where they are, and a sample's scores depend on
# how many come before it in the batch. Needs a processor with AVX2.
#
# Seen: 170 of 1,023 rows change with the kernels of Haswell.
set -euo pipefail

if ! grep -qw avx2 /proc/cpuinfo; then
    echo "skipped: this processor has no AVX2"
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numpy==2.4.6
changed=$(OPENBLAS_NUM_THREADS=1 OPENBLAS_CORETYPE=Haswell "$folder/venv/bin/python" - <<'PY'
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(1025, 128)).astype(np.float32)
w = rng.normal(size=(128, 128)).astype(np.float32)
here, there = x[:1024] @ w, x[1:] @ w
print((here[1:] != there[:-1]).any(axis=1).sum())
PY
)
echo "$changed of 1023 rows change when all move by one place"
test "$changed" -gt 100

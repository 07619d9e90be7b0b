#!/usr/bin/env bash
# Ray 2.55.1, also when it was started with log_to_driver=False, configure_logging=False and a logging level
# of ERROR: when the process of an actor ends, the driver writes a line "(raylet) A worker died or was
# killed..." of some hundred characters to its stdout. No option of ray.init keeps it away, and no logger
# does, since it is printed and not logged. A program that writes JSON or CSV to its stdout, and starts
# another actor in place of the one that is gone, so writes what can't be read.
#
# Seen: the driver's stdout holds the line beside the program's own.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q ray==2.55.1
cat >"$folder/driver.py" <<'PY'
import json
import logging
import os
import time

import ray

ray.init(
    num_cpus=1,
    include_dashboard=False,
    log_to_driver=False,
    configure_logging=False,
    logging_level=logging.ERROR,
)


@ray.remote
class Worker:
    def leave(self) -> None:
        os._exit(0)


worker = Worker.remote()
try:
    ray.get(worker.leave.remote())
except ray.exceptions.RayActorError:
    answer = "replaced"
time.sleep(10)
print(json.dumps({"answer": answer}))
PY
RAY_USAGE_STATS_ENABLED=0 "$folder/venv/bin/python" "$folder/driver.py" >"$folder/stdout" 2>"$folder/stderr"
grep -q '"answer": "replaced"' "$folder/stdout"
echo "lines on stdout of Ray's: $(grep -c 'A worker died or was killed' "$folder/stdout")"
grep -q 'A worker died or was killed' "$folder/stdout"

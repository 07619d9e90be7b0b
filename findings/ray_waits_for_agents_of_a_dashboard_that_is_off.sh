#!/usr/bin/env bash
# Ray 2.55.1, installed bare (without the extra "default" that has the dashboard): ray.init with
# include_dashboard=False, and without any runtime environment, still starts two Python interpreters beside
# those that work, a dashboard agent and a runtime environment agent. The node isn't started and ray.init
# doesn't return until the first has written three files of ports, in each of which it says -1, for none,
# and the second another one. That was one second of the two that ray.init took on idle cores, and three
# of five on busy ones. No option of ray.init leaves them out.
#
# Seen: both agents among the node's processes, the three files with -1, and in the node's log that it was
# started only after the last of the four files was written.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q ray==2.55.1
cat >"$folder/driver.py" <<'PY'
import re
import time
from datetime import datetime
from pathlib import Path

import ray

ray.init(num_cpus=1, include_dashboard=False)
session = Path(ray._private.worker._global_node.get_session_dir_path())
files = {path.name.rpartition("_")[0]: path for path in session.glob("*agent*_port_*")}
files |= {path.name.rpartition("_")[0]: path for path in session.glob("metrics_export_port_*")}
print({name: path.read_text() for name, path in sorted(files.items())})

commands = set()
for folder in Path("/proc").iterdir():
    if folder.name.isdecimal():
        try:
            commands.add((folder / "cmdline").read_text().replace("\0", " ").strip())
        except OSError:
            pass
agents = sorted(name for name in commands if re.fullmatch(r"ray::\w*Agent", name))
print(agents)

log = (session / "logs" / "raylet.out").read_text()
def logged(text):
    (stamp, *_) = re.findall(rf"\[([\d :,-]+) \w .*{text}", log)
    return datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S,%f").timestamp()

began, started = logged("NodeManager server started"), logged("Raylet of id, .* started")
last = max(path.stat().st_mtime for path in files.values())
print(f"waited {started - began:.1f} s, the last file came after {last - began:.1f} s")
assert agents == ["ray::DashboardAgent", "ray::RuntimeEnvAgent"], agents
assert [name for name, path in sorted(files.items()) if path.read_text() == "-1"] == [
    "dashboard_agent_listen_port",
    "metrics_agent_port",
    "metrics_export_port",
]
assert started >= last > began
ray.shutdown()
PY
RAY_USAGE_STATS_ENABLED=0 "$folder/venv/bin/python" "$folder/driver.py"

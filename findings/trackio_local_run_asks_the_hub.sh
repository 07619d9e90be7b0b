#!/usr/bin/env bash
# trackio 0.43.0: a run that is logged to this machine alone, without a Space or a server, still goes over the
# network where somebody is logged in to the Hugging Face Hub: trackio.init asks the Hub who that is
# (/api/whoami-v2). Trackio calls itself local-first, and no argument of init keeps it from that; without a network it
# takes as long as the connection takes to fail. HF_HUB_OFFLINE=1 helps.
#
# Seen: a server in the Hub's place is asked by a run that names no place but this machine, and is not asked with
# HF_HUB_OFFLINE=1.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q trackio==0.43.0
cat >"$folder/local.py" <<'PY'
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

asked = []


class Hub(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"name": "somebody", "type": "user"}')

    def log_message(self, *words: object) -> None:
        pass


hub = HTTPServer(("127.0.0.1", 0), Hub)
threading.Thread(target=hub.serve_forever, daemon=True).start()
RUN = 'import trackio; run = trackio.init(project="p", name="n"); run.log({"a": 1.0}); run.finish()'
environment = {
    **os.environ,
    "TRACKIO_DIR": sys.argv[1],
    "HF_HOME": sys.argv[1],
    "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
    "HF_TOKEN": "hf_of_nobody",
}
for name in ("TRACKIO_SPACE_ID", "TRACKIO_SERVER_URL", "HF_HUB_OFFLINE"):
    environment.pop(name, None)
subprocess.run([sys.executable, "-c", RUN], env=environment, check=True, stdout=subprocess.DEVNULL)
print("asked:", asked)
assert "/api/whoami-v2" in asked
asked.clear()
offline = {**environment, "HF_HUB_OFFLINE": "1"}
subprocess.run([sys.executable, "-c", RUN], env=offline, check=True, stdout=subprocess.DEVNULL)
print("asked offline:", asked)
assert not asked
PY
"$folder/venv/bin/python" "$folder/local.py" "$folder/store"

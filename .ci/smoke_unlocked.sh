#!/usr/bin/env bash
# Does a Prefect server still start with the newest libraries that pyproject.toml allows?
# uv.lock protects who uses it; this protects who runs `pip install`, and tells of a broken release early.
#
#   .ci/smoke_unlocked.sh PYTHON [SOURCE]     PYTHON makes the environment; SOURCE, where nobody writes now, is what to install
set -euo pipefail

python=${1:?which Python shall make the environment?}
source_folder=$(cd "${2:-$(dirname "$0")/..}" && pwd)
work=$(mktemp -d)
server=
log=$work/server.log

stop() {
  if [ -n "$server" ] && kill "$server" 2>/dev/null; then
    for _ in {1..60}; do kill -0 "$server" 2>/dev/null || break; sleep 0.5; done
    kill -9 "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' HUP INT TERM

# A copy, so that nothing is built in the source.
mkdir "$work/source"
tar -C "$source_folder" --exclude=./.git --exclude=./.venv --exclude=./var -cf - . | tar -C "$work/source" -xf -

"$python" -m venv "$work/venv"
fresh=$work/venv/bin/python
"$fresh" -m pip install -qq --disable-pip-version-check "$work/source"
cd "$work" # away from the source: only the installed package counts
"$fresh" - <<'PY'
from importlib.metadata import version
print("resolved:", ", ".join(f"{name} {version(name)}" for name in ("prefect", "fastapi", "pydantic", "sqlalchemy")))
PY

# One process, started by Python itself, so that the id kept here is the server's own.
port=$("$fresh" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
unset "${!PREFECT_@}" # this machine's own Prefect is none of our business
export PREFECT_HOME=$work/prefect DO_NOT_TRACK=1 PREFECT_SERVER_ANALYTICS_ENABLED=false
"$fresh" -m prefect server start --host 127.0.0.1 --port "$port" >"$log" 2>&1 </dev/null &
server=$!

"$fresh" - "http://127.0.0.1:$port/api/health" "$server" <<'PY' || { tail -n 40 "$log"; exit 1; }
import os, sys, time, urllib.request

address, server = sys.argv[1], int(sys.argv[2])
local = urllib.request.build_opener(urllib.request.ProxyHandler({}))
began = time.monotonic()
while time.monotonic() - began < 180:
    try:
        with local.open(address, timeout=5) as answer:
            if answer.status == 200 and answer.read() == b"true":
                print(f"healthy after {time.monotonic() - began:.0f} s: {address}")
                sys.exit(0)
    except OSError:
        pass  # not listening yet
    try:
        os.kill(server, 0)
    except ProcessLookupError:
        sys.exit("the Prefect server ended before it answered:")
    time.sleep(0.5)
sys.exit("the Prefect server did not answer within 180 s:")
PY

#!/usr/bin/env bash
# Plays schedules of the simulator on both databases: scripts/simulate.sh COUNT [SEED]; a seed alone is played with its whole course.
set -uo pipefail
cd "$(dirname "$0")/.."
cluster=$(mktemp -d /tmp/xqm-postgis.XXXXXX)
chmod 755 "$cluster"
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
trap 'scripts/postgis.sh stop "$cluster"; rm -rf "$cluster"' EXIT

export TEST_POSTGIS_URL
TEST_POSTGIS_URL=$(scripts/postgis.sh start "$cluster" "$port") || exit 1

if [ -n "${2:-}" ]; then
  .venv/bin/python -m tests.simulator --seed "$2" --trace
else
  .venv/bin/python -m tests.simulator --count "$1"
fi

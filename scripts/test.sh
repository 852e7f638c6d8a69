#!/usr/bin/env bash
# Runs the whole suite: style and types, then every test on SpatiaLite, then every test that uses a database on PostGIS.
set -uo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
cluster=$(mktemp -d /tmp/xqm-postgis.XXXXXX)
chmod 755 "$cluster"
# Databases of tests outlive nothing, so no commit of theirs has to wait for a disk.
scratch=$(mktemp -d "$([ -w /dev/shm ] && [ "$(df --output=avail -k /dev/shm | tail -n 1)" -gt 3000000 ] && echo /dev/shm || echo /tmp)/xqm-tests.XXXXXX")
port=$($python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
trap 'scripts/postgis.sh stop "$cluster"; rm -rf "$cluster" "$scratch"' EXIT

export TEST_POSTGIS_URL
TEST_POSTGIS_URL=$(scripts/postgis.sh start "$cluster" "$port") || exit 1

failed=0
step() { # name, command…
  printf '\n== %s\n' "$1"
  shift
  "$@" || failed=1
}

judge() { # what needs no database, one after the other; it runs beside the tests, which often wait for a browser or a server
  local wrong=0
  for words in "ruff check ." "mypy"; do
    printf '\n== %s\n' "$words"
    # shellcheck disable=SC2086
    $python -m $words || wrong=1
  done
  printf '\n== lint-imports\n'
  .venv/bin/lint-imports || wrong=1
  return $wrong
}

judge >"$cluster/judged" 2>&1 &
judging=$!
workers=${TEST_WORKERS:-3} # on two cores: a browser, a server or a nap is always waited for
step "tests on SpatiaLite" $python -m pytest -q --basetemp "$scratch/sqlite" -n "$workers" --dist worksteal --database sqlite "$@"
step "tests on PostGIS" $python -m pytest -q --basetemp "$scratch/postgis" -n "$workers" --dist worksteal --database postgis --only-database "$@"
wait "$judging" || failed=1
cat "$cluster/judged"
exit $failed

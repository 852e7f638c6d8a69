#!/usr/bin/env bash
# Runs the whole suite at once: style and types, every test on SpatiaLite, and every test that uses a database on PostGIS.
set -uo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
cluster=$(mktemp -d /tmp/xqm-postgis.XXXXXX)
chmod 755 "$cluster"
# Databases of tests outlive nothing, so no commit of theirs has to wait for a disk.
scratch=$(mktemp -d "$([ -w /dev/shm ] && [ "$(df --output=avail -k /dev/shm | tail -n 1)" -gt 3000000 ] && echo /dev/shm || echo /tmp)/xqm-tests.XXXXXX")
port=$($python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
trap 'kill $(jobs -p) 2>/dev/null; scripts/postgis.sh stop "$cluster"; rm -rf "$cluster" "$scratch"' EXIT

export TEST_POSTGIS_URL
TEST_POSTGIS_URL=$(scripts/postgis.sh start "$cluster" "$port") || exit 1

failed=0

judge() { # what needs no database, one after the other
  local wrong=0
  for words in "ruff check ." "ruff format --check ." "mypy"; do
    printf '\n== %s\n' "$words"
    # shellcheck disable=SC2086
    $python -m $words || wrong=1
  done
  printf '\n== lint-imports\n'
  .venv/bin/lint-imports || wrong=1
  return $wrong
}

workers=${TEST_WORKERS:-2} # for either database; on two cores four have enough to wait for: a browser, a server, a nap
tests=("$python" -m pytest -q -n "$workers" --dist worksteal)

judge >"$cluster/judged" 2>&1 &
judging=$!
# Whatever is imported is compiled here once, and by every worker at the same time otherwise; what cannot be imported is said at once.
if ! $python -m pytest -qq --collect-only "$@" >"$cluster/collected" 2>&1; then
  cat "$cluster/collected"
  exit 1
fi
"${tests[@]}" --basetemp "$scratch/postgis" --database postgis --only-database "$@" >"$cluster/on-postgis" 2>&1 &
on_postgis=$!
printf '\n== tests on SpatiaLite, and at the same time on PostGIS\n'
"${tests[@]}" --basetemp "$scratch/sqlite" --database sqlite "$@" || failed=1
wait "$on_postgis" || failed=1
printf '\n== tests on PostGIS\n'
cat "$cluster/on-postgis"
wait "$judging" || failed=1
cat "$cluster/judged"
exit $failed

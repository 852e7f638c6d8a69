#!/usr/bin/env bash
# A private, throw-away PostgreSQL cluster with PostGIS for the tests: its own port and directory, never the system's cluster.
#   scripts/postgis.sh start DIR PORT   makes and starts it (again: harmless) and prints its address
#   scripts/postgis.sh stop DIR         stops it
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -z "$bin" ]; then
  echo "PostgreSQL 没有安装：apt-get install postgresql-postgis" >&2
  exit 3
fi
action=$1
dir=$2

as_owner() { # PostgreSQL refuses to run as root
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

case $action in
  start)
    port=$3
    if [ ! -f "$dir/data/PG_VERSION" ]; then
      mkdir -p "$dir"
      if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; fi
      as_owner "$bin/initdb" -D "$dir/data" -U tester -A trust --no-locale -E UTF8 >"$dir/initdb.log" 2>&1 \
        || { cat "$dir/initdb.log" >&2; exit 4; }
    fi
    if ! as_owner "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; then
      # fsync is off because nothing here outlives the test run; benchmarks that count durable commits set POSTGIS_FSYNC=on.
      as_owner "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/data/server.log" start \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir/data -c fsync=${POSTGIS_FSYNC:-off} -c full_page_writes=${POSTGIS_FSYNC:-off} -c max_connections=200 -c shared_buffers=128MB" >/dev/null
    fi
    echo "postgresql://tester@127.0.0.1:$port/postgres"
    ;;
  stop)
    as_owner "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
    ;;
  *)
    echo "用法：scripts/postgis.sh start 目录 端口 | stop 目录" >&2
    exit 2
    ;;
esac

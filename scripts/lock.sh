#!/usr/bin/env bash
# Write the lock files: exact versions with hashes, no address of any index.
# The development lock is solved first; the smaller ones take their versions from it.
set -euo pipefail
cd "$(dirname "$0")/.."

solve() {
  local output=$1
  shift
  uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
    --no-emit-index-url --no-emit-find-links -o "$output" "$@"
}

printf '%s\n' hatchling babel editables >requirements/build.in
solve requirements/dev.txt pyproject.toml requirements/build.in --extra all --extra cluster --extra gpu --group dev --group docs "$@"
solve requirements/all.txt pyproject.toml requirements/build.in --extra all -c requirements/dev.txt
solve requirements/core.txt pyproject.toml requirements/build.in --extra documents --extra measurement --extra cluster --extra gpu --group core-test -c requirements/dev.txt
rm requirements/build.in

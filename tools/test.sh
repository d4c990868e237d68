#!/usr/bin/env bash
# Installs what is missing, builds everything in build/release and runs all tests.
#
# Usage: tools/test.sh [ARGUMENTS OF CTEST...]     e.g. tools/test.sh -R support/
# DLC_CMAKE_ARGS adds arguments to the configuration (CI passes -DDLC_WERROR=ON).
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

tools/setup.sh --build

started=$SECONDS
read -ra cmake_args <<<"${DLC_CMAKE_ARGS:-}"
echo "== configure"
cmake --preset release "${cmake_args[@]}" --log-level=WARNING
echo "== build (build/release)"
cmake --build build/release
echo "== built in $((SECONDS - started)) s"

echo "== test"
ctest --test-dir build/release --parallel "$(nproc)" --output-on-failure --no-tests=error "$@"

#!/usr/bin/env bash
# Installs the Debian 12 packages that dlc needs; does nothing, quickly, when they are there.
#
# Usage: tools/setup.sh [--build]
#   --build   only what building and testing need, without the Clang tools of CI
set -euo pipefail

build_packages=(
  g++ cmake ninja-build ccache
  llvm-19-dev        # the code generator: headers and libLLVM
  llvm-19-tools      # FileCheck, for the text tests
  libfmt-dev libtbb-dev zlib1g-dev libzip-dev nlohmann-json3-dev libcli11-dev
  libgtest-dev libgmock-dev libbenchmark-dev
)
ci_packages=(
  git
  clang-19 libclang-rt-19-dev lld-19   # the sanitizer and fuzz presets
  clang-format-19 clang-tidy-19
  python3-numpy                        # judges our .npy and .npz files
  gdb                                  # a test breaks on a kernel by the name of a node
)

case ${1:-} in
  '') wanted=("${build_packages[@]}" "${ci_packages[@]}") ;;
  --build) wanted=("${build_packages[@]}") ;;
  *)
    echo "usage: tools/setup.sh [--build]" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "setup.sh: this machine has no apt; install by other means what provides these Debian 12 packages:" >&2
  echo "  ${wanted[*]}" >&2
  exit 1
fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [[ $status == 'install ok installed' ]] || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
  echo "setup.sh: all ${#wanted[@]} packages are installed"
  exit 0
fi

as_root=()
if [[ $EUID -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "setup.sh: run this as root (there is no sudo here):" >&2
    echo "  apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
as_root+=(env DEBIAN_FRONTEND=noninteractive)
apt_options=(-o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -q)

echo "setup.sh: installing ${missing[*]}"
# A repository of the machine that does not answer, but is not ours, need not stop us.
"${as_root[@]}" apt-get "${apt_options[@]}" update || echo "setup.sh: apt-get update reported errors; trying on" >&2
"${as_root[@]}" apt-get "${apt_options[@]}" install -y --no-install-recommends "${missing[@]}"

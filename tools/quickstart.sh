#!/usr/bin/env bash
# From a fresh Debian 12 machine to a trained network: installs what is missing, builds the dlc
# tool, trains a network from a graph file, prints its test accuracy, compiles the trained model
# and predicts a few digits, drawn as text.
#
# Usage: tools/quickstart.sh [--data DIR] [--epochs N]
#   --data DIR   train on the MNIST IDX files in DIR (train-images-idx3-ubyte and so on, plain or
#                .gz) rather than on the embedded, generated digits
set -euo pipefail

data=digits epochs=4
usage() { sed -nE '/^# Usage/,/^set /{s/^# ?//p}' "$0"; }
while [[ $# -gt 0 ]]; do
  case $1 in
    --data | --epochs)
      if [[ $# -lt 2 ]]; then
        echo "quickstart.sh: $1 needs a value" >&2
        exit 2
      fi
      if [[ $1 == --epochs ]]; then
        epochs=$2
      elif [[ -d $2 ]]; then
        data=mnist:$(realpath "$2")
      else
        echo "quickstart.sh: --data needs a folder of MNIST files; there is no folder '$2'" >&2
        exit 2
      fi
      shift 2
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      echo "quickstart.sh: unknown argument '$1'" >&2
      usage >&2
      exit 2
      ;;
  esac
done

cd "$(dirname "$(realpath "$0")")/.."
say() { printf '\n== %s\n' "$*"; }

say 'packages'
tools/setup.sh --build

say 'build the dlc tool (build/release/bin/dlc)'
# What test.sh builds later is the same build, continued.
cmake --preset release --log-level=WARNING >/dev/null
cmake --build build/release --target dlc
dlc=build/release/bin/dlc

model=examples/mlp.dlc
out=build/quickstart
mkdir -p "$out"

say "train $model on ${data#mnist:}"
"$dlc" train "$model" --data "$data" --minimize loss --metric accuracy --epochs "$epochs" --save "$out/mlp.safetensors"

say 'compile the trained model, its weights in it, to a shared library'
"$dlc" compile "$model" --checkpoint "$out/mlp.safetensors" --fetch logits --feed 'x=f32[1,784]' \
  --emit shared -o "$out/mlp.so"
ls -l "$out/mlp.so" "$out/mlp.h"

say 'the library predicts a few digits of the test set'
"$dlc" run "$out/mlp.so" --data "$data" --draw 3

say 'done: next, see README.md, examples/ and docs/'

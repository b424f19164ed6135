#!/bin/bash
# Builds the package and prints the folder that makes `import tensorflow` mean
# retrograph:
#
#   PYTHONPATH=$(python/dev_path.sh) python3 script.py
#
# The Python must have numpy and protobuf: ~/.cache/retrograph/venv/bin/python3.
# With --package it prints the folder that holds the package itself, for
# `import retrograph`. RETROGRAPH_OUTPUT_BASE is the folder that Bazel works in.
set -e -u
cd "$(dirname "$0")/.."
startup=()
if [ -n "${RETROGRAPH_OUTPUT_BASE:-}" ]; then
  startup=("--output_base=$RETROGRAPH_OUTPUT_BASE")
fi
bazel "${startup[@]}" build --noshow_progress //python:site >&2
site=$(bazel "${startup[@]}" info bazel-bin 2>/dev/null)/python/site
if [ "${1:-}" = --package ]; then
  echo "$site"
else
  echo "$site/retrograph/shim/site"
fi

#!/bin/sh
# Runs the benchmarks, and TensorFlow's side of them where RETROGRAPH_ORACLE
# names a folder with TensorFlow 1.15 in tf1/. Arguments go to the benchmark
# program (--benchmark_filter=BM_Run).
set -eu
cd "$(dirname "$0")/.."
bazel build //bench
"$(bazel info bazel-bin)/bench/bench" "$@"
python="${RETROGRAPH_ORACLE:-}/tf1/bin/python"
if [ -n "${RETROGRAPH_ORACLE:-}" ] && [ -x "$python" ]; then
  "$python" bench/tensorflow_side.py 2>/dev/null
else
  echo "RETROGRAPH_ORACLE names no TensorFlow 1.15: its side is left out."
fi

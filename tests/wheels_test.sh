#!/usr/bin/env bash
# Installs wheels in bare environments, one for each supported Python that this
# machine has, and runs a script there: tests/wheels_test.sh FOLDER
#
# FOLDER is one that python/packaging/make_wheels.sh filled. Checks the size of the
# wheels and what they link with as well.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/../third_party/setup.sh"

folder=$(cd -- "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for wheel in "$folder"/retrograph-*.whl; do
  size=$(stat --format=%s "$wheel")
  [ "$size" -lt $((15 << 20)) ] || rg_fail "$wheel has $size bytes"
done

tested=0
for version in "${rg_supported_pythons[@]}"; do
  python=$(rg_find_python "$version") || continue
  rg_quietly "making an environment" "$python" -m venv "$work/$version"
  rg_quietly "installing the wheel for Python $version" \
    "$work/$version/bin/pip" install --disable-pip-version-check \
    --only-binary :all: --find-links "$folder" retrograph
  # No variable of this shell's, and not the source's folder.
  (cd "$work" && env -i "$work/$version/bin/python" -m retrograph \
    "$rg_top/python/tests/wheel_script.py") ||
    rg_fail "the wheel does not work on Python $version"
  # All that is not the C library's comes with the wheel.
  others=$("$work/$version/bin/python" -c 'from retrograph import _core
for line in open("/proc/self/maps"):
  path = line.split()[-1]
  if ".so" in path: print(path)' | sort -u |
    grep -E '/lib(absl|protobuf|re2|leveldb|snappy|isal|png|jpeg|gif)' |
    grep -v "$work" || true)
  [ -z "$others" ] || rg_fail "the wheel loads the system's $others"
  tested=$((tested + 1))
done
rg_say "the wheels work on $tested Pythons"

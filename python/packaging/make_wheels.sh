#!/usr/bin/env bash
# Makes wheels that carry the libraries they need.
#
#   python/packaging/make_wheels.sh [FOLDER [PYTHON...]]
#
# One wheel for Python 3.10, one for 3.11 and one for 3.12 and newer, as far as
# this machine has these Pythons, or for the interpreters that are named; in FOLDER
# (dist/). They run on Linux with glibc 2.36 (Debian 12) and newer.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/../../third_party/setup.sh"

folder=$(mkdir -p "${1:-$rg_top/dist}" && cd "${1:-$rg_top/dist}" && pwd)
pythons=("${@:2}")
rg_setup
if [ ${#pythons[@]} = 0 ]; then
  rg_setup_other_pythons
  read -ra pythons <<<"$rg_venv/bin/python3 $RETROGRAPH_OTHER_PYTHONS"
fi
rg_make_venv "$rg_cache/wheel-venv" /usr/bin/python3 python_wheel_packages.txt

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stable_abi=
for python in "${pythons[@]}"; do
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  case $version in
    3.10 | 3.11) ;;
    *)
      if [ "$stable_abi" ]; then continue; fi  # it has its wheel
      stable_abi=yes
      ;;
  esac
  rg_quietly "building the wheel for Python $version" "$python" -m pip wheel \
    --disable-pip-version-check --no-deps --wheel-dir "$work/$version" "$rg_top"
  PATH=$rg_cache/wheel-venv/bin:$PATH rg_quietly "adding its libraries" \
    auditwheel repair --strip --plat manylinux_2_36_x86_64 \
    --wheel-dir "$folder" "$work/$version"/retrograph-*.whl
done
ls -l "$folder"

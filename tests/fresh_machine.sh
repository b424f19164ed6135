#!/usr/bin/env bash
# Runs ./run and ./test on a bare Debian 12, to prove that they need nothing else.
#
#   tests/fresh_machine.sh               ./run, then ./test
#   tests/fresh_machine.sh COMMAND...    a command in the top folder of the clone
#   tests/fresh_machine.sh --wheels FOLDER
#                                        installs the wheel of a folder where there
#                                        is nothing but Python, and runs a script
#
# Makes a minimal root with mmdebstrap, puts a clone of the last commit into it
# (and ../shared, if that is there), and works in it by chroot, as root. Package
# sources, certificates and proxies are this machine's. Everything happens in
# namespaces of its own, so that no mount or process is left behind. Takes as long
# as a clean build and 5 GB of the temporary folder (TMPDIR). FRESH_MACHINE_CACHE
# may name a folder with Bazel's disk cache, so that only the installing is fresh.
set -euo pipefail

if [ "${1:-}" != --in-namespaces ]; then
  [ "$(id -u)" = 0 ] || { echo "fresh_machine.sh: must be root" >&2; exit 2; }
  command -v mmdebstrap >/dev/null ||
    { echo "fresh_machine.sh: needs Debian's mmdebstrap" >&2; exit 2; }
  root=$(mktemp -d)
  trap 'rm -rf --one-file-system "$root"' EXIT
  unshare --mount --pid --fork --kill-child \
    "${BASH_SOURCE[0]}" --in-namespaces "$root" "$@"
  exit
fi
root=$2
shift 2
top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

say() { echo "fresh_machine.sh: $*" >&2; }

copy_if_there() {  # copy_if_there PATH: to the same place in the root
  [ -e "$1" ] || return 0
  mkdir -p "$root$(dirname "$1")"
  cp -rL "$1" "$root$(dirname "$1")/"
}

make_root() {
  say "making a root in $root"
  mmdebstrap --quiet --variant=minbase "$@" bookworm "$root"
  copy_if_there /etc/resolv.conf
  copy_if_there /etc/hosts
  copy_if_there /etc/pip.conf
  copy_if_there /etc/ssl/certs/ca-certificates.crt
  copy_if_there /usr/local/share/ca-certificates
  apt-config dump Acquire >"$root/etc/apt/apt.conf.d/99this-machine"
}

put_clone() {
  mkdir "$root/work"
  git clone --quiet --no-hardlinks "$top" "$root/work/main"
  if [ -d "$top/../shared" ]; then cp -r "$top/../shared" "$root/work/shared"; fi
}

mount_system() {
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
  if [ -n "${FRESH_MACHINE_CACHE:-}" ]; then
    mkdir -p "$root/root/.cache/retrograph/bazel"
    mount --bind "$FRESH_MACHINE_CACHE" "$root/root/.cache/retrograph/bazel"
  fi
}

# Only what an ordinary login and the way to the network need.
in_root() {
  local name passed=()
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY \
    PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_CERT SSL_CERT_FILE; do
    if [ -n "${!name:-}" ]; then passed+=("$name=${!name}"); fi
  done
  chroot "$root" env -i HOME=/root LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    "${passed[@]}" "$@" </dev/null
}

if [ "${1:-}" = --wheels ]; then
  make_root --include=python3-venv,ca-certificates
  mkdir "$root/wheels"
  cp "$2"/*.whl "$top/python/tests/wheel_script.py" "$root/wheels"
  mount_system
  in_root python3 -m venv /venv
  in_root /venv/bin/pip --quiet install --find-links /wheels retrograph
  in_root /venv/bin/python -m retrograph /wheels/wheel_script.py
  exit
fi

make_root
put_clone
mount_system
if [ $# -gt 0 ]; then
  in_root sh -c 'cd /work/main && exec "$@"' sh "$@"
else
  # From another folder, since both must work from anywhere.
  say "./run"
  in_root /work/main/run
  say "./test"
  in_root /work/main/test
fi

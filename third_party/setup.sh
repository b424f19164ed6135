# Sourced by ./run and ./test: installs what is missing, then builds.
#
#   rg_setup             installs missing Debian packages and Python packages
#   rg_install_debian PACKAGES...  installs more of them
#   rg_bazel ARGS...     runs Bazel in the top folder of the repository
#   rg_say TEXT...       a message to the user, on stderr
#
# The lists are debian_packages.txt and python_packages.txt beside this file.
# Everything that is cached is under ~/.cache: retrograph/ and Bazel's own.

rg_top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
rg_cache=$HOME/.cache/retrograph
rg_venv=$rg_cache/venv

rg_say() { echo "retrograph: $*" >&2; }

rg_fail() { rg_say "$*"; exit 1; }

# Prints the entries of a list file, without its comments.
rg_list() { grep -v '^#' "$rg_top/third_party/$1"; }

# Runs a command that talks much; shows what it said only if it fails.
rg_quietly() {
  local what=$1 log
  shift
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    rg_fail "failed: $what ($*)"
  fi
  rm -f "$log"
}

rg_missing_packages() {
  local installed
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' 2>/dev/null |
    sed -n 's/ installed$//p')
  comm -23 <(printf '%s\n' "$@" | sort) <(sort <<<"$installed")
}

# Installs those of these Debian packages that are missing.
rg_install_debian() {
  if ! command -v dpkg-query >/dev/null; then
    rg_say "not a Debian system; trusting that these are installed: $*"
    return
  fi
  local missing sudo=()
  missing=$(rg_missing_packages "$@")
  if [ -z "$missing" ]; then return; fi
  rg_say "installing Debian packages:" $missing
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      rg_fail "please install them as root: apt-get install" $missing
    sudo=(sudo)
  fi
  rg_quietly "reading Debian's package lists" "${sudo[@]}" apt-get update
  # shellcheck disable=SC2086
  rg_quietly "installing Debian packages" "${sudo[@]}" \
    env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends $missing
}

# The virtual environment keeps a copy of the list that it was made from.
rg_setup_python() {
  local list=$rg_top/third_party/python_packages.txt
  if cmp -s "$list" "$rg_venv/python_packages.txt"; then return; fi
  rg_say "installing Python packages:" $(rg_list python_packages.txt)
  rm -rf "$rg_venv"
  rg_quietly "making a Python environment" /usr/bin/python3 -m venv "$rg_venv"
  rg_quietly "installing Python packages" \
    "$rg_venv/bin/pip" install --disable-pip-version-check -r "$list"
  cp "$list" "$rg_venv/python_packages.txt"
}

rg_setup() {
  mkdir -p "$rg_cache"
  # One at a time, should two commands start together.
  exec 9>"$rg_cache/setup.lock"
  flock 9
  # shellcheck disable=SC2046
  rg_install_debian $(rg_list debian_packages.txt)
  rg_setup_python
  exec 9>&-
}

# RETROGRAPH_OUTPUT_BASE, if set, is the folder that Bazel works in.
rg_bazel() {
  local startup=()
  if [ -n "${RETROGRAPH_OUTPUT_BASE:-}" ]; then
    startup=("--output_base=$RETROGRAPH_OUTPUT_BASE")
  fi
  (cd "$rg_top" && bazel "${startup[@]}" "$@" </dev/null)
}

# Options that keep Bazel's progress off the screen where nobody watches it.
rg_quiet_options() {
  if [ ! -t 2 ]; then
    echo --noshow_progress
  fi
}

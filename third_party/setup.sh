# Sourced by ./run and ./test: installs what is missing, then builds.
#
#   rg_setup             installs missing Debian packages and Python packages
#   rg_install_debian PACKAGES...  installs more of them
#   rg_setup_other_pythons
#                        sets RETROGRAPH_OTHER_PYTHONS to environments of the
#                        supported Pythons that this machine has beside Debian's
#   rg_setup_python_tools
#                        sets RETROGRAPH_PYTHON_TOOLS to an environment with other
#                        people's programs that tests open our files with
#   rg_bazel ARGS...     runs Bazel in the top folder of the repository
#   rg_say TEXT...       a message to the user, on stderr
#
# The lists are debian_packages.txt and python_packages.txt beside this file.
# Everything that is cached is under ~/.cache: retrograph/ and Bazel's own.

rg_top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
rg_cache=$HOME/.cache/retrograph
rg_venv=$rg_cache/venv
rg_supported_pythons=(3.10 3.11 3.12 3.13)

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

# rg_make_venv FOLDER PYTHON LIST: an environment with the packages of a list. It
# keeps a copy of the list that it was made from.
rg_make_venv() {
  local list=$rg_top/third_party/$3
  if cmp -s "$list" "$1/$3"; then return; fi
  rg_say "installing the packages of third_party/$3 for $("$2" --version)"
  rm -rf "$1"
  rg_quietly "making a Python environment" "$2" -m venv "$1"
  rg_quietly "installing Python packages" \
    "$1/bin/pip" install --disable-pip-version-check -r "$list"
  cp "$list" "$1/"
}

# Prints the interpreter of a Python version that can build extensions, from PATH
# or from pyenv; fails if there is none.
rg_find_python() {
  local candidate candidates
  mapfile -t candidates < <(type -ap "python$1")
  candidates+=("${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/"python$1")
  for candidate in "${candidates[@]}"; do
    "$candidate" -c 'import ensurepip, os, sys, sysconfig
include = sysconfig.get_paths()["include"]
if not os.path.exists(os.path.join(include, "Python.h")): sys.exit(1)
print(sys.executable)' 2>/dev/null && return
  done
  return 1
}

rg_setup_other_pythons() {
  local version python missing=()
  RETROGRAPH_OTHER_PYTHONS=
  for version in "${rg_supported_pythons[@]}"; do
    if [ "$("$rg_venv/bin/python3" --version | cut -d. -f1-2)" = "Python $version" ]; then
      continue
    fi
    if python=$(rg_find_python "$version"); then
      rg_make_venv "$rg_venv-$version" "$python" python_packages.txt
      RETROGRAPH_OTHER_PYTHONS+="$rg_venv-$version/bin/python3 "
    else
      missing+=("$version")
    fi
  done
  export RETROGRAPH_OTHER_PYTHONS
  if [ ${#missing[@]} -gt 0 ]; then
    rg_say "not tested, since this machine does not have it:" \
      "${missing[@]/#/Python }"
  fi
}

# Sets RETROGRAPH_PYTHON_TOOLS to an environment with python_tools.txt, or, where
# these cannot be installed, leaves it empty: tests that need them say so.
rg_setup_python_tools() {
  RETROGRAPH_PYTHON_TOOLS=
  if (rg_make_venv "$rg_cache/tools-venv" /usr/bin/python3 python_tools.txt); then
    RETROGRAPH_PYTHON_TOOLS=$rg_cache/tools-venv
  fi
  export RETROGRAPH_PYTHON_TOOLS
}

rg_setup() {
  mkdir -p "$rg_cache"
  # One at a time, should two commands start together.
  exec 9>"$rg_cache/setup.lock"
  flock 9
  # shellcheck disable=SC2046
  rg_install_debian $(rg_list debian_packages.txt)
  rg_make_venv "$rg_venv" /usr/bin/python3 python_packages.txt
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

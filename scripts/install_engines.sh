#!/usr/bin/env bash
# Installs into .tools what the tests of Beam's runners use: Prism (needs Go) and a cluster of Flink (needs Java).
# Says what is left out, and does nothing that is done already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$(pwd -P)

readonly FLINK=1.20.5
readonly MODULE=github.com/apache/beam/sdks/v2/go/cmd/prism
beam=$(.venv/bin/python -c 'from importlib.metadata import version; print(version("apache-beam"))')

say() { echo "install_engines: $*"; }

install_prism() {
    local program=.tools/bin/prism
    if [ -x "$program" ] && [ "$(cat "$program.version" 2>/dev/null)" = "$beam" ]; then
        return
    fi
    if ! command -v go >/dev/null; then
        say "go is not on PATH, so tests with Prism are left out. Install Go 1.26 or later"
        return
    fi
    say "building Prism $beam with Go: about 2 minutes"
    GOBIN="$root/.tools/bin" go install "$MODULE@v$beam"
    echo "$beam" >"$program.version"
}

install_flink() {
    local target=.tools/flink
    if [ "$(cat "$target/version" 2>/dev/null)" = "$FLINK" ]; then
        return
    fi
    if ! command -v java >/dev/null; then
        say "java is not on PATH, so tests with Flink are left out. Install Java 11 or 17"
        return
    fi
    say "downloading Flink $FLINK: 240 MB"
    rm -rf --one-file-system "$target"
    mkdir -p "$target"
    .venv/bin/python -m pip download --quiet --no-deps --dest "$target" "apache-flink-libraries==$FLINK"
    tar -xzf "$target"/apache*flink*libraries-"$FLINK".tar.gz -C "$target" --wildcards --strip-components=3 '*/deps/lib/*'
    rm "$target"/apache*flink*libraries-"$FLINK".tar.gz
    echo "$FLINK" >"$target/version"
}

install_prism
install_flink

#!/usr/bin/env bash
# Updates locks/*.txt from pyproject.toml: names, versions and hashes, without the address of a registry.
# Keeps the locked versions if they still fit. UPGRADE=1 selects the newest versions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH=$PATH:$PWD/.tools/bin
type -P uv >/dev/null || {
    echo "lock: error: uv is not installed. Run 'make install' first" >&2
    exit 1
}

compile() {
    local lock=$1
    shift
    uv pip compile --quiet --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
        ${UPGRADE:+--upgrade} --output-file "locks/$lock.txt" "$@"
    echo "lock: locks/$lock.txt holds $(grep -c == "locks/$lock.txt") packages"
}

compile py310 --python-version 3.10 --python-platform x86_64-manylinux_2_28 --extra dev --extra mlflow --extra notebook --extra onnx --extra serve --extra wandb pyproject.toml
compile py313 --python-version 3.13 --python-platform x86_64-manylinux_2_39 --extra dev --extra mlflow --extra notebook --extra onnx --extra serve --extra wandb pyproject.toml
# TensorFlow's extra and-cuda, without the packages that are in the lock of the stack. The file is read beside that lock.
compile_cuda() {
    local stack=$1 tensorflow other=()
    shift
    tensorflow=$(sed -n 's/^tensorflow==\([^ ]*\).*/\1/p' "locks/$stack.txt")
    mapfile -t other < <(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/--no-emit-package=\1/p' "locks/$stack.txt")
    compile "$stack-cuda" --constraint "locks/$stack.txt" "${other[@]}" --no-annotate "$@" - <<<"tensorflow[and-cuda]==$tensorflow"
    sed -i '/^# The following packages were excluded/,$d' "locks/$stack-cuda.txt"
}

compile_cuda py310 --python-version 3.10 --python-platform x86_64-manylinux_2_28
compile_cuda py313 --python-version 3.13 --python-platform x86_64-manylinux_2_39
# The build requirements of packages without a wheel, and uv itself.
compile build --universal --python-version 3.10 --no-annotate - <<<$'setuptools\nwheel'
compile uv --universal --python-version 3.8 --no-annotate - <<<uv

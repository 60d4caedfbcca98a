#!/usr/bin/env bash
# Installs PyTorch into .tools/torch, for benchmarks/training/torch_reference.py. Does nothing if it is installed already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$(pwd -P)
PATH=${PATH#"$root/.venv/bin:"} # its Python may be too old

readonly TORCH=2.13.0
readonly TARGET=.tools/torch

fail() {
    echo "install_torch: error: $*" >&2
    exit 1
}
has_torch() { [ "$("$1" -c 'import numpy, torch; print(torch.__version__.partition("+")[0])' 2>/dev/null)" = "$TORCH" ]; }
is_new_enough() { "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
        is_new_enough "$candidate" && echo "$candidate" && return
    done
    return 1
}

has_torch "$TARGET/bin/python" && exit
python=$(find_python) || fail "Python 3.11 or later with venv is not on PATH. Install it, or set TORCH_PYTHON to a Python that has PyTorch"
rm -rf --one-file-system "$TARGET"
mkdir -p "$(dirname "$TARGET")"
"$python" -m venv "$TARGET"
"$TARGET/bin/python" -m pip install --quiet "torch==$TORCH" numpy
has_torch "$TARGET/bin/python" || fail "the Python in $TARGET cannot import torch $TORCH. Delete this folder and try again"

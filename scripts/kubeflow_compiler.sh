#!/usr/bin/env bash
# Builds Kubeflow's own compiler into .tools/bin/kubeflow-compiler, for a test. Does nothing if it is built already.
# It needs git and Go. KUBEFLOW_SOURCE is another git repository that has the commit below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly COMMIT=7b70c7b95f6832772efd6fd0029a4024491a0f44 # of 2026-08-21
readonly ARGO=github.com/argoproj/argo-workflows/v4
readonly ARGO_VERSION=v4.0.5 # the source names v4.0.8, which not every Go proxy has
readonly GO_MINIMUM=1.26
readonly SOURCE=${KUBEFLOW_SOURCE:-https://github.com/kubeflow/pipelines}
readonly TARGET=$PWD/.tools/bin/kubeflow-compiler

fail() {
    echo "kubeflow_compiler: error: $*" >&2
    exit 1
}

[ ! -x "$TARGET" ] || exit 0
type -P git >/dev/null || fail "git is missing. Install it"
type -P go >/dev/null || fail "Go $GO_MINIMUM or later is missing. Install it"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git init --quiet "$folder/repository"
git -C "$folder/repository" fetch --quiet --depth 1 "$SOURCE" "$COMMIT" || fail "cannot read commit $COMMIT of $SOURCE. Set KUBEFLOW_SOURCE"
mkdir "$folder/source"
git -C "$folder/repository" archive FETCH_HEAD go.mod go.sum api backend kubernetes_platform | tar --extract --directory "$folder/source"
command=$folder/source/backend/src/v2/cmd/mocogan
mkdir -p "$command" "$(dirname "$TARGET")"
cp scripts/kubeflow_compiler/main.go "$command/"
cd "$folder/source"
go mod edit -replace "$ARGO=$ARGO@$ARGO_VERSION"
SECONDS=0
go build -mod=mod -buildvcs=false -o "$TARGET" ./backend/src/v2/cmd/mocogan
echo "kubeflow_compiler: built $TARGET in $SECONDS s"

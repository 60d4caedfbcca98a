#!/bin/sh
# Starts what the container is asked for. Runners of Beam pass flags only, and want a worker of Beam.
# Kubeflow and Vertex AI pass a whole command. For convenience, `mocogan` may be left out before its commands.
set -eu
case ${1:-} in
--version | --help | -h) exec mocogan "$@" ;;
-*) exec /opt/apache/beam/boot "$@" ;;
esac
# Not `type` or `command -v`: `export` is a command of this project, and of the shell.
which "${1:-}" >/dev/null 2>&1 && exec "$@"
exec mocogan "$@"

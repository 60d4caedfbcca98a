#!/usr/bin/env bash
# Checks the image from inside: what it runs, as whom, and a tiny run of the whole pipeline. Needs no GPU.
#   check.sh FINGERPRINT   the code fingerprint of the trainer on the machine that built the image
set -euo pipefail

say() { echo "image-check: $*"; }
fail() {
    say "error: $*" >&2
    exit 1
}
entrypoint() { /opt/mocogan/scripts/image/entrypoint.sh "$@"; }

[ "$(id -u)" != 0 ] || fail "the user is root"
cd "$(mktemp -d)"
say "$(entrypoint mocogan --version), as user $(id -u)"
[ "$(entrypoint runs --help | head -n 1)" = "$(mocogan runs --help | head -n 1)" ] || fail "mocogan cannot be left out"
found=$(python -c 'from mocogan.components.code_fingerprint import code_fingerprint
print(code_fingerprint("mocogan.trainer.entry_point"))')
[ "$found" = "$1" ] || fail "the code fingerprint is $found, but $1 where the image was built"
say "code fingerprint $found, as where the image was built"
# The commands of the containers of Kubeflow and Vertex AI: TFX's, and this project's around it.
for module in tfx.orchestration.kubeflow.v2.container.kubeflow_v2_run_executor mocogan.pipeline.engines.container.run_task; do
    entrypoint python -m "$module" --help >help.txt 2>&1 || true
    grep -q json_serialized_invocation_args help.txt || fail "$module does not start: $(tail -n 1 help.txt)"
    say "$module starts"
done
# A runner of Beam passes flags only. Without --provision_endpoint, the program of Beam ends with this message.
entrypoint --id=1 2>boot.txt && fail "Beam's boot did not end"
grep -q "No provision endpoint provided" boot.txt || fail "Beam's boot does not start: $(tail -n 1 boot.txt)"
say "Beam's boot starts"
python /opt/mocogan/scripts/image/load_cuda.py
python -c 'from pathlib import Path
from mocogan.data.synthetic.shapes import write_shape_motion
write_shape_motion(Path("videos"), num_videos=12, seed=0)'
entrypoint mocogan run --preset demo --data videos --out out --set trainer.run.max_minutes=null --set trainer.run.steps=4 \
    --set ingest.size=16 --set ingest.num_frames=8 --set trainer.model.base_channels=4 --set trainer.run.batch_size=2 |
    tee run.txt
head -n 1 run.txt | grep -q '^device: ' || fail "the first line does not name the device"
say "ran the pipeline in $SECONDS s"

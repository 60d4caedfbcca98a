"""The job that Beam's client of Dataflow builds, stages and sends, taken by servers on this machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from google.cloud import storage

from mocogan.data.synthetic.shapes import write_shape_motion
from tests.support.commands import MOCOGAN
from tests.support.dataflow_server import FAILURE, dataflow_server
from tests.support.storage_server import storage_server

BUCKET = "films"
IMAGE = "europe-docker.pkg.dev/p/r/mocogan@sha256:0"


@pytest.mark.exhaustive
def test_the_job_names_image_and_options_and_its_files_are_staged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with storage_server(BUCKET, tmp_path / "storage.log") as address, dataflow_server() as service:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
        client = storage.Client.create_anonymous_client()
        bucket = client.bucket(BUCKET)
        write_shape_motion(tmp_path / "films", num_videos=2, seed=0)
        for path in (tmp_path / "films").rglob("*.mp4"):
            bucket.blob(f"films/{path.parent.name}/{path.name}").upload_from_filename(str(path))
        done = subprocess.run(
            [
                *(MOCOGAN, "ingest", f"gs://{BUCKET}/films", "--out", f"gs://{BUCKET}/clips"),
                *("--runner", "dataflow", "--set", f"beam.image={IMAGE}"),
                *("--set", "beam.dataflow.project=p", "--set", "beam.dataflow.region=r"),
                *("--set", f"beam.dataflow.temp_location=gs://{BUCKET}/tmp"),
                *("--set", "beam.dataflow.max_workers=8"),
                *("--set", "beam.dataflow.machine_type=n2-standard-4"),
                *("--set", "beam.dataflow.service_account=w@p.iam"),
                *("--set", f"beam.dataflow.endpoint={service.address}"),
                *("--set", "beam_args=[--no_auth]"),  # the servers here know no accounts
            ],
            env=dict(os.environ),
            capture_output=True,
            text=True,
        )
        staged = {blob.name: blob.size for blob in client.list_blobs(BUCKET, prefix="tmp/")}
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert FAILURE in done.stderr.splitlines()[-1]
    assert service.paths == ["/v1b3/projects/p/locations/r/jobs"]
    (job,) = service.jobs
    assert job["type"] == "JOB_TYPE_BATCH"
    (pool,) = job["environment"]["workerPools"]
    assert pool["workerHarnessContainerImage"] == IMAGE
    assert {it["containerImage"] for it in pool["sdkHarnessContainerImages"]} == {IMAGE}
    assert pool["autoscalingSettings"]["maxNumWorkers"] == 8
    assert pool["machineType"] == "n2-standard-4"
    assert pool["numThreadsPerWorker"] == 4
    assert job["environment"]["serviceAccountEmail"] == "w@p.iam"
    options = job["environment"]["sdkPipelineOptions"]["options"]
    assert options["sdk_location"] == "container"  # the image has the packages
    url = options["pipelineUrl"]
    assert url.startswith(f"gs://{BUCKET}/tmp/")
    assert staged[url.removeprefix(f"gs://{BUCKET}/")] > 1000
    # No package is sent beside the image, except the pipeline itself.
    assert {Path(name).name for name in staged} <= {
        "pipeline.pb",
        "submission_environment_dependencies.txt",
    }

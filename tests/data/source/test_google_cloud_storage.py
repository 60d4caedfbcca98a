"""Videos on gs://, read with Beam's own client from a server of Google Cloud Storage's API in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import storage

from mocogan.data.synthetic.shapes import write_shape_motion
from tests.support.storage_server import storage_server

BUCKET = "videos"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a server with an empty bucket. Google's clients use it."""
    with storage_server(BUCKET, tmp_path / "server.log") as address:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
        yield f"gs://{BUCKET}"


def upload(folder: Path, name: str) -> None:
    bucket = storage.Client.create_anonymous_client().bucket(BUCKET)
    for path in sorted(folder.rglob("*.mp4")):
        bucket.blob(f"{name}/{path.relative_to(folder)}").upload_from_filename(str(path))


@pytest.mark.exhaustive
def test_videos_are_ingested_from_a_bucket_as_from_a_folder(server: str, tmp_path: Path) -> None:
    write_shape_motion(tmp_path / "videos", num_videos=6, seed=0)
    upload(tmp_path / "videos", "shapes")
    small = ["--set", "ingest.size=16", "--set", "ingest.num_frames=8"]
    reports = []
    for number, data in enumerate((str(tmp_path / "videos"), f"{server}/shapes")):
        out = tmp_path / str(number)
        done = subprocess.run(
            [Path(sys.executable).with_name("mocogan"), "ingest", data, "--out", out, *small],
            env=dict(os.environ),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        reports.append(json.loads((out / "ingest_report.json").read_text()))
    local, remote = reports
    for key in ("videos", "rejected_by_code", "clips", "splits", "labels"):
        assert remote[key] == local[key], key
    assert len(list((tmp_path / "1").glob("Split-*/*.gz"))) > 0

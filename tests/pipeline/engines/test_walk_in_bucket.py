"""The compiled pipeline runs task by task in a bucket: Beam's and TensorFlow's own clients, and a server here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.config.loading import load_config
from tests.pipeline.engines.conftest import BUCKET
from tests.support.object_store.fixtures import BUCKET as STORE
from tests.support.object_store.objects import Objects
from tests.support.spec_executor import SpecExecutor

# What TFX, tf.Transform and Beam write. They rename files.
_OF_TFX = ("StatisticsGen", "Transform", "VideoExampleGen", ".temp", "ingest-")


@pytest.mark.exhaustive
def test_a_pipeline_runs_in_a_bucket_to_a_push(
    tiny_file: str,
    packages: Path,
    tmp_path: Path,
    running_store: tuple[Objects, Mapping[str, str]],
    stored_objects: Objects,
) -> None:
    from mocogan.pipeline.engines.compiling import compile_pipeline, write_spec

    stored_objects.rules(forbids_copies=False)
    write_shape_motion(tmp_path / "videos", num_videos=8, seed=0, num_frames=12, size=16)
    for path in (tmp_path / "videos").rglob("*.mp4"):
        stored_objects.put(str(path.relative_to(tmp_path)), path.read_bytes())
    spec = tmp_path / "mocogan.json"
    write_spec(compile_pipeline(load_config(tiny_file), "vertex"), str(spec))

    def read(address: str) -> str | None:
        content = stored_objects.content(address.removeprefix(f"gs://{STORE}/"))
        return None if content is None else content.decode()

    executor = SpecExecutor(
        spec, BUCKET, f"gs://{STORE}", packages, environment=running_store[1], read=read
    )
    done = executor.run()
    for number, task in enumerate(done.values(), start=1):
        print(f"[{number}/{len(done)}] {task.name:<16} {task.state:<7} {task.seconds:6.1f} s")
    assert {task.state for task in done.values()} == {"ran"}
    (model,) = [
        name
        for name in stored_objects.names("out/serving_model/mocogan/")
        if name.endswith("/saved_model.pb")
    ]
    manifest = read(f"gs://{STORE}/{model.replace('saved_model.pb', 'assets.extra/manifest.json')}")
    assert json.loads(manifest or "")["version"] == model.split("/")[-2]
    foreign = [pair for pair in stored_objects.copies() if not any(n in pair[0] for n in _OF_TFX)]
    assert foreign == []

    again = executor.run()
    assert {name for name, task in again.items() if task.state == "ran"} == {
        "Pusher",
        "BaselineVersion",
    }
    assert [
        n for n in stored_objects.names("out/serving_model/") if n.endswith("/saved_model.pb")
    ] == [model]

import os

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.types import standard_artifacts

from components.video_example_gen.component import VideoExampleGen
from components.video_example_gen.driver import VideoFolderDriver, listing_fingerprint
from data.spec import IngestSpec


def test_fingerprint_knows_content_names_and_nothing_else(tmp_path):
    video = tmp_path / "walk" / "a.mp4"
    video.parent.mkdir()
    video.write_bytes(b"12345")
    os.utime(video, ns=(0, 1_000_000_001))
    first = listing_fingerprint(str(tmp_path))

    (tmp_path / "walk" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    os.utime(video.parent)
    assert listing_fingerprint(str(tmp_path)) == first

    os.utime(video, ns=(0, 1_000_000_002))
    changed = listing_fingerprint(str(tmp_path))
    assert changed != first

    video.rename(tmp_path / "walk" / "b.mp4")
    assert listing_fingerprint(str(tmp_path)) not in (first, changed)


def test_driver_sets_the_fingerprint_of_videos_in_sub_folders(tmp_path):
    (tmp_path / "walk").mkdir()
    (tmp_path / "walk" / "a.mp4").write_bytes(b"12345")
    component = VideoExampleGen(str(tmp_path), IngestSpec())
    examples = standard_artifacts.Examples()
    with metadata.Metadata(_in_memory_store()) as store:
        output = VideoFolderDriver(store).run(
            ExecutionInfo(
                exec_properties=dict(component.exec_properties),
                output_dict={"examples": [examples]},
            )
        )
    fingerprint = listing_fingerprint(str(tmp_path))
    assert output.exec_properties["input_fingerprint"].string_value == fingerprint
    described = output.output_artifacts["examples"].artifacts[0].custom_properties
    assert described["input_fingerprint"].string_value == fingerprint


def _in_memory_store() -> metadata_store_pb2.ConnectionConfig:
    config = metadata_store_pb2.ConnectionConfig()
    config.fake_database.SetInParent()
    return config

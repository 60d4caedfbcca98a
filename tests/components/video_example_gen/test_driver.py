from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.types import standard_artifacts

from mocogan.components.video_example_gen.component import VideoExampleGen
from mocogan.components.video_example_gen.driver import VideoFolderDriver, known_fingerprint
from mocogan.data.config import IngestConfig
from mocogan.data.source.listing import read_folder


def test_driver_takes_remote_folders(memory_store):
    memory_store.put("mem://bucket/data/a.mp4", b"12345", modified=1.0)

    assert _driven("mem://bucket/data") == read_folder("mem://bucket/data").fingerprint()


def test_driver_sets_the_fingerprint_of_videos_in_sub_folders(tmp_path):
    (tmp_path / "walk").mkdir()
    (tmp_path / "walk" / "a.mp4").write_bytes(b"12345")

    assert _driven(str(tmp_path)) == read_folder(str(tmp_path)).fingerprint()


def test_driver_takes_the_fingerprint_that_its_runner_knows(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"12345")

    with known_fingerprint(str(tmp_path), "known"):
        assert _driven(str(tmp_path)) == "known"
    assert _driven(str(tmp_path)) == read_folder(str(tmp_path)).fingerprint()


def _driven(folder: str) -> str:
    """The fingerprint that the driver gives execution and artifact."""
    component = VideoExampleGen(folder, IngestConfig())
    examples = standard_artifacts.Examples()
    with metadata.Metadata(_in_memory_store()) as store:
        output = VideoFolderDriver(store).run(
            ExecutionInfo(
                exec_properties=dict(component.exec_properties),
                output_dict={"examples": [examples]},
            )
        )
    fingerprint = output.exec_properties["input_fingerprint"].string_value
    described = output.output_artifacts["examples"].artifacts[0].custom_properties
    assert described["input_fingerprint"].string_value == fingerprint
    return fingerprint


def _in_memory_store() -> metadata_store_pb2.ConnectionConfig:
    config = metadata_store_pb2.ConnectionConfig()
    config.fake_database.SetInParent()
    return config

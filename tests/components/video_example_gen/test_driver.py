import pytest
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.proto.example_gen_pb2 import Input
from tfx.proto.orchestration.driver_output_pb2 import DriverOutput
from tfx.proto.range_config_pb2 import RangeConfig, StaticRange
from tfx.types import standard_artifacts

from mocogan.components.video_example_gen.component import VideoExampleGen
from mocogan.components.video_example_gen.driver import VideoFolderDriver, known_fingerprint
from mocogan.data.source.listing import read_folder

SPANS = Input(splits=[Input.Split(name="single_split", pattern="span-{SPAN}/*")])


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


def test_driver_reads_the_newest_span(spans):
    output = _output(str(spans), input_config=SPANS)
    newest = read_folder(str(spans / "span-10")).fingerprint()
    assert output.exec_properties["input_fingerprint"].string_value == newest
    assert output.exec_properties["span"].int_value == 10
    assert '"span-10/*"' in output.exec_properties["input_config"].string_value
    described = output.output_artifacts["examples"].artifacts[0].custom_properties
    assert described["span"].int_value == 10


def test_driver_reads_the_span_that_is_asked_for(spans):
    range_config = RangeConfig(static_range=StaticRange(start_span_number=2, end_span_number=2))
    output = _output(str(spans), input_config=SPANS, range_config=range_config)
    second = read_folder(str(spans / "span-2")).fingerprint()
    assert output.exec_properties["input_fingerprint"].string_value == second
    assert '"span-2/*"' in output.exec_properties["input_config"].string_value


def test_driver_fails_without_any_span(tmp_path):
    with pytest.raises(ValueError, match="Cannot find matching for split"):
        _output(str(tmp_path), input_config=SPANS)


@pytest.fixture
def spans(tmp_path):
    """Folders of videos for the spans 2 and 10, which sort differently as text."""
    for span, content in ((2, b"12345"), (10, b"123")):
        (tmp_path / f"span-{span}" / "walk").mkdir(parents=True)
        (tmp_path / f"span-{span}" / "walk" / "a.mp4").write_bytes(content)
    return tmp_path


def _driven(folder: str) -> str:
    """The fingerprint that the driver gives execution and artifact."""
    output = _output(folder)
    fingerprint = output.exec_properties["input_fingerprint"].string_value
    described = output.output_artifacts["examples"].artifacts[0].custom_properties
    assert described["input_fingerprint"].string_value == fingerprint
    return fingerprint


def _output(folder: str, **arguments) -> DriverOutput:
    component = VideoExampleGen(input_base=folder, **arguments)
    with metadata.Metadata(_in_memory_store()) as store:
        return VideoFolderDriver(store).run(
            ExecutionInfo(
                exec_properties=dict(component.exec_properties),
                output_dict={"examples": [standard_artifacts.Examples()]},
            )
        )


def _in_memory_store() -> metadata_store_pb2.ConnectionConfig:
    config = metadata_store_pb2.ConnectionConfig()
    config.fake_database.SetInParent()
    return config

import os
from pathlib import Path

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.types import standard_artifacts

from mocogan.components.video_example_gen.component import VideoExampleGen
from mocogan.components.video_example_gen.driver import VideoFolderDriver, listing_fingerprint
from mocogan.data.config import IngestConfig


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


def _write(path: Path, content: bytes, seconds: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (seconds, seconds))


def test_fingerprint_knows_every_frame(tmp_path):
    first, second = tmp_path / "v" / "1.png", tmp_path / "v" / "2.png"
    _write(first, b"one", seconds=5)
    _write(second, b"two", seconds=9)
    before = listing_fingerprint(str(tmp_path))

    _write(first, b"owe", seconds=6)  # the newest frame and the sum of the sizes are as before
    changed = listing_fingerprint(str(tmp_path))
    assert changed != before

    first.rename(tmp_path / "v" / "3.png")  # another order
    assert listing_fingerprint(str(tmp_path)) not in (before, changed)


def test_fingerprint_knows_the_manifest(tmp_path):
    _write(tmp_path / "a.mp4", b"12345")
    before = listing_fingerprint(str(tmp_path))

    _write(tmp_path / "labels.csv", b"file,label\na.mp4,walk\n", seconds=1)
    added = listing_fingerprint(str(tmp_path))
    _write(tmp_path / "labels.csv", b"file,label\na.mp4,hops\n", seconds=2)

    assert len({before, added, listing_fingerprint(str(tmp_path))}) == 3


def test_fingerprint_knows_what_is_refused_and_why(tmp_path):
    _write(tmp_path / "data" / "a.mp4", b"12345")
    _write(tmp_path / "outside.mp4", b"12345")
    link = tmp_path / "data" / "link.mp4"
    seen = {listing_fingerprint(str(tmp_path / "data"))}
    for target in ("nowhere.mp4", "../outside.mp4", "."):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        seen.add(listing_fingerprint(str(tmp_path / "data")))

    assert len(seen) == 4


def test_fingerprint_of_a_remote_folder(memory_store):
    memory_store.put("mem://bucket/data/a.mp4", b"12345", modified=1.0)
    before = listing_fingerprint("mem://bucket/data")
    assert listing_fingerprint("mem://bucket/data/") == before

    memory_store.put("mem://bucket/data/a.mp4", b"12345", modified=2.0)
    assert listing_fingerprint("mem://bucket/data") != before


def test_driver_takes_remote_folders(memory_store):
    memory_store.put("mem://bucket/data/a.mp4", b"12345", modified=1.0)

    assert _driven("mem://bucket/data") == listing_fingerprint("mem://bucket/data")


def test_driver_sets_the_fingerprint_of_videos_in_sub_folders(tmp_path):
    (tmp_path / "walk").mkdir()
    (tmp_path / "walk" / "a.mp4").write_bytes(b"12345")

    assert _driven(str(tmp_path)) == listing_fingerprint(str(tmp_path))


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

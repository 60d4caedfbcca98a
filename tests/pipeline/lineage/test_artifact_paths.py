from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mocogan.pipeline.generate.result import RESULT_FILE, Generated, GeneratedFile, UsedModel
from mocogan.pipeline.lineage.ancestry import NoSuchArtifact
from mocogan.pipeline.lineage.artifact_paths import artifact_of, folder_of_runs
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from tests.support.recorded_pipeline import Store


def found(store: Store, path: Path) -> int:
    out = folder_of_runs(str(path), None)
    assert out == str(store.out)
    return artifact_of(store.reader, str(path), out).id


def write_generated(folder: Path, model: Path, sha256: str = "unknown") -> Path:
    """A GIF and its description, as `mocogan generate` leaves them."""
    folder.mkdir()
    (folder / "clip.gif").touch()
    generated = Generated(
        command="mocogan generate",
        model=UsedModel(path=str(model), sha256=sha256),
        format="gif",
        fps=8.0,
        frames=16,
        scale=1,
        truncation=1.0,
        notes=(),
        files=(GeneratedFile(file="clip.gif", sha256="0", seeds=(0,), labels=(None,)),),
        versions={},
    )
    (folder / RESULT_FILE).write_text(generated.model_dump_json())
    return folder / "clip.gif"


def test_any_path_in_an_artifact_belongs_to_it(store: Store):
    folder = Path(store.artifact("model 1").uri)
    assert found(store, folder) == store.names["model 1"]
    assert found(store, folder / "file") == store.names["model 1"]


def test_a_pushed_version_and_the_folder_of_versions(store: Store):
    versions = store.out / "serving_model" / "mocogan"
    assert found(store, versions / "100" / "saved_model.pb") == store.names["pushed_model 1"]
    assert found(store, versions) == store.names["pushed_model 2"]
    assert found(store, store.out) == store.names["pushed_model 2"]


def test_a_deleted_version_is_still_known(store: Store):
    version = store.out / "serving_model" / "mocogan" / "100"
    shutil.rmtree(version)
    assert found(store, version) == store.names["pushed_model 1"]


def test_a_gif_belongs_to_the_model_that_drew_it(store: Store, tmp_path: Path):
    gif = write_generated(tmp_path / "clips", store.out / "serving_model" / "mocogan" / "100")
    assert found(store, gif) == store.names["pushed_model 1"]
    assert found(store, gif.with_name(RESULT_FILE)) == store.names["pushed_model 1"]
    assert found(store, gif.parent) == store.names["pushed_model 1"]


def test_a_model_that_was_moved_is_known_by_its_hash(store: Store, tmp_path: Path):
    gif = write_generated(tmp_path / "clips", tmp_path / "elsewhere", sha256="sha 1")
    assert artifact_of(store.reader, str(gif), str(store.out)).id == store.names["pushed_model 1"]


def test_a_gif_of_an_unknown_model_is_refused(store: Store, tmp_path: Path):
    gif = write_generated(tmp_path / "clips", tmp_path / "elsewhere")
    with pytest.raises(
        NoSuchArtifact, match=r"was drawn by the model .*elsewhere, which is not in"
    ):
        artifact_of(store.reader, str(gif), str(store.out))


def test_a_file_that_the_description_does_not_name_is_refused(store: Store, tmp_path: Path):
    gif = write_generated(tmp_path / "clips", store.out / "serving_model" / "mocogan" / "100")
    other = gif.with_name("other.gif")
    other.touch()
    with pytest.raises(NoSuchArtifact, match=r"other\.gif belongs to no artifact"):
        artifact_of(store.reader, str(other), str(store.out))


def test_a_damaged_description_is_named(store: Store, tmp_path: Path):
    gif = write_generated(tmp_path / "clips", tmp_path)
    gif.with_name(RESULT_FILE).write_text("{")
    with pytest.raises(NoSuchArtifact, match=r"generated\.json is not a valid description"):
        artifact_of(store.reader, str(gif), str(store.out))


def test_a_kept_checkpoint_belongs_to_the_training_that_published_it(store: Store):
    published = Path(store.artifact("checkpoints 1").uri, "step-00000500.npz")
    published.write_bytes(b"weights")
    kept = store.out / "checkpoints" / "0123456789abcdef"
    kept.mkdir(parents=True)
    shutil.copy(published, kept)
    (kept / "step-00000400.npz").write_bytes(b"earlier")
    assert found(store, kept / "step-00000400.npz") == store.names["checkpoints 1"]
    other = store.out / "checkpoints" / "other"
    other.mkdir()
    (other / "step-00000500.npz").write_bytes(b"another")
    with pytest.raises(NoSuchArtifact, match="belongs to no artifact"):
        found(store, other / "step-00000500.npz")


def test_an_output_folder_can_be_moved(store: Store, tmp_path: Path):
    moved = tmp_path / "moved"
    shutil.move(store.out, moved)
    path = moved / "tfx_pipeline_output/MoCoGanTrainer/model/1/file"
    out = folder_of_runs(str(path), None)
    reader = MetadataReader(SqliteStore(moved / "tfx_metadata/metadata.db"))
    assert artifact_of(reader, str(path), out).id == store.names["model 1"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no/such/file.gif", "file.gif does not exist"),
        ("config.yaml/" + "n" * 300, "does not exist"),
        ("/dev/null", "/dev/null belongs to no artifact of the runs in .*--out"),
        ("no/such\nfile", r"no/such\\nfile does not exist"),
        ("gs://bucket/clip.gif", "gs://bucket/clip.gif belongs to no artifact"),
    ],
)
def test_other_paths_are_refused(name: str, message: str, store: Store):
    with pytest.raises(NoSuchArtifact, match=message) as refused:
        artifact_of(store.reader, name, str(store.out))
    assert "\n" not in str(refused.value)


def test_out_is_the_folder_that_is_named_or_the_default(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert folder_of_runs("12", None) == str(tmp_path / "output")
    assert folder_of_runs(str(store.out / "runs"), "other") == str(tmp_path / "other")

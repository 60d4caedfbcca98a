from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf

from mocogan.components.model_pusher.manifest import (
    MANIFEST_FILE,
    Manifest,
    ModelChanged,
    file_sha256,
    list_files,
    model_sha256,
    read_manifest,
    verify,
)
from mocogan.trainer.contract import MODEL_DESCRIPTION_FILE
from tests.support.constant_model import Constant, save_constant
from tests.support.model_description import DESCRIPTION


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """A version with a manifest. The manifest tests need no model in it."""
    folder = tmp_path / "17"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"index")
    manifest = Manifest(
        version="17",
        model_sha256="a" * 64,
        files={
            "saved_model.pb": hashlib.sha256(b"graph").hexdigest(),
            "variables/variables.index": hashlib.sha256(b"index").hexdigest(),
        },
        pushed_at="2026-11-30T12:00:00+00:00",
    )
    (folder / MANIFEST_FILE).parent.mkdir()
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json())
    return folder


def test_an_unchanged_version_is_verified(version: Path) -> None:
    assert verify(str(version)) == read_manifest(str(version))
    assert verify(f"{version}/") is not None


def test_a_version_without_a_manifest_is_not_judged(version: Path) -> None:
    (version / MANIFEST_FILE).unlink()
    assert verify(str(version)) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: (v / "saved_model.pb").write_bytes(b"grapf"), "saved_model.pb has changed"),
        (
            lambda v: (v / "variables" / "variables.index").unlink(),
            "variables/variables.index is missing",
        ),
        (lambda v: (v / "assets.extra" / "more").touch(), "assets.extra/more is additional"),
        (lambda v: (v / MANIFEST_FILE).write_text("{"), "manifest.json is not valid: Invalid JSON"),
        (
            lambda v: (v / MANIFEST_FILE).write_text('{"format_version": 2}'),
            "manifest.json is not valid: Input should be 1",
        ),
    ],
    ids=["changed", "missing", "additional", "cut", "newer"],
)
def test_a_change_is_named_in_one_line(
    version: Path, change: Callable[[Path], object], message: str
) -> None:
    change(version)
    with pytest.raises(ModelChanged) as raised:
        verify(str(version))
    assert str(raised.value).startswith(f"{version}: ")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_files_and_their_hashes(version: Path) -> None:
    assert list_files(str(version)) == [
        MANIFEST_FILE,
        "saved_model.pb",
        "variables/variables.index",
    ]
    (version / "large").write_bytes(bytes(3_000_000))
    assert file_sha256(str(version / "large")) == hashlib.sha256(bytes(3_000_000)).hexdigest()


def test_a_version_is_read_from_an_address(version: Path) -> None:
    # TensorFlow's ram:// takes `assets.extra` for a part of `assets` if both exist.
    address = "ram://manifest/17"
    for name in list_files(str(version)):
        tf.io.gfile.makedirs(f"{address}/{name}".rpartition("/")[0])
        tf.io.gfile.copy(f"{version}/{name}", f"{address}/{name}")
    assert verify(address) == read_manifest(str(version))


def test_two_saves_of_a_model_have_one_hash(tmp_path: Path, models: list[str]) -> None:
    assert model_sha256(save_constant(tmp_path, 1)) == model_sha256(models[1])
    assert model_sha256(models[1]) != model_sha256(models[2])


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"steps": 8, "versions": {"tensorflow": "3"}}, True),
        ({"labels": ("walk", "run")}, False),
        ({"configuration_sha256": "d" * 64}, False),
    ],
    ids=["volatile", "labels", "configuration"],
)
def test_the_hash_covers_the_description(
    tmp_path: Path, models: list[str], changed: dict[str, object], same: bool
) -> None:
    folder = str(shutil.copytree(models[1], tmp_path / "model"))
    before = model_sha256(folder)
    described = DESCRIPTION.model_copy(update=changed)
    Path(folder, MODEL_DESCRIPTION_FILE).write_text(described.model_dump_json())
    assert (model_sha256(folder) == before) is same


def test_the_hash_covers_signatures_and_operations(tmp_path: Path) -> None:
    class Doubled(Constant):
        @tf.function(input_signature=Constant.sample.input_signature, autograph=False)
        def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
            shape = tf.stack([num_clips, 4, 8, 8, 3])
            return {"clips": tf.fill(shape, tf.cast(2 * self.value[0], tf.uint8))}

    hashes = []
    for number, (model, names) in enumerate(
        [
            (Constant(1), ["serving_default"]),
            (Constant(1), ["a"]),
            (Doubled(1), ["serving_default"]),
        ]
    ):
        folder = str(tmp_path / str(number))
        tf.saved_model.save(model, folder, signatures=dict.fromkeys(names, model.sample))
        hashes.append(model_sha256(folder))
    assert len(set(hashes)) == 3


def test_a_cut_graph_has_no_hash(tmp_path: Path, models: list[str]) -> None:
    path = shutil.copytree(models[1], tmp_path / "model") / "saved_model.pb"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ValueError, match=r"saved_model\.pb is not a valid SavedModel"):
        model_sha256(str(path.parent))

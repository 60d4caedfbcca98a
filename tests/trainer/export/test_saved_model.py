from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.contract import MODEL_DESCRIPTION_FILE, read_model_description
from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.export.saved_model import export
from tests.support.model_description import DESCRIPTION

# No import of this project: TensorFlow alone serves the model.
SERVING_PROGRAM = """
import sys
import numpy as np
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
signature = model.signatures["serving_default"]
clips = signature(num_clips=tf.constant(9), seed=tf.constant(2**33 + 1, tf.int64))["clips"]
np.save(sys.argv[2], clips.numpy())
assert "trainer" not in sys.modules
"""


Specs = dict[str, tuple[tf.DType, list[int | None]]]

INT32: tuple[tf.DType, list[int | None]] = (tf.int32, [])
INT64: tuple[tf.DType, list[int | None]] = (tf.int64, [])
INT64_ROWS: tuple[tf.DType, list[int | None]] = (tf.int64, [None])
SEEDS: Specs = {"num_clips": INT32, "seed": INT64}
SEED_ROWS: Specs = {"seed": INT64_ROWS, "category": INT64_ROWS}
CLIPS: Specs = {"clips": (tf.uint8, [None, 4, 8, 8, 3])}
LATENT_ROWS: Specs = {
    "z_content": (tf.float32, [None, 5]),
    "motion_noise": (tf.float32, [None, None, 3]),
    "first_state": (tf.float32, [None, 3]),
    "category": INT64_ROWS,
}


@pytest.mark.parametrize(
    ("name", "inputs", "outputs"),
    [
        ("serving_default", SEEDS, CLIPS),
        ("sample_category", {**SEEDS, "category": INT64}, CLIPS),
        (
            "sample_controlled",
            {"num_clips": INT32, "content_seed": INT64, "motion_seed": INT64, "category": INT64},
            CLIPS,
        ),
        ("sample_each", SEED_ROWS, CLIPS),
        ("sample_label", {"seed": INT64_ROWS, "label": (tf.string, [None])}, CLIPS),
        ("sample_png", SEED_ROWS, {"strips_bytes": (tf.string, [None])}),
        ("latents", {**SEED_ROWS, "num_frames": INT32}, LATENT_ROWS),
        ("render", LATENT_ROWS, {"clips": (tf.uint8, [None, None, 8, 8, 3])}),
    ],
)
def test_the_signatures_are_the_contract(
    exported: str, name: str, inputs: Specs, outputs: Specs
) -> None:
    signature = tf.saved_model.load(exported).signatures[name]
    _, arguments = signature.structured_input_signature
    for specs, wanted in ((arguments, inputs), (signature.structured_outputs, outputs)):
        assert {name: (spec.dtype, spec.shape.as_list()) for name, spec in specs.items()} == wanted


def test_a_negative_number_is_refused(exported: str) -> None:
    signature = tf.saved_model.load(exported).signatures["serving_default"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="num_clips must be 0 to 4096, got -1"):
        signature(num_clips=tf.constant(-1), seed=tf.constant(0, tf.int64))


@pytest.mark.exhaustive
def test_tensorflow_alone_makes_the_same_clips(
    sampler: Sampler, exported: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", SERVING_PROGRAM, exported, "clips.npy"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    expected = sampler.sample(tf.constant(9), tf.constant(2**33 + 1, tf.int64))
    np.testing.assert_array_equal(np.load(tmp_path / "clips.npy"), expected["clips"])


def test_an_export_takes_the_place_of_an_older_one(sampler: Sampler, tmp_path: Path) -> None:
    folder = tmp_path / "Format-Serving"
    export(sampler, DESCRIPTION, str(folder))
    (folder / "left_over").touch()
    export(sampler, DESCRIPTION, str(folder))
    assert not (folder / "left_over").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["Format-Serving"]


def test_a_model_describes_itself(exported: str) -> None:
    assert read_model_description(exported) == DESCRIPTION
    content = json.loads((Path(exported) / "assets.extra" / "mocogan.json").read_text("utf-8"))
    assert content == {
        "format_version": 1,
        "clip_shape": [4, 8, 8, 3],
        "frame_stride": 2,
        "fps": None,
        "resize": "pad",
        "resize_filter": "area",
        "labels": ["run", "walk"],
        "words": [],
        "example_captions": [],
        "frame_rate": 12.5,
        "steps": 7,
        "configuration_sha256": "c" * 64,
        "versions": {"tensorflow": "2"},
        "trained_labels": [],
        "warm_start": None,
    }


def test_a_description_is_read_from_an_address(exported: str) -> None:
    # One file, because TensorFlow's ram:// takes `assets.extra` for a part of `assets`.
    address = "ram://saved_model/Format-Serving"
    tf.io.gfile.makedirs(f"{address}/assets.extra")
    tf.io.gfile.copy(*(f"{folder}/{MODEL_DESCRIPTION_FILE}" for folder in (exported, address)))
    assert read_model_description(address) == DESCRIPTION


def test_a_model_of_someone_else_has_no_description(tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    assert read_model_description(str(tmp_path)) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "Invalid JSON"),
        (DESCRIPTION.model_dump_json(exclude={"labels"}).encode(), "labels"),
        (
            DESCRIPTION.model_dump_json().replace('version":1', 'version":2').encode(),
            "Input should be 1",
        ),
    ],
    ids=["cut", "incomplete", "newer"],
)
def test_a_description_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / MODEL_DESCRIPTION_FILE
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"(?s)mocogan.json is not a valid model .*{reason}"):
        read_model_description(str(tmp_path))

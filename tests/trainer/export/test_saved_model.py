from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.contract import SAMPLE_CATEGORY, SAMPLE_CONTROLLED
from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.export.saved_model import export

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


SEEDS = {"num_clips": tf.int32, "seed": tf.int64}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("serving_default", SEEDS),
        (SAMPLE_CATEGORY, {**SEEDS, "category": tf.int64}),
        (
            SAMPLE_CONTROLLED,
            {
                "num_clips": tf.int32,
                "content_seed": tf.int64,
                "motion_seed": tf.int64,
                "category": tf.int64,
            },
        ),
    ],
)
def test_the_signatures_are_the_contract(
    exported: str, name: str, wanted: dict[str, tf.DType]
) -> None:
    signature = tf.saved_model.load(exported).signatures[name]
    _, inputs = signature.structured_input_signature
    assert {name: spec.dtype for name, spec in inputs.items()} == wanted
    assert all(spec.shape == [] for spec in inputs.values())
    [(name, output)] = signature.structured_outputs.items()
    assert (name, output.dtype) == ("clips", tf.uint8)
    assert output.shape.as_list() == [None, 4, 8, 8, 3]


def test_a_negative_number_is_refused(exported: str) -> None:
    signature = tf.saved_model.load(exported).signatures["serving_default"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="num_clips must not be negative"):
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
    export(sampler, str(folder))
    (folder / "left_over").touch()
    export(sampler, str(folder))
    assert not (folder / "left_over").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["Format-Serving"]

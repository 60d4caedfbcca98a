from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import tensorflow as tf

from mocogan.trainer.checkpoints.training_key import start_of, training_key
from tests.support.trainer_config import from_options


class Graph(tf.Module):
    """Looks labels up in a file, which it carries along as an asset, and scales."""

    def __init__(self, labels: Path, factor: float) -> None:
        super().__init__()
        self.path = tf.saved_model.Asset(str(labels))
        self._factor = factor
        # The table's shared name has the file's path in it, another one each time.
        initializer = tf.lookup.TextFileInitializer(
            self.path, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, -1
        )
        self.table = tf.lookup.StaticHashTable(initializer, -1)

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return x * self._factor


class Parts:
    """What makes a key, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key(
        self,
        content: bytes = b"clips",
        labels: str = "walk\nrun\n",
        factor: float = 2.0,
        start: str = "",
        **changes: object,
    ) -> str:
        self._folder.mkdir()
        records = self._folder / "data_tfrecord-00000-of-00001.gz"
        records.write_bytes(gzip.compress(content, mtime=0))
        vocabulary = self._folder / "label"
        vocabulary.write_text(labels)
        graph = str(self._folder / "graph")
        tf.saved_model.save(Graph(vocabulary, factor), graph)
        return training_key(
            from_options(**changes).training_options(), [str(records)], graph, start
        )


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> str:
    return Parts(tmp_path_factory.mktemp("known") / "here").key()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"steps": 7, "max_minutes": 7.0},
        {"log_interval": 7, "sample_interval": 7, "interval": 7, "max_to_keep": 7},
        {"cache_mb": 7},
        {"distribution": "mirrored"},
        {"export": "best"},
        {"warm_start": "latest"},
    ],
    ids=str,
)
def test_how_long_and_where_is_of_no_matter(
    known: str, tmp_path: Path, changes: dict[str, object]
) -> None:
    assert Parts(tmp_path / "elsewhere").key(**changes) == known


@pytest.mark.parametrize(
    "changes",
    [
        {"content": b"clipt"},
        {"labels": "run\nwalk\n"},
        {"factor": 3.0},
        {"start": "ab"},
        {"seed": 1},
        {"batch_size": 3},
        {"generator_learning_rate": 1e-3},
        {"deterministic": True},
        {"decay_half_life": 0.5},
        {"dim_z_motion": 3},
        {"r1_gamma": 3.0},
    ],
    ids=str,
)
def test_what_changes_the_training_changes_its_key(
    known: str, tmp_path: Path, changes: dict[str, object]
) -> None:
    assert Parts(tmp_path / "here").key(**changes) != known


def test_the_key_names_the_model_to_start_from(known: str, tmp_path: Path) -> None:
    digest = "0123456789abcdef" * 4
    assert Parts(tmp_path / "here").key(start=start_of(digest)) == f"{known}-0123456789abcdef"


def test_clips_without_a_transform_have_a_key_of_their_own(tmp_path: Path) -> None:
    records = tmp_path / "data_tfrecord-00000-of-00001.gz"
    keys = set()
    for content in (b"clips", b"other clips"):
        records.write_bytes(gzip.compress(content, mtime=0))
        keys.add(training_key(from_options().training_options(), [str(records)], None))
    assert len(keys) == 2

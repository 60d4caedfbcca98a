"""Shape motion as the benchmark takes it: ingested once, read without TFX."""

from __future__ import annotations

import fcntl
import hashlib
import json
from pathlib import Path

import numpy as np
import tensorflow as tf

from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.data.input.batches import ClipSource, clip_dataset, shard_paths
from mocogan.data.pixels import to_float
from mocogan.data.records.keys import CATEGORY, CLIP, FRAMES, LABEL, UNSEEN_CATEGORY, split_folder
from mocogan.data.source.listing import list_videos
from mocogan.evaluation.motion_control import LabeledClips
from mocogan.pipeline.cli.ingest import run_ingest
from mocogan.pipeline.config.settings import Config

_INGESTED = "ingested.json"  # beside the clips: what they were made of, written last
_LOCK = ".lock"  # beside them: held while they are made
_READ_AT_ONCE = 32


def ingest_once(config: Config) -> int:
    """Cuts the videos of `config.data` into clips in `config.out`; the exit status of `mocogan ingest`.

    Does nothing where the folder holds what the same code made of the same videos with the same settings; waits while
    another process makes it. Raises what `list_videos` raises.
    """
    Path(config.out).mkdir(parents=True, exist_ok=True)
    with Path(config.out, _LOCK).open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _ingest_unless_done(config)


def _ingest_unless_done(config: Config) -> int:
    made_of = json.dumps(
        {
            "spec": config.ingest.model_dump(mode="json"),
            "videos": _digest_of_videos(config),
            "code": code_fingerprint("mocogan.components.video_example_gen.ingest"),
        }
    )
    record = Path(config.out, _INGESTED)
    if record.exists() and record.read_text(encoding="utf-8") == made_of:
        print(f"taking the clips of an earlier ingest in {config.out}", flush=True)
        return 0
    record.unlink(missing_ok=True)
    status = run_ingest(config)
    if status == 0:
        record.write_text(made_of, encoding="utf-8")
    return status


class IngestedClips:
    """The clips that an ingest made, as uint8 [T, S, S, 3] and classes: the sorted labels of the training clips."""

    def __init__(self, folder: str, num_frames: int, size: int, cache_mb: int = 0) -> None:
        """`num_frames` and `size` are those of the ingest; `cache_mb`: MiB of training clips to keep in memory.

        Raises ValueError when there is no shard.
        """
        self.clip_shape = (num_frames, size, size, 3)
        self._files = {
            split: shard_paths([f"{folder}/{split_folder(split)}/*.gz"])
            for split in ("train", "eval")
        }
        self._labels = {split: _labels(files) for split, files in self._files.items()}
        self.names: list[bytes] = sorted(set(self._labels["train"]))
        self._train_source = ClipSource(
            self.train_files, _FEATURES, self._to_clips, cache_mb * 2**20
        )

    @property
    def train_files(self) -> list[str]:
        """The shards that are trained on."""
        return self._files["train"]

    def batches(self, batch_size: int, seed: int, first_batch: int) -> tf.data.Dataset:
        """Endless batches of training clips for `mocogan.trainer.loop.train.train`, shuffled by `seed`."""
        return self._train_source.batches(
            batch_size,
            shuffle_seed=seed,
            repeat=True,
            drop_remainder=True,
            first_batch=first_batch,
        )

    def read(self, split: str, num_clips: int, seed: int) -> LabeledClips:
        """Up to `num_clips` clips of `split`, "train" or "eval", drawn and put into an order by `seed`."""
        count = len(self._labels[split])
        drawn = np.random.default_rng(seed).permutation(count)[:num_clips]
        places = {place: number for number, place in enumerate(drawn.tolist())}
        clips = np.empty((len(drawn), *self.clip_shape), np.uint8)
        categories = np.empty(len(drawn), np.int64)
        batches = clip_dataset(
            self._files[split],
            _FEATURES,
            self._to_clips,
            _READ_AT_ONCE,
            shuffle_seed=None,
            repeat=False,
            drop_remainder=False,
        )
        for place, clip in enumerate(batches.unbatch().as_numpy_iterator()):
            if (number := places.get(place)) is not None:
                clips[number], categories[number] = clip[CLIP], clip[CATEGORY]
        return LabeledClips(clips, categories)

    def _to_clips(self, features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        pixels = tf.io.decode_raw(features[FRAMES], tf.uint8)
        is_label = features[LABEL] == tf.constant([self.names])
        category = tf.where(
            tf.reduce_any(is_label, axis=1),
            tf.argmax(tf.cast(is_label, tf.int32), axis=1),
            tf.constant(UNSEEN_CATEGORY, tf.int64),
        )
        return {CLIP: to_float(tf.reshape(pixels, [-1, *self.clip_shape])), CATEGORY: category}


_FEATURES = {name: tf.io.FixedLenFeature([1], tf.string) for name in (FRAMES, LABEL)}


def _labels(files: list[str]) -> list[bytes]:
    """Of all clips."""
    records = tf.data.TFRecordDataset(files, compression_type="GZIP").batch(_READ_AT_ONCE)
    labels = records.map(lambda batch: tf.io.parse_example(batch, {LABEL: _FEATURES[LABEL]})[LABEL])
    return [label for batch in labels.as_numpy_iterator() for label in batch[:, 0].tolist()]


def _digest_of_videos(config: Config) -> str:
    digest = hashlib.sha256()
    for video in list_videos(config.data, config.ingest.images).videos:
        digest.update(repr((video.video_id, video.label, video.size, video.modified)).encode())
    return digest.hexdigest()

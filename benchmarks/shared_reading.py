"""Shows what two workers of a training read: each its share of the shards, or all of them as before.

    python -m benchmarks.shared_reading

Two processes meet over loopback, as on two machines. Each prints the bytes that it has read.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from mocogan.data.records.keys import CATEGORY, CLIP, FRAMES
from mocogan.data.records.tfrecord import TFRecordWriter

_SHAPE = (16, 32, 32, 3)
_SHARDS, _CLIPS_PER_SHARD = 8, 200
_BATCH_SIZE = 16
_READER = "--read"  # argument of the processes that read


def main() -> None:
    """Writes shards, and starts two readers twice."""
    if sys.argv[1:2] == [_READER]:
        _read(sys.argv[2], share=sys.argv[3] == "share")
        return
    with tempfile.TemporaryDirectory(prefix="mocogan-bench-") as folder:
        _write(Path(folder))
        total = sum(path.stat().st_size for path in Path(folder).iterdir())
        print(f"{_SHARDS} shards of {_CLIPS_PER_SHARD} clips, {total / 1e6:.1f} MB", flush=True)
        for mode in ("all", "share"):
            _start_two(folder, mode)


def _write(folder: Path) -> None:
    random = np.random.default_rng(0)
    for shard in range(_SHARDS):
        name = f"data_tfrecord-{shard:05d}-of-{_SHARDS:05d}.gz"
        with open(folder / name, "wb") as file:
            writer = TFRecordWriter(file)
            for number in range(_CLIPS_PER_SHARD):
                pixels = random.integers(0, 256, _SHAPE, np.uint8)
                writer.write(clip_to_record(Clip(pixels, 0, 0.0), b"%d" % number, b"", b""))
            writer.close()


def _start_two(folder: str, mode: str) -> None:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    cluster = {"worker": [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]}
    for each in sockets:
        each.close()
    readers = []
    for index in range(2):
        config = {"cluster": cluster, "task": {"type": "worker", "index": index}}
        environment = {**os.environ, "TF_CONFIG": json.dumps(config)}
        command = [sys.executable, "-m", "benchmarks.shared_reading", _READER, folder, mode]
        readers.append(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL))
    if any(reader.wait() for reader in readers):
        sys.exit("a reader failed")


def _read(folder: str, share: bool) -> None:
    """One pass over the clips of this worker. Prints the bytes of the process's read calls during it."""
    import tensorflow as tf

    from mocogan.data.input.batches import ClipSource, shard_paths
    from mocogan.data.input.shares import shard_shares
    from mocogan.data.pixels import to_float
    from mocogan.trainer.runtime.distribution import choose_distribution

    def transform(features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        pixels = tf.reshape(tf.io.decode_raw(features[FRAMES], tf.uint8), (-1, *_SHAPE))
        return {CLIP: to_float(pixels), CATEGORY: tf.zeros(tf.shape(pixels)[:1], tf.int64)}

    distribution = choose_distribution("auto")
    files = shard_paths([f"{folder}/*"])
    shares = shard_shares(files, distribution.processes)
    assert shares is not None
    own = shares[distribution.process] if share else files
    features = {FRAMES: tf.io.FixedLenFeature([], tf.string)}
    source = ClipSource(files, features, transform, only=own)
    before = _bytes_read()
    batches = source.batches(_BATCH_SIZE, shuffle_seed=0, repeat=False, drop_remainder=False)
    clips = sum(int(batch[CATEGORY].shape[0]) for batch in batches)
    print(
        f"  {'its share' if share else 'all shards'}: worker {distribution.process} reads {len(own)} shards, "
        f"{clips} clips, {(_bytes_read() - before) / 1e6:.1f} MB",
        flush=True,
    )
    distribution.wait_for_all()


def _bytes_read() -> int:
    for line in Path("/proc/self/io").read_text().splitlines():
        if line.startswith("rchar:"):
            return int(line.split()[1])
    raise AssertionError("no rchar")


if __name__ == "__main__":
    main()

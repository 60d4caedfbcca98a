"""Compares the record writer with ISA-L to zlib and to TensorFlow's writer.

    python -m benchmarks.formats [--rounds 5]

Decodes videos to clips, then writes their records with each writer in turn. Prints the median CPU seconds and the file
size of each writer. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import tensorflow as tf

from benchmarks.videos import videos
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import decode_video
from mocogan.data.records import tfrecord
from mocogan.data.records.clip_record import clip_to_record
from mocogan.pipeline.machine import describe_machine

_DECODING = "decode and scale"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures all writers and prints the results. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each writer")
    rounds = parser.parse_args(arguments).rounds
    print(describe_machine("isal", "tensorflow"))
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        records = _records(Path(folder))
        results = {_DECODING: {"seconds": time.process_time() - start}}
        writers: dict[str, Callable[[], int]] = {
            "ours with ISA-L": lambda: _write(records, tfrecord.isal_zlib.compressobj),
            "ours with zlib": lambda: _write(records, _zlib),
            "TensorFlow's": lambda: _write_by_tensorflow(records, f"{folder}/records.gz"),
        }
        seconds: dict[str, list[float]] = {name: [] for name in writers}
        sizes = {}
        for _ in range(rounds):
            for name, write in writers.items():
                start = time.process_time()
                sizes[name] = write()
                seconds[name].append(time.process_time() - start)
    for name, times in seconds.items():
        results[name] = {"seconds": statistics.median(times), "mb": sizes[name] / 1e6}
    print(f"| writer, {len(records)} clips | CPU seconds | MB |\n|---|---|---|")
    for name, result in results.items():
        print(f"| {name} | {result['seconds']:.3f} | {result.get('mb', 0.0):.2f} |")
    print(json.dumps(results))
    return 0


def _records(folder: Path) -> list[bytes]:
    records = []
    for path in videos(folder):
        with decode_video(str(path), IngestConfig(frame_stride=2)) as video:
            records += [clip_to_record(clip, b"video", b"label", b"") for clip in video.clips]
    return records


def _zlib(_: int, wbits: int) -> object:
    return zlib.compressobj(6, wbits=wbits)  # zlib's default level


def _write(records: Sequence[bytes], compressor: Callable[..., object]) -> int:
    ours = tfrecord.isal_zlib.compressobj
    tfrecord.isal_zlib.compressobj = compressor  # type: ignore[assignment]
    try:
        file = io.BytesIO()
        writer = tfrecord.TFRecordWriter(file)
    finally:
        tfrecord.isal_zlib.compressobj = ours
    for record in records:
        writer.write(record)
    writer.close()
    return file.tell()


def _write_by_tensorflow(records: Sequence[bytes], path: str) -> int:
    with tf.io.TFRecordWriter(path, options="GZIP") as writer:
        for record in records:
            writer.write(record)
    return Path(path).stat().st_size


if __name__ == "__main__":
    sys.exit(main())

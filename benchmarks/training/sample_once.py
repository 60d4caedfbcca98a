"""Times sampling from an exported SavedModel in this process, for `benchmarks.training.sample`.

    python -m benchmarks.training.sample_once paper --dtype float32 --clips 8 --calls 7

The networks are untrained. They are exported, loaded and asked for clips through `sample`. Prints one JSON line with
the median seconds per call and the clips per second.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence

import tensorflow as tf

from benchmarks.training.train_once import preset_state
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import PRESETS, Config
from mocogan.trainer.contract import ModelDescription
from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.export.saved_model import export

DTYPES = ("float32", "bfloat16")
NO_PRESET = "default"
WARM_UP = 2  # calls


def sampled_config(preset: str, assignments: Sequence[str] = ()) -> Config:
    """The preset, or the defaults for NO_PRESET. `assignments` override its values. Its folders are not used."""
    name = None if preset == NO_PRESET else preset
    return load_config(assignments=assignments, preset=name, data=os.devnull)


def export_untrained(config: Config, dtype: str, folder: str) -> None:
    """Exports new networks without classes. The convolutions of the SavedModel compute in `dtype`."""
    state = preset_state(config)
    description = ModelDescription(
        clip_shape=state.clip_shape,
        labels=(),
        **config.ingest.model_dump(include={"frame_stride", "fps", "resize", "resize_filter"}),
    )
    export(Sampler(state, dtype=tf.as_dtype(dtype)), description, folder)


def time_calls(function: Callable[[], object], calls: int) -> float:
    """Median seconds of `calls` calls, after a warm-up."""
    for _ in range(WARM_UP):
        function()
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main(arguments: Sequence[str] | None = None) -> None:
    """Exports the model and times its calls."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("preset", choices=[NO_PRESET, *PRESETS])
    parser.add_argument("--dtype", choices=DTYPES, default=DTYPES[0])
    parser.add_argument("--clips", type=int, default=8, help="clips of one call")
    parser.add_argument("--calls", type=int, default=7, help="timed calls, after a warm-up")
    parser.add_argument("--set", dest="assignments", action="append", default=[])
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mocogan-bench-") as folder:
        export_untrained(
            sampled_config(options.preset, options.assignments), options.dtype, f"{folder}/1"
        )
        model = tf.saved_model.load(f"{folder}/1")
    seed, num_clips = tf.constant(0, tf.int64), tf.constant(options.clips)
    seconds = time_calls(lambda: model.sample(num_clips, seed)["clips"].numpy(), options.calls)
    results = {
        "name": options.preset,
        "dtype": options.dtype,
        "clips": options.clips,
        "sec_per_call": round(seconds, 4),
        "clips_per_sec": round(options.clips / seconds, 2),
    }
    print(json.dumps(results))


if __name__ == "__main__":
    main()

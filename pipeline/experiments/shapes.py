"""Trains on shape motion for a given time and measures what the exported model makes.

    make bench-shapes DATA=folder MINUTES=60 OUT=folder

Prints a table, and as its last line one JSON object. Leaves OUT/serving_model/mocogan/<version>/, OUT/grid.gif and
OUT/real_grid.gif. The same command again goes on from the last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf

from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.data.gif import encode_gif
from mocogan.data.pixels import clips_to_grid
from mocogan.data.source.folder_contents import FileSystemUnavailable
from mocogan.data.source.manifest import ManifestError
from mocogan.evaluation.motion_control import LabeledClips, MotionClassifier
from mocogan.evaluation.shapes.comparison import check_shape_motion, compare_shape_motion
from mocogan.evaluation.shapes.detector import THRESHOLDS, AreaRange, NotShapeMotion, detect_shapes
from mocogan.evaluation.shapes.disentanglement import disentanglement
from mocogan.pipeline.config.settings import PRESETS, Config, ConfigError, load_config
from mocogan.pipeline.experiments.machine import describe_machine
from mocogan.pipeline.experiments.shape_data import IngestedClips, ingest_once
from mocogan.pipeline.experiments.shape_report import as_table, rounded
from mocogan.pipeline.experiments.shape_sampling import sample_of_classes, sample_triples
from mocogan.trainer.checkpoints.training_key import training_key
from mocogan.trainer.export.saved_model import Sampler, export
from mocogan.trainer.loop.failures import (
    DataUnreadable,
    NotWritten,
    TrainingDiverged,
    TrainingStopped,
)
from mocogan.trainer.loop.train import train
from mocogan.trainer.state import TrainingState

_UNREACHABLE_STEPS = 10**9  # the minutes end the training, unless --set trainer.steps does
_SEED = 0  # of what is sampled and drawn, whatever the training's
_GENERATED_CLIPS = 1024
_REAL_CLIPS = 2048
_CHECKED_CLIPS = 256  # before the training, which would be in vain
_EVAL_CLIPS = 512  # for the classifier's own accuracy
_CLIPS_OF_A_CLASS = 128
_TRIPLES_OF_A_CLASS = 64
_GRID_CLIPS, _GRID_COLUMNS, _GRID_SCALE = 32, 8, 2
_EXPECTED = (
    ConfigError,
    ManifestError,
    FileSystemUnavailable,
    OSError,
    NotShapeMotion,
    DataUnreadable,
    NotWritten,
    TrainingDiverged,
    TrainingStopped,
)


class Trained(NamedTuple):
    """An exported model and how it came about."""

    folder: str
    num_categories: int
    steps: int
    minutes: float
    clips_per_second: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Ingests, trains, exports, samples and measures; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        config = _config(options)
        print(describe_machine("tensorflow", "numpy"), flush=True)
        ingest_config = config.model_copy(update={"out": options.clips or f"{config.out}/clips"})
        if status := ingest_once(ingest_config):
            return status
        spec = config.ingest
        clips = IngestedClips(
            ingest_config.out, spec.num_frames, spec.stored_size, config.trainer.cache_mb
        )
        check_shape_motion(clips.read("train", _CHECKED_CLIPS, _SEED).clips)
        trained = train_and_export(config, clips)
        figures = measure(config, clips, trained, options.control)
    except _EXPECTED as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    print(as_table(figures))
    print(json.dumps(figures))
    return 0


def train_and_export(config: Config, clips: IngestedClips) -> Trained:
    """Trains on the clips, going on from checkpoints under `config.out`; exports to a new serving version."""
    hyperparameters = config.trainer
    num_categories = hyperparameters.num_categories(len(clips.names))
    state = TrainingState(hyperparameters, clips.clip_shape, num_categories)
    key = training_key(hyperparameters, clips.train_files, None, None)
    print(f"training {key}: {len(clips.names)} labels, {num_categories} classes taught", flush=True)
    record = train(
        hyperparameters,
        state,
        lambda step: clips.batches(hyperparameters.batch_size, hyperparameters.seed, step),
        f"{config.checkpoint_root}/{key}",
        f"{config.out}/training/{key}",
        code=code_fingerprint("mocogan.trainer.loop.train"),
    )
    folder = f"{config.serving_model_dir}/{int(time.time())}"  # a version as Pusher counts them
    export(Sampler(hyperparameters, state, clips.clip_shape), folder)
    print(f"exported {folder}", flush=True)
    return Trained(
        folder, num_categories, int(state.step), record.seconds / 60, record.clips_per_second
    )


def measure(
    config: Config, clips: IngestedClips, trained: Trained, control: bool = True
) -> dict[str, Any]:
    """All figures of the exported model, for JSON, but for those of `control` if told so; writes the two grids."""
    model = tf.saved_model.load(trained.folder)
    print(f"sampling {_GENERATED_CLIPS} clips", flush=True)
    generated = model.signatures["serving_default"](
        num_clips=tf.constant(_GENERATED_CLIPS), seed=tf.constant(_SEED, tf.int64)
    )["clips"].numpy()
    real = clips.read("train", _REAL_CLIPS, _SEED)
    for name, shown in (("grid", generated), ("real_grid", real.clips)):
        grid = clips_to_grid(shown[:_GRID_CLIPS], _GRID_COLUMNS)
        Path(config.out, f"{name}.gif").write_bytes(encode_gif(grid, scale=_GRID_SCALE))
    figures = compare_shape_motion(real.clips, generated, _SEED)
    if control:
        print("measuring control", flush=True)
        areas = AreaRange(*figures["area_range_real"])
        figures |= _control(model, trained.num_categories, real, clips, areas)
    return {
        **rounded(figures),
        "steps": trained.steps,
        "minutes": round(trained.minutes, 2),
        "clips_per_second": round(trained.clips_per_second, 3),
        "model": trained.folder,
        "protocol": _protocol(config, clips, len(real.clips)),
    }


def _control(
    model: Any,
    num_categories: int,
    real: LabeledClips,
    clips: IngestedClips,
    areas: AreaRange,
) -> dict[str, Any]:
    """What the model makes of what it is asked; None for what takes classes, where there are none."""
    triples = sample_triples(model, num_categories, _TRIPLES_OF_A_CLASS, _SEED)
    figures: dict[str, Any] = {
        "motion_control_score": None,
        "motion_control_score_real": None,
    }
    if num_categories:
        classifier = MotionClassifier(real, num_categories, _SEED)
        asked = sample_of_classes(model, num_categories, _CLIPS_OF_A_CLASS, _SEED)
        held_out = clips.read("eval", _EVAL_CLIPS, _SEED)
        figures["motion_control_score"] = classifier.accuracy(asked)
        figures["motion_control_score_real"] = classifier.accuracy(held_out)
    return figures | disentanglement(*(detect_shapes(made, areas) for made in triples))._asdict()


def _protocol(config: Config, clips: IngestedClips, num_real: int) -> dict[str, Any]:
    """What the figures were measured with."""
    return {
        "generated_clips": _GENERATED_CLIPS,
        "real_clips": num_real,
        "clip_shape": list(clips.clip_shape),
        "frame_stride": config.ingest.frame_stride,
        "seed": _SEED,
        "clips_of_a_class": _CLIPS_OF_A_CLASS,
        "triples_of_a_class": _TRIPLES_OF_A_CLASS,
        "thresholds": THRESHOLDS,
        "trainer": config.trainer.model_dump(mode="json"),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="folder of films of one shape on black")
    parser.add_argument("--minutes", type=float, default=60.0, help="of training, over all runs")
    parser.add_argument("--out", default="output", help="folder for everything that is made")
    parser.add_argument("--clips", help="folder for the ingested clips (default: OUT/clips)")
    parser.add_argument(
        "--control",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether to measure what the model makes of what it is asked, which takes minutes",
    )
    parser.add_argument(
        "--preset",
        choices=("default", *PRESETS),
        default="shapes",
        help="the values to start from; default: those of a user's own videos (default: shapes)",
    )
    parser.add_argument(
        "--labels",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="whether to teach the classes (default: as the configuration says)",
    )
    parser.add_argument(
        "--set",
        dest="assignments",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="one parameter, such as trainer.width=16; may be given again",
    )
    return parser


def _config(options: argparse.Namespace) -> Config:
    """The paper takes every second frame; what `--set` says comes after that."""
    assignments = [
        "ingest.frame_stride=2",
        f"trainer.steps={_UNREACHABLE_STEPS}",
        *options.assignments,
        f"trainer.minutes={options.minutes}",
    ]
    if options.labels is not None:
        assignments.append(f"trainer.use_categories={str(options.labels).lower()}")
    preset = None if options.preset == "default" else options.preset
    return load_config(assignments=assignments, preset=preset, data=options.data, out=options.out)


if __name__ == "__main__":
    sys.exit(main())

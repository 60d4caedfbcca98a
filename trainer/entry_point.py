"""Entry point for TFX: takes the arguments of a Trainer component, writes a model and a training summary."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import platform
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft
from tfx.components.trainer.fn_args_utils import FnArgs

from mocogan.data.input.batches import ClipSource, shard_paths
from mocogan.data.input.shares import MAX_SIZE_RATIO, shard_shares
from mocogan.data.input.stored_clips import stored_fps
from mocogan.data.records.keys import LABEL_VOCABULARY
from mocogan.trainer import contract
from mocogan.trainer.checkpoints.training_key import start_of, training_key
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.export.first_weights import first_weights
from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.export.saved_model import export
from mocogan.trainer.log.log_folder import copy_log, log_folder
from mocogan.trainer.loop.train import TrainingRecord, train
from mocogan.trainer.runtime.device import device_name
from mocogan.trainer.runtime.distribution import Distribution, choose_distribution
from mocogan.trainer.runtime.notices import notify
from mocogan.trainer.state import TrainingState


def run_fn(fn_args: FnArgs) -> None:
    """Train on `fn_args.train_files` and export the EMA generator to `fn_args.serving_model_dir`.

    Each training has its own folder of checkpoints in `checkpoint_root` and of its log in `log_root`. At the end, the
    log is copied to `fn_args.model_run_dir`, and the training summary is written there. If several processes train
    together, only the chief writes.

    Args:
        fn_args: Arguments of the TFX Trainer. `custom_config` has the keys of `trainer.contract`. If it names a base,
            the generator starts from the weights of `base_model`, as far as they fit.

    Raises:
        ValueError: An option is not valid (pydantic's ValidationError), nothing of the base model fits, or the networks
            cannot produce the clip size.
        TrainingDiverged: The training diverges even with lower learning rates.
        DataUnreadable: A data file cannot be read.
        NotWritten: A checkpoint, a sample grid or a log cannot be written.
        TrainingStopped: The process received SIGTERM.
        KeyboardInterrupt: The process received SIGINT (Ctrl-C).
        RuntimeError: TensorFlow was already in use before the processes were connected.
    """
    custom_config = fn_args.custom_config
    config = TrainerConfig.model_validate(custom_config[contract.TRAINER_CONFIG])
    distribution = choose_distribution(
        config.run.distribution
    )  # must precede any TensorFlow computation
    graph = tft.TFTransformOutput(fn_args.transform_graph_path)
    train_files = shard_paths(fn_args.train_files)
    own_files = _files_to_read(train_files, distribution)
    source = ClipSource(
        train_files,
        graph.raw_feature_spec(),
        graph.transform_features_layer(),
        config.run.cache_mb * 2**20,
        only=own_files,
    )
    readers = distribution.processes if own_files != train_files else 1
    rows = config.run.batch_size // readers  # of each batch that this process reads
    num_categories = config.model.num_categories(graph.vocabulary_size_by_name(LABEL_VOCABULARY))
    state = TrainingState(config, source.clip_shape, num_categories, distribution)
    given = custom_config[contract.BASE]
    base = contract.Base.model_validate(given) if given else None
    key = training_key(
        config.training_options(),
        train_files,
        graph.transform_savedmodel_dir,
        start_of(base.model_sha256) if base else "",
    )
    checkpoint_dir = f"{custom_config[contract.CHECKPOINT_ROOT]}/{key}"
    labels = _labels(state, graph)
    warm = first_weights(state, base, fn_args.base_model, checkpoint_dir, labels) if base else None
    fps = stored_fps(train_files)
    log_dir = log_folder(custom_config[contract.LOG_ROOT], custom_config[contract.LOG_NAME], key)
    record = train(
        config,
        state,
        functools.partial(_batches_from, source, config, rows),
        checkpoint_dir=checkpoint_dir,
        log_dir=log_dir,
        publish_dir=custom_config[contract.CHECKPOINT_DIR],
        code=custom_config[contract.CODE_FINGERPRINT],
        fps=fps,
    )
    if distribution.chief:
        sampler = Sampler(state, labels, tf.as_dtype(config.run.serving_precision))
        ingest_config = custom_config[contract.INGEST_CONFIG]
        description = contract.ModelDescription(
            clip_shape=state.clip_shape,
            labels=sampler.labels,
            frame_rate=fps,
            steps=record.exported.step,
            configuration_sha256=_sha256([config.model_dump(mode="json"), ingest_config]),
            versions=_versions(),
            trained_labels=labels,
            warm_start=warm,
            **ingest_config,
        )
        export(sampler, description, fn_args.serving_model_dir)
        copy_log(log_dir, fn_args.model_run_dir)
        # Last, because a run with a summary counts as whole.
        _write_summary(state, record, warm, fn_args.model_run_dir)
    distribution.wait_for_all()  # TFX reads the chief's files in each process


def _labels(state: TrainingState, graph: tft.TFTransformOutput) -> list[str]:
    labels = graph.vocabulary_by_name(LABEL_VOCABULARY) if state.num_categories else []
    # Labels of folders are file names, which can be bytes outside UTF-8.
    return [label.decode("utf-8", "backslashreplace") for label in labels]


def _sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _versions() -> dict[str, str]:
    return {
        "mocogan-tfx": importlib.metadata.version("mocogan-tfx"),
        "tensorflow": tf.__version__,
        "python": platform.python_version(),
    }


def _files_to_read(files: list[str], distribution: Distribution) -> list[str]:
    """The shards that this process reads: its share, or all if they cannot be divided."""
    processes = distribution.processes
    if processes == 1:
        return files
    shares = shard_shares(files, processes)
    if shares is None:
        if distribution.chief:
            notify(
                f"each of the {processes} workers reads all {len(files)} shards of clips. Shares would not be equal "
                f"(at most {MAX_SIZE_RATIO:g} times the size): more and smaller shards can be divided"
            )
        return files
    own = shares[distribution.process]
    notify(f"worker {distribution.process} of {processes} reads {len(own)} of {len(files)} shards")
    return own


def _batches_from(
    source: ClipSource, config: TrainerConfig, rows: int, step: int
) -> tf.data.Dataset:
    return source.batches(
        rows,
        shuffle_seed=config.run.seed,
        repeat=True,
        drop_remainder=True,
        first_batch=step,
    )


def _write_summary(
    state: TrainingState, record: TrainingRecord, warm: contract.WarmStart | None, run_dir: str
) -> None:
    metrics = record.metrics
    summary = contract.TrainingSummary(
        steps=int(state.step.numpy()),
        seconds=metrics.seconds,
        losses=metrics.losses,
        clips_per_second=metrics.clips_per_second,
        sample_distance=metrics.sample_distance,
        verdict=record.verdict,
        examination=record.examination,
        rollbacks=int(state.rollbacks.numpy()),
        num_categories=state.num_categories,
        parameters=sum(variable.shape.num_elements() for variable in state.generator_variables),
        clip_shape=state.clip_shape,
        device=device_name(),
        exported_step=record.exported.step,
        clip_distance=record.exported.clip_distance,
        warm_start=warm,
    )
    with tf.io.gfile.GFile(f"{run_dir}/{contract.TRAINING_SUMMARY_FILE}", "w") as file:
        file.write(summary.model_dump_json(indent=2))
